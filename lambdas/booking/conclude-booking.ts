import { concludeBooking } from '../../lib/contracts/consumers/booking';
import { Booking, BookingControl } from '../../lib/contracts/rows/booking';
import { conclude } from '../../lib/domain/booking/conclude-booking';
import { consume } from '../shared/consume';

export const handler = consume(concludeBooking, {
  read: ({ data }) => ({ booking: Booking.key(data.bookingId), control: BookingControl.key(data.bookingId) }),
  decide: conclude,
});
