/**
 * What the delivery protocol costs. First: AWS calls and time for each event, beside Powertools' idempotency doing the
 * same work (bench/support/powertools.ts), by turns, over the loopback to one local world that counts; for batches of one
 * and of ten messages. Then: the price of a million bookings on AWS, computed from the calls counted while bookings go
 * through the whole app. Computed, never billed.
 * Flags: --rounds N (default 20), --bookings N (default 100).
 */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { sqsRecord } from '../lib/cli/invoke';
import * as dispatch from '../lib/contracts/consumers/dispatch';
import * as payments from '../lib/contracts/consumers/payments';
import { environment } from '../lib/contracts/environment';
import { CapacityRequested, PaymentRequested } from '../lib/contracts/events/booking-asks';
import { CapacityReserved } from '../lib/contracts/events/dispatch';
import type { Consumer, EventType } from '../lib/contracts/kit';
import { type App, booking, runBookings, startApp } from './support/app';
import { figure, flags, median, quantile } from './support/measure';
import { powertoolsHandler, powertoolsTable } from './support/powertools';
import { assumed, prices } from './support/prices';

const { rounds, bookings } = flags({ rounds: 20, bookings: 100 });
const busName = 'bench';
type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

interface Case {
  name: string;
  consumer: Consumer;
  event: EventType;
  data: (n: number) => Record<string, unknown>;
  baton: () => Promise<Handler>;
  powertools: () => Promise<Handler>;
}

const opened = (n: number): Record<string, unknown> => ({ ...booking(n), parcelId: `pc-${n}` });

const cases: Case[] = [
  {
    name: 'owes nothing (dispatch-parcel on CapacityReserved)',
    consumer: dispatch.dispatchParcel,
    event: CapacityReserved,
    data: (n) => ({ bookingId: `bench-${n}`, laneId: 'BER-HAM', dispatchDate: booking(n).dispatchDate }),
    baton: async () => (await import('../lambdas/dispatch/dispatch-parcel')).handler,
    powertools: async () => {
      const { dispatchWithin } = await import('../lib/domain/dispatch/dispatch-parcel');
      const { Dispatch } = await import('../lib/contracts/rows/dispatch');
      const decide = dispatchWithin({ deadlineSeconds: 1800 }) as any;
      return powertoolsHandler(
        dispatch.dispatchParcel,
        { read: ({ data }) => ({ dispatch: Dispatch.key(data.bookingId) }), decide },
        busName,
      );
    },
  },
  {
    name: 'owes an event (reserve-capacity)',
    consumer: dispatch.reserveCapacity,
    event: CapacityRequested,
    data: opened,
    baton: async () => (await import('../lambdas/dispatch/reserve-capacity')).handler,
    powertools: async () => {
      const { reserve } = await import('../lib/domain/dispatch/reserve-capacity');
      const { LaneDay, Reservation } = await import('../lib/contracts/rows/dispatch');
      return powertoolsHandler(
        dispatch.reserveCapacity,
        {
          read: ({ data }) => ({
            lane: LaneDay.key(data.laneId, data.dispatchDate),
            reservation: Reservation.key(data.bookingId),
          }),
          decide: reserve as any,
        },
        busName,
      );
    },
  },
  {
    name: 'outside effect (authorise-payment, the gateway aside)',
    consumer: payments.authorisePayment,
    event: PaymentRequested,
    data: opened,
    baton: async () => (await import('../lambdas/payments/authorise-payment')).handler,
    powertools: async () => {
      const { askAuthorisation, settleAuthorisation } = await import('../lib/domain/payments/authorise-payment');
      const { Payment } = await import('../lib/contracts/rows/payments');
      const { gateway } = await import('../lambdas/payments/chosen-gateway');
      const { orderKeys } = await import('../lambdas/payments/gateway');
      return powertoolsHandler(
        payments.authorisePayment,
        {
          read: ({ data }) => ({ payment: Payment.key(data.bookingId) }),
          decide: settleAuthorisation as any,
          call: {
            ask: askAuthorisation as any,
            perform: (request) => gateway.authorise(request, orderKeys.authorise(request.bookingId)),
          },
        },
        busName,
      );
    },
  },
];

/** What handlers find in their environment: the deployed function's variables, and a bus where nobody listens. */
function enter(app: App, consumer: Consumer): void {
  const { Functions } = app.world.requestNow('lambda', 'ListFunctions', {}).output;
  const found = Functions.find((one: any) => one.Environment?.Variables?.[environment.consumer] === consumer.id);
  Object.assign(process.env, found.Environment.Variables, {
    [environment.busName]: busName,
    AWS_ENDPOINT_URL: app.endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    // Both write their log lines to the console; neither is measured by them.
    POWERTOOLS_LOG_LEVEL: 'SILENT',
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
}

const context = (consumer: Consumer): Context =>
  ({
    functionName: consumer.name,
    awsRequestId: 'bench',
    getRemainingTimeInMillis: () => consumer.timeoutSeconds * 1000,
  }) as Context;

let sent = 0;

function batch(of: Case, size: number): SQSEvent {
  const now = Date.now();
  const records = Array.from({ length: size }, () => {
    const n = ++sent;
    const data = of.data(n);
    const key = String(data[of.event.keyField]);
    const meta = { id: `bench-${n}`, key, correlation: key, time: new Date(now).toISOString(), hop: 1 };
    return sqsRecord(of.event, { meta, data }, now, `message-${n}`);
  });
  return { Records: records } as SQSEvent;
}

/** Calls that clients made. */
class Meter {
  private readonly before: Map<string, number>;
  constructor(private readonly app: App) {
    this.before = new Map(app.world.calls);
  }
  calls(): number {
    let sum = 0;
    for (const [name, count] of this.app.world.calls) {
      if (name.startsWith('client:')) sum += count - (this.before.get(name) ?? 0);
    }
    return sum;
  }
}

async function compare(app: App, of: Case, size: number): Promise<void> {
  enter(app, of.consumer);
  const contenders = { Baton: await of.baton(), Powertools: await of.powertools() };
  const gatewayCalls = of.consumer.outside ? 2 : 0;
  const result: Record<string, { calls: number; ms: number[] }> = {};
  for (let round = -2; round < rounds; round++) {
    for (const [name, handler] of Object.entries(contenders)) {
      const event = batch(of, size);
      const meter = new Meter(app);
      const started = performance.now();
      const { batchItemFailures } = await handler(event, context(of.consumer));
      const ms = (performance.now() - started) / size;
      if (batchItemFailures.length > 0)
        throw new Error(`${name} failed on ${batchItemFailures.length} of ${size} messages`);
      if (round < 0) continue;
      result[name] ??= { calls: 0, ms: [] };
      result[name].calls += meter.calls() / size / rounds;
      result[name].ms.push(ms);
    }
  }
  const [ours, theirs] = [result.Baton!, result.Powertools!];
  const what = `protocol, ${of.name}, ${size === 1 ? 'one message' : `${size} messages`}`;
  const calls = [ours.calls - gatewayCalls, theirs.calls - gatewayCalls] as const;
  figure(
    what,
    calls[0],
    'calls an event',
    `Powertools ${calls[1].toFixed(2)}; ratio ${(calls[0] / calls[1]).toFixed(2)}`,
  );
  figure(
    what,
    median(ours.ms),
    'ms an event',
    `Powertools ${median(theirs.ms).toFixed(2)} ms; ratio ${(median(ours.ms) / median(theirs.ms)).toFixed(2)}; p90 ${quantile(ours.ms, 0.9).toFixed(2)} and ${quantile(theirs.ms, 0.9).toFixed(2)}`,
  );
}

interface Usage {
  invocations: number;
  gbSeconds: number;
  sqs: number;
  published: number;
  writeUnits: number;
  readUnits: number;
  schedules: number;
  puts: number;
  logBytes: number;
}

/** Bookings through the whole app, `window` at a time, and what they used. */
async function used(window: number): Promise<Usage> {
  let done = 0;
  const usage: Usage = {
    invocations: 0,
    gbSeconds: 0,
    sqs: 0,
    published: 0,
    writeUnits: 0,
    readUnits: 0,
    schedules: 0,
    puts: 0,
    logBytes: 0,
  };
  const app = await startApp({
    onPublished: (type) => {
      if (type === 'BookingConfirmed') done++;
    },
    onTrace: (entry) => {
      if (entry.kind === 'log') usage.logBytes += String(entry.message).length + 26;
      if (entry.kind === 'published') usage.published++;
      if (entry.kind === 'finished') usage.invocations++;
    },
  });
  try {
    const memoryMb = new Map<string, number>(
      app.world
        .requestNow('lambda', 'ListFunctions', {})
        .output.Functions.map((one: any) => [one.FunctionName, one.MemorySize]),
    );
    const request = app.world.request.bind(app.world);
    // Every request of a function tells its capacity, and how long the function has to wait for it.
    app.world.request = async (to, operation, input, origin) => {
      if (!origin) return request(to, operation, input);
      usage.gbSeconds += ((memoryMb.get(origin.functionName) ?? 256) / 1024) * (assumed.callMs / 1000);
      const reply = await request(
        to,
        operation,
        to === 'dynamodb' ? { ...input, ReturnConsumedCapacity: 'TOTAL' } : input,
        origin,
      );
      for (const { CapacityUnits } of [reply.output?.ConsumedCapacity ?? []].flat()) {
        usage[/^(Get|BatchGet|Query|Scan)/.test(operation) ? 'readUnits' : 'writeUnits'] += CapacityUnits;
      }
      if (to === 'scheduler' && operation === 'CreateSchedule') usage.schedules++;
      if (to === 's3' && operation === 'PutObject') usage.puts++;
      return reply;
    };
    await runBookings(app, { total: bookings, window, prefix: `price${window}`, confirmed: () => done });
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const [name, count] of app.world.calls) {
      if (/^(events|lambda|scheduler|function):sqs\./.test(name)) usage.sqs += count;
    }
    usage.gbSeconds += usage.invocations * 0.25 * (assumed.ownMs / 1000);
  } finally {
    await app.stop();
  }
  return usage;
}

function price(name: string, usage: Usage): void {
  const parts: [string, number, number][] = [
    ['Lambda requests', usage.invocations, prices.lambdaRequest],
    ['Lambda GB-seconds', usage.gbSeconds, prices.lambdaGbSecond],
    ['SQS requests', usage.sqs, prices.sqsRequest],
    ['EventBridge events', usage.published, prices.customEvent],
    ['DynamoDB write units', usage.writeUnits, prices.writeUnit],
    ['DynamoDB read units', usage.readUnits, prices.readUnit],
    ['Scheduler invocations', usage.schedules, prices.schedule],
    ['S3 puts', usage.puts, prices.s3Put],
    ['log GB', usage.logBytes / 1e9, prices.logGb],
    ['X-Ray traces', usage.invocations * prices.traceShare, prices.trace],
  ];
  console.log(`\n| a booking, ${name} | used | dollars a million bookings |\n| --- | ---: | ---: |`);
  let sum = 0;
  for (const [what, amount, each] of parts) {
    const dollars = (amount / bookings) * each * 1e6;
    sum += dollars;
    console.log(`| ${what} | ${(amount / bookings).toPrecision(3)} | ${dollars.toFixed(2)} |`);
  }
  console.log(`| sum, computed and never billed | | ${sum.toFixed(2)} |\n`);
  figure(
    `price, a million bookings, ${name}`,
    sum,
    'dollars',
    'list prices; empty polls, storage, alarms and the dashboard aside',
  );
}

async function main(): Promise<void> {
  const app = await startApp();
  try {
    const bus = app.world.requestNow('events', 'CreateEventBus', { Name: busName });
    const table = app.world.requestNow('dynamodb', 'CreateTable', {
      TableName: powertoolsTable,
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    if (bus.error || table.error) throw new Error((bus.error ?? table.error)!.message);
    for (const of of cases) for (const size of [1, 10]) await compare(app, of, size);
  } finally {
    await app.stop();
  }
  price('one at a time', await used(1));
  price('fifty under way', await used(50));
  process.exit();
}

void main();
