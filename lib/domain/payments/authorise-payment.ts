/**
 * authorise-payment. The undo (refund-payment.ts) does not wait for a hold that is being asked for: it leaves a tombstone, and
 * whoever learns of the hold later sees that the booking is called off, and demands that the hold be lifted (S4).
 */
import type { authorisePayment } from '../../contracts/consumers/payments';
import { PaymentAuthorised, PaymentDeclined, RefundDue } from '../../contracts/events/payments';
import type { AskOutside, Settle } from '../../contracts/outcome';
import type { AuthoriseAnswer } from './answers';

export interface AuthoriseRequest {
  bookingId: string;
  priceCents: number;
  paymentToken: string;
}

export const askAuthorisation: AskOutside<typeof authorisePayment, AuthoriseRequest> = ({ data }, { payment }) => {
  const { bookingId, priceCents, paymentToken } = data;
  if (!payment) return { ask: { bookingId, priceCents, paymentToken } };
  return { note: payment.status === 'cancelled' ? 'the dispatch was missed before' : `already ${payment.status}` };
};

export const settleAuthorisation: Settle<typeof authorisePayment, AuthoriseAnswer> = (
  { data },
  { payment },
  answer,
) => {
  const { bookingId, priceCents } = data;
  if (answer.status === 'declined') {
    if (payment) return { note: `declined (${answer.reason}); already ${payment.status}` };
    return {
      write: { payment: { bookingId, priceCents, status: 'declined' } },
      emit: [PaymentDeclined.of({ bookingId, reason: answer.reason })],
    };
  }
  const { authorisationId } = answer;
  if (!payment) {
    return {
      write: { payment: { bookingId, priceCents, status: 'authorised', authorisationId } },
      emit: [PaymentAuthorised.of({ bookingId, authorisationId, priceCents })],
    };
  }
  if (payment.authorisationId === authorisationId) return { note: `already ${payment.status}` };
  return {
    write: { payment: { ...payment, status: 'cancelled', priceCents, authorisationId } },
    emit: [RefundDue.of({ bookingId, reason: 'the price was held after the dispatch was missed' })],
  };
};
