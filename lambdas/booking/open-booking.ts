import { openBooking } from '../../lib/contracts/consumers/booking';
import { Booking } from '../../lib/contracts/rows/booking';
import { open } from '../../lib/domain/booking/open-booking';
import { consume } from '../shared/consume';

export const handler = consume(openBooking, {
  read: ({ data }) => ({ booking: Booking.key(data.bookingId) }),
  decide: open,
});
