/** The synthesized app, end to end, in virtual time: what a merchant sees. */
import { BookingRequested } from '../../lib/contracts/events/booking';
import { appWorld, book, deadLettersOf, itemsOf, publishedTypes, putEvent, recordsOf } from '../support/world';

test('a booking is opened, paid, labelled, given a slot, dispatched and confirmed, each once', async () => {
  const world = appWorld();
  book(world, 'bk-1');
  expect(await world.settle()).toBe('quiet');
  expect(publishedTypes(world).sort()).toEqual([
    'BookingConfirmed',
    'BookingOpened',
    'BookingRequested',
    'BookingUnderWay',
    'CapacityRequested',
    'CapacityReserved',
    'CaptureRequested',
    'ConfirmationRequested',
    'DispatchRequested',
    'LabelRendered',
    'LabelRequested',
    'ParcelDispatched',
    'PaymentAuthorised',
    'PaymentCaptured',
    'PaymentRequested',
  ]);
  expect(itemsOf(world, 'BookingTableName').get('bk-1')).toMatchObject({ status: 'confirmed', priceCents: 1490 });
  expect(itemsOf(world, 'PaymentTableName').get('bk-1')).toMatchObject({ status: 'captured', priceCents: 1490 });
  expect([...itemsOf(world, 'LaneDayTableName').values()]).toMatchObject([{ reserved: 1 }]);
  expect(deadLettersOf(world)).toEqual([]);
  expect(recordsOf(world).filter((record) => record.unpaid)).toEqual([]);
});

test('a declined payment rejects the booking, and slot and label are undone', async () => {
  const world = appWorld();
  book(world, 'bk-2', { paymentToken: 'tok_declined' });
  expect(await world.settle()).toBe('quiet');
  const types = publishedTypes(world);
  expect(types).toContain('PaymentDeclined');
  expect(types).toEqual(expect.arrayContaining(['CapacityReleased', 'LabelVoided', 'PaymentCalledOff']));
  expect(types.at(-1)).toBe('BookingRejected');
  expect(types).not.toContain('ParcelDispatched');
  expect(itemsOf(world, 'BookingTableName').get('bk-2')).toMatchObject({
    status: 'rejected',
    reason: 'insufficient funds',
  });
  expect([...itemsOf(world, 'LaneDayTableName').values()].every((lane) => lane.reserved === 0)).toBe(true);
  expect(itemsOf(world, 'LabelTableName').get('bk-2')).toMatchObject({ status: 'void' });
  expect(deadLettersOf(world)).toEqual([]);
});

test('a full lane rejects the booking, and the money goes back', async () => {
  const world = appWorld();
  book(world, 'bk-3', { laneId: 'XXX-FUL' });
  expect(await world.settle()).toBe('quiet');
  expect(publishedTypes(world)).toContain('CapacityRefused');
  expect(itemsOf(world, 'BookingTableName').get('bk-3')).toMatchObject({ status: 'rejected' });
  expect(['voided', 'cancelled']).toContain(itemsOf(world, 'PaymentTableName').get('bk-3')?.status);
  expect(deadLettersOf(world)).toEqual([]);
});

test('a part that never comes is given up, and the rest is undone', async () => {
  const world = appWorld({
    // The label function answers nothing for ever; the saga asks for three quarters of an hour.
    faults: {
      decide: (crossing) =>
        crossing.at === 'call' && crossing.to === 'lambda' && crossing.operation === 'Invoke'
          ? undefined
          : labelsAreDown(crossing),
    },
  });
  book(world, 'bk-4');
  await world.pass(3 * 3_600_000);
  expect(publishedTypes(world)).not.toContain('CaptureRequested');
  expect(itemsOf(world, 'BookingTableName').get('bk-4')).toMatchObject({
    status: 'rejected',
    reason: 'render-label: no answer in 900 s',
  });
  expect(itemsOf(world, 'PaymentTableName').get('bk-4')).toMatchObject({ status: 'voided' });
});

test('an overweight parcel is refused at once, and nothing is started for it', async () => {
  const world = appWorld();
  book(world, 'bk-5', { weightGrams: 40_000 });
  expect(await world.settle()).toBe('quiet');
  expect(publishedTypes(world)).toEqual(['BookingRequested', 'BookingRejected']);
  expect(deadLettersOf(world)).toEqual([]);
});

test.each([
  [
    'a wrong type',
    { meta: { id: 'm-1', time: '2026-11-24T09:00:00Z' }, data: { ...BookingRequested.example, priceCents: 'many' } },
    /data\.priceCents/,
  ],
  ['no meta', { data: BookingRequested.example }, /meta/],
  ['no data', { meta: { id: 'm-2', time: '2026-11-24T09:00:00Z' } }, /data/],
  [
    'too many hops',
    { meta: { id: 'm-3', time: '2026-11-24T09:00:00Z', hop: 17 }, data: BookingRequested.example },
    /hop is 17/,
  ],
  [
    'a future envelope',
    { meta: { id: 'm-4', time: '2026-11-24T09:00:00Z', v: 2 }, data: BookingRequested.example },
    /meta\.v is 2/,
  ],
  [
    'an expired event',
    {
      meta: { id: 'm-5', time: '2026-11-24T09:00:00Z', expires: '2026-11-24T08:00:00Z' },
      data: BookingRequested.example,
    },
    /expires/,
  ],
])(
  'a malformed event (%s) goes to the dead letters with its reason at the first receive; others are not affected',
  async (_, detail, reason) => {
    const world = appWorld();
    putEvent(world, 'booking', 'BookingRequested', detail);
    book(world, 'bk-beside');
    expect(await world.settle()).toBe('quiet');
    const letters = deadLettersOf(world);
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ queue: 'BookingOpenBooking' });
    expect(letters[0]!.reason).toMatch(reason);
    expect(itemsOf(world, 'BookingTableName').get('bk-beside')).toMatchObject({ status: 'confirmed' });
  },
);

test('an event that no declaration knows is kept in the queue of unrouted events', async () => {
  const world = appWorld();
  putEvent(world, 'booking', 'BookingRequestedd', { meta: {}, data: {} });
  putEvent(world, 'bookings', 'BookingRequested', { meta: {}, data: {} });
  await world.pass(60_000);
  expect(deadLettersOf(world).map((letter) => letter.queue)).toEqual(['UnroutedEvents', 'UnroutedEvents']);
});

test('a detail that is not JSON, and an entry over 1 MB, are refused by PutEvents; the others in the call are not', () => {
  const world = appWorld();
  const entry = (detail: string): object => ({
    Source: 'booking',
    DetailType: 'BookingRequested',
    Detail: detail,
    EventBusName: world.output('BusName'),
  });
  const { FailedEntryCount, Entries } = world.now('events', 'PutEvents', {
    Entries: [entry('{"a":'), entry('{"a":1}')],
  });
  expect(FailedEntryCount).toBe(1);
  expect(Entries[0].ErrorCode).toBe('MalformedDetail');
  expect(Entries[1].EventId).toMatch(/^[0-9a-f-]{36}$/);
  expect(() =>
    world.now('events', 'PutEvents', { Entries: [entry(JSON.stringify({ a: 'x'.repeat(1_048_576) }))] }),
  ).toThrow(/size/i);
});

function labelsAreDown(crossing: { at: string; functionName?: string }): { do: 'timeout' } | undefined {
  return crossing.at === 'invoke' && /Labels.*render/i.test(crossing.functionName ?? '')
    ? { do: 'timeout' }
    : undefined;
}
