import {
  BookingCancelled,
  BookingCancelRefused,
  BookingCancelRequested,
  BookingConfirmed,
  BookingIdTaken,
  BookingOpened,
  BookingRejected,
  BookingRequested,
  BookingResumed,
  BookingResumeRequested,
} from '../events/booking';
import { BookingParked, BookingUnderWay, ConfirmationRequested, RejectionRequested } from '../events/booking-asks';
import { consumer } from '../kit';
import { Booking, BookingControl } from '../rows/booking';

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
  on: [ConfirmationRequested, RejectionRequested],
  emits: [BookingConfirmed, BookingRejected, BookingCancelRefused],
  state: { booking: Booking, control: BookingControl },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking ended, dispatched or undone, but its merchant was not told, and its saga asks again until it is parked. Fix the cause, redrive.',
});

export const controlBooking = consumer({
  owner: 'booking',
  name: 'control-booking',
  does: "Brings people's wishes to a booking's saga: a cancel to where it listens for one, an operator's decision to where it is parked.",
  on: [BookingUnderWay, BookingParked, BookingCancelRequested, BookingResumeRequested],
  emits: [BookingCancelled, BookingCancelRefused, BookingResumed],
  state: { booking: Booking, control: BookingControl },
  timeoutSeconds: 10,
  ifDeadLettered:
    "A merchant's cancel or an operator's decision did not reach the booking, which goes on, or stays parked, without it. Fix the cause, redrive.",
});
