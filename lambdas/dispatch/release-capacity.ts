import { releaseCapacity } from '../../lib/contracts/consumers/dispatch';
import { LaneDay, Reservation } from '../../lib/contracts/rows/dispatch';
import { release } from '../../lib/domain/dispatch/release-capacity';
import { consume } from '../shared/consume';

export const handler = consume(releaseCapacity, {
  read: ({ data }) => ({
    lane: LaneDay.key(data.laneId, data.dispatchDate),
    reservation: Reservation.key(data.bookingId),
  }),
  decide: release,
});
