import { BookingOpened } from '../events/booking';
import {
  CapacityRefused,
  CapacityReleased,
  CapacityReserved,
  DispatchDeadlineReached,
  DispatchMissed,
  ParcelDispatched,
} from '../events/dispatch';
import { LabelRendered } from '../events/labels';
import { PaymentCaptured, PaymentDeclined } from '../events/payments';
import { consumer } from '../kit';
import { Dispatch, LaneDay, Reservation } from '../rows/dispatch';

export const reserveCapacity = consumer({
  owner: 'dispatch',
  name: 'reserve-capacity',
  does: "Takes one slot of the lane's day for the booking, or refuses.",
  on: [BookingOpened],
  emits: [CapacityReserved, CapacityRefused],
  state: { lane: LaneDay, reservation: Reservation },
  timeoutSeconds: 10,
  ifDeadLettered:
    'One booking has neither slot nor refusal; nothing was reserved, and it misses its dispatch at the deadline. Fix the cause, redrive.',
});

export const dispatchParcel = consumer({
  owner: 'dispatch',
  name: 'dispatch-parcel',
  does: 'Joins slot, payment and label in any order; dispatches when all three are there, misses on a refusal or at the deadline.',
  on: [
    BookingOpened,
    CapacityReserved,
    CapacityRefused,
    PaymentCaptured,
    PaymentDeclined,
    LabelRendered,
    DispatchDeadlineReached,
  ],
  emits: [ParcelDispatched, DispatchMissed],
  schedules: [DispatchDeadlineReached],
  state: { dispatch: Dispatch },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking does not know that one of its parts is there (or that its deadline has passed), so its parcel may wait for ever. Fix the cause, redrive.',
});

export const releaseCapacity = consumer({
  owner: 'dispatch',
  name: 'release-capacity',
  does: 'Gives the slot of a missed dispatch back to its lane.',
  on: [DispatchMissed],
  emits: [CapacityReleased],
  state: { lane: LaneDay, reservation: Reservation },
  timeoutSeconds: 10,
  ifDeadLettered: 'A missed dispatch still holds a slot of its lane. Fix the cause, redrive.',
});
