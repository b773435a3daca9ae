import { capturePayment } from '../../lib/contracts/consumers/payments';
import { Payment } from '../../lib/contracts/rows/payments';
import { askCapture, type CaptureRequest, settleCapture } from '../../lib/domain/payments/capture-payment';
import { consume } from '../shared/consume';
import { gateway } from './chosen-gateway';
import { orderKeys } from './gateway';

export const handler = consume(capturePayment, {
  read: ({ data }) => ({ payment: Payment.key(data.bookingId) }),
  call: {
    ask: askCapture,
    perform: (request: CaptureRequest, { signal }) =>
      gateway.capture(request, orderKeys.capture(request.authorisationId), signal),
  },
  decide: settleCapture,
});
