import { authorisePayment } from '../../lib/contracts/consumers/payments';
import { Payment } from '../../lib/contracts/rows/payments';
import {
  type AuthoriseRequest,
  askAuthorisation,
  settleAuthorisation,
} from '../../lib/domain/payments/authorise-payment';
import { consume } from '../shared/consume';
import { gateway } from './chosen-gateway';
import { orderKeys } from './gateway';

export const handler = consume(authorisePayment, {
  read: ({ data }) => ({ payment: Payment.key(data.bookingId) }),
  call: {
    ask: askAuthorisation,
    perform: (request: AuthoriseRequest, { signal }) =>
      gateway.authorise(request, orderKeys.authorise(request.bookingId), signal),
  },
  decide: settleAuthorisation,
});
