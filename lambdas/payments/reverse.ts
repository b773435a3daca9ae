/**
 * Lifts a hold, or gives back what was taken from it: whichever the gateway finds to be needed. Of a hold that was asked for
 * and not heard of, it first makes certain what became of it.
 */
import type { ReverseAnswer } from '../../lib/domain/payments/answers';
import type { KnownHold, ReverseRequest, UnheardHold } from '../../lib/domain/payments/refund-payment';
import { orderKeys, type PaymentGateway } from './gateway';

type Gateway = Pick<PaymentGateway, 'authorise' | 'void' | 'refund' | 'lookup'>;

export async function reverse(gateway: Gateway, request: ReverseRequest, signal?: AbortSignal): Promise<ReverseAnswer> {
  const holds = 'order' in request ? await holdsOf(gateway, request, signal) : [request];
  let answer: ReverseAnswer = { status: 'nothing' };
  for (const hold of holds) answer = await reverseHold(gateway, hold, signal);
  return answer;
}

/** S4: the same key again is the same order, so that no call that is under way can bring another hold after this. */
async function holdsOf(gateway: Gateway, { order, askAgain }: UnheardHold, signal?: AbortSignal): Promise<KnownHold[]> {
  const { bookingId, priceCents } = order;
  if (!askAgain) return gateway.lookup(bookingId, signal);
  const answer = await gateway.authorise(order, orderKeys.authorise(bookingId), signal);
  return answer.status === 'authorised' ? [{ authorisationId: answer.authorisationId, priceCents }] : [];
}

async function reverseHold(gateway: Gateway, hold: KnownHold, signal?: AbortSignal): Promise<ReverseAnswer> {
  const { authorisationId, priceCents } = hold;
  let { captureId } = hold;
  if (!captureId) {
    const answer = await gateway.void({ authorisationId }, orderKeys.void(authorisationId), signal);
    if (answer.status === 'voided') return { status: 'voided', authorisationId };
    captureId = answer.captureId;
  }
  const { refundId } = await gateway.refund({ captureId, priceCents }, orderKeys.refund(captureId), signal);
  return { status: 'refunded', authorisationId, captureId, refundId };
}
