import { PaymentAuthorised } from '../../../lib/contracts/events/payments';
import { askCapture, settleCapture } from '../../../lib/domain/payments/capture-payment';
import {
  authorisationId,
  bookingId,
  captureId,
  held,
  nothing,
  priceCents,
  refunded,
  taken,
} from '../../support/payment-rows';
import { eventOf, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const authorised = eventOf(PaymentAuthorised, { bookingId, authorisationId, priceCents });

describe('capture-payment', () => {
  test('asks only while the hold stands', () => {
    expect(askCapture(authorised, { payment: held }, at)).toEqual({ ask: { authorisationId, priceCents } });
    for (const status of ['captured', 'declined', 'voided', 'refunded', 'cancelled'] as const) {
      nothing(askCapture(authorised, { payment: { ...held, status } }, at));
    }
  });

  test('a hold that we never asked for is not taken', () => {
    expect(() => askCapture(authorised, { payment: undefined }, at)).toThrow('never held');
  });

  test('writes down the capture', () => {
    expect(settleCapture(authorised, { payment: held }, { status: 'captured', captureId }, at)).toEqual({
      write: { payment: taken },
      emit: [{ type: 'PaymentCaptured', data: { bookingId, captureId, priceCents } }],
    });
  });

  test.each(['cancelled', 'voided', 'declined'] as const)(
    'a capture that completes when the payment is %s must go back',
    (status) => {
      const outcome = settleCapture(
        authorised,
        { payment: { ...held, status } },
        { status: 'captured', captureId },
        at,
      );
      expect(outcome.write).toEqual({ payment: { ...held, status: 'cancelled', captureId } });
      expect(outcome.emit).toMatchObject([{ type: 'RefundDue', data: { bookingId } }]);
    },
  );

  test('a capture that the undo found at the gateway and gave back needs nothing more', () => {
    nothing(settleCapture(authorised, { payment: refunded }, { status: 'captured', captureId }, at));
  });

  test('a refused capture is a fact only while the hold stands', () => {
    const answer = { status: 'declined', reason: 'blocked' } as const;
    expect(settleCapture(authorised, { payment: held }, answer, at)).toEqual({
      write: { payment: { ...held, status: 'declined' } },
      emit: [{ type: 'PaymentDeclined', data: { bookingId, reason: 'blocked' } }],
    });
    nothing(settleCapture(authorised, { payment: { ...held, status: 'voided' } }, answer, at));
  });
});
