/**
 * Lifts a hold, or gives back what was taken from it: whichever the gateway finds to be needed.
 */
import type { ReverseAnswer } from '../../lib/domain/payments/answers';
import type { ReverseRequest } from '../../lib/domain/payments/refund-payment';
import { orderKeys, type PaymentGateway } from './gateway';

export async function reverse(
  gateway: Pick<PaymentGateway, 'void' | 'refund'>,
  request: ReverseRequest,
): Promise<ReverseAnswer> {
  const { authorisationId, priceCents } = request;
  let { captureId } = request;
  if (!captureId) {
    const answer = await gateway.void({ authorisationId }, orderKeys.void(authorisationId));
    if (answer.status === 'voided') return answer;
    captureId = answer.captureId;
  }
  const { refundId } = await gateway.refund({ captureId, priceCents }, orderKeys.refund(captureId));
  return { status: 'refunded', captureId, refundId };
}
