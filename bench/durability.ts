/**
 * What `--data` costs: the same bookings with and without a data folder, in turns; the bytes that it holds; and how long
 * a process takes that goes on after a kill. Flags: --bookings N, --window N, --rounds N.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, runBookings, startApp } from './support/app';
import { figure, flags, median } from './support/measure';

const { bookings, window, rounds } = flags({ bookings: 400, window: 120, rounds: 3 });

const bytesIn = (dir: string): number =>
  readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);

interface Load {
  perSecond: number;
  cpuMs: number;
}

type Kind = 'plain' | 'kept';

let prefixes = 0;

async function load(app: App, confirmed: () => number): Promise<Load> {
  const prefix = `load${prefixes++}`;
  const before = process.cpuUsage();
  const started = performance.now();
  await runBookings(app, { total: bookings, window, prefix, confirmed });
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(before);
  return { perSecond: bookings / seconds, cpuMs: (used.user + used.system) / 1000 / bookings };
}

async function main(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'baton-durability-'));
  try {
    const counted = { plain: 0, kept: 0 };
    const start = (kind: Kind): Promise<App> =>
      startApp({
        onPublished: (type) => {
          if (type === 'BookingConfirmed') counted[kind]++;
        },
        ...(kind === 'kept' && { data: dir }),
      });
    const plain = await start('plain');
    const kept = await start('kept');
    for (const [kind, app] of [
      ['plain', plain],
      ['kept', kept],
    ] as const)
      await runBookings(app, { total: 60, window: 60, prefix: 'warm', confirmed: () => counted[kind] });
    const heldBefore = bytesIn(dir);
    const ratios: { rate: number; cpu: number }[] = [];
    for (let round = 0; round < rounds; round++) {
      // In turns, so that what the machine does beside it weighs on both.
      const first = round % 2 === 0 ? 'plain' : 'kept';
      const results = { [first]: await load(first === 'plain' ? plain : kept, () => counted[first]) } as Record<
        Kind,
        Load
      >;
      const second = first === 'plain' ? 'kept' : 'plain';
      results[second] = await load(second === 'plain' ? plain : kept, () => counted[second]);
      const { plain: without, kept: withData } = results;
      ratios.push({ rate: withData.perSecond / without.perSecond, cpu: withData.cpuMs / without.cpuMs });
      figure(`durability, round ${round + 1}, bookings without data`, without.perSecond, '/s');
      figure(`durability, round ${round + 1}, bookings with data`, withData.perSecond, '/s');
    }
    figure('durability, throughput with data', median(ratios.map(({ rate }) => rate)), 'of that without', 'median');
    figure('durability, processor time with data', median(ratios.map(({ cpu }) => cpu)), 'of that without', 'median');
    const total = rounds * bookings;
    figure(
      'durability, kept',
      (bytesIn(dir) - heldBefore) / total / 1024,
      'KB a booking',
      `${total} bookings, ten events each`,
    );
    await plain.stop();
    const stopping = performance.now();
    await kept.stop();
    figure('durability, clean stop', performance.now() - stopping, 'ms');
    figure('durability, after it', bytesIn(dir) / 1024 / 1024, 'MB');
    const restarting = performance.now();
    const again = await start('kept');
    figure(
      'durability, start again',
      performance.now() - restarting,
      'ms',
      `${again.restored?.repeatedActs} acts repeated`,
    );
    await again.stop();
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

void main();
