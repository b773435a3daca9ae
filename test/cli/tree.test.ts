/** From records and dead letters to a causal tree. */
import type { DeadLetter } from '../../lib/cli/dead-letters';
import { buildTree } from '../../lib/cli/trace/tree';
import type { IdempotencyRecord } from '../../lib/contracts/record';

const at = Date.parse('2026-11-24T09:00:00.000Z');

function record(changes: Partial<IdempotencyRecord>): IdempotencyRecord {
  return {
    id: `${changes.consumer}#${changes.eventId}`,
    consumer: 'booking/open-booking',
    eventId: 'e-1',
    type: 'BookingRequested',
    hash: 'h',
    status: 'handled',
    correlation: 'bk-1',
    key: 'bk-1',
    atMs: at + 40,
    eventAtMs: at,
    hop: 0,
    ...changes,
  };
}

const owed = (id: string, type: string, data: object = {}, dueAtMs?: number) => ({
  id,
  type,
  source: 'booking',
  detail: JSON.stringify({ meta: { id, key: 'bk-1', time: new Date(at + 40).toISOString() }, data }),
  ...(dueAtMs ? { dueAtMs } : {}),
});

test('a refused booking: its reason is an event, nothing is under way, and the tree says how it ended', () => {
  const tree = buildTree(
    {
      correlation: 'bk-1',
      records: [record({ owed: [owed('e-2', 'BookingRejected', { reason: 'too heavy' })] })],
      deadLetters: [],
      executions: [],
    },
    at + 100,
  );
  expect(tree).toMatchObject({
    ended: 'BookingRejected',
    complete: true,
    eventTypes: ['BookingRequested', 'BookingRejected'],
  });
  expect(tree.roots).toHaveLength(1);
  expect(tree.roots[0]!.handledBy).toEqual([
    expect.objectContaining({ consumer: 'booking/open-booking', status: 'handled', hopMs: 40 }),
  ]);
  expect(tree.roots[0]!.handledBy[0]!.emitted[0]).toMatchObject({
    type: 'BookingRejected',
    data: { reason: 'too heavy' },
  });
});

test('an event whose consumers have said nothing yet is under way, and each of them is waiting', () => {
  const tree = buildTree(
    {
      correlation: 'bk-1',
      records: [record({ owed: [owed('e-2', 'BookingOpened')] })],
      deadLetters: [],
      executions: [],
    },
    at + 100,
  );
  expect(tree.complete).toBe(false);
  expect(tree.ended).toBeUndefined();
  expect(
    tree.roots[0]!.handledBy[0]!.emitted[0]!.handledBy.map(({ consumer, status }) => `${status} ${consumer}`).sort(),
  ).toEqual(['waiting booking/conduct-booking']);
});

const letter = (changes: Partial<DeadLetter>): DeadLetter => ({
  queue: 'BookingOpenBooking',
  queueUrl: 'http://queue',
  messageId: 'message-1',
  sentAt: new Date(at + 20).toISOString(),
  reason: 'meta: expected object, but it is missing',
  type: 'BookingRequested',
  data: { bookingId: 'bk-1' },
  body: '{}',
  attributes: {},
  ...changes,
});

test('a dead letter without an envelope is known by its message, and nothing is waited for', () => {
  const tree = buildTree({ correlation: 'bk-1', records: [], deadLetters: [letter({})], executions: [] }, at + 100);
  expect(tree).toMatchObject({ complete: true, eventTypes: ['BookingRequested'] });
  expect(tree.roots[0]!.handledBy).toEqual([
    expect.objectContaining({
      consumer: 'booking/open-booking',
      status: 'dead-lettered',
      reason: 'meta: expected object, but it is missing',
    }),
  ]);
});

test('an event that no rule matched is not waited for by those who would handle it', () => {
  const unrouted = letter({ queue: 'UnroutedEvents', meta: { id: 'e-1' } });
  const tree = buildTree({ correlation: 'bk-1', records: [], deadLetters: [unrouted], executions: [] }, at + 100);
  expect(tree.complete).toBe(true);
  expect(tree.roots[0]!.handledBy.map(({ consumer }) => consumer)).toEqual(['UnroutedEvents']);
});

test('an event that is due later is not waited for before its time, and is afterwards', () => {
  const records = [record({ owed: [owed('e-2', 'DispatchDeadlineReached', {}, at + 1000)] })];
  expect(buildTree({ correlation: 'bk-1', records, deadLetters: [], executions: [] }, at + 999).complete).toBe(true);
  expect(buildTree({ correlation: 'bk-1', records, deadLetters: [], executions: [] }, at + 1001).complete).toBe(false);
});

test('what is committed but not published is under way', () => {
  const tree = buildTree(
    {
      correlation: 'bk-1',
      records: [record({ unpaid: '3', owed: [owed('e-2', 'BookingRejected')] })],
      deadLetters: [],
      executions: [],
    },
    at + 100,
  );
  expect(tree.complete).toBe(false);
  expect(tree.roots[0]!.handledBy[0]!.unpaid).toBe(true);
});

test('a dead letter stands at the consumer whose queue holds it, with its reason', () => {
  const letter = {
    queue: 'DispatchReserveCapacity',
    queueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/q',
    messageId: 'm-1',
    sentAt: new Date(at + 60).toISOString(),
    reason: 'its consumer failed on every attempt',
    type: 'BookingOpened',
    meta: { id: 'e-2', correlation: 'bk-1' },
    body: '{}',
    attributes: {},
  };
  const tree = buildTree(
    {
      correlation: 'bk-1',
      records: [record({ owed: [owed('e-2', 'BookingOpened')] })],
      deadLetters: [letter],
      executions: [],
    },
    at + 100,
  );
  expect(tree.roots[0]!.handledBy[0]!.emitted[0]!.handledBy).toContainEqual(
    expect.objectContaining({
      consumer: 'dispatch/reserve-capacity',
      status: 'dead-lettered',
      reason: 'its consumer failed on every attempt',
    }),
  );
});

test('what a saga asked hangs below its conductor; while it runs the flow is under way', () => {
  const opened = owed('e-2', 'BookingOpened');
  const execution = {
    key: 'bk-1',
    saga: 'booking/book-parcel',
    arn: 'arn',
    startedAt: new Date(at + 60).toISOString(),
    startedBy: 'e-2',
  };
  const ask = { step: 'reserve-capacity', type: 'CapacityRequested', id: 'a-1', at: new Date(at + 70).toISOString() };
  const refused = record({
    consumer: 'dispatch/reserve-capacity',
    eventId: 'a-1',
    type: 'CapacityRequested',
    eventAtMs: at + 70,
    atMs: at + 80,
    owed: [owed('e-3', 'BookingRejected')],
  });
  const flow = (status: 'RUNNING' | 'SUCCEEDED') => ({
    correlation: 'bk-1',
    records: [record({ owed: [opened] }), refused],
    deadLetters: [],
    // Two attempts at one step are one event.
    executions: [
      {
        execution: { ...execution, status },
        asks: [ask, ask].map((one) => ({ ...one, outcome: 'answered' as const })),
      },
    ],
  });
  const tree = buildTree(flow('SUCCEEDED'), at + 100);
  expect(tree.roots).toHaveLength(1);
  const [conductor] = tree.roots[0]!.handledBy[0]!.emitted[0]!.handledBy;
  expect(conductor).toMatchObject({ consumer: 'booking/conduct-booking', status: 'handled' });
  expect(conductor!.emitted.map(({ type, handledBy }) => [type, handledBy.map(({ consumer }) => consumer)])).toEqual([
    ['CapacityRequested', ['dispatch/reserve-capacity']],
  ]);
  expect(tree.complete).toBe(true);
  expect(buildTree(flow('RUNNING'), at + 100).complete).toBe(false);
});
