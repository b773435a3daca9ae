import { DispatchMissed, ParcelDispatched } from '../../../lib/contracts/events/dispatch';
import { conclude } from '../../../lib/domain/booking/conclude-booking';
import { bookingRow, eventOf, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const dispatched = eventOf(ParcelDispatched, { ...ParcelDispatched.example, bookingId: 'bk-1' });
const missed = eventOf(DispatchMissed, { ...DispatchMissed.example, bookingId: 'bk-1', reason: 'too late' });

test('an open booking whose parcel is dispatched is confirmed, at its price', () => {
  expect(conclude(dispatched, { booking: bookingRow() }, at)).toEqual({
    write: { booking: bookingRow({ status: 'confirmed' }) },
    emit: [{ type: 'BookingConfirmed', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1', priceCents: 1490 } }],
  });
});

test('an open booking whose dispatch is missed is rejected, with the reason', () => {
  expect(conclude(missed, { booking: bookingRow() }, at)).toEqual({
    write: { booking: bookingRow({ status: 'rejected', reason: 'too late' }) },
    emit: [{ type: 'BookingRejected', data: { bookingId: 'bk-1', reason: 'too late' } }],
  });
});

test.each([
  ['confirmed', dispatched],
  ['rejected', missed],
] as const)('a booking that is %s already stays so and nobody is told again', (status, event) => {
  const outcome = conclude(event, { booking: bookingRow({ status }) }, at);
  expect([outcome.write, outcome.emit]).toEqual([undefined, undefined]);
});

test.each([
  ['confirmed', missed],
  ['rejected', dispatched],
] as const)('a booking that is %s cannot end otherwise: that is our bug', (status, event) => {
  expect(() => conclude(event, { booking: bookingRow({ status }) }, at)).toThrow(`ended as ${status}`);
});

test('an end without a booking is not swallowed', () => {
  expect(() => conclude(missed, { booking: undefined }, at)).toThrow('never opened');
});
