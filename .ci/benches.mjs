/** A brief form of every bench: that they run, never how fast. Figures of a busy machine say nothing; see docs/benchmarks.md. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const brief = [
  ['bundles', '--runs', '1'],
  ['start', '--runs', '1'],
  ['reload', '--runs', '1'],
  ['throughput', '--bookings', '40', '--window', '30', '--warm', '20'],
  ['durability', '--bookings', '30', '--rounds', '1'],
  ['memory', '--events', '600', '--steps', '2'],
  ['simulate', '--seeds', '6', '--cold', '1'],
  ['matching', '--events', '50'],
  ['peers', '--rounds', '1', '--calls', '20'],
  ['state-machine', '--rounds', '1', '--waiting', '50'],
  ['protocol', '--rounds', '2', '--bookings', '10'],
];

let failed = 0;
for (const [name, ...flags] of brief) {
  const started = Date.now();
  const tsx = join('node_modules', 'tsx', 'dist', 'cli.mjs');
  const { status, signal } = spawnSync(process.execPath, [tsx, join('bench', `${name}.ts`), ...flags], {
    stdio: 'inherit',
  });
  if (status !== 0) failed++;
  console.log(
    `${status === 0 ? 'ok  ' : 'FAIL'}  bench/${name}.ts (${((Date.now() - started) / 1000).toFixed(0)} s${signal ? `, ${signal}` : ''})`,
  );
}
process.exit(failed ? 1 : 0);
