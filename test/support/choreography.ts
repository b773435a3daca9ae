/** All consumers of the booking's way but the conductor, wired for the model: the reads and keys are those of lambdas/<owner>/<name>.ts. */

import { orderKeys } from '../../lambdas/payments/gateway';
import { reverse } from '../../lambdas/payments/reverse';
import { type Books, SandboxGateway } from '../../lambdas/payments/sandbox-gateway';
import type { Account } from '../../lambdas/payments/sandbox-ledger';
import * as approvals from '../../lib/contracts/consumers/approvals';
import * as booking from '../../lib/contracts/consumers/booking';
import * as dispatch from '../../lib/contracts/consumers/dispatch';
import * as labels from '../../lib/contracts/consumers/labels';
import * as payments from '../../lib/contracts/consumers/payments';
import { Approval } from '../../lib/contracts/rows/approvals';
import { Booking, BookingControl } from '../../lib/contracts/rows/booking';
import { Dispatch, LaneDay, Reservation } from '../../lib/contracts/rows/dispatch';
import { Label } from '../../lib/contracts/rows/labels';
import { Payment } from '../../lib/contracts/rows/payments';
import { approve } from '../../lib/domain/approvals/approve-booking';
import { conclude } from '../../lib/domain/booking/conclude-booking';
import { control } from '../../lib/domain/booking/control-booking';
import { open } from '../../lib/domain/booking/open-booking';
import { dispatchWithin } from '../../lib/domain/dispatch/dispatch-parcel';
import { release } from '../../lib/domain/dispatch/release-capacity';
import { reserve } from '../../lib/domain/dispatch/reserve-capacity';
import { askDrawing, type LabelText, labelKeyOf, settleDrawing } from '../../lib/domain/labels/render-label';
import { makeVoid } from '../../lib/domain/labels/void-label';
import { askAuthorisation, settleAuthorisation } from '../../lib/domain/payments/authorise-payment';
import { askCapture, settleCapture } from '../../lib/domain/payments/capture-payment';
import { askReversal, settleReversal } from '../../lib/domain/payments/refund-payment';
import type { Wired } from './model';

const lane = (data: { laneId: string; dispatchDate: string }) => LaneDay.key(data.laneId, data.dispatchDate);
const reservation = (data: { bookingId: string }) => Reservation.key(data.bookingId);
const payment = ({ data }: { data: { bookingId: string } }) => ({ payment: Payment.key(data.bookingId) });
const label = ({ data }: { data: { bookingId: string } }) => ({ label: Label.key(data.bookingId) });
const bookingAndControl = ({ data }: { data: { bookingId: string } }) => ({
  booking: Booking.key(data.bookingId),
  control: BookingControl.key(data.bookingId),
});
const slot = ({ data }: any) => ({ lane: lane(data), reservation: reservation(data) });

export function choreography(gateway: SandboxGateway): Wired[] {
  return [
    { consumer: booking.openBooking, read: ({ data }) => ({ booking: Booking.key(data.bookingId) }), decide: open },
    { consumer: booking.concludeBooking, read: bookingAndControl, decide: conclude },
    { consumer: booking.controlBooking, read: bookingAndControl, decide: control },
    {
      consumer: approvals.approveBooking,
      read: ({ data }) => ({ approval: Approval.key(data.bookingId) }),
      decide: approve,
    },
    { consumer: dispatch.reserveCapacity, read: slot, decide: reserve },
    { consumer: dispatch.releaseCapacity, read: slot, decide: release },
    {
      consumer: dispatch.dispatchParcel,
      read: ({ data }) => ({ dispatch: Dispatch.key(data.bookingId) }),
      decide: dispatchWithin({ deadlineSeconds: 1800 }),
    },
    {
      consumer: payments.authorisePayment,
      read: payment,
      outside: {
        ask: askAuthorisation,
        call: (request) => gateway.authorise(request, orderKeys.authorise(request.bookingId)),
        settle: settleAuthorisation,
      },
    },
    {
      consumer: payments.capturePayment,
      read: payment,
      outside: {
        ask: askCapture,
        call: (request) => gateway.capture(request, orderKeys.capture(request.authorisationId)),
        settle: settleCapture,
      },
    },
    {
      consumer: payments.refundPayment,
      read: payment,
      outside: { ask: askReversal, call: (request) => reverse(gateway, request), settle: settleReversal },
    },
    {
      consumer: labels.renderLabel,
      read: label,
      outside: {
        ask: askDrawing,
        call: async ({ parcelId }: LabelText) => ({ key: labelKeyOf(parcelId), sha256: 'b'.repeat(64), bytes: 5120 }),
        settle: settleDrawing,
      },
    },
    { consumer: labels.voidLabel, read: label, decide: makeVoid },
  ] as Wired[];
}

/** Books in memory, which a test may look into. */
export function memoryBooks(): Books & { accounts: Map<string, { account: Account; version: number }> } {
  const accounts = new Map<string, { account: Account; version: number }>();
  return {
    accounts,
    read: async (bookingId) => structuredClone(accounts.get(bookingId)),
    write: async (bookingId, account, version) => {
      if ((accounts.get(bookingId)?.version ?? 0) !== version) return false;
      accounts.set(bookingId, { account: structuredClone(account), version: version + 1 });
      return true;
    },
  };
}

export const memoryGateway = (books: Books): SandboxGateway => new SandboxGateway(books, async () => {});
