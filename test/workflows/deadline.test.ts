/** The deadline fires at the moment at which the last part arrives: one of them wins, and money and slots agree with it. */
import { seededRandom } from '../../lib/local/random';
import { appWorld, book, deadLettersOf, itemsOf, publishedTypes, recordsOf } from '../support/world';

type World = ReturnType<typeof appWorld>;
const bookingsPerWorld = 10;
const outcomes: string[] = [];

/** Holds the label's message to dispatch-parcel until the deadline is about to reach it. */
function racing(seed: string): World {
  const random = seededRandom(`race ${seed}`);
  const world: World = appWorld({
    seed,
    faults: {
      decide: (crossing) => {
        if (crossing.at !== 'call' || crossing.from !== 'events' || crossing.to !== 'sqs') return undefined;
        const { QueueUrl, MessageBody } = crossing.input as { QueueUrl: string; MessageBody: string };
        const event = JSON.parse(MessageBody);
        if (event['detail-type'] !== 'LabelRendered') return undefined;
        if (QueueUrl !== world.output('DispatchDispatchParcelQueueUrl')) return undefined;
        const asked: any = world.trace.find(
          ({ kind, detailType, detail }: any) =>
            kind === 'published' &&
            detailType === 'DispatchRequested' &&
            detail.data.bookingId === event.detail.data.bookingId,
        );
        // The deadline is not known yet: EventBridge tries again.
        if (!asked) return { do: 'fail-before', error: 'ServiceUnavailable', status: 503 };
        // A schedule fires at the first whole second that is not before the deadline, and is then delivered twice.
        const firesAt = Math.ceil((Date.parse(asked.detail.meta.time) + 1_800_000) / 1_000) * 1_000;
        return { do: 'later', laterMs: firesAt - world.time.now() + random.below(30) };
      },
    },
  });
  return world;
}

test.each(['1', '2', '3'])('seed %s, ten bookings', async (seed) => {
  const world = racing(seed);
  const bookings = Array.from({ length: bookingsPerWorld }, (_, index) => `bk-${seed}-${index}`);
  for (const bookingId of bookings) {
    book(world, bookingId);
    await world.pass(100);
  }
  await world.pass(1_810_000);
  expect(await world.settle()).toBe('quiet');

  const rows = Object.fromEntries(
    ['Booking', 'Payment', 'Label', 'Dispatch', 'Reservation', 'Gateway'].map((name) => [
      name,
      itemsOf(world, `${name}TableName`),
    ]),
  ) as Record<string, Map<string, any>>;
  for (const bookingId of bookings) {
    // By id: a held delivery is one that EventBridge tries again, so that the part also arrives several times.
    const facts = world.trace
      .filter(({ kind, detail }: any) => kind === 'published' && detail.data.bookingId === bookingId)
      .map(({ detailType, detail }: any) => [detail.meta.id, detailType] as const);
    const ends = [...new Map(facts).values()];
    const dispatched = ends.includes('ParcelDispatched');
    outcomes.push(dispatched ? 'dispatched' : 'missed');
    // A dispatch that is missed is told again to the undo that calls it off.
    const decided = ends.filter((type) => type === 'ParcelDispatched' || type === 'DispatchMissed');
    expect(decided).toEqual(dispatched ? ['ParcelDispatched'] : ['DispatchMissed', 'DispatchMissed']);
    expect(ends).toContain('DispatchDeadlineReached');
    const payments = rows.Gateway!.get(bookingId).account.payments;
    expect({
      dispatch: rows.Dispatch!.get(bookingId).status,
      booking: rows.Booking!.get(bookingId).status,
      payment: rows.Payment!.get(bookingId).status,
      atTheGateway: payments.map(({ status }: { status: string }) => status),
      label: rows.Label!.get(bookingId).status,
      slot: rows.Reservation!.get(bookingId).status,
    }).toEqual(
      dispatched
        ? {
            dispatch: 'dispatched',
            booking: 'confirmed',
            payment: 'captured',
            atTheGateway: ['captured'],
            label: 'rendered',
            slot: 'reserved',
          }
        : {
            dispatch: 'missed',
            booking: 'rejected',
            payment: 'refunded',
            atTheGateway: ['refunded'],
            label: 'void',
            slot: 'released',
          },
    );
  }
  const confirmed = [...rows.Booking!.values()].filter(({ status }) => status === 'confirmed').length;
  expect([...itemsOf(world, 'LaneDayTableName').values()].map(({ reserved }) => reserved)).toEqual([confirmed]);
  expect(recordsOf(world).filter(({ unpaid }) => unpaid)).toEqual([]);
  expect(deadLettersOf(world)).toEqual([]);
  expect(publishedTypes(world).filter((type) => type === 'BookingRejected')).toHaveLength(bookingsPerWorld - confirmed);
});

test('the race was a race: both ends have been seen', () => {
  expect(outcomes).toHaveLength(3 * bookingsPerWorld);
  expect(new Set(outcomes)).toEqual(new Set(['dispatched', 'missed']));
});
