/**
 * reserve-capacity, and release-capacity (release-capacity.ts): a step and its undo over one reservation row (S3).
 * 1. 0 <= reserved <= slots, and reserved = the number of reservations that are `reserved`.
 * 2. A booking takes one slot at most, and after its dispatch is missed none: what was taken is given back, what was not
 *    yet asked for is never taken, in whatever order the two events come.
 */
import type { reserveCapacity } from '../../contracts/consumers/dispatch';
import { CapacityRefused, CapacityReserved } from '../../contracts/events/dispatch';
import type { Decide } from '../../contracts/outcome';
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
