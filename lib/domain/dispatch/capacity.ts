/**
 * reserve-capacity and release-capacity: a step and its undo over one reservation row (S3).
 * 1. 0 <= reserved <= slots, and reserved = the number of reservations that are `reserved`.
 * 2. A booking takes one slot at most, and after its dispatch is missed none: what was taken is given back, what was not
 *    yet asked for is never taken, in whatever order the two events come.
 */
import type { releaseCapacity, reserveCapacity } from '../../contracts/consumers/dispatch';
import { CapacityRefused, CapacityReleased, CapacityReserved } from '../../contracts/events/dispatch';
import type { Decide } from '../../contracts/outcome';
import { invariant } from '../invariant';
import { slotsOf } from './lanes';

export const reserve: Decide<typeof reserveCapacity> = ({ data }, { lane, reservation }) => {
  const { bookingId, laneId, dispatchDate } = data;
  if (reservation?.status === 'cancelled') return { note: 'the dispatch was missed before' };
  if (reservation) return { note: `already ${reservation.status}` };
  const { slots, reserved } = lane ?? { slots: slotsOf(laneId), reserved: 0 };
  const asked = { bookingId, laneId, dispatchDate };
  if (reserved >= slots) {
    const reason = `lane ${laneId} is full on ${dispatchDate}: all of its ${slots} slots are taken`;
    return {
      write: { reservation: { ...asked, status: 'refused' } },
      emit: [CapacityRefused.of({ ...asked, reason })],
    };
  }
  return {
    write: { lane: { slots, reserved: reserved + 1 }, reservation: { ...asked, status: 'reserved' } },
    emit: [CapacityReserved.of(asked)],
  };
};

export const release: Decide<typeof releaseCapacity> = ({ data }, { lane, reservation }) => {
  const { bookingId, laneId, dispatchDate } = data;
  const asked = { bookingId, laneId, dispatchDate };
  if (!reservation) {
    return {
      write: { reservation: { ...asked, status: 'cancelled' } },
      note: 'nothing was reserved yet; a late ask will take nothing',
    };
  }
  if (reservation.status !== 'reserved') return { note: `already ${reservation.status}` };
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
    emit: [CapacityReleased.of(asked)],
  };
};
