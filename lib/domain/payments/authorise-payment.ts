/**
 * authorise-payment. Before the gateway is asked, the row says so (`asking`): an undo that comes while the call is under way
 * asks the gateway again under the same key, learns what became of it and reverses that (refund-payment.ts, S4). Whoever
 * learns of the hold after that sees it in the row, and changes nothing.
 */
import type { authorisePayment } from '../../contracts/consumers/payments';
import { PaymentAuthorised, PaymentDeclined } from '../../contracts/events/payments';
import { invariant } from '../../contracts/invariant';
import type { DataOf } from '../../contracts/kit';
import type { AskOutside, Outcome, Settle } from '../../contracts/outcome';
import type { Payment } from '../../contracts/rows/payments';
import type { AuthoriseAnswer } from './answers';

type Consumer = typeof authorisePayment;

export interface AuthoriseRequest {
  bookingId: string;
  priceCents: number;
  paymentToken: string;
}

export const askAuthorisation: AskOutside<Consumer, AuthoriseRequest> = ({ data }, { payment }, { now }) => {
  const { bookingId, priceCents, paymentToken } = data;
  if (payment && payment.status !== 'asking') return known(payment);
  return {
    ask: { bookingId, priceCents, paymentToken },
    write: { payment: { bookingId, priceCents, status: 'asking', askedAtMs: now } },
  };
};

export const settleAuthorisation: Settle<Consumer, AuthoriseAnswer> = ({ data }, { payment }, answer) => {
  const { bookingId, priceCents } = data;
  invariant(payment, `the gateway was asked to hold the price of booking ${bookingId}, and no row says so`);
  if (payment.status !== 'asking') {
    invariant(
      answer.status === 'declined' || answer.authorisationId === payment.authorisationId,
      `the payment of booking ${bookingId} is ${payment.status}, and the gateway holds its price as ${JSON.stringify(answer)}, of which the row knows nothing: look it up there, and lift the hold`,
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
  const { authorisationId } = answer;
  return {
    write: { payment: { ...payment, status: 'authorised', authorisationId } },
    emit: [PaymentAuthorised.of({ bookingId, authorisationId, priceCents })],
  };
};

/** The answer that the row gives. */
function known(payment: DataOf<typeof Payment>): Outcome<Consumer> {
  const { bookingId, status, authorisationId, priceCents, reason = 'the booking was called off before' } = payment;
  const note = `already ${status}`;
  if (status !== 'authorised' && status !== 'captured') {
    return { emit: [PaymentDeclined.of({ bookingId, reason })], note };
  }
  invariant(authorisationId && priceCents, `the payment of booking ${bookingId} is ${status}, of an unknown hold`);
  return { emit: [PaymentAuthorised.of({ bookingId, authorisationId, priceCents })], note };
}
