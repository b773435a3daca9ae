/** Chance decides what goes wrong; whatever it is, the promises of the design hold. One seed replays exactly. */
import { refundPayment } from '../../lib/contracts/consumers/payments';
import type { Crossing, FaultDecision, Faults } from '../../lib/local/ports';
import { seededRandom } from '../../lib/local/random';
import { appWorld, book, deadLettersOf, itemsOf, recordsOf } from '../support/world';

/** So few that no message can be unlucky five times: then it would end in the dead letters, rightly. */
const faultsAtMost = 12;

/** Of every hundred crossings, this many go wrong in this way. */
const mishaps: Record<Crossing['at'], [percent: number, decision: (below: (n: number) => number) => FaultDecision][]> =
  {
    call: [
      [4, (below) => ({ do: 'twice', laterMs: below(90_000) })],
      [6, (below) => ({ do: 'later', laterMs: below(20_000) })],
    ],
    sdk: [
      [1, () => ({ do: 'crash-before' })],
      [1, () => ({ do: 'crash-after' })],
      [1, () => ({ do: 'fail-before', error: 'ThrottlingException', status: 400 })],
      [1, () => ({ do: 'fail-after', error: 'network' })],
      [2, (below) => ({ do: 'later', laterMs: below(2_500) })],
    ],
    invoke: [
      [2, () => ({ do: 'crash-before' })],
      [2, () => ({ do: 'timeout' })],
    ],
  };

function mischief(seed: string): Faults & { struck: number } {
  const random = seededRandom(`faults ${seed}`);
  return {
    struck: 0,
    decide(crossing) {
      if (this.struck >= faultsAtMost || isWaiting(crossing)) return undefined;
      let drawn = random.next() * 100;
      for (const [percent, decision] of mishaps[crossing.at]) {
        drawn -= percent;
        if (drawn >= 0) continue;
        this.struck++;
        return decision((below) => random.below(below));
      }
      return undefined;
    },
  };
}

/** Long polling is most of what crosses: nothing of interest. */
const isWaiting = (crossing: Crossing): boolean =>
  crossing.at === 'call' && !(crossing.from === 'events' && crossing.to === 'sqs');

const bookings = {
  'bk-good': {},
  'bk-declined': { paymentToken: 'tok_declined' },
  'bk-full': { laneId: 'XXX-FUL' },
} as const;

async function run(seed: string) {
  const faults = mischief(seed);
  const world = appWorld({ seed, faults });
  for (const [bookingId, changes] of Object.entries(bookings)) {
    book(world, bookingId, changes, { id: `request-${bookingId}` });
  }
  // Longer than any redelivery takes, and two sweeps.
  await world.pass(700_000);
  expect(await world.settle()).toBe('quiet');
  return { world, struck: faults.struck };
}

/** A smoke test: BATON_TEST_SEEDS=200 npx jest test/workflows/seeds looks further. */
const seeds = Array.from({ length: Number(process.env.BATON_TEST_SEEDS ?? 8) }, (_, index) => String(index + 1));
test.each(seeds)('seed %s', async (seed) => {
  const { world, struck } = await run(seed);
  expect(struck).toBeGreaterThan(0);
  const published = world.trace
    .filter(({ kind }) => kind === 'published')
    .map(({ detailType, detail }: any) => ({ type: detailType as string, id: detail.meta.id, data: detail.data }));
  const idsOf = (type: string, bookingId: string) =>
    new Set(published.filter((event) => event.type === type && event.data.bookingId === bookingId).map(({ id }) => id));
  const letters = deadLettersOf(world);
  // A refund whose owner died at the gateway is left to a person, with an alarm.
  const parked = new Set(letters.map(({ attributes }) => attributes.correlation));
  expect(letters.filter(({ reason }) => !/^parked: /.test(reason ?? ''))).toEqual([]);
  expect(letters.every(({ attributes }) => attributes.consumer === refundPayment.id)).toBe(true);

  const booked = itemsOf(world, 'BookingTableName');
  for (const bookingId of Object.keys(bookings)) {
    const { status } = booked.get(bookingId);
    expect(['confirmed', 'rejected']).toContain(status);
    if (bookingId !== 'bk-good') expect(status).toBe('rejected');
    const dispatched = idsOf('ParcelDispatched', bookingId);
    const missed = idsOf('DispatchMissed', bookingId);
    expect([dispatched.size, missed.size]).toEqual(status === 'confirmed' ? [1, 0] : [0, 1]);
    const account = itemsOf(world, 'GatewayTableName').get(bookingId)?.account;
    const held = (account?.payments ?? []).map((payment: { status: string }) => payment.status);
    if (status === 'confirmed') expect(held).toEqual(['captured']);
    else if (!parked.has(bookingId)) {
      expect(held.filter((state: string) => state === 'captured' || state === 'held')).toEqual([]);
    }
    const reservation = itemsOf(world, 'ReservationTableName').get(bookingId);
    expect(reservation?.status === 'reserved').toBe(status === 'confirmed');
    for (const type of [
      'LabelRendered',
      'PaymentCaptured',
      'PaymentRefunded',
      'CapacityReserved',
      'CapacityReleased',
    ]) {
      expect(idsOf(type, bookingId).size).toBeLessThanOrEqual(1);
    }
  }
  const confirmed = [...booked.values()].filter(({ status }) => status === 'confirmed').length;
  const lanes = [...itemsOf(world, 'LaneDayTableName').values()];
  expect(lanes.reduce((sum, { reserved }) => sum + reserved, 0)).toBe(confirmed);
  expect(recordsOf(world).filter(({ unpaid }) => unpaid)).toEqual([]);
});

test('the same seed gives the same trace, twice', async () => {
  const [first, second] = [await run('7'), await run('7')].map(({ world }) =>
    world.trace.map((entry) => JSON.stringify(entry)),
  );
  expect(first!.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
