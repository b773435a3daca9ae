/** Shared code (shared-code.ts): evaluated once, and yet each environment's own clock, chance, variables and network. */
import { resolve } from 'node:path';
import { sharedMark as written } from '../../../lib/constructs/bundle-beside';
import { sharedMark } from '../../../lib/local/sandbox/bundle';
import { sharing } from '../../../lib/local/sandbox/shared-code';
import { faults, runSeed } from '../../../lib/sim';
import { parcels, properties } from '../../sim/workload';
import { assemblyDir } from '../../support/assembly';
import { codeDir, sandbox } from './support';

const library = `${sharedMark}
const { randomUUID } = require('node:crypto');
let evaluated = 0;
exports.count = () => ++evaluated;
exports.look = () => ({ name: process.env.NAME, now: Date.now(), chance: Math.random(), uuid: randomUUID() });
exports.later = (ms) => new Promise((done) => setTimeout(() => done(process.env.NAME), ms));
exports.Own = class Own extends Error {};
`;
const handler = `
const library = require('./library.js');
exports.handler = async ({ act, ms }) => {
  if (act === 'later') return [await library.later(ms), await library.later(1), library.look().name];
  if (act === 'error') { const error = new library.Own('of another realm'); return [error instanceof Error, error instanceof library.Own]; }
  return { count: library.count(), ...library.look() };
};`;

/** Another text each time: what is shared is shared by all of this file. */
let texts = 0;
const folder = (): string => codeDir({ 'index.js': handler, 'library.js': `${library}// ${++texts}` });

test('the bundles write the mark that the sandbox reads', () => expect(written).toBe(sharedMark));

test('is evaluated once for all environments of a folder, and of a copy of it', async () => {
  const box = sandbox();
  const text = `${library}// copies`;
  const copies = [1, 2].map(() => codeDir({ 'index.js': handler, 'library.js': text }));
  const counts = [];
  for (const [index, dir] of [copies[0]!, copies[0]!, copies[1]!].entries()) {
    counts.push((await box.invoke(dir, {}, { environmentId: `greet/${index}` })).json.count);
  }
  await box.runtime.stop();
  expect(counts).toEqual([1, 2, 3]);
});

test('sees the variables, the clock and the chance of the environment that acts', async () => {
  const box = sandbox();
  const dir = folder();
  const see = async (name: string) =>
    (await box.invoke(dir, {}, { environmentId: `greet/${name}`, variables: { NAME: name } })).json;
  const [a, b, again] = [await see('a'), await see('b'), await see('a')];
  await box.runtime.stop();
  expect([a.name, b.name, again.name]).toEqual(['a', 'b', 'a']);
  expect(a.now).toBeLessThanOrEqual(b.now);
  expect(new Set([a.chance, b.chance, again.chance]).size).toBe(3);
  expect(new Set([a.uuid, b.uuid, again.uuid]).size).toBe(3);
});

test('environments that wait at the same time each go on as themselves', async () => {
  const box = sandbox();
  const dir = folder();
  const names = ['a', 'b', 'c', 'd'];
  const ask = (name: string, index: number) =>
    box.invoke(dir, { act: 'later', ms: 5 - index }, { environmentId: `greet/${name}`, variables: { NAME: name } });
  const answers = await Promise.all(names.map(ask));
  await box.runtime.stop();
  expect(answers.map(({ json }) => json)).toEqual(names.map((name) => [name, name, name]));
});

test('an error of it is an Error', async () => {
  const box = sandbox();
  expect((await box.invoke(folder(), { act: 'error' })).json).toEqual([true, true]);
  await box.runtime.stop();
});

test('a file that is shared may ask for others that are, and for nothing else', async () => {
  const box = sandbox();
  const index = "exports.handler = async () => require('./library.js').price;";
  const asking = (more: string): string => `${sharedMark}\nexports.price = require('./base.js').unit * 2;\n${more}`;
  const dir = (unit: number, mark = `${sharedMark}\n`) =>
    codeDir({ 'index.js': index, 'library.js': asking('// asks'), 'base.js': `${mark}exports.unit = ${unit};` });
  const invoke = async (folder: string, id: string) => box.invoke(folder, {}, { environmentId: `greet/${id}` });
  const [one, again] = [dir(1), dir(1)];
  expect((await invoke(one, 'a')).json).toBe(2);
  expect((await invoke(again, 'b')).json).toBe(2);
  // A copy of it beside another file is not the same.
  expect((await invoke(dir(5), 'c')).json).toBe(10);
  expect((await invoke(one, 'd')).json).toBe(2);
  const refused = await invoke(dir(7, ''), 'e');
  expect(JSON.stringify(refused.json)).toContain(
    "/var/task/library.js asks for './base.js'; a file that is shared asks for others that are, and brings the rest.",
  );
  await box.runtime.stop();
});

test('asks for another one as the environment that acts then, also long after it was evaluated', async () => {
  const box = sandbox();
  const dir = codeDir({
    'index.js':
      "const { late } = require('./library.js'); exports.handler = async ({ ask }) => ask && [late(), process.env.LATE];",
    'library.js': `${sharedMark}\nexports.late = () => require('./base.js').unit;\n// late`,
    'base.js': `${sharedMark}\nprocess.env.LATE = 'loaded';\nexports.unit = 3;`,
  });
  await box.invoke(dir, { ask: false }, { environmentId: 'greet/a' });
  box.runtime.discard('greet/a');
  for (const id of ['b', 'c']) {
    expect((await box.invoke(dir, { ask: true }, { environmentId: `greet/${id}` })).json).toEqual([3, 'loaded']);
  }
  await box.runtime.stop();
});

test('what it writes to the variables when it is evaluated, every environment has', async () => {
  const box = sandbox();
  const dir = codeDir({
    'index.js': "require('./library.js'); exports.handler = async () => process.env.AGENT;",
    'library.js': `${sharedMark}\nprocess.env.AGENT = 'library/' + process.env.AWS_REGION;\n`,
  });
  const agents = [];
  for (const id of ['a', 'b']) agents.push((await box.invoke(dir, {}, { environmentId: `greet/${id}` })).json);
  await box.runtime.stop();
  expect(agents).toEqual(['library/us-east-1', 'library/us-east-1']);
});

test('its time-outs are those of the environment that acts', async () => {
  const box = sandbox();
  const dir = codeDir({
    'index.js': "const { wait } = require('./library.js'); exports.handler = async () => wait();",
    'library.js': `${sharedMark}
exports.wait = () => new Promise((done) => {
  const signal = AbortSignal.timeout(20);
  // As in Node, the signal alone keeps nothing waiting.
  const open = setTimeout(() => done('never aborted'), 1_000);
  signal.addEventListener('abort', () => { clearTimeout(open); done(signal instanceof AbortSignal); });
});`,
  });
  for (const id of ['a', 'b']) {
    expect((await box.invoke(dir, {}, { environmentId: `greet/${id}` })).json).toBe(true);
    // Gone: what the first one had is of no use to the second.
    box.runtime.discard(`greet/${id}`);
  }
  await box.runtime.stop();
});

test('an error of it has the frames of both, at their places in the sources', async () => {
  const box = sandbox();
  const lines = (text: string): string => text.replace(/^/gm, '    ');
  const dir = codeDir({
    'index.js': "const { check } = require('./library.js');\nexports.handler = async () => { check(); };",
    'library.js': `${sharedMark}\nexports.check = function check() { throw new Error('no such lane'); };`,
    'library.js.map': JSON.stringify({
      version: 3,
      sources: ['lib/contracts/lanes.ts'],
      names: [],
      mappings: ';AACA',
    }),
  });
  const { trace } = (await box.invoke(dir, {}, { environmentId: 'greet/a' })).json as { trace: string[] };
  await box.runtime.stop();
  expect(lines(trace.join('\n'))).toMatch(/at .*check \(lib\/contracts\/lanes\.ts:2:1\)\n.*index\.js:2:/);
});

test('a seed of the app has the same trace, byte for byte, where every environment has its own SDK', async () => {
  const run = async () => {
    const options = { assembly: resolve(assemblyDir()), workload: parcels(2), properties, seed: 'shared', faults };
    return (await runSeed({ ...options, keepTrace: true })).digest;
  };
  const together = await run();
  sharing.on = false;
  try {
    expect(await run()).toBe(together);
  } finally {
    sharing.on = true;
  }
});
