/**
 * refund-payment: the undo of both authorise-payment and capture-payment, for DispatchMissed and RefundDue alike.
 * 1. It reverses what the row knows of. What is still on its way is reversed by the RefundDue of whoever learns of it.
 * 2. Void and capture race at the gateway, and one of them wins there: the answer says which, not our row.
 * 3. Given back once: the gateway is asked under keys that name the hold and the capture, so it does not matter which
 *    event asks, nor how often.
 */
import type { refundPayment } from '../../contracts/consumers/payments';
import { PaymentRefunded, PaymentVoided } from '../../contracts/events/payments';
import { invariant } from '../../contracts/invariant';
import type { AskOutside, Settle } from '../../contracts/outcome';
import type { ReverseAnswer } from './answers';

export interface ReverseRequest {
  authorisationId: string;
  /** Known to be taken. Absent: lift the hold, or give back, as the gateway finds it. */
  captureId?: string;
  priceCents: number;
}

export const askReversal: AskOutside<typeof refundPayment, ReverseRequest> = ({ data }, { payment }) => {
  const { bookingId } = data;
  if (!payment) {
    return {
      write: { payment: { bookingId, status: 'cancelled' } },
      note: 'nothing was asked of the gateway yet; a late ask will ask nothing',
    };
  }
  const { status, authorisationId, captureId, priceCents } = payment;
  if (status === 'refunded' || status === 'voided') return { note: `already ${status}` };
  if (!authorisationId) return { note: `${status}; no money is held or taken` };
  invariant(priceCents !== undefined, `the payment of booking ${bookingId} is ${status} without a price`);
  return { ask: { authorisationId, captureId, priceCents } };
};

export const settleReversal: Settle<typeof refundPayment, ReverseAnswer> = ({ data }, { payment }, answer) => {
  const { bookingId } = data;
  invariant(payment?.authorisationId, `a reversal for booking ${bookingId} was answered, and its payment is gone`);
  const { authorisationId, priceCents } = payment;
  if (payment.status === 'refunded' || payment.status === 'voided') return { note: `already ${payment.status}` };
  if (answer.status === 'voided') {
    invariant(
      !payment.captureId,
      `the hold ${authorisationId} was lifted, and ${payment.captureId} taken from it: the gateway contradicts itself`,
    );
    return {
      write: { payment: { ...payment, status: 'voided' } },
      emit: [PaymentVoided.of({ bookingId, authorisationId })],
    };
  }
  invariant(priceCents !== undefined, `the payment of booking ${bookingId} is ${payment.status} without a price`);
  const { captureId, refundId } = answer;
  return {
    write: { payment: { ...payment, status: 'refunded', captureId, refundId } },
    emit: [PaymentRefunded.of({ bookingId, refundId, priceCents })],
  };
};
