/** The synthesized app in this process, in real time, and what the benches ask of it. */
import { join } from 'node:path';
import { BookingRequested } from '../../lib/contracts/events/booking';
import type { TraceEntry } from '../../lib/local/ports';
import { type LocalRun, startLocal } from '../../lib/local/start';
import { synthesize } from '../../lib/stacks/synthesize';

const assemblyDir = join(__dirname, '..', '..', 'build', 'bench', 'cdk.out');
let synthesized: Promise<string> | undefined;

/** The assembly that the benches share, made from the sources as they are. */
export function assembly(): Promise<string> {
  synthesized ??= synthesize(assemblyDir).then(() => assemblyDir);
  return synthesized;
}

export interface App extends LocalRun {
  busName: string;
  outputs: ReadonlyMap<string, string>;
  /** The value of a stack output; throws where there is none. */
  output(key: string): string;
  /** How often a line of this kind was in the trace: 'published BookingConfirmed', 'finished', 'log'. */
  counts: Map<string, number>;
  /** Publishes bookings from outside, ten to a call, as a merchant's system would. */
  publish(bookings: readonly object[]): Promise<void>;
}

export async function startApp(
  options: {
    maxEnvironments?: number;
    /** A data folder: everything is kept. */
    data?: string;
    onPublished?: (detailType: string) => void;
    onTrace?: (entry: TraceEntry) => void;
  } = {},
): Promise<App> {
  const counts = new Map<string, number>();
  const trace = (entry: TraceEntry): void => {
    if (entry.kind === 'bug') console.error(entry);
    options.onTrace?.(entry);
    const name = entry.kind === 'published' ? `published ${entry.detailType}` : entry.kind;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (entry.kind === 'published') options.onPublished?.(String(entry.detailType));
  };
  const run = await startLocal({
    assemblyDir: await assembly(),
    port: 0,
    trace,
    maxEnvironments: options.maxEnvironments,
    ...(options.data !== undefined && {
      data: {
        dir: options.data,
        version: 'bench',
        failed: (error: Error) => {
          throw error;
        },
      },
    }),
  });
  const outputs = new Map(
    run.plan.outputs.flatMap((stack) => stack.outputs.map(({ key, value }) => [key, value] as const)),
  );
  const output = (key: string): string => {
    const value = outputs.get(key);
    if (value === undefined) throw new Error(`no stack has an output '${key}'`);
    return value;
  };
  const busName = output('BusName');
  return {
    ...run,
    busName,
    outputs,
    output,
    counts,
    async publish(bookings) {
      for (let from = 0; from < bookings.length; from += 10) {
        const time = new Date().toISOString();
        const Entries = bookings.slice(from, from + 10).map((data) => ({
          EventBusName: busName,
          Source: BookingRequested.source,
          DetailType: BookingRequested.name,
          Detail: JSON.stringify({ meta: { id: `bench-${(data as { bookingId: string }).bookingId}`, time }, data }),
        }));
        const reply = await run.world.request('events', 'PutEvents', { Entries });
        if (reply.error || reply.output.FailedEntryCount > 0) throw new Error(`PutEvents: ${JSON.stringify(reply)}`);
      }
    },
  };
}

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The n-th booking; lanes are many, so that no row is asked for by two bookings at a time. */
export function booking(n: number, prefix = 'bench'): typeof BookingRequested.example {
  const lane = `${letters[n % 26]}${letters[Math.floor(n / 26) % 26]}${letters[Math.floor(n / 676) % 26]}`;
  const dispatchDate = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  return {
    ...BookingRequested.example,
    bookingId: `${prefix}-${n}`,
    laneId: `${lane}-HAM`,
    dispatchDate,
    paymentToken: 'tok_visa',
  };
}

/** All items of a table, page by page. */
export function* scan(app: App, outputKey: string, projection?: string): Generator<any> {
  let ExclusiveStartKey: unknown;
  do {
    const { output, error } = app.world.requestNow('dynamodb', 'Scan', {
      TableName: app.output(outputKey),
      ...(projection ? { ProjectionExpression: projection } : {}),
      ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
    }) as any;
    if (error) throw new Error(`Scan: ${error.message}`);
    yield* output.Items;
    ExclusiveStartKey = output.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}

/** Publishes `total` bookings with at most `window` under way; resolves when the last is confirmed. */
export async function runBookings(
  app: App,
  options: { total: number; window: number; prefix: string; confirmed: () => number; step?: (done: number) => void },
): Promise<void> {
  const { total, window, prefix, confirmed } = options;
  const before = confirmed();
  let sent = 0;
  let moved = performance.now();
  let last = 0;
  for (;;) {
    const done = confirmed() - before;
    if (done >= total) return;
    if (done > last) {
      moved = performance.now();
      last = done;
      options.step?.(done);
    } else if (performance.now() - moved > 60_000) {
      throw new Error(`nothing has moved for 60 s; ${done} of ${total} bookings are confirmed, ${sent} sent`);
    }
    const room = Math.min(total - sent, window - (sent - done));
    if (room > 0 && room >= Math.min(10, window, total - sent)) {
      await app.publish(Array.from({ length: room }, (_, index) => booking(sent + index, prefix)));
      sent += room;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
