/**
 * capture-payment. It needs no mark before the call: void and capture exclude each other at the gateway (gateway.ts, 3), so
 * an undo that meets a capture under way learns from the void which of them won, and whoever comes second is told so.
 */
import type { capturePayment } from '../../contracts/consumers/payments';
import { PaymentCaptured, PaymentDeclined } from '../../contracts/events/payments';
import { invariant } from '../../contracts/invariant';
import type { DataOf } from '../../contracts/kit';
import type { AskOutside, Outcome, Settle } from '../../contracts/outcome';
import type { Payment } from '../../contracts/rows/payments';
import type { CaptureAnswer } from './answers';

type Consumer = typeof capturePayment;

export interface CaptureRequest {
  authorisationId: string;
  priceCents: number;
}

export const askCapture: AskOutside<Consumer, CaptureRequest> = ({ data }, { payment }) => {
  const { bookingId, authorisationId, priceCents } = data;
  invariant(
    payment?.authorisationId === authorisationId || payment?.status === 'cancelled',
    `CaptureRequested for booking ${bookingId}, whose price was never held as ${authorisationId}; who published it?`,
  );
  return payment.status === 'authorised' ? { ask: { authorisationId, priceCents } } : known(payment);
};

export const settleCapture: Settle<Consumer, CaptureAnswer> = ({ data }, { payment }, answer) => {
  const { bookingId, priceCents } = data;
  invariant(payment, `a capture for booking ${bookingId} was answered, and its payment is gone`);
  if (payment.status !== 'authorised') {
    invariant(
      answer.status === 'declined' || answer.captureId === payment.captureId,
      `the payment of booking ${bookingId} is ${payment.status}, and the gateway has taken its price as ${JSON.stringify(answer)}, of which the row knows nothing: look it up there, and give it back`,
    );
    return known(payment);
  }
  if (answer.status === 'declined') {
    const { reason } = answer;
    return {
      write: { payment: { ...payment, status: 'declined', reason } },
      emit: [PaymentDeclined.of({ bookingId, reason })],
    };
  }
  const { captureId } = answer;
  return {
    write: { payment: { ...payment, status: 'captured', captureId } },
    emit: [PaymentCaptured.of({ bookingId, captureId, priceCents })],
  };
};

/** The answer that the row gives. */
function known(payment: DataOf<typeof Payment>): Outcome<Consumer> {
  const { bookingId, status, captureId, priceCents, reason = 'the booking was called off before' } = payment;
  const note = `already ${status}`;
  if (status !== 'captured') return { emit: [PaymentDeclined.of({ bookingId, reason })], note };
  invariant(captureId && priceCents, `the payment of booking ${bookingId} is captured, nobody knows as what`);
  return { emit: [PaymentCaptured.of({ bookingId, captureId, priceCents })], note };
}
