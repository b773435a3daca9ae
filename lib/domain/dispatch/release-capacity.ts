/** release-capacity: the undo of reserve-capacity.ts, which says what both of them keep. */
import type { releaseCapacity } from '../../contracts/consumers/dispatch';
import { CapacityReleased } from '../../contracts/events/dispatch';
import { invariant } from '../../contracts/invariant';
import type { Decide } from '../../contracts/outcome';

export const release: Decide<typeof releaseCapacity> = ({ data }, { lane, reservation }) => {
  const { bookingId, laneId, dispatchDate } = data;
  const asked = { bookingId, laneId, dispatchDate };
  const emit = [CapacityReleased.of(asked)];
  if (!reservation) {
    return {
      write: { reservation: { ...asked, status: 'cancelled' } },
      emit,
      note: 'nothing was reserved yet; a late ask will take nothing',
    };
  }
  if (reservation.status !== 'reserved') return { emit, note: `already ${reservation.status}` };
  invariant(
    reservation.laneId === laneId && reservation.dispatchDate === dispatchDate,
    `booking ${bookingId} holds a slot of ${reservation.laneId} on ${reservation.dispatchDate}, and is to give back one of ${laneId} on ${dispatchDate}`,
  );
  invariant(
    lane && lane.reserved > 0,
    `booking ${bookingId} holds a slot of ${laneId} on ${dispatchDate}, where none is taken`,
  );
  return {
    write: {
      lane: { slots: lane.slots, reserved: lane.reserved - 1 },
      reservation: { ...reservation, status: 'released' },
    },
    emit,
  };
};
