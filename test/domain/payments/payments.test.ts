import { DispatchMissed } from '../../../lib/contracts/events/dispatch';
import { PaymentAuthorised, RefundDue } from '../../../lib/contracts/events/payments';
import type { DataOf } from '../../../lib/contracts/kit';
import type { Payment } from '../../../lib/contracts/rows/payments';
import { askAuthorisation, settleAuthorisation } from '../../../lib/domain/payments/authorise';
import { askCapture, settleCapture } from '../../../lib/domain/payments/capture';
import { askReversal, settleReversal } from '../../../lib/domain/payments/refund';
import { eventOf, opened, sampleNow } from '../../support/samples';

type Row = DataOf<typeof Payment>;

const at = { now: sampleNow };
const bookingId = 'bk-1';
const authorisationId = 'auth-1';
const captureId = 'capt-1';
const priceCents = 1490;

const bookingOpened = opened();
const authorised = eventOf(PaymentAuthorised, { bookingId, authorisationId, priceCents });
const missed = eventOf(DispatchMissed, { ...DispatchMissed.example, bookingId });
const refundDue = eventOf(RefundDue, { bookingId, reason: 'late' });

const tombstone: Row = { bookingId, status: 'cancelled' };
const held: Row = { bookingId, priceCents, status: 'authorised', authorisationId };
const taken: Row = { ...held, status: 'captured', captureId };
const nothing = (outcome: { write?: unknown; emit?: unknown; ask?: unknown }) =>
  expect([outcome.write, outcome.emit, outcome.ask]).toEqual([undefined, undefined, undefined]);

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
    const refunded: Row = { ...taken, status: 'refunded', refundId: 'refd-1' };
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

describe.each([
  ['DispatchMissed', missed],
  ['RefundDue', refundDue],
])('refund-payment, asked by %s', (_, event) => {
  test('before anything was asked of the gateway it leaves a tombstone', () => {
    const outcome = askReversal(event, { payment: undefined }, at);
    expect(outcome).toMatchObject({ write: { payment: tombstone } });
    expect(outcome).not.toHaveProperty('emit');
  });

  test('asks for what the row knows of, a hold left by a refused capture included', () => {
    expect(askReversal(event, { payment: held }, at)).toEqual({ ask: { authorisationId, priceCents } });
    expect(askReversal(event, { payment: taken }, at)).toEqual({ ask: { authorisationId, captureId, priceCents } });
    for (const status of ['declined', 'cancelled'] as const) {
      expect(askReversal(event, { payment: { ...held, status } }, at)).toHaveProperty('ask');
    }
  });

  test('asks nothing where nothing is held, or all is given back', () => {
    nothing(askReversal(event, { payment: tombstone }, at));
    nothing(askReversal(event, { payment: { bookingId, priceCents, status: 'declined' } }, at));
    nothing(askReversal(event, { payment: { ...held, status: 'voided' } }, at));
    nothing(askReversal(event, { payment: { ...taken, status: 'refunded' } }, at));
  });

  test('writes down what the gateway did, whatever the row thought', () => {
    const refund = { status: 'refunded', captureId, refundId: 'refd-1' } as const;
    for (const payment of [held, taken]) {
      expect(settleReversal(event, { payment }, refund, at)).toEqual({
        write: { payment: { ...taken, status: 'refunded', refundId: 'refd-1' } },
        emit: [{ type: 'PaymentRefunded', data: { bookingId, refundId: 'refd-1', priceCents } }],
      });
    }
    expect(settleReversal(event, { payment: held }, { status: 'voided' }, at)).toEqual({
      write: { payment: { ...held, status: 'voided' } },
      emit: [{ type: 'PaymentVoided', data: { bookingId, authorisationId } }],
    });
  });

  test('says it once, when two events asked at the same time', () => {
    const refund = { status: 'refunded', captureId, refundId: 'refd-1' } as const;
    nothing(settleReversal(event, { payment: { ...taken, status: 'refunded' } }, refund, at));
    nothing(settleReversal(event, { payment: { ...held, status: 'voided' } }, { status: 'voided' }, at));
  });

  test('a gateway that lifts a hold which it had taken is not believed', () => {
    expect(() => settleReversal(event, { payment: taken }, { status: 'voided' }, at)).toThrow('contradicts itself');
  });
});
