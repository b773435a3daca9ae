import fc from 'fast-check';
import { CapacityRefused, CapacityReserved, DispatchDeadlineReached } from '../../../lib/contracts/events/dispatch';
import { LabelRendered } from '../../../lib/contracts/events/labels';
import { PaymentCaptured, PaymentDeclined } from '../../../lib/contracts/events/payments';
import { dispatchWithin } from '../../../lib/domain/dispatch/dispatch-parcel';
import { eventOf, opened, sampleNow } from '../../support/samples';

const decide = dispatchWithin({ deadlineSeconds: 1800 });
const bookingId = 'bk-1';
const lane = { laneId: 'BER-HAM', dispatchDate: '2030-12-02' };
const label = { key: 'labels/pc-bk-1.svg', sha256: 'c'.repeat(64), bytes: 10 };

const bookingOpened = opened();
const reserved = eventOf(CapacityReserved, { bookingId, ...lane });
const refused = eventOf(CapacityRefused, { bookingId, ...lane, reason: 'full' });
const captured = eventOf(PaymentCaptured, { bookingId, captureId: 'capt-1', priceCents: 1490 });
const declined = eventOf(PaymentDeclined, { bookingId, reason: 'insufficient funds' });
const rendered = eventOf(LabelRendered, { bookingId, parcelId: 'pc-bk-1', label });
const deadline = eventOf(DispatchDeadlineReached, { bookingId });

type Event = Parameters<typeof decide>[0];

/** What is left, and what was published, after `events` in this order. */
function after(...events: Event[]) {
  let dispatch: any;
  const emitted: any[] = [];
  for (const event of events) {
    const outcome = decide(event, { dispatch: structuredClone(dispatch) }, { now: sampleNow });
    dispatch = outcome.write?.dispatch ?? dispatch;
    emitted.push(...(outcome.emit ?? []));
  }
  return { dispatch, emitted, facts: emitted.filter(({ at }) => at === undefined) };
}

test('a booking that is opened waits, until its own time and the deadline', () => {
  const { dispatch, emitted } = after(opened({}, { time: '2030-11-25T10:00:00+01:00' }));
  expect(dispatch).toMatchObject({ status: 'waiting', have: [] });
  const at = Date.parse('2030-11-25T09:30:00Z');
  expect(emitted).toEqual([{ type: 'DispatchDeadlineReached', data: { bookingId }, at }]);
});

test('all parts, in every order: the same dispatch, and the same row', () => {
  fc.assert(
    fc.property(
      fc.shuffledSubarray([bookingOpened, reserved, captured, rendered], { minLength: 4 }),
      fc.shuffledSubarray([bookingOpened, reserved, captured, rendered]),
      (order, repeated) => {
        const { dispatch, facts } = after(...order, ...repeated);
        expect(facts).toEqual([
          { type: 'ParcelDispatched', data: { bookingId, parcelId: 'pc-bk-1', ...lane, labelKey: label.key } },
        ]);
        expect(dispatch).toMatchObject({ status: 'dispatched', have: ['capacity', 'payment', 'label'] });
      },
    ),
  );
});

test.each<[string, Event[], string, string[]]>([
  ['no slot', [bookingOpened, captured, refused], 'full', ['capacity', 'label']],
  ['no payment', [bookingOpened, reserved, declined], 'payment declined: insufficient funds', ['payment', 'label']],
])('%s: missed at once, with that reason', (_, events, reason, missing) => {
  expect(after(...events).facts).toEqual([{ type: 'DispatchMissed', data: { bookingId, ...lane, reason, missing } }]);
});

test('the deadline: missed, and what was missing is said', () => {
  const { facts, dispatch } = after(bookingOpened, reserved, rendered, deadline);
  const reason = 'not ready at the deadline; missing: payment';
  expect(facts).toEqual([{ type: 'DispatchMissed', data: { bookingId, ...lane, reason, missing: ['payment'] } }]);
  expect(dispatch).toMatchObject({ status: 'missed', reason });
});

test('a refusal that comes before any event that names the lane waits for one, and is not lost', () => {
  const early = after(declined, rendered, captured);
  expect(early.facts).toEqual([]);
  for (const naming of [bookingOpened, reserved, refused]) {
    const { facts } = after(declined, rendered, captured, naming);
    expect(facts).toMatchObject([
      { type: 'DispatchMissed', data: { ...lane, reason: expect.stringContaining('funds') } },
    ]);
  }
});

test('of several reasons the first one counts', () => {
  const { facts } = after(deadline, declined, bookingOpened);
  expect(facts).toMatchObject([{ data: { reason: expect.stringContaining('deadline') } }]);
  expect(after(declined, refused).facts).toMatchObject([{ data: { reason: expect.stringContaining('funds') } }]);
});

test('a refusal that came first schedules no deadline any more', () => {
  expect(after(declined, bookingOpened).emitted).toMatchObject([{ type: 'DispatchMissed' }]);
});

test('the race against the deadline has one winner, and the row names it', () => {
  const all: Event[] = [bookingOpened, reserved, captured, rendered, deadline, refused, declined];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(all, { minLength: all.length }),
      fc.array(fc.constantFrom(...all)),
      (order, again) => {
        const { facts, dispatch } = after(...order, ...again);
        expect(facts).toHaveLength(1);
        expect(facts[0].type).toBe(dispatch.status === 'dispatched' ? 'ParcelDispatched' : 'DispatchMissed');
      },
    ),
  );
});
