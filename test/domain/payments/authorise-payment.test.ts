import { askAuthorisation, settleAuthorisation } from '../../../lib/domain/payments/authorise-payment';
import { authorisationId, bookingId, held, nothing, priceCents, tombstone } from '../../support/payment-rows';
import { opened, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const bookingOpened = opened();

describe('authorise-payment', () => {
  test('asks the gateway to hold the price of a new booking', () => {
    expect(askAuthorisation(bookingOpened, { payment: undefined }, at)).toEqual({
      ask: { bookingId, priceCents, paymentToken: 'tok_visa' },
    });
  });

  test('asks nothing for a booking that was called off before, or that has a payment', () => {
    nothing(askAuthorisation(bookingOpened, { payment: tombstone }, at));
    nothing(askAuthorisation(bookingOpened, { payment: held }, at));
  });

  test('writes down the hold', () => {
    const answer = { status: 'authorised', authorisationId } as const;
    expect(settleAuthorisation(bookingOpened, { payment: undefined }, answer, at)).toEqual({
      write: { payment: held },
      emit: [{ type: 'PaymentAuthorised', data: { bookingId, authorisationId, priceCents } }],
    });
  });

  test('a hold for a booking that was called off meanwhile must go back, and is not announced as a hold', () => {
    const answer = { status: 'authorised', authorisationId } as const;
    const outcome = settleAuthorisation(bookingOpened, { payment: tombstone }, answer, at);
    expect(outcome.write).toEqual({ payment: { ...held, status: 'cancelled' } });
    expect(outcome.emit).toMatchObject([{ type: 'RefundDue', data: { bookingId } }]);
  });

  test('a refusal is a fact, unless the booking was called off anyway', () => {
    const answer = { status: 'declined', reason: 'insufficient funds' } as const;
    expect(settleAuthorisation(bookingOpened, { payment: undefined }, answer, at)).toEqual({
      write: { payment: { bookingId, priceCents, status: 'declined' } },
      emit: [{ type: 'PaymentDeclined', data: { bookingId, reason: 'insufficient funds' } }],
    });
    nothing(settleAuthorisation(bookingOpened, { payment: tombstone }, answer, at));
  });
});
