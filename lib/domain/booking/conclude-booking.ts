/** conclude-booking. A booking ends once: ParcelDispatched and DispatchMissed exclude each other (lib/domain/dispatch/dispatch-parcel.ts). */
import type { concludeBooking } from '../../contracts/consumers/booking';
import { BookingConfirmed, BookingRejected } from '../../contracts/events/booking';
import { invariant } from '../../contracts/invariant';
import type { Decide } from '../../contracts/outcome';

export const conclude: Decide<typeof concludeBooking> = ({ type, data }, { booking }) => {
  const { bookingId } = data;
  invariant(booking, `${type} for booking ${bookingId}, which was never opened; who published it?`);
  const end = type === 'ParcelDispatched' ? 'confirmed' : 'rejected';
  if (booking.status === end) return { note: `already ${end}` };
  invariant(booking.status === 'open', `${type} for booking ${bookingId}, which has ended as ${booking.status}`);
  if (type === 'ParcelDispatched') {
    return {
      write: { booking: { ...booking, status: 'confirmed' } },
      emit: [BookingConfirmed.of({ bookingId, parcelId: booking.parcelId, priceCents: booking.priceCents })],
    };
  }
  return {
    write: { booking: { ...booking, status: 'rejected', reason: data.reason } },
    emit: [BookingRejected.of({ bookingId, reason: data.reason })],
  };
};
