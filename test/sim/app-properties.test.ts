/** Properties of the parcel app, on histories made by hand: a wrong one breaks them, a right one does not. */
import { marshall } from '@aws-sdk/util-dynamodb';
import type { FinalView, Property } from '../../lib/sim';
import { accountProperties } from './properties/accounts';
import { cancelProperties } from './properties/cancels';
import { debtProperties } from './properties/debts';
import { protocolProperties } from './properties/protocol';

const minute = 60_000;
const start = Date.UTC(2026, 10, 24, 9);
const at = (minutes: number): number => start + minutes * minute;

const committed = (minutes: number, ...items: [table: string, item: object][]): object => ({
  at: at(minutes),
  kind: 'api',
  service: 'dynamodb',
  operation: 'TransactWriteItems',
  origin: { functionName: 'f', invocationId: `i-${minutes}` },
  input: { TransactItems: items.map(([TableName, item]) => ({ Put: { TableName, Item: marshall(item) } })) },
});
const published = (minutes: number, detailType: string, id: string, data: object = {}, meta: object = {}): object => ({
  at: at(minutes),
  kind: 'published',
  source: 'app',
  detailType,
  detail: { meta: { id, ...meta }, data },
});

/** What is broken by this history; every table and queue goes by its output's name. */
function broken(
  property: Property | undefined,
  trace: object[],
  more: { now?: number; healed?: number; items?: object[]; letters?: object[] } = {},
): number {
  const { now = at(120), healed = at(10), items = [], letters = [] } = more;
  const view = {
    trace,
    healedMs: healed,
    now: () => now,
    output: (name: string) => name,
    items: () => items,
    deadLetters: () => letters,
  };
  return property!.check(view as unknown as FinalView).length;
}
const named = (properties: readonly Property[], name: string): Property | undefined =>
  properties.find((one) => one.name === name);

describe('owed-is-published-in-time', () => {
  const property = named(debtProperties, 'owed-is-published-in-time');
  const record = (owed: object): [string, object] => [
    'RecordTableName',
    { id: 'c#e', consumer: 'c', eventId: 'e', type: 'T', key: 'k', status: 'handled', unpaid: '1', owed: [owed] },
  ];
  const commit = committed(1, record({ id: 'o', type: 'O' }));

  test.each<[string, number, object[], object]>([
    ['by the handler', 0, [commit, published(1, 'O', 'o')], {}],
    ['after healing, by the sweeper', 0, [commit, published(21, 'O', 'o')], {}],
    ['after a redrive only', 1, [commit, published(26, 'O', 'o')], {}],
    ['never', 1, [commit], {}],
    ['not yet, and there is time', 0, [commit], { now: at(15) }],
    ['before the last fault was over', 0, [commit, published(50, 'O', 'o')], { healed: at(55) }],
    ['late, of a late commit', 0, [committed(40, record({ id: 'o', type: 'O' })), published(45, 'O', 'o')], {}],
    ['too late, of a late commit', 1, [committed(40, record({ id: 'o', type: 'O' })), published(60, 'O', 'o')], {}],
    ['when it is due', 0, [committed(1, record({ id: 'o', type: 'O', dueAtMs: at(60) })), published(61, 'O', 'o')], {}],
    [
      'as an answer to a newer ask',
      0,
      [commit, published(2, 'O', 'x', {}, { cause: 'e', inReplyTo: { token: 't' } })],
      {},
    ],
  ])('what is owed is published %s', (_, count, trace, more) => {
    expect(broken(property, trace, more)).toBe(count);
  });
});

const claim = (owner: string, leaseMs: number): [string, object] => [
  'RecordTableName',
  {
    id: 'payments/capture-payment#e',
    consumer: 'payments/capture-payment',
    eventId: 'e',
    type: 'CaptureRequested',
    key: 'bk',
    status: 'claimed',
    owner,
    atMs: at(1),
    firstCallAtMs: at(1),
    leaseUntilMs: at(1) + leaseMs,
  },
];

// capture-payment lives for 15 s, and its calls may be under way for 30 s.
test.each<[string, number, object[]]>([
  ['until its call has landed', 0, [committed(1, claim('me', 45_000))]],
  ['until its function ends', 1, [committed(1, claim('me', 15_000))]],
  ['until its owner let it go', 0, [committed(1, claim('me', 45_000)), committed(2, claim('me', 1_000))]],
  ['after another one, too short', 1, [committed(1, claim('me', 45_000)), committed(2, claim('you', 15_000))]],
])('leases-cover-the-flight: a claim lasts %s', (_, count, trace) => {
  expect(broken(named(protocolProperties, 'leases-cover-the-flight'), trace)).toBe(count);
});

const row = (status: string): [string, object] => ['BookingTableName', { id: 'bk', bookingId: 'bk', status }];
const cancel = (...owed: string[]): [string, object] => [
  'RecordTableName',
  {
    id: 'booking/control-booking#c',
    consumer: 'booking/control-booking',
    eventId: 'c',
    type: 'BookingCancelRequested',
    key: 'bk',
    status: 'handled',
    owed: owed.map((type) => ({ type, id: type })),
  },
];

test.each<[string, number, object[]]>([
  ['taken of an open booking', 0, [committed(1, row('open')), committed(2, cancel())]],
  ['taken of a confirmed one', 1, [committed(1, row('confirmed')), committed(2, cancel('BookingCancelled'))]],
  ['refused of a confirmed one', 0, [committed(1, row('confirmed')), committed(2, cancel('BookingCancelRefused'))]],
  ['refused of an open one', 1, [committed(1, row('open')), committed(2, cancel('BookingCancelRefused'))]],
  ['refused of one that nobody has opened', 0, [committed(2, cancel('BookingCancelRefused'))]],
  ['taken of one that nobody has opened', 1, [committed(2, cancel())]],
])('cancels-are-decided-on-what-is: %s', (_, count, trace) => {
  expect(broken(named(cancelProperties, 'cancels-are-decided-on-what-is'), trace)).toBe(count);
});

const told = published(3, 'BookingCancelRefused', 'r', { bookingId: 'bk' });
const parked = { attributes: { reason: 'parked: look it up', correlation: 'bk' }, body: '' };
test.each<[string, number, string, object[], object[]]>([
  ['rejected', 0, 'rejected', [], []],
  ['confirmed, and its merchant told so', 0, 'confirmed', [told], []],
  ['confirmed in silence', 1, 'confirmed', [], []],
  ['left to a person', 0, 'confirmed', [], [parked]],
])('cancels-are-answered: a booking is called off and %s', (_, count, status, more, letters) => {
  const trace = [committed(1, row('open')), committed(2, cancel()), ...more];
  const items = [{ bookingId: 'bk', status }];
  expect(broken(named(cancelProperties, 'cancels-are-answered'), trace, { items, letters })).toBe(count);
});

const account = (...orders: [key: string, content: string][]): object[] => [
  { id: 'bk', account: { orders: Object.fromEntries(orders.map(([key, content]) => [key, { content }])) } },
];
test.each<[string, number, object[]]>([
  ['one order, one key', 0, account(['authorise:bk', 'a'])],
  ['two orders, a key each', 0, account(['authorise:bk', 'a'], ['capture:h', 'c'])],
  ['one order under two keys', 1, account(['capture:h.1', 'c'], ['capture:h.2', 'c'])],
])('orders-keep-their-key: %s', (_, count, items) => {
  expect(broken(named(accountProperties, 'orders-keep-their-key'), [], { items })).toBe(count);
});

const books = (invocationId: string): object => ({
  at: at(1) + 10_000,
  kind: 'api',
  service: 'dynamodb',
  operation: 'PutItem',
  origin: { functionName: 'f', invocationId },
  input: { TableName: 'GatewayTableName', Item: marshall({ id: 'bk', version: 1, account: { payments: [] } }) },
});
test.each<[string, number, string]>([
  ['by whoever claimed it', 0, 'i-1'],
  ['when its environment is thawed by another invocation', 1, 'i-2'],
])('calls-land-under-their-claim: an order is carried out %s', (_, count, invocationId) => {
  const trace = [committed(1, claim('me', 45_000)), books(invocationId)];
  expect(broken(named(protocolProperties, 'calls-land-under-their-claim'), trace)).toBe(count);
});
