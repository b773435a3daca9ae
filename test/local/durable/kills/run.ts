/**
 * `npx tsx test/local/durable/kills/run.ts --kills 200`: `baton local --data DIR` under load, killed with SIGKILL at random moments,
 * its start included; then all that was acknowledged must be there, and nothing twice. Prints a line every ten kills
 * and what it found; ends with 1 where anything is wrong. About 2 s a kill.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { assemblyDir } from '../../../support/assembly';
import { Aws } from './aws';
import { type Workload, workloads } from './workloads';

const { values } = parseArgs({
  options: { kills: { type: 'string', default: '20' }, keep: { type: 'boolean', default: false } },
});
const kills = Number(values.kills);
const root = join(__dirname, '..', '..', '..', '..');
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Its words, where it ends by itself. */
function start(assembly: string, dir: string, port: number): ChildProcess {
  const child = spawn(
    process.execPath,
    [
      ...[join(root, 'bin', 'baton.cjs'), 'local', '--assembly', assembly, '--data', dir, '--port', String(port)],
      // Often, so that many a kill meets a snapshot.
      ...['--snapshot-at-kb', '200'],
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let words = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (words += chunk));
  child.on('exit', (code, signal) => {
    if (signal === 'SIGKILL') return;
    console.error(`baton ended by itself (${code ?? signal}):\n${words}`);
    process.exit(1);
  });
  return child;
}

const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => child.once('exit', () => resolve()));

async function ready(aws: Aws): Promise<void> {
  while ((await aws.send('sqs', 'GET', '/_baton/health'))?.status !== 200) await pause(15);
}

async function keepGoing(workload: Workload, aws: Aws, going: () => boolean): Promise<void> {
  while (going()) {
    const before = workload.acknowledged;
    await workload.step(aws);
    // Nobody is there: not so fast.
    if (workload.acknowledged === before) await pause(10);
  }
}

async function main(): Promise<void> {
  const assembly = assemblyDir();
  const dir = mkdtempSync(join(tmpdir(), 'baton-kills-'));
  const port = await freePort();
  const aws = new Aws(`http://127.0.0.1:${port}`);
  const all = workloads();
  const began = Date.now();
  let child = start(assembly, dir, port);
  await ready(aws);
  for (const workload of all) await workload.prepare(aws);
  let going = true;
  const clients = all.flatMap((workload) =>
    Array.from({ length: workload.clients }, () => keepGoing(workload, aws, () => going)),
  );
  const failed = new Promise<never>((_, reject) => {
    for (const client of clients) client.catch(reject);
  });
  const starts: number[] = [];
  const cycle = async (): Promise<void> => {
    // A third of them while it starts.
    if (Math.random() < 2 / 3) {
      const from = Date.now();
      await ready(aws);
      starts.push(Date.now() - from);
      await pause(Math.random() * 1500);
    } else await pause(Math.random() * 700);
    child.kill('SIGKILL');
    await ended(child);
    child = start(assembly, dir, port);
  };
  for (let n = 1; n <= kills; n++) {
    await Promise.race([cycle(), failed]);
    if (n % 10 === 0) {
      const done = all.map(({ name, acknowledged }) => `${name} ${acknowledged}`).join(', ');
      console.log(
        `${n} kills, ${((Date.now() - began) / 1000).toFixed(0)} s, acknowledged: ${done}; last start ${starts.at(-1)} ms`,
      );
    }
  }
  going = false;
  await Promise.race([ready(aws), failed]);
  await Promise.race([Promise.all(clients), failed]);
  const wrong: string[] = [];
  for (const workload of all) {
    let found = await workload.check(aws);
    for (let patience = 400; !found && patience > 0; patience--) {
      await pause(1000);
      found = await workload.check(aws);
    }
    wrong.push(...(found ?? ['it does not come to an end']).map((what) => `${workload.name}: ${what}`));
  }
  child.kill('SIGKILL');
  await ended(child);
  const acknowledged = all.reduce((sum, workload) => sum + workload.acknowledged, 0);
  console.log(
    `${kills} kills, ${acknowledged} acknowledged operations, ${wrong.length} wrong, ${((Date.now() - began) / 1000).toFixed(0)} s`,
  );
  for (const what of wrong.slice(0, 40)) console.log(`  ${what}`);
  if (values.keep) console.log(dir);
  else rmSync(dir, { recursive: true, force: true });
  process.exit(wrong.length > 0 ? 1 : 0);
}

void main();
