/**
 * refund-payment: the undo of both authorise-payment and capture-payment.
 * 1. Where nothing was asked of the gateway it leaves a tombstone: a late ask asks nothing (S3).
 * 2. Where a hold is being asked for, the call may land at any time: the gateway is asked again under the same key, so
 *    that it is known what became of it, and that is reversed (S4). Once the gateway may have forgotten the key, no call
 *    of ours can be under way any more (C3), and what it has is looked up.
 * 3. Void and capture race at the gateway, and one of them wins there: the answer says which, not our row.
 * 4. Given back once: the gateway is asked under keys that name the hold and the capture, so it does not matter which
 *    event asks, nor how often. Each ask is answered by what was done.
 */
import { authorisePayment, type refundPayment } from '../../contracts/consumers/payments';
import { delivery } from '../../contracts/delivery';
import { PaymentCalledOff, PaymentRefunded, PaymentVoided } from '../../contracts/events/payments';
import { invariant } from '../../contracts/invariant';
import type { DataOf } from '../../contracts/kit';
import type { AskOutside, Outcome, Settle } from '../../contracts/outcome';
import type { Payment } from '../../contracts/rows/payments';
import type { ReverseAnswer } from './answers';
import type { AuthoriseRequest } from './authorise-payment';

type Consumer = typeof refundPayment;
type Row = DataOf<typeof Payment>;

/** A hold that the row knows. */
export interface KnownHold {
  authorisationId: string;
  /** Known to be taken. Absent: lift the hold, or give back, as the gateway finds it. */
  captureId?: string;
  priceCents: number;
}

/** A hold that was asked for, and not heard of. */
export interface UnheardHold {
  /** What was asked. */
  order: AuthoriseRequest;
  /** The gateway remembers the key, and a call may be under way: ask again. Else look it up. */
  askAgain: boolean;
}

export type ReverseRequest = KnownHold | UnheardHold;

export const askReversal: AskOutside<Consumer, ReverseRequest> = ({ data }, { payment }, { now }) => {
  const { bookingId, paymentToken } = data;
  if (!payment) {
    return {
      write: { payment: { bookingId, status: 'cancelled' } },
      emit: [PaymentCalledOff.of({ bookingId })],
      note: 'nothing was asked of the gateway yet; a late ask will ask nothing',
    };
  }
  const { status, authorisationId, captureId, priceCents, askedAtMs } = payment;
  if (status === 'refunded' || status === 'voided' || status === 'cancelled') return known(payment);
  if (status === 'declined' && !authorisationId) return known(payment);
  invariant(priceCents !== undefined, `the payment of booking ${bookingId} is ${status} without a price`);
  if (authorisationId) return { ask: { authorisationId, ...(captureId ? { captureId } : {}), priceCents } };
  invariant(askedAtMs !== undefined, `the payment of booking ${bookingId} is ${status} since nobody knows when`);
  return {
    ask: { order: { bookingId, priceCents, paymentToken }, askAgain: now < askedAtMs + callsEndAfterMs },
  };
};

/** No call for a hold is under way when this has passed since the ask (C1, C3), by whatever clock. */
const callsEndAfterMs = (authorisePayment.outside!.gatewayRemembersSeconds + delivery.clockMarginSeconds) * 1000;

export const settleReversal: Settle<Consumer, ReverseAnswer> = ({ data }, { payment }, answer) => {
  const { bookingId } = data;
  invariant(payment, `a reversal for booking ${bookingId} was answered, and its payment is gone`);
  const { status } = payment;
  if (status === 'refunded' || status === 'voided' || status === 'cancelled') return known(payment);
  const contradiction = (what: string): string =>
    `the payment of booking ${bookingId} is ${JSON.stringify(payment)}, and the gateway says ${what}: it contradicts itself`;
  if (answer.status === 'nothing') {
    invariant(!payment.authorisationId, contradiction('that it never held the price'));
    return settled({ ...payment, status: 'cancelled' });
  }
  const { authorisationId } = answer;
  invariant(
    payment.authorisationId === undefined || payment.authorisationId === authorisationId,
    contradiction(`it was reversed as ${authorisationId}`),
  );
  if (answer.status === 'voided') {
    invariant(!payment.captureId, contradiction('that it lifted the hold'));
    return settled({ ...payment, authorisationId, status: 'voided' });
  }
  const { captureId, refundId } = answer;
  return settled({ ...payment, authorisationId, captureId, refundId, status: 'refunded' });
};

const settled = (payment: Row): Outcome<Consumer> => ({ write: { payment }, ...answerOf(payment) });
const known = (payment: Row): Outcome<Consumer> => ({ ...answerOf(payment), note: `already ${payment.status}` });

/** The answer that the row gives. */
function answerOf({ bookingId, status, authorisationId, refundId, priceCents }: Row): Outcome<Consumer> {
  if (status === 'voided') {
    invariant(authorisationId, `the payment of booking ${bookingId} is voided, nobody knows as what`);
    return { emit: [PaymentVoided.of({ bookingId, authorisationId })] };
  }
  if (status === 'refunded') {
    invariant(refundId && priceCents, `the payment of booking ${bookingId} is refunded, nobody knows as what`);
    return { emit: [PaymentRefunded.of({ bookingId, refundId, priceCents })] };
  }
  return { emit: [PaymentCalledOff.of({ bookingId })] };
}
