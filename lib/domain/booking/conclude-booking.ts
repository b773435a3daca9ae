/**
 * conclude-booking: a booking ends once, as its saga says. Asked again, it answers the same.
 * A cancel that was accepted while the parcel went out is refused after all: every cancel gets one of the two ends.
 */
import type { concludeBooking } from '../../contracts/consumers/booking';
import { BookingCancelRefused, BookingConfirmed, BookingRejected } from '../../contracts/events/booking';
import { invariant } from '../../contracts/invariant';
import type { Decide, EmissionFor } from '../../contracts/outcome';

export const conclude: Decide<typeof concludeBooking> = ({ type, data }, { booking, control }) => {
  const { bookingId } = data;
  invariant(booking, `${type} for booking ${bookingId}, which was never opened; who published it?`);
  const end = type === 'ConfirmationRequested' ? 'confirmed' : 'rejected';
  const { status } = booking;
  invariant(status === 'open' || status === end, `${type} for booking ${bookingId}, which has ended as ${status}`);
  if (type === 'ConfirmationRequested') {
    const { parcelId, priceCents } = booking;
    const confirmed = BookingConfirmed.of({ bookingId, parcelId, priceCents });
    if (status === end) return { emit: [confirmed], note: 'already confirmed' };
    const tooLate: EmissionFor<typeof concludeBooking>[] = control?.cancel
      ? [BookingCancelRefused.of({ bookingId, reason: `the parcel ${parcelId} had gone out before` })]
      : [];
    return { write: { booking: { ...booking, status: 'confirmed' } }, emit: [confirmed, ...tooLate] };
  }
  const reason = booking.reason ?? data.reason;
  const rejected = BookingRejected.of({ bookingId, reason });
  if (status === end) return { emit: [rejected], note: 'already rejected' };
  return { write: { booking: { ...booking, status: 'rejected', reason } }, emit: [rejected] };
};
