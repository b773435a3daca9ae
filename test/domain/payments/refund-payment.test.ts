import { DispatchMissed } from '../../../lib/contracts/events/dispatch';
import { RefundDue } from '../../../lib/contracts/events/payments';
import { askReversal, settleReversal } from '../../../lib/domain/payments/refund-payment';
import {
  authorisationId,
  bookingId,
  captureId,
  held,
  nothing,
  priceCents,
  taken,
  tombstone,
} from '../../support/payment-rows';
import { eventOf, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const missed = eventOf(DispatchMissed, { ...DispatchMissed.example, bookingId });
const refundDue = eventOf(RefundDue, { bookingId, reason: 'late' });

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
