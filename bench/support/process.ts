/** `baton local` as a process: started, waited for, measured, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';

export interface Started {
  /** From spawn to the first 200 of /_baton/health, in ms. */
  readyMs: number;
  endpoint: string;
  said: () => string;
  /** Of the whole process, in MB (Linux; elsewhere NaN). */
  rssMb: () => number;
  /** Processor time until it was ready, ended children included, in ms (Linux; elsewhere NaN): load does not change it. */
  cpuMs: number;
  /** SIGINT, and wait until it has ended. */
  stop: () => Promise<void>;
}

/** Ends of processes that a crash of the bench must not leave behind. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(1));

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Starts `baton local` of the project in `root`; throws with what it said when it ends before it is ready. */
export async function startBaton(
  root: string,
  { args = [], withinMs = 60_000 }: { args?: string[]; withinMs?: number } = {},
): Promise<Started> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const started = performance.now();
  const child = spawn(process.execPath, [join(root, 'bin', 'baton.cjs'), 'local', '--port', String(port), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  void ended.then(() => running.delete(child));
  while (!(await answers(`${endpoint}/_baton/health`))) {
    if (child.exitCode !== null || performance.now() - started > withinMs) {
      child.kill('SIGKILL');
      throw new Error(
        `'baton local' was not ready after ${Math.round(performance.now() - started)} ms; it said:\n${said}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    readyMs: performance.now() - started,
    cpuMs: cpuMs(child.pid!),
    endpoint,
    said: () => said,
    rssMb: () => rssMb(child.pid!),
    async stop() {
      child.kill('SIGINT');
      await ended;
    },
  };
}

function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}

export function rssMb(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024;
  } catch {
    return Number.NaN;
  }
}

/** Fields 14 to 17 of /proc/pid/stat: own and children's user and system time, in ticks of 10 ms. */
export function cpuMs(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks) * 10, 0);
  } catch {
    return Number.NaN;
  }
}
