import { open } from '../../../lib/domain/booking/open-booking';
import { requested, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const decide = (event: ReturnType<typeof requested>, booking?: any) => open(event, { booking }, at);

/** The row that the first request leaves behind. */
const rowOf = (event: ReturnType<typeof requested>) => decide(event).write!.booking;

describe('given a booking id that nobody has', () => {
  test('an acceptable request opens the booking', () => {
    const { write, emit } = decide(requested({ bookingId: 'bk-7', priceCents: 990 }));
    expect(write!.booking).toMatchObject({ bookingId: 'bk-7', parcelId: 'pc-bk-7', priceCents: 990, status: 'open' });
    expect(emit).toHaveLength(1);
    expect(emit![0]).toMatchObject({ type: 'BookingOpened', data: { bookingId: 'bk-7', parcelId: 'pc-bk-7' } });
  });

  test.each([
    ['a gram too heavy', { weightGrams: 31_501 }, 'the parcel weighs 31501 g; at most 31500 g'],
    ['a cent too dear', { priceCents: 500_001 }, 'the price is 500001 cents; at most 500000 cents'],
    ['from a place to itself', { laneId: 'BER-BER' }, 'lane BER-BER starts where it ends'],
    ['for yesterday', { dispatchDate: '2030-11-24' }, 'dispatch date 2030-11-24 is past; the request is of 2030-11-25'],
  ])('a request %s is refused, and keeps its id', (_, changes, reason) => {
    const { write, emit } = decide(requested(changes));
    expect(write!.booking).toMatchObject({ status: 'rejected', reason });
    expect(emit).toEqual([{ type: 'BookingRejected', data: { bookingId: 'bk-1', reason } }]);
  });

  test.each([
    ['of the greatest weight', { weightGrams: 31_500 }],
    ['of the highest price', { priceCents: 500_000 }],
    ['for today', { dispatchDate: '2030-11-25' }],
  ])('a request %s is accepted', (_, changes) => {
    expect(decide(requested(changes)).write!.booking).toMatchObject({ status: 'open' });
  });

  test("today is the request's own day in UTC, not the day of its delivery", () => {
    const late = { now: sampleNow + 30 * 86_400_000 };
    const event = requested({ dispatchDate: '2030-11-25' }, { time: '2030-11-26T00:30:00+02:00' });
    expect(open(event, { booking: undefined }, late).write!.booking).toMatchObject({ status: 'open' });
  });
});

describe('given a booking id that a request has', () => {
  const first = requested({}, { id: 'first' });

  test('the same request under another event id changes and says nothing', () => {
    const outcome = decide(requested({}, { id: 'second' }), rowOf(first));
    expect(outcome.write).toBeUndefined();
    expect(outcome.emit).toBeUndefined();
  });

  test.each([
    ['accepted', first],
    ['refused', requested({ weightGrams: 99_999 }, { id: 'first' })],
  ])('another request is refused without a word about the booking, which was %s', (_, holder) => {
    const outcome = decide(requested({ merchantId: 'ink', priceCents: 1 }, { id: 'second' }), rowOf(holder));
    expect(outcome.write).toBeUndefined();
    expect(outcome.emit).toEqual([
      {
        type: 'BookingIdTaken',
        data: {
          bookingId: 'bk-1',
          requestId: 'second',
          takenBy: 'first',
          merchantId: 'ink',
          reason: 'booking id bk-1 belongs to another booking; send the request again under a new id',
        },
      },
    ]);
  });
});
