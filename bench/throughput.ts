/**
 * End to end: bookings through all hops (bus -> queue -> function -> transaction -> bus), as many as go. One process,
 * the handlers in worker threads. An event counts as handled when its idempotency record is there: ten for a booking
 * that goes through. A hop is from the event's own time to its record's.
 * Target: 300 events/s on two cores with nothing else running. Flags: --bookings N, --window N (under way at a time),
 * --environments N (worker threads a function may have), --warm N (bookings before it counts: compiled code).
 */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { type App, runBookings, scan, startApp } from './support/app';
import { figure, flags, median, quantile, yardstickMs } from './support/measure';

const { bookings, window, warm, environments } = flags({ bookings: 1500, window: 120, warm: 200, environments: 2 });

/** What one SDK call costs here and now, over the loopback to the same endpoint: what others keep busy shows in it too. */
async function sdkCallsPerSecond(app: App): Promise<number> {
  const client = new DynamoDBClient({
    endpoint: app.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  const get = new GetItemCommand({ TableName: app.output('RecordTableName'), Key: { id: { S: 'calibration' } } });
  for (let i = 0; i < 100; i++) await client.send(get);
  const rounds: number[] = [];
  for (let round = 0; round < 5; round++) {
    const started = performance.now();
    for (let i = 0; i < 200; i++) await client.send(get);
    rounds.push(200_000 / (performance.now() - started));
  }
  client.destroy();
  return median(rounds);
}

function hops(app: App, prefix: string): number[] {
  const found: number[] = [];
  for (const item of scan(app, 'RecordTableName', 'correlation, atMs, eventAtMs')) {
    if (item.correlation?.S.startsWith(`${prefix}-`)) found.push(Number(item.atMs.N) - Number(item.eventAtMs.N));
  }
  return found;
}

async function main(): Promise<void> {
  let done = 0;
  const app = await startApp({
    maxEnvironments: environments,
    onPublished: (type) => {
      if (type === 'BookingConfirmed') done++;
    },
  });
  const confirmed = (): number => done;
  try {
    await runBookings(app, { total: warm, window: 100, prefix: 'warm', confirmed });
    const single: number[] = [];
    for (let i = 0; i < 10; i++) {
      const started = performance.now();
      await runBookings(app, { total: 1, window: 1, prefix: `single${i}`, confirmed });
      single.push(performance.now() - started);
    }
    const singleHops = Array.from({ length: 10 }, (_, i) => hops(app, `single${i}`)).flat();

    const callsBefore = await sdkCallsPerSecond(app);
    const yardstickBefore = yardstickMs();
    const started = performance.now();
    const cpu = process.cpuUsage();
    await runBookings(app, { total: bookings, window, prefix: 'load', confirmed });
    const seconds = (performance.now() - started) / 1000;
    const used = process.cpuUsage(cpu);
    const cpuSeconds = (used.user + used.system) / 1e6;
    const sdk = (callsBefore + (await sdkCallsPerSecond(app))) / 2;
    const taken = hops(app, 'load');
    const rate = taken.length / seconds;

    figure('throughput, bookings', bookings / seconds, '/s', `${bookings} bookings, ${window} under way at a time`);
    figure('throughput, events handled', rate, '/s', `target 300; ${(taken.length / bookings).toFixed(1)} a booking`);
    figure(
      'throughput, beside SDK calls',
      rate / sdk,
      'events a call',
      `${sdk.toFixed(0)} GetItem/s, one after the other, before and after`,
    );
    figure(
      'throughput, processor time',
      (cpuSeconds / taken.length) * 1000,
      'ms an event',
      `${(cpuSeconds / seconds).toFixed(2)} cores; load generator included`,
    );
    figure(
      'throughput, with both cores for itself',
      2 / (cpuSeconds / taken.length),
      '/s',
      'two cores through the time an event takes: computed, not measured',
    );
    figure(
      'throughput, one hop under load',
      quantile(taken, 0.5),
      'ms',
      `p50; p99 ${quantile(taken, 0.99).toFixed(0)} ms; grows with what is under way`,
    );
    figure(
      'throughput, one hop of a single booking',
      quantile(singleHops, 0.5),
      'ms',
      `p50; p99 ${quantile(singleHops, 0.99).toFixed(0)} ms`,
    );
    figure('throughput, a single booking to its end', median(single), 'ms', 'median of 10, one after the other');
    figure('throughput, yardstick', yardstickBefore, 'ms', 'SHA-256 over 32 MB, one thread');
    const finished = app.counts.get('finished')!;
    figure(
      'throughput, messages an invocation',
      (taken.length + 10 * warm + singleHops.length) / finished,
      '',
      `${finished} invocations, warm-up included`,
    );
  } finally {
    await app.stop();
  }
}

void main();
