import {
  ApprovalAnswered,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalRefused,
  ApprovalReminded,
  ApprovalReminderDue,
  ApprovalWithdrawn,
} from '../events/approvals';
import { ApprovalRequested, ApprovalWithdrawalRequested } from '../events/booking-asks';
import { consumer } from '../kit';
import { Approval } from '../rows/approvals';

export const approveBooking = consumer({
  owner: 'approvals',
  name: 'approve-booking',
  does: "Waits for a person's answer, reminds after a day, escalates after two; the first answer counts.",
  on: [ApprovalRequested, ApprovalAnswered, ApprovalReminderDue, ApprovalWithdrawalRequested],
  emits: [ApprovalGranted, ApprovalRefused, ApprovalReminded, ApprovalEscalated, ApprovalWithdrawn],
  schedules: [ApprovalReminderDue],
  state: { approval: Approval },
  timeoutSeconds: 10,
  ifDeadLettered:
    'A booking does not know what a person said about it, or nobody was reminded. Fix the cause, redrive; a malformed answer goes back to who gave it.',
});
