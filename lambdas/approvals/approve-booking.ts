import { approveBooking } from '../../lib/contracts/consumers/approvals';
import { Approval } from '../../lib/contracts/rows/approvals';
import { approve } from '../../lib/domain/approvals/approve-booking';
import { consume } from '../shared/consume';

export const handler = consume(approveBooking, {
  read: ({ data }) => ({ approval: Approval.key(data.bookingId) }),
  decide: approve,
});
