import {
  CapacityReleaseRequested,
  CapacityRequested,
  DispatchCallOffRequested,
  DispatchRequested,
} from '../events/booking-asks';
import {
  CapacityRefused,
  CapacityReleased,
  CapacityReserved,
  DispatchDeadlineReached,
  DispatchMissed,
  DispatchStands,
  ParcelDispatched,
} from '../events/dispatch';
import { LabelRendered } from '../events/labels';
import { PaymentCaptured } from '../events/payments';
import { consumer } from '../kit';
import { Dispatch, LaneDay, Reservation } from '../rows/dispatch';

export const reserveCapacity = consumer({
  owner: 'dispatch',
  name: 'reserve-capacity',
  does: "Takes one slot of the lane's day for the booking, or refuses.",
  on: [CapacityRequested],
  emits: [CapacityReserved, CapacityRefused],
  state: { lane: LaneDay, reservation: Reservation },
  timeoutSeconds: 10,
  ifDeadLettered:
    'One booking has neither slot nor refusal; nothing was reserved, and its saga undoes it when its patience is over. Fix the cause, redrive.',
});

export const dispatchParcel = consumer({
  owner: 'dispatch',
  name: 'dispatch-parcel',
  does: 'Joins the wish for a dispatch, slot, payment and label in any order; dispatches when all four are there, misses at the deadline or when called off.',
  on: [
    DispatchRequested,
    CapacityReserved,
    PaymentCaptured,
    LabelRendered,
    DispatchDeadlineReached,
    DispatchCallOffRequested,
  ],
  emits: [ParcelDispatched, DispatchMissed, DispatchStands],
  schedules: [DispatchDeadlineReached],
  state: { dispatch: Dispatch },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking does not know that one of its parts is there, that its deadline has passed or that it is called off. Nothing goes out without all parts. Fix the cause, redrive.',
});

export const releaseCapacity = consumer({
  owner: 'dispatch',
  name: 'release-capacity',
  does: 'Gives the slot of a booking that is undone back to its lane.',
  on: [CapacityReleaseRequested],
  emits: [CapacityReleased],
  state: { lane: LaneDay, reservation: Reservation },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking that is undone may still hold a slot of its lane; its saga asks again until it is parked. Fix the cause, redrive.',
});
