/** `baton simulate` as a user types it: verdicts and exit codes, one seed again, other people's workload files. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { seedsFrom } from '../../lib/cli/commands/simulate';
import { assemblyDir } from '../support/assembly';

const baton = join(__dirname, '..', '..', 'bin', 'baton.cjs');
const folder = mkdtempSync(join(tmpdir(), 'baton-simulate-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A workload that publishes nothing: a seed of it is over at once. `check` is the body of its property. */
function idle(name: string, check: string): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `export const workload = { name: 'idle', async run(app: { pass(ms: number): Promise<void> }) { await app.pass(1000); } };
export const properties = [{ name: 'mine', says: 'It holds.', check: (view: any): string[] => { ${check} } }];
export const timing = { disturbMinutes: 1, calmMinutes: 1 };
`,
  );
  return file;
}

const run = (...args: string[]) => {
  const all = [baton, 'simulate', '--assembly', assemblyDir(), ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1' },
  });
  return { status, out: stdout, err: stderr };
};

test('passed is 0, on several workers, with the seeds that were asked for', () => {
  const { status, out } = run(
    '--workload',
    idle('good.ts', 'return [];'),
    '--seed',
    '7',
    '--seeds',
    '3',
    '--workers',
    '2',
    '--json',
    '--digest',
  );
  expect(status).toBe(0);
  const report = JSON.parse(out);
  expect(report).toMatchObject({ verdict: 'passed', seeds: 3, passed: 3, failures: [] });
  expect(Object.keys(report.digests)).toEqual(['7', '8', '9']);
});

test('failed is 1, with the property, its values, the picture and the one command', () => {
  const file = idle('bad.ts', `return view.now() > 0 ? ["'bk-1' has 2 labels"] : [];`);
  const { status, out, err } = run('--workload', file, '--seed', '5');
  expect(status).toBe(1);
  expect(out).toContain("mine: It holds.\n    'bk-1' has 2 labels");
  expect(out).toMatch(/picture: .*seed-5\.html/);
  expect(out).toMatch(/again: {3}npx baton simulate --seed 5 --assembly .* --workload .*bad\.ts/);
  expect(err).toContain('1/1 seeds');
});

test.each<[string, string[], RegExp]>([
  ['an unknown fault', ['--faults', 'gremlins'], /there is no fault 'gremlins'; there are: /],
  ['no such file', ['--workload', 'nowhere.ts'], /there is no workload file .*nowhere\.ts/],
  ['no assembly', ['--assembly', 'nowhere'], /nowhere\/manifest\.json: there is no such file/],
  ['a release before that is none', ['--previous', 'nowhere'], /nowhere\/manifest\.json: there is no such file/],
  ['the same release twice', ['--previous', assemblyDir()], /has the same code for every function/],
  ['no number', ['--seeds', 'many'], /'many' is not a whole number/],
])('%s is 2, and says what is allowed', (_, args, said) => {
  const { status, err } = run(...args);
  expect(status).toBe(2);
  expect(err).toMatch(said);
});

test('a workload file without a workload is told what it must export', () => {
  const file = join(folder, 'empty.ts');
  writeFileSync(file, 'export const something = 1;');
  const { status, err } = run('--workload', file);
  expect([status, err]).toEqual([2, expect.stringMatching(/must export `workload`.*it exports something/)]);
});

test('Ctrl-C stops after the seed under way, with 130 and what was found so far', async () => {
  const file = join(folder, 'endless.ts');
  writeFileSync(
    file,
    `export const workload = { name: 'endless', async run(app: any) { console.log('begun'); await app.pass(1000); } };`,
  );
  const args = [
    baton,
    'simulate',
    '--assembly',
    assemblyDir(),
    '--workload',
    file,
    '--until-failure',
    '--workers',
    '1',
  ];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'ignore'],
    env: { ...process.env, NO_COLOR: '1' },
  });
  let out = '';
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  child.stdout.on('data', (chunk) => {
    if (out === '') child.kill('SIGINT');
    out += chunk;
  });
  expect(await ended).toBe(130);
  expect(out).toMatch(/passed: (\d+) of \1, /);
});

test('seeds are counted on from a number, and numbered behind a text', () => {
  const names = (first: string | undefined, count: number) => [...seedsFrom(first, count)].map(({ seed }) => seed);
  expect(names(undefined, 3)).toEqual(['1', '2', '3']);
  expect(names('41', 2)).toEqual(['41', '42']);
  expect(names('cafe12', 2)).toEqual(['cafe12-0', 'cafe12-1']);
  expect(names('cafe12-1', 1)).toEqual(['cafe12-1']);
});
