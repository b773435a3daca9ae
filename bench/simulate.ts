/**
 * Seeds a second, in this one process (the command line uses one for each core). Beside it, in the same run: the same
 * seeds without any fault; the same work with 20 bookings a seed; the same seeds with SDK calls the whole way; and what a
 * seed's world costs when nothing is shared between worlds (a fresh process each). Target: 1,000 seeds in 180 s on two
 * cores, so 360 ms of processor a seed.
 * Flags: --seeds N, --bookings N (of the large seeds), --cold N (fresh processes), --memory N (seeds to watch the heap over).
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { v8Flags } from '../lib/cli/simulate/pool';
import { shortWays } from '../lib/local/sandbox/shared-code';
import { type Report, simulate, type Workload } from '../lib/sim';
import { parcels, properties } from '../test/sim/workload';
import { assembly } from './support/app';
import { figure, flags, yardstickMs } from './support/measure';

const { seeds, bookings, cold, memory } = flags({ seeds: 60, bookings: 20, cold: 3, memory: 0 });

interface Measured extends Report {
  cpuMs: number;
}

async function measure(
  assemblyDir: string,
  workload: Workload,
  count: number,
  faults?: string[],
  from = 1,
): Promise<Measured> {
  const before = process.cpuUsage();
  const names = Array.from({ length: count }, (_, index) => String(from + index));
  const options = { assembly: assemblyDir, workload, properties, seeds: names, faults };
  const report = await simulate({ ...options, keepGoing: true, shrinkMs: 0 });
  const { user, system } = process.cpuUsage(before);
  return { ...report, cpuMs: (user + system) / 1000 };
}

function tell(name: string, measured: Measured): void {
  const { seeds: run, cpuMs, deliveries, virtualMs, passed } = measured;
  figure(`${name}, processor time of a seed`, cpuMs / run, 'ms', `${passed} of ${run} passed`);
  figure(`${name}, seeds`, (run * 1000) / cpuMs, '/s of one core');
  figure(`${name}, deliveries`, (deliveries * 1000) / cpuMs, '/s of one core');
  figure(`${name}, virtual time`, virtualMs / 3600 / cpuMs, 'h/s of one core');
}

async function main(): Promise<void> {
  const dir = resolve(await assembly());
  figure('yardstick', yardstickMs(), 'ms', 'the same work always; more is a busy machine');
  const four = parcels(4);
  await measure(dir, four, 5);
  const faulty = await measure(dir, four, seeds);
  tell('4 bookings', faulty);
  const calm = await measure(dir, four, seeds, []);
  tell('4 bookings without faults', calm);
  tell(`${bookings} bookings`, await measure(dir, parcels(bookings), Math.max(2, Math.ceil(seeds / 10))));
  shortWays.on = false;
  const whole = await measure(dir, four, Math.ceil(seeds / 3));
  shortWays.on = true;
  const short = await measure(dir, four, Math.ceil(seeds / 3));
  figure('SDK calls the whole way cost', whole.cpuMs / short.cpuMs, 'times the same seeds the short way');
  figure('faults cost', faulty.cpuMs / calm.cpuMs, 'times the same seeds without');
  if (cold > 0) {
    const started = performance.now();
    const baton = join(__dirname, '..', 'bin', 'baton.cjs');
    for (let seed = 1; seed <= cold; seed++) {
      const args = [baton, 'simulate', '--assembly', dir, '--seed', String(seed), '--json'];
      spawnSync(process.execPath, args, { stdio: 'ignore' });
    }
    const each = (performance.now() - started) / cold;
    figure(
      'a seed in a process of its own',
      each,
      'ms',
      `${(each / ((faulty.seconds * 1000) / faulty.seeds)).toFixed(1)} times`,
    );
  }
  for (let from = 1; from <= memory; from += 250) {
    await measure(dir, four, Math.min(250, memory - from + 1), undefined, from);
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    figure(
      `after ${Math.min(from + 249, memory)} seeds, live heap`,
      heapUsed / 2 ** 20,
      'MB',
      `RSS ${Math.round(rss / 2 ** 20)} MB`,
    );
  }
}

/** As a worker of the command line has it. */
if (v8Flags.every((flag) => process.execArgv.includes(flag))) void main();
else {
  const args = [...process.execArgv, ...v8Flags, '--expose-gc', __filename, ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, args, { stdio: 'inherit' }).status ?? 1;
}
