/** Shared code (shared-code.ts): evaluated once, and yet each environment's own clock, chance, variables and network. */
import { resolve } from 'node:path';
import { sharedMark as written } from '../../../lib/constructs/bundle-sdk';
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
