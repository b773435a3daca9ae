import fc from 'fast-check';
import { BookingCancelRequested, BookingResumeRequested } from '../../../lib/contracts/events/booking';
import { BookingParked, BookingUnderWay } from '../../../lib/contracts/events/booking-asks';
import { control } from '../../../lib/domain/booking/control-booking';
import { asked, bookingRow, eventOf, replyTo, sampleNow } from '../../support/samples';

const bookingId = 'bk-1';
const reason = 'ordered twice';
const cancel = eventOf(BookingCancelRequested, { bookingId, reason });
const underWay = (attempt = 1) => asked(BookingUnderWay, {}, attempt);
const parked = (attempt = 1, step = 'undo authorise-payment') =>
  asked(BookingParked, { step, reason: 'no answer in 900 s' }, attempt);
const resume = (decision: 'retry' | 'skip' = 'retry', id = 'resume-1') =>
  eventOf(BookingResumeRequested, { bookingId, decision, by: 'ops' }, { id });

type Event = Parameters<typeof control>[0];

/** What is left, and what was published, after `events` in this order, of a booking with `status`. */
function given(events: Event[], status: 'open' | 'confirmed' | 'rejected' | 'unknown' = 'open') {
  const booking = status === 'unknown' ? undefined : bookingRow({ status });
  let row: any;
  const emitted: any[] = [];
  for (const event of events) {
    const outcome = control(event, { booking, control: structuredClone(row) }, { now: sampleNow });
    expect(outcome.write?.booking).toBeUndefined();
    row = outcome.write?.control ?? row;
    emitted.push(...(outcome.emit ?? []));
  }
  return { row, emitted };
}

const cancelled = (answers?: object) => ({ type: 'BookingCancelled', data: { bookingId, reason }, ...answers });
const resumed = (attempt: number, decision = 'retry') => ({
  type: 'BookingResumed',
  data: { bookingId, decision },
  answers: replyTo(attempt),
});

describe('a cancel', () => {
  test('is told to the saga that listens for it', () => {
    expect(given([underWay(), cancel]).emitted).toEqual([cancelled({ answers: replyTo(1) })]);
  });

  test('before the saga listens: kept, and told as the answer to what asks for it', () => {
    expect(given([cancel]).emitted).toEqual([]);
    expect(given([cancel, underWay()]).emitted).toEqual([cancelled()]);
  });

  test('is told to the newest of the tokens, in whatever order they came', () => {
    const answered = [cancelled({ answers: replyTo(2) })];
    expect(given([underWay(1), underWay(2), cancel]).emitted).toEqual(answered);
    expect(given([underWay(2), underWay(1), cancel]).emitted).toEqual(answered);
  });

  test('is told again to a saga that asks again', () => {
    expect(given([underWay(1), cancel, underWay(2)]).emitted).toEqual([
      cancelled({ answers: replyTo(1) }),
      cancelled(),
    ]);
  });

  test('the second one changes and says nothing', () => {
    const second = eventOf(BookingCancelRequested, { bookingId, reason: 'again' }, { id: 'second' });
    expect(given([underWay(), cancel, second])).toEqual(given([underWay(), cancel]));
  });

  test.each(['confirmed', 'rejected'] as const)('of a booking that is %s is refused, and keeps nothing', (status) => {
    expect(given([cancel], status)).toEqual({
      row: undefined,
      emitted: [{ type: 'BookingCancelRefused', data: { bookingId, reason: `booking bk-1 is ${status}` } }],
    });
  });

  test('of a booking that nobody opened is refused, and keeps nothing: the id is free for another', () => {
    expect(given([cancel], 'unknown')).toEqual({
      row: undefined,
      emitted: [{ type: 'BookingCancelRefused', data: { bookingId, reason: 'booking bk-1 is not known' } }],
    });
  });
});

describe("an operator's decision", () => {
  test.each(['retry', 'skip'] as const)('%s answers the step that is parked', (decision) => {
    const { emitted, row } = given([parked(), resume(decision)]);
    expect(emitted).toEqual([resumed(1, decision)]);
    expect(row).toMatchObject({ bookingId, parked: { step: 'undo authorise-payment', decision } });
  });

  test('counts once: a double click says nothing', () => {
    expect(given([parked(), resume(), resume('skip', 'resume-2')]).emitted).toEqual([resumed(1)]);
  });

  test('stands when the ask that it answered comes again', () => {
    const { emitted, row } = given([parked(1), resume(), parked(1), resume('skip', 'resume-2')]);
    expect(emitted).toEqual([resumed(1)]);
    expect(row.parked.decision).toBe('retry');
  });

  test('with nothing parked is not kept for a step that is parked later', () => {
    expect(given([resume(), parked()]).emitted).toEqual([]);
  });

  test('meets each parking anew', () => {
    const { emitted } = given([parked(1), resume(), parked(2, 'reject-booking'), resume('skip', 'resume-2')]);
    expect(emitted).toEqual([resumed(1), resumed(2, 'skip')]);
  });

  test('answers the newest token, in whatever order they came', () => {
    expect(given([parked(1), parked(2), resume()]).emitted).toEqual([resumed(2)]);
    expect(given([parked(2), parked(1), resume()]).emitted).toEqual([resumed(2)]);
  });

  test('needs no booking that is open', () => {
    expect(given([parked(), resume()], 'rejected').emitted).toEqual([resumed(1)]);
  });
});

test('cancel and parking leave each other alone', () => {
  const { row } = given([underWay(1), cancel, parked(3)]);
  expect(row).toEqual({
    bookingId,
    watch: replyTo(1),
    cancel: { reason },
    parked: { step: 'undo authorise-payment', reason: 'no answer in 900 s', reply: replyTo(3) },
  });
});

test('in every order: a saga that asks is told of a cancel, and its newest token is among those that were told', () => {
  const all: Event[] = [underWay(1), underWay(2), underWay(3), cancel];
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
      const told = new Set<string>();
      let row: any;
      for (const event of order) {
        const outcome = control(event, { booking: bookingRow(), control: row }, { now: sampleNow });
        row = outcome.write?.control ?? row;
        // What a decision emits answers the event that is handled, unless it says otherwise.
        for (const emission of outcome.emit ?? []) told.add((emission.answers ?? event.meta.reply)!.token);
      }
      expect(told).toContain('token-3');
    }),
  );
});
