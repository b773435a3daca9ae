import { ConfirmationRequested, RejectionRequested } from '../../../lib/contracts/events/booking-asks';
import { conclude } from '../../../lib/domain/booking/conclude-booking';
import { asked, bookingRow, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const control = undefined;
const confirm = asked(ConfirmationRequested);
const reject = asked(RejectionRequested, { reason: 'too late' });
const confirmed = { type: 'BookingConfirmed', data: { bookingId: 'bk-1', parcelId: 'pc-bk-1', priceCents: 1490 } };
const rejected = { type: 'BookingRejected', data: { bookingId: 'bk-1', reason: 'too late' } };

test('an open booking is confirmed, at its price', () => {
  expect(conclude(confirm, { booking: bookingRow(), control }, at)).toEqual({
    write: { booking: bookingRow({ status: 'confirmed' }) },
    emit: [confirmed],
  });
});

test('an open booking is rejected, with the reason', () => {
  expect(conclude(reject, { booking: bookingRow(), control }, at)).toEqual({
    write: { booking: bookingRow({ status: 'rejected', reason: 'too late' }) },
    emit: [rejected],
  });
});

test('asked again, it answers the same and writes nothing', () => {
  const known = bookingRow({ status: 'confirmed' });
  const again = conclude(asked(ConfirmationRequested, {}, 2), { booking: known, control }, at);
  expect([again.write, again.emit]).toEqual([undefined, [confirmed]]);
  const other = asked(RejectionRequested, { reason: 'another reason' }, 2);
  const booking = bookingRow({ status: 'rejected', reason: 'too late' });
  const outcome = conclude(other, { booking, control }, at);
  expect([outcome.write, outcome.emit]).toEqual([undefined, [rejected]]);
});

describe('a cancel that was accepted while the parcel went out', () => {
  const called = { bookingId: 'bk-1', cancel: { reason: 'ordered twice' } };

  test('is refused after all when the booking is confirmed, once', () => {
    const { emit } = conclude(confirm, { booking: bookingRow(), control: called }, at);
    const refused = {
      type: 'BookingCancelRefused',
      data: { bookingId: 'bk-1', reason: 'the parcel pc-bk-1 had gone out before' },
    };
    expect(emit).toEqual([confirmed, refused]);
    const again = conclude(confirm, { booking: bookingRow({ status: 'confirmed' }), control: called }, at);
    expect(again.emit).toEqual([confirmed]);
  });

  test('is done when the booking is rejected', () => {
    expect(conclude(reject, { booking: bookingRow(), control: called }, at).emit).toEqual([rejected]);
  });
});

test.each([
  ['confirmed', reject],
  ['rejected', confirm],
] as const)('a booking that is %s cannot end otherwise: that is our bug', (status, event) => {
  expect(() => conclude(event, { booking: bookingRow({ status }), control }, at)).toThrow(`ended as ${status}`);
});

test('an end without a booking is not swallowed', () => {
  expect(() => conclude(reject, { booking: undefined, control }, at)).toThrow('never opened');
});
