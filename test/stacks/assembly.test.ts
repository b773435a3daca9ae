/** The app as it is deployed: the real handlers, bundled, in the assembly that the flow tests run. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { besides } from '../../lib/constructs/bundle-beside';
import { consumers } from '../../lib/contracts';
import { assemblyDir, type TemplateResource, templateOf } from '../support/assembly';
import { pathOf, synthesizeWithEmptyHandlers } from '../support/stacks';

/** Minified, AWS SDK included. Import time grows with it, and cold starts with that. */
const budgetBytes = 500_000;
/** Bundles with a budget of their own, and why. */
const ownBudgetBytes: Record<string, number> = {
  // It brings the client of S3 and the pool of threads.
  'labels/render-label': 600_000,
};
/** A worker may carry a library for its heavy work; it is loaded when there is work. */
const workerBudgetBytes = 200_000;

/** Id of the handler -> folder of its asset. */
let folders: Record<string, string>;
beforeAll(() => {
  const functions = Object.values(templateOf('BatonWorkflow').Resources).filter(
    ({ Type }) => Type === 'AWS::Lambda::Function',
  );
  folders = Object.fromEntries(
    functions.map((resource) => [
      resource.Properties.Environment.Variables.BATON_CONSUMER,
      join(assemblyDir(), resource.Metadata['aws:asset:path']),
    ]),
  );
});

test('every declared consumer has its function, and so has the sweeper', () => {
  expect(Object.keys(folders).sort()).toEqual([...consumers.map(({ id }) => id), 'shared/sweep'].sort());
});

test('every bundle can be loaded alone, and exports its handler', () => {
  const script = `
    const found = {};
    for (const [id, folder] of Object.entries(JSON.parse(process.argv[1]))) {
      found[id] = typeof require(folder + '/index.js').handler;
    }
    console.log(JSON.stringify(found));`;
  const run = spawnSync(process.execPath, ['-e', script, JSON.stringify(folders)], { encoding: 'utf8', cwd: '/' });
  expect(run.stderr).toBe('');
  expect(JSON.parse(run.stdout)).toEqual(Object.fromEntries(Object.keys(folders).map((id) => [id, 'function'])));
});

test('every bundle keeps its budget', () => {
  const over: string[] = [];
  for (const [id, folder] of Object.entries(folders)) {
    const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const sizeOf = (file: string): number => (files.includes(file) ? statSync(join(folder, file)).size : 0);
    // A function loads what lies beside its own code with it; its threads load theirs.
    const own: string[] = ['index.js', ...besides.map(({ file }) => file)];
    const loads: [string, number, number][] = [
      [own.join(' with '), own.reduce((sum, file) => sum + sizeOf(file), 0), ownBudgetBytes[id] ?? budgetBytes],
      ...files
        .filter((file) => !own.includes(file))
        .map((file): [string, number, number] => [file, sizeOf(file), workerBudgetBytes]),
    ];
    for (const [what, size, budget] of loads)
      if (size > budget) over.push(`${id}: ${what} has ${size} bytes; at most ${budget}. Remedy: see what it imports`);
  }
  expect(over.join('\n')).toBe('');
});

test('no bundle and no map tells where it was built', () => {
  const root = join(__dirname, '..', '..');
  const telling = Object.values(folders).flatMap((folder) =>
    readdirSync(folder).filter((name) => readFileSync(join(folder, name), 'utf8').includes(root)),
  );
  expect(telling).toEqual([]);
});

test('but for the code, the templates are those that the other tests look at', () => {
  const withoutCode = (resources: Record<string, TemplateResource>) =>
    Object.fromEntries(
      Object.entries(resources).map(([id, resource]) => {
        const { Code: _code, ...properties } = resource.Properties;
        return [id, { path: pathOf(resource), type: resource.Type, properties }];
      }),
    );
  const { state, workflow } = synthesizeWithEmptyHandlers();
  expect(withoutCode(templateOf('BatonState').Resources)).toEqual(withoutCode(state.Resources));
  expect(withoutCode(templateOf('BatonWorkflow').Resources)).toEqual(withoutCode(workflow.Resources));
});
