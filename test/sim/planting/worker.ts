/** One process of `npm run simulate:planted`: plants a mistake, or takes an assembly as it is, and hunts. */

import { rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { projectRoot } from '../../../lib/constructs/bundle';
import { assemblyIn, plant } from './assembly';
import { hunt, type Seeds } from './hunt';
import { applied, readMistakes } from './patch';

/** `file`: a patch; `assembly`: nothing is planted. */
export type Task = Seeds & ({ file: string; assembly?: undefined } | { assembly: string; file?: undefined });

async function perform({ file, assembly, ...seeds }: Task): Promise<object> {
  if (assembly !== undefined) return { result: await hunt({ assembly, ...seeds }) };
  const [mistake] = readMistakes(file!);
  const outDir = join(projectRoot, 'build', 'planted', `${basename(mistake!.name)}-${process.pid}`);
  try {
    await plant(mistake!, applied(mistake!, projectRoot), outDir);
  } catch (error) {
    return { broken: (error as Error).message };
  }
  try {
    return { result: await hunt({ assembly: assemblyIn(outDir), ...seeds }) };
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
}

process.on('disconnect', () => process.exit(0));
process.on('message', (task: Task) => {
  perform(task).then(
    (answer) => process.send?.(answer),
    (error) => process.send?.({ broken: error?.stack ?? String(error) }),
  );
});
