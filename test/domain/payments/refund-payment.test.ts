import { PaymentReversalRequested } from '../../../lib/contracts/events/booking-asks';
import { askReversal, settleReversal } from '../../../lib/domain/payments/refund-payment';
import {
  asking,
  authorisationId,
  blocked,
  bookingId,
  cancelled,
  captureId,
  declined,
  facts,
  held,
  onlyAnswers,
  priceCents,
  refunded,
  refundId,
  taken,
  tombstone,
  voided,
} from '../../support/payment-rows';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const undo = (attempt = 1) => asked(PaymentReversalRequested, {}, attempt);
const day = 86_400_000;

describe('the ask', () => {
  test('before anything was asked of the gateway it leaves a tombstone, and answers', () => {
    const outcome = askReversal(undo(), { payment: undefined }, at);
    expect(outcome).toMatchObject({ write: { payment: tombstone }, emit: [facts.calledOff] });
    expect(outcome.ask).toBeUndefined();
  });

  test.each([
    ['held', held, { authorisationId, priceCents }],
    ['taken', taken, { authorisationId, captureId, priceCents }],
    ['blocked', blocked, { authorisationId, priceCents }],
  ])('has what the row knows of reversed: a payment that is %s', (_, payment, ask) => {
    expect(askReversal(undo(), { payment }, at)).toEqual({ ask });
  });

  test.each([
    ['a tombstone', tombstone, facts.calledOff],
    ['cancelled', cancelled, facts.calledOff],
    ['declined', declined, facts.calledOff],
    ['voided', voided, facts.voided],
    ['refunded', refunded, facts.refunded],
  ])('for a payment that is %s asks nothing, and answers by the row', (_, payment, answer) => {
    onlyAnswers(askReversal(undo(2), { payment }, at), answer);
  });
});

describe('a hold that is being asked for (S4)', () => {
  const order = { bookingId, priceCents, paymentToken: 'tok_visa' };
  const askedAfter = (ms: number) => askReversal(undo(), { payment: asking }, { now: sampleNow + ms });

  test('is asked for again, as the same order, while a call for it can be under way', () => {
    expect(askedAfter(0)).toEqual({ ask: { order, askAgain: true } });
    expect(askedAfter(day + 299_999)).toEqual({ ask: { order, askAgain: true } });
  });

  test('is looked up once the gateway may have forgotten the key', () => {
    expect(askedAfter(day + 300_000)).toEqual({ ask: { order, askAgain: false } });
  });

  test.each([
    ['lifted', { status: 'voided', authorisationId } as const, voided, facts.voided],
    [
      'given back',
      { status: 'refunded', authorisationId, captureId, refundId } as const,
      { ...refunded },
      facts.refunded,
    ],
    ['not there', { status: 'nothing' } as const, cancelled, facts.calledOff],
  ])('is written down as what became of it: %s', (_, answer, payment, fact) => {
    expect(settleReversal(undo(), { payment: asking }, answer, at)).toEqual({ write: { payment }, emit: [fact] });
  });

  test('that its owner has written down meanwhile is the same hold', () => {
    const answer = { status: 'voided', authorisationId } as const;
    expect(settleReversal(undo(), { payment: held }, answer, at)).toEqual({
      write: { payment: voided },
      emit: [facts.voided],
    });
  });

  test('that its owner has written down as refused meanwhile is none', () => {
    expect(settleReversal(undo(), { payment: declined }, { status: 'nothing' }, at)).toMatchObject({
      write: { payment: { status: 'cancelled' } },
      emit: [facts.calledOff],
    });
  });
});

describe("the gateway's answer", () => {
  const refund = { status: 'refunded', authorisationId, captureId, refundId } as const;
  const lifted = { status: 'voided', authorisationId } as const;

  test('counts, whatever the row thought', () => {
    for (const payment of [held, taken]) {
      expect(settleReversal(undo(), { payment }, refund, at)).toEqual({
        write: { payment: refunded },
        emit: [facts.refunded],
      });
    }
    expect(settleReversal(undo(), { payment: held }, lifted, at)).toEqual({
      write: { payment: voided },
      emit: [facts.voided],
    });
  });

  test('to a second ask at the same time changes nothing more, and is answered', () => {
    onlyAnswers(settleReversal(undo(2), { payment: refunded }, refund, at), facts.refunded);
    onlyAnswers(settleReversal(undo(2), { payment: voided }, lifted, at), facts.voided);
    onlyAnswers(settleReversal(undo(2), { payment: cancelled }, { status: 'nothing' }, at), facts.calledOff);
  });

  test.each([
    ['lifts a hold which it had taken', taken, lifted],
    ['never held what it holds', held, { status: 'nothing' } as const],
    ['reverses another hold', { ...held, authorisationId: 'auth-2' }, lifted],
  ])('of a gateway that %s is not believed', (_, payment, answer) => {
    expect(() => settleReversal(undo(), { payment }, answer, at)).toThrow('contradicts itself');
  });
});
