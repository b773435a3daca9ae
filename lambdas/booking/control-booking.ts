import { controlBooking } from '../../lib/contracts/consumers/booking';
import { Booking, BookingControl } from '../../lib/contracts/rows/booking';
import { control } from '../../lib/domain/booking/control-booking';
import { consume } from '../shared/consume';

export const handler = consume(controlBooking, {
  read: ({ data }) => ({ booking: Booking.key(data.bookingId), control: BookingControl.key(data.bookingId) }),
  decide: control,
});
