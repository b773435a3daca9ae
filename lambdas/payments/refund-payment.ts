import { refundPayment } from '../../lib/contracts/consumers/payments';
import { Payment } from '../../lib/contracts/rows/payments';
import { askReversal, type ReverseRequest, settleReversal } from '../../lib/domain/payments/refund-payment';
import { consume } from '../shared/consume';
import { gateway } from './chosen-gateway';
import { reverse } from './reverse';

export const handler = consume(refundPayment, {
  read: ({ data }) => ({ payment: Payment.key(data.bookingId) }),
  call: { ask: askReversal, perform: (request: ReverseRequest, { signal }) => reverse(gateway, request, signal) },
  decide: settleReversal,
});
