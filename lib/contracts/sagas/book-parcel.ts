/**
 * A booking, from its opening to its end: the steps of four other contexts, which know events only, and what undoes them.
 * 1. Money is taken last but one, and the parcel handed over last: then nothing is undone any more.
 * 2. A step that moves no money and takes no time is tried for three quarters of an hour, then everything is undone.
 * 3. The hand-over waits for dispatch's own deadline (the setting dispatchDeadlineSeconds, 30 min by default). Where that
 *    is longer than two hours, the saga asks again meanwhile, three times in all, and then calls the parcel off.
 */
import {
  ApprovalAnswered,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalRefused,
  ApprovalReminded,
  ApprovalWithdrawn,
} from '../events/approvals';
import {
  BookingCancelled,
  BookingCancelRequested,
  BookingConfirmed,
  BookingOpened,
  BookingRejected,
  BookingResumed,
  BookingResumeRequested,
} from '../events/booking';
import {
  ApprovalRequested,
  ApprovalWithdrawalRequested,
  BookingParked,
  BookingUnderWay,
  CapacityReleaseRequested,
  CapacityRequested,
  CaptureRequested,
  ConfirmationRequested,
  DispatchCallOffRequested,
  DispatchRequested,
  LabelRequested,
  LabelVoidRequested,
  PaymentRequested,
  PaymentReversalRequested,
  RejectionRequested,
} from '../events/booking-asks';
import {
  CapacityRefused,
  CapacityReleased,
  CapacityReserved,
  DispatchMissed,
  DispatchStands,
  ParcelDispatched,
} from '../events/dispatch';
import { LabelRefused, LabelRendered, LabelVoided } from '../events/labels';
import {
  PaymentAuthorised,
  PaymentCalledOff,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../events/payments';
import { finalStep, saga, step } from '../saga';

const hour = 3_600;
const day = 24 * hour;

/** Dearer bookings wait for a person: 1,000.00. */
export const approvalAboveCents = 100_000;

export const bookParcel = saga({
  owner: 'booking',
  name: 'book-parcel',
  conductor: 'conduct-booking',
  does: 'Has a parcel paid, labelled, given a slot and dispatched, or undoes all of it and says why.',
  on: BookingOpened,
  steps: [
    step({
      name: 'approve-booking',
      when: { field: 'priceCents', above: approvalAboveCents },
      ask: ApprovalRequested,
      answers: [ApprovalGranted],
      refusals: [ApprovalRefused],
      answeredLater: true,
      person: ApprovalAnswered,
      timeoutSeconds: 7 * day,
      retries: 1,
      // A day between reminders, and a quarter of one for their delivery.
      heartbeat: { seconds: 30 * hour, by: [ApprovalReminded, ApprovalEscalated] },
      undo: { ask: ApprovalWithdrawalRequested, answers: [ApprovalWithdrawn] },
    }),
    [
      step({
        name: 'reserve-capacity',
        ask: CapacityRequested,
        answers: [CapacityReserved],
        refusals: [CapacityRefused],
        undo: { ask: CapacityReleaseRequested, answers: [CapacityReleased] },
      }),
      step({
        name: 'authorise-payment',
        ask: PaymentRequested,
        answers: [PaymentAuthorised],
        refusals: [PaymentDeclined],
        undo: { ask: PaymentReversalRequested, answers: [PaymentVoided, PaymentRefunded, PaymentCalledOff] },
      }),
      step({
        name: 'render-label',
        ask: LabelRequested,
        answers: [LabelRendered],
        refusals: [LabelRefused],
        undo: { ask: LabelVoidRequested, answers: [LabelVoided] },
      }),
    ],
    step({
      name: 'capture-payment',
      ask: CaptureRequested,
      answers: [PaymentCaptured],
      refusals: [PaymentDeclined],
      undo: { with: 'authorise-payment' },
    }),
    step({
      name: 'hand-to-dispatch',
      ask: DispatchRequested,
      answers: [ParcelDispatched],
      refusals: [DispatchMissed],
      answeredLater: true,
      timeoutSeconds: 2 * hour,
      undo: { ask: DispatchCallOffRequested, answers: [DispatchMissed], tooLate: [DispatchStands] },
    }),
  ],
  afterwards: [finalStep({ name: 'confirm-booking', ask: ConfirmationRequested, answers: [BookingConfirmed] })],
  undone: [finalStep({ name: 'reject-booking', ask: RejectionRequested, answers: [BookingRejected] })],
  cancel: { request: BookingCancelRequested, underWay: BookingUnderWay, cancelled: BookingCancelled },
  park: { request: BookingResumeRequested, parked: BookingParked, resumed: BookingResumed },
  ifDeadLettered:
    "A booking's saga was not started, or was not told an answer that it waits for; it asks again, and undoes the booking when its patience is over. Fix the cause, redrive.",
});
