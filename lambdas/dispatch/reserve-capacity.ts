import { reserveCapacity } from '../../lib/contracts/consumers/dispatch';
import { LaneDay, Reservation } from '../../lib/contracts/rows/dispatch';
import { reserve } from '../../lib/domain/dispatch/reserve-capacity';
import { consume } from '../shared/consume';

export const handler = consume(reserveCapacity, {
  read: ({ data }) => ({
    lane: LaneDay.key(data.laneId, data.dispatchDate),
    reservation: Reservation.key(data.bookingId),
  }),
  decide: reserve,
});
