/** The choreography under every order of arrival: properties of all decisions together. */
import fc from 'fast-check';
import { BookingConfirmed, BookingOpened, BookingRejected } from '../../lib/contracts/events/booking';
import { DispatchMissed, ParcelDispatched } from '../../lib/contracts/events/dispatch';
import { LabelRendered } from '../../lib/contracts/events/labels';
import { PaymentRefunded, PaymentVoided } from '../../lib/contracts/events/payments';
import { Booking } from '../../lib/contracts/rows/booking';
import { LaneDay, Reservation } from '../../lib/contracts/rows/dispatch';
import { Label } from '../../lib/contracts/rows/labels';
import { choreography, memoryBooks, memoryGateway } from '../support/choreography';
import { choicesFrom, Model } from '../support/model';
import { requested } from '../support/samples';

const tokens = ['tok_visa', 'tok_declined', 'tok_capture_declined', 'tok_timeout', 'tok_fail_after_charge'];
const lanes = ['BER-HAM', 'MUC-CGN', 'XXX-FUL'];
const dispatchDate = '2030-12-02';

const wishes = fc.array(fc.record({ token: fc.constantFrom(...tokens), lane: fc.constantFrom(...lanes) }), {
  minLength: 1,
  maxLength: 3,
});
const choices = fc.array(fc.nat(9_999), { maxLength: 300, size: 'max' });

/** The day's slots of BER-HAM, so that bookings contend for the last one. */
const scarceSlots = 1;

async function play(asked: { token: string; lane: string }[], numbers: number[]) {
  const books = memoryBooks();
  const model = new Model(
    choreography(memoryGateway(books)),
    choicesFrom(numbers),
    numbers.length > 0 ? { twice: 15, republished: 8, answerLost: 15, early: 4 } : undefined,
    lanesAreKept,
  );
  model.put(LaneDay.key('BER-HAM', dispatchDate), { slots: scarceSlots, reserved: 0 });
  const bookingIds = asked.map((_, index) => `bk-${index}`);
  for (const [index, { token, lane }] of asked.entries()) {
    model.publish(requested({ bookingId: bookingIds[index]!, paymentToken: token, laneId: lane, dispatchDate }));
  }
  await model.run();
  return { model, books, bookingIds };
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

type Played = Awaited<ReturnType<typeof play>>;

/** Every accepted booking ends once, confirmed or rejected, as its dispatch did. */
function endsOnce({ model }: Played, id: string): void {
  const [dispatched, missed] = [ParcelDispatched, DispatchMissed].map((type) => model.emittedOf(type, id).length);
  const [confirmed, rejected] = [BookingConfirmed, BookingRejected].map((type) => model.emittedOf(type, id).length);
  expect(model.emittedOf(BookingOpened, id)).toHaveLength(1);
  expect(dispatched! + missed!).toBe(1);
  expect([confirmed, rejected]).toEqual([dispatched, missed]);
  expect(model.row(Booking.key(id)).status).toBe(dispatched ? 'confirmed' : 'rejected');
}

/** Money taken = price of the confirmed + refunded; nothing stays held; and we know of it as the gateway does. */
function moneyAddsUp({ model, books }: Played, id: string): void {
  const payments = books.accounts.get(id)?.account.payments ?? [];
  const kept = payments.filter((payment) => payment.status === 'captured');
  expect(payments.length).toBeLessThanOrEqual(1);
  expect(payments.filter((payment) => payment.status === 'held')).toEqual([]);
  expect(kept.map((payment) => payment.priceCents)).toEqual(isConfirmed(model, id) ? [1490] : []);
  const refunded = payments.filter((payment) => payment.status === 'refunded').length;
  const voided = payments.filter((payment) => payment.status === 'voided').length;
  expect(model.emittedOf(PaymentRefunded, id)).toHaveLength(refunded);
  expect(model.emittedOf(PaymentVoided, id)).toHaveLength(voided);
}

/** A slot belongs to confirmed bookings only. */
function slotsAreGivenBack({ model }: Played, id: string): void {
  expect(model.row(Reservation.key(id))?.status === 'reserved').toBe(isConfirmed(model, id));
}

/** One label at most, and it is valid for confirmed bookings only. */
function labelsAreVoid({ model }: Played, id: string): void {
  expect(model.emittedOf(LabelRendered, id).length).toBeLessThanOrEqual(1);
  expect(model.row(Label.key(id)).status).toBe(isConfirmed(model, id) ? 'rendered' : 'void');
}

const isConfirmed = (model: Model, id: string): boolean => model.row(Booking.key(id)).status === 'confirmed';

test('whatever the order, with duplicates, republished events, lost answers and early deadlines', async () => {
  const ends = { confirmed: 0, rejected: 0, refunded: 0 };
  await fc.assert(
    fc.asyncProperty(wishes, choices, async (asked, numbers) => {
      const played = await play(asked, numbers);
      for (const id of played.bookingIds) {
        endsOnce(played, id);
        moneyAddsUp(played, id);
        slotsAreGivenBack(played, id);
        labelsAreVoid(played, id);
        ends[isConfirmed(played.model, id) ? 'confirmed' : 'rejected'] += 1;
        ends.refunded += played.model.emittedOf(PaymentRefunded, id).length;
      }
    }),
    { numRuns: 300 },
  );
  // The property says nothing unless all ends occur.
  expect(Math.min(...Object.values(ends))).toBeGreaterThan(20);
});

test('undisturbed and in order, a good booking is confirmed', async () => {
  const { model } = await play([{ token: 'tok_visa', lane: 'BER-HAM' }], []);
  expect(model.row(Booking.key('bk-0')).status).toBe('confirmed');
});
