import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { bundled, codeDir, sandbox } from './support';

const root = join(__dirname, '../../..');

/** A handler with piscina inside; its worker and piscina's own lie beside it, as lib/constructs/bundle.ts puts them. */
function pooled(): string {
  const folder = bundled(`
import { Piscina } from 'piscina';
import { join } from 'node:path';
const pool = new Piscina({ filename: join(__dirname, 'square.worker.js'), minThreads: 2, maxThreads: 2, atomics: 'disabled' });
export const handler = async (event: { numbers: number[] }) => {
  const before = Date.now();
  const results = await Promise.allSettled(event.numbers.map((n) => pool.run({ n })));
  return { took: Date.now() - before, results: results.map((r: any) => r.value ?? r.reason.message), threads: pool.threads.length };
};`);
  buildSync({
    entryPoints: [join(root, 'node_modules/piscina/dist/worker.js')],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    external: ['@napi-rs/nice'],
    minify: true,
    platform: 'node',
    logLevel: 'silent',
  });
  writeFileSync(
    join(folder, 'square.worker.js'),
    `const { isMainThread, threadId } = require('node:worker_threads');
module.exports = async ({ n }) => {
  if (isMainThread) throw new Error('not in a thread');
  if (n < 0) throw new RangeError('negative');
  await new Promise((resolve) => setTimeout(resolve, 10));
  return { square: n * n, threadId };
};`,
  );
  return folder;
}

test('piscina runs its pool, tasks overlap in virtual time, errors come back, a warm pool is reused', async () => {
  const folder = pooled();
  const box = sandbox();
  const first = await box.invoke(folder, { numbers: [1, 2, 3, -1] });
  expect(first).toMatchObject({ functionError: undefined });
  expect(first.json).toMatchObject({ threads: 2, results: [{ square: 1 }, { square: 4 }, { square: 9 }, 'negative'] });
  expect(first.json.took).toBe(20);
  expect(new Set(first.json.results.slice(0, 2).map((r: any) => r.threadId)).size).toBe(2);
  const second = await box.invoke(folder, { numbers: [5] }, { cold: false });
  expect(second.json).toMatchObject({ results: [{ square: 25 }] });
});

test('a worker gets its data and ports, and ends with an error of its own', async () => {
  const folder = codeDir({
    'index.js': `const { Worker, MessageChannel } = require('worker_threads');
exports.handler = () => new Promise((resolve) => {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(__dirname + '/thread.js', { workerData: { greeting: 'hi' }, env: { COLOUR: 'red' } });
  const seen = [];
  port1.on('message', (m) => seen.push(m));
  worker.on('error', (error) => seen.push(error.message));
  worker.on('exit', (code) => resolve([...seen, code]));
  worker.postMessage({ port: port2 }, [port2]);
});`,
    'thread.js': `const { parentPort, workerData } = require('worker_threads');
parentPort.on('message', ({ port }) => {
  port.postMessage(workerData.greeting + ' ' + process.env.COLOUR);
  setTimeout(() => { throw new Error('thread failed'); }, 5);
});`,
  });
  const end = await sandbox().invoke(folder, {});
  expect(end.json).toEqual(['hi red', 'thread failed', 1]);
});

test('a Worker and a MessageChannel may be extended, and tell what they are', async () => {
  const folder = codeDir({
    'echo.js': `const { parentPort } = require('node:worker_threads');
parentPort.on('message', (n) => parentPort.postMessage(n + 1));`,
    'index.js': `const { Worker, MessageChannel } = require('node:worker_threads');
class Counting extends Worker {
  count = 0;
  ask(n) { this.count++; return new Promise((resolve) => { this.once('message', resolve); this.postMessage(n); }); }
}
class Named extends MessageChannel { name = 'named'; }
exports.handler = async () => {
  const worker = new Counting(__dirname + '/echo.js');
  const answers = [await worker.ask(1), await worker.ask(5)];
  await worker.terminate();
  const channel = new Named();
  return {
    answers, count: worker.count, threadId: worker.threadId, port: typeof channel.port1.postMessage, name: channel.name,
    kinds: [worker instanceof Counting, worker instanceof Worker, channel instanceof MessageChannel, {} instanceof Worker],
    names: [Worker.name, MessageChannel.name],
  };
};`,
  });
  const box = sandbox();
  expect((await box.invoke(folder, {})).json).toEqual({
    answers: [2, 6],
    count: 2,
    threadId: 1,
    port: 'function',
    name: 'named',
    kinds: [true, true, true, false],
    names: ['Worker', 'MessageChannel'],
  });
  await box.runtime.stop();
});
