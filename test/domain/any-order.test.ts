/** The booking saga and all decisions under every order of arrival: properties of all of them together. */
import fc from 'fast-check';
import { ApprovalAnswered } from '../../lib/contracts/events/approvals';
import {
  BookingCancelled,
  BookingCancelRefused,
  BookingCancelRequested,
  BookingConfirmed,
  BookingOpened,
  BookingRejected,
  BookingResumeRequested,
} from '../../lib/contracts/events/booking';
import {
  ApprovalRequested,
  BookingParked,
  CapacityRequested,
  ConfirmationRequested,
  DispatchRequested,
} from '../../lib/contracts/events/booking-asks';
import { DispatchMissed, DispatchStands, ParcelDispatched } from '../../lib/contracts/events/dispatch';
import { LabelRendered } from '../../lib/contracts/events/labels';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentRefunded,
  PaymentVoided,
} from '../../lib/contracts/events/payments';
import type { EventType } from '../../lib/contracts/kit';
import { Approval } from '../../lib/contracts/rows/approvals';
import { Booking, BookingControl } from '../../lib/contracts/rows/booking';
import { Dispatch, LaneDay, Reservation } from '../../lib/contracts/rows/dispatch';
import { Label } from '../../lib/contracts/rows/labels';
import { Payment } from '../../lib/contracts/rows/payments';
import { bookParcel } from '../../lib/contracts/sagas/book-parcel';
import { choreography, memoryBooks, memoryGateway } from '../support/choreography';
import { choicesFrom, type Disturbances, Model } from '../support/model';
import { eventOf, requested } from '../support/samples';

const tokens = ['tok_visa', 'tok_declined', 'tok_capture_declined', 'tok_timeout', 'tok_fail_after_charge'];
const lanes = ['BER-HAM', 'MUC-CGN', 'XXX-FUL'];
const dispatchDate = '2030-12-02';
const cheap = 1490;
const dear = 250_000;

/** What a person does who is asked: each click an answer. */
const clicks: boolean[][] = [[true], [true, true], [true, false], [false], [false, true], []];

/** What a merchant hears of before it cancels. */
const moments = [
  BookingOpened,
  CapacityRequested,
  PaymentAuthorised,
  LabelRendered,
  PaymentCaptured,
  DispatchRequested,
  ParcelDispatched,
  ConfirmationRequested,
  BookingConfirmed,
  BookingRejected,
];

/** Where the cancel and the parcel race. */
const lateMoments = [PaymentCaptured, DispatchRequested, ParcelDispatched];

interface Wish {
  token: string;
  lane: string;
  priceCents: number;
  clicks: boolean[];
  cancelAt?: EventType;
}
const good: Wish = { token: 'tok_visa', lane: 'BER-HAM', priceCents: cheap, clicks: [true] };

// The good ones more often than their share: most of what can go wrong needs a booking that comes far.
const oneOf = <T>(usual: T, others: readonly T[]) =>
  fc.oneof({ weight: 2, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
const wishes: fc.Arbitrary<Wish[]> = fc.array(
  fc.record({
    token: oneOf('tok_visa', tokens),
    lane: oneOf('MUC-CGN', lanes),
    priceCents: oneOf(cheap, [dear]),
    clicks: oneOf([true], clicks),
    cancelAt: oneOf<EventType | undefined>(undefined, [...moments, ...lateMoments, ...lateMoments]),
  }),
  { minLength: 1, maxLength: 3 },
);
const choices = fc.array(fc.nat(9_999), { maxLength: 1_000, size: 'max' });
const stormy: Disturbances = { twice: 15, republished: 6, answerLost: 15, early: 3, givenUp: 3 };
/** So that even undos are given up, and parked. */
const impatient: Disturbances = { ...stormy, twice: 5, givenUp: 40 };

/** The day's slots of BER-HAM, so that bookings contend for the last one. */
const scarceSlots = 1;

async function play(asked: Wish[], numbers: number[], disturb?: Disturbances) {
  const books = memoryBooks();
  const model = new Model(
    choreography(memoryGateway(books)),
    bookParcel,
    choicesFrom(numbers),
    numbers.length > 0 ? disturb : undefined,
    lanesAreKept,
  );
  model.put(LaneDay.key('BER-HAM', dispatchDate), { slots: scarceSlots, reserved: 0 });
  const bookings = asked.map((wish, index) => ({ ...wish, id: `bk-${index}` }));
  attend(model, bookings);
  for (const { id, token, lane, priceCents } of bookings) {
    model.publish(requested({ bookingId: id, paymentToken: token, laneId: lane, priceCents, dispatchDate }));
  }
  await model.run();
  return { model, books, bookings };
}

type Played = Awaited<ReturnType<typeof play>>;
type Played1 = Played['bookings'][number];

/** The people: who approves, who cancels, and who looks at what is parked. */
function attend(model: Model, bookings: readonly (Wish & { id: string })[]): void {
  const wishOf = (event: { meta: any }) => bookings.find(({ id }) => id === event.meta.key)!;
  let answers = 0;
  model.listen({
    on: [ApprovalRequested],
    hear: (event) => {
      for (const granted of wishOf(event).clicks) {
        answers += 1;
        const answer = { bookingId: event.meta.key, approver: 'ada', granted };
        model.publish(eventOf(ApprovalAnswered, answer, { id: `click-${answers}` }));
      }
    },
  });
  model.listen({
    on: moments,
    hear: (event) => {
      const { id, cancelAt } = wishOf(event);
      if (cancelAt?.name !== event.type) return;
      model.publish(eventOf(BookingCancelRequested, { bookingId: id, reason: 'ordered twice' }));
    },
  });
  const resume = (id: string): void => {
    answers += 1;
    const decision = { bookingId: id, decision: 'retry' as const, by: 'ops' };
    model.publish(eventOf(BookingResumeRequested, decision, { id: `resume-${answers}` }));
  };
  // As soon as the alarm rings, which may be too early, and again as long as it is parked.
  model.listen({ on: [BookingParked], hear: ({ meta }) => resume(meta.key) });
  model.operatedBy((_, id) => resume(id));
}

/** Holds at every moment: no lane is overbooked, and each slot that is taken has its owner. */
function lanesAreKept(model: Model): void {
  for (const laneId of lanes) {
    const lane = model.row(LaneDay.key(laneId, dispatchDate)) ?? { reserved: 0, slots: 0 };
    const owners = model
      .rowsOf('Reservation')
      .filter((reservation) => reservation.laneId === laneId && reservation.status === 'reserved');
    if (lane.reserved !== owners.length) throw new Error(`${laneId}: ${lane.reserved} taken, ${owners.length} owners`);
    if (lane.reserved > lane.slots) throw new Error(`${laneId}: ${lane.reserved} taken of ${lane.slots}`);
  }
}

const isConfirmed = (model: Model, id: string): boolean => model.row(Booking.key(id)).status === 'confirmed';

/** Every accepted booking ends, confirmed or rejected, as its saga and its dispatch did, and its merchant is told that. */
function endsOneWay({ model }: Played, { id }: Played1): void {
  const confirmed = isConfirmed(model, id);
  expect(model.row(Booking.key(id)).status).toBe(confirmed ? 'confirmed' : 'rejected');
  expect(model.machine.executions.get(id)!.outcome).toBe(confirmed ? 'done' : 'undone');
  const seen = (...types: { name: string }[]): boolean =>
    model.emitted.some(({ type, meta }) => meta.key === id && types.some(({ name }) => name === type));
  expect([seen(BookingConfirmed), seen(BookingRejected)]).toEqual([confirmed, !confirmed]);
  expect(seen(ParcelDispatched)).toBe(confirmed);
  if (confirmed) expect(seen(DispatchMissed)).toBe(false);
  expect(model.row(Dispatch.key(id))?.status === 'dispatched').toBe(confirmed);
}

/** Money taken = price of the confirmed + refunded; nothing stays held; and we know of it as the gateway does. */
function moneyAddsUp({ model, books }: Played, { id, priceCents }: Played1): void {
  const payments = books.accounts.get(id)?.account.payments ?? [];
  expect(payments.length).toBeLessThanOrEqual(1);
  expect(payments.filter(({ status }) => status === 'held')).toEqual([]);
  const kept = payments.filter(({ status }) => status === 'captured');
  expect(kept.map((payment) => payment.priceCents)).toEqual(isConfirmed(model, id) ? [priceCents] : []);
  const known = model.row(Payment.key(id))?.status;
  expect(payments.map(({ status }) => status)).toEqual(
    ['captured', 'voided', 'refunded'].includes(known) ? [known] : [],
  );
  const told = (type: EventType): boolean => model.emittedOf(type, id).length > 0;
  expect([told(PaymentRefunded), told(PaymentVoided)]).toEqual([known === 'refunded', known === 'voided']);
}

/** A slot belongs to confirmed bookings only. */
function slotsAreGivenBack({ model }: Played, { id }: Played1): void {
  expect(model.row(Reservation.key(id))?.status === 'reserved').toBe(isConfirmed(model, id));
}

/** A label is valid for confirmed bookings only. */
function labelsAreVoid({ model }: Played, { id }: Played1): void {
  expect(model.row(Label.key(id))?.status === 'rendered').toBe(isConfirmed(model, id));
}

/** A dear booking is carried out when a person agreed, and nobody is asked about a cheap one or any longer. */
function approvalsCount({ model }: Played, { id, priceCents }: Played1): void {
  const approval = model.row(Approval.key(id));
  if (priceCents === cheap) expect(approval).toBeUndefined();
  else if (isConfirmed(model, id)) expect(approval.status).toBe('granted');
  else expect(['granted', 'refused', 'withdrawn']).toContain(approval.status);
}

/** A cancel leads to a booking that is rejected, or is refused: one of the two; and nothing waits for an operator. */
function cancelsAreAnswered({ model }: Played, { id, cancelAt }: Played1): void {
  const refused = model.emittedOf(BookingCancelRefused, id).length > 0;
  const accepted = model.row(BookingControl.key(id))?.cancel !== undefined;
  const heard =
    cancelAt !== undefined && model.published.some(({ type, meta }) => type === cancelAt.name && meta.key === id);
  if (!heard) expect([refused, accepted]).toEqual([false, false]);
  else if (isConfirmed(model, id)) expect(refused).toBe(true);
  else expect(refused || accepted).toBe(true);
  const parked = model.row(BookingControl.key(id))?.parked;
  if (parked) expect(parked.decision).toBe('retry');
}

/** Nothing but a person keeps the saga waiting: every ask is answered, whatever state it finds. */
function asksAreAnswered({ model }: Played): void {
  expect(model.unanswered.filter(({ name }) => name !== 'approve-booking')).toEqual([]);
}

const count = (ends: Record<string, number>, { model }: Played, { id, cancelAt }: Played1): void => {
  const seen = (type: EventType): boolean => model.emittedOf(type, id).length > 0;
  ends[isConfirmed(model, id) ? 'confirmed' : 'rejected']! += 1;
  if (seen(PaymentRefunded)) ends.refunded! += 1;
  if (seen(PaymentVoided)) ends.voided! += 1;
  if (seen(BookingCancelled) && !isConfirmed(model, id)) ends.cancelled! += 1;
  if (seen(BookingCancelled) && isConfirmed(model, id)) ends.cancelledTooLate! += 1;
  if (cancelAt && !seen(BookingCancelled)) ends.cancelRefused! += 1;
  if (seen(DispatchStands)) ends.stood! += 1;
  if (model.row(Approval.key(id))?.status === 'granted') ends.approved! += 1;
  if (model.machine.parkings.includes(id)) ends.parked! += 1;
};

const ends = {
  confirmed: 0,
  rejected: 0,
  refunded: 0,
  voided: 0,
  cancelled: 0,
  cancelledTooLate: 0,
  cancelRefused: 0,
  stood: 0,
  approved: 0,
  parked: 0,
};

test.each([
  ['with duplicates, republished events, lost answers, early deadlines and steps given up', stormy],
  ['when nobody has patience, so that undos are given up as well, and parked', impatient],
])('whatever the order, %s', async (_, disturb) => {
  await fc.assert(
    fc.asyncProperty(wishes, choices, async (asked, numbers) => {
      const played = await play(asked, numbers, disturb);
      asksAreAnswered(played);
      for (const booking of played.bookings) {
        endsOneWay(played, booking);
        moneyAddsUp(played, booking);
        slotsAreGivenBack(played, booking);
        labelsAreVoid(played, booking);
        approvalsCount(played, booking);
        cancelsAreAnswered(played, booking);
        count(ends, played, booking);
      }
    }),
    // One seed, so that a red build is red again; others: BATON_TEST_ORDER_SEED=N. What is not shrunk in time is shown as it is.
    { numRuns: 150, interruptAfterTimeLimit: 45_000, seed: Number(process.env.BATON_TEST_ORDER_SEED ?? 20_261_126) },
  );
});

test('the properties say something: every end has occurred', () => {
  expect(Object.entries(ends).filter(([, times]) => times === 0)).toEqual([]);
});

test('undisturbed and in order, a good booking is confirmed, a cheap one and a dear one', async () => {
  const { model } = await play([good, { ...good, lane: 'MUC-CGN', priceCents: dear }], []);
  expect(['bk-0', 'bk-1'].map((id) => model.row(Booking.key(id)).status)).toEqual(['confirmed', 'confirmed']);
});

test('undisturbed, and nobody answers: reminded, escalated, given up, rejected', async () => {
  const { model } = await play([{ ...good, priceCents: dear, clicks: [] }], []);
  expect(model.unanswered.map(({ name }) => name)).toEqual(['approve-booking', 'approve-booking']);
  expect(model.row(Booking.key('bk-0'))).toMatchObject({ status: 'rejected', reason: 'approve-booking: no answer' });
});
