/** Stack traces of bundled code name places in the TypeScript. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';

const dir = mkdtempSync(join(tmpdir(), 'baton-places-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const places = join(__dirname, '..', '..', 'lib', 'cli', 'places');

test('an error that nobody catches names its line in the TypeScript, not the one in the bundle', () => {
  const source = [
    "import { readFileSync } from 'node:fs';",
    `import { showPlacesOf } from ${JSON.stringify(places)};`,
    "showPlacesOf(__filename, () => readFileSync(__filename + '.map', 'utf8'));",
    'interface Removed { by: "the compiler" }',
    'const lost = (what: string): never => {',
    "  throw new TypeError('lost ' + what);",
    '};',
    "lost('it');",
  ];
  writeFileSync(join(dir, 'app.ts'), source.join('\n'));
  const outfile = join(dir, 'app.cjs');
  const options = { bundle: true, platform: 'node', sourcemap: 'external' } as const;
  buildSync({ ...options, entryPoints: [join(dir, 'app.ts')], outfile, logLevel: 'silent' });
  const { stderr } = spawnSync(process.execPath, [outfile], { encoding: 'utf8' });
  expect(stderr).toContain('TypeError: lost it\n    at lost (app.ts:6:9)\n    at Object.<anonymous> (app.ts:8:1)\n');
});
