import { BookingConfirmed, BookingIdTaken, BookingOpened, BookingRejected, BookingRequested } from '../events/booking';
import { DispatchMissed, ParcelDispatched } from '../events/dispatch';
import { consumer } from '../kit';
import { Booking } from '../rows/booking';

export const openBooking = consumer({
  owner: 'booking',
  name: 'open-booking',
  does: "Accepts a merchant's wish, or refuses it with a reason.",
  on: [BookingRequested],
  emits: [BookingOpened, BookingRejected, BookingIdTaken],
  state: { booking: Booking },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A merchant asked for a booking and got no answer; nothing was started for it. Read the reason, fix the cause, redrive; a malformed request goes back to the merchant.',
});

export const concludeBooking = consumer({
  owner: 'booking',
  name: 'conclude-booking',
  does: 'Writes down how a booking ended and tells the merchant.',
  on: [ParcelDispatched, DispatchMissed],
  emits: [BookingConfirmed, BookingRejected],
  state: { booking: Booking },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking ended, dispatched or missed, but its merchant was not told. Nothing else is wrong. Fix the cause, redrive.',
});
