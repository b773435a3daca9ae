import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { catalogue } from '../../contracts/catalog';
import { CliError } from '../errors';
import { projectRoot } from '../project';

export async function catalogCommand(options: { check: boolean }): Promise<void> {
  const file = join(projectRoot, 'lib', 'contracts', 'CATALOG.md');
  const fresh = catalogue();
  const known = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  if (known === fresh) {
    console.log('lib/contracts/CATALOG.md is fresh.');
    return;
  }
  if (options.check)
    throw new CliError(
      "lib/contracts/CATALOG.md is stale: a declaration changed. Run 'npx baton catalog' and commit the file.",
    );
  writeFileSync(file, fresh);
  console.log('Wrote lib/contracts/CATALOG.md.');
}
