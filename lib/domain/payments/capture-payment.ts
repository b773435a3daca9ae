/**
 * capture-payment. As with the hold: a capture that turns out to have been made for a called-off booking must go back. The
 * undo reverses what it finds at the gateway, captures included, so this is the net below it: for a gateway where a hold can
 * be lifted and taken at the same moment.
 */
import type { capturePayment } from '../../contracts/consumers/payments';
import { PaymentCaptured, PaymentDeclined, RefundDue } from '../../contracts/events/payments';
import { invariant } from '../../contracts/invariant';
import type { AskOutside, Settle } from '../../contracts/outcome';
import type { CaptureAnswer } from './answers';

export interface CaptureRequest {
  authorisationId: string;
  priceCents: number;
}

export const askCapture: AskOutside<typeof capturePayment, CaptureRequest> = ({ data }, { payment }) => {
  const { bookingId, authorisationId, priceCents } = data;
  invariant(payment, `PaymentAuthorised for booking ${bookingId}, whose price was never held; who published it?`);
  if (payment.status === 'authorised') return { ask: { authorisationId, priceCents } };
  return { note: `already ${payment.status}` };
};

export const settleCapture: Settle<typeof capturePayment, CaptureAnswer> = ({ data }, { payment }, answer) => {
  const { bookingId, priceCents } = data;
  invariant(payment, `a capture for booking ${bookingId} was answered, and its payment is gone`);
  if (answer.status === 'declined') {
    if (payment.status !== 'authorised') return { note: `declined (${answer.reason}); already ${payment.status}` };
    return {
      write: { payment: { ...payment, status: 'declined' } },
      emit: [PaymentDeclined.of({ bookingId, reason: answer.reason })],
    };
  }
  const { captureId } = answer;
  if (payment.captureId === captureId) return { note: `already ${payment.status}` };
  if (payment.status === 'authorised') {
    return {
      write: { payment: { ...payment, status: 'captured', captureId } },
      emit: [PaymentCaptured.of({ bookingId, captureId, priceCents })],
    };
  }
  return {
    write: { payment: { ...payment, status: 'cancelled', captureId } },
    emit: [RefundDue.of({ bookingId, reason: 'the price was taken after the dispatch was missed' })],
  };
};
