/**
 * reserve-capacity, and release-capacity (release-capacity.ts): a step and its undo over one reservation row (S3).
 * 1. 0 <= reserved <= slots, and reserved = the number of reservations that are `reserved`.
 * 2. A booking takes one slot at most, and after its undo none: what was taken is given back, what was not yet asked for
 *    is never taken, in whatever order the two asks come.
 * 3. Each ask is answered, also one that finds nothing to do: by what the row says.
 */
import type { reserveCapacity } from '../../contracts/consumers/dispatch';
import { CapacityRefused, CapacityReserved } from '../../contracts/events/dispatch';
import type { Decide } from '../../contracts/outcome';
import { slotsOf } from './lanes';

export const reserve: Decide<typeof reserveCapacity> = ({ data }, { lane, reservation }) => {
  const { bookingId, laneId, dispatchDate } = data;
  const asked = { bookingId, laneId, dispatchDate };
  if (reservation) {
    const { status, reason = 'the booking was called off before' } = reservation;
    const note = `already ${status}`;
    if (status !== 'reserved') return { emit: [CapacityRefused.of({ ...asked, reason })], note };
    return {
      emit: [CapacityReserved.of({ ...asked, laneId: reservation.laneId, dispatchDate: reservation.dispatchDate })],
      note,
    };
  }
  const { slots, reserved } = lane ?? { slots: slotsOf(laneId), reserved: 0 };
  if (reserved >= slots) {
    const reason = `lane ${laneId} is full on ${dispatchDate}: all of its ${slots} slots are taken`;
    return {
      write: { reservation: { ...asked, status: 'refused', reason } },
      emit: [CapacityRefused.of({ ...asked, reason })],
    };
  }
  return {
    write: { lane: { slots, reserved: reserved + 1 }, reservation: { ...asked, status: 'reserved' } },
    emit: [CapacityReserved.of(asked)],
  };
};
