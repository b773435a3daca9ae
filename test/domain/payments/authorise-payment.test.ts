import { PaymentRequested } from '../../../lib/contracts/events/booking-asks';
import { askAuthorisation, settleAuthorisation } from '../../../lib/domain/payments/authorise-payment';
import {
  asking,
  authorisationId,
  blocked,
  bookingId,
  cancelled,
  declined,
  facts,
  held,
  onlyAnswers,
  priceCents,
  refunded,
  taken,
  tombstone,
  voided,
} from '../../support/payment-rows';
import { asked, sampleNow } from '../../support/samples';

const at = { now: sampleNow };
const ask = asked(PaymentRequested);
const order = { bookingId, priceCents, paymentToken: 'tok_visa' };
const yes = { status: 'authorised', authorisationId } as const;
const no = { status: 'declined', reason: 'insufficient funds' } as const;

describe('the ask', () => {
  test('asks the gateway to hold the price, and says so in the row before it does (S4)', () => {
    expect(askAuthorisation(ask, { payment: undefined }, at)).toEqual({ ask: order, write: { payment: asking } });
  });

  test('beside another ask that has no answer yet: the same order, counted from now', () => {
    const now = sampleNow + 60_000;
    const outcome = askAuthorisation(asked(PaymentRequested, {}, 2), { payment: asking }, { now });
    expect(outcome).toEqual({ ask: order, write: { payment: { ...asking, askedAtMs: now } } });
  });

  test.each([
    ['held', held, facts.authorised],
    ['taken', taken, facts.authorised],
    ['declined', declined, facts.declined('insufficient funds')],
    ['blocked', blocked, facts.declined('blocked')],
    ['a tombstone', tombstone, facts.tooLate],
    ['cancelled', cancelled, facts.tooLate],
    ['voided', voided, facts.tooLate],
    ['refunded', refunded, facts.tooLate],
  ])('for a payment that is %s asks nothing, and answers by the row', (_, payment, answer) => {
    onlyAnswers(askAuthorisation(asked(PaymentRequested, {}, 2), { payment }, at), answer);
  });
});

describe("the gateway's answer", () => {
  test('a hold is written down', () => {
    expect(settleAuthorisation(ask, { payment: asking }, yes, at)).toEqual({
      write: { payment: held },
      emit: [facts.authorised],
    });
  });

  test('a refusal is written down with its reason', () => {
    expect(settleAuthorisation(ask, { payment: asking }, no, at)).toEqual({
      write: { payment: declined },
      emit: [facts.declined('insufficient funds')],
    });
  });

  test.each([
    ['lifted', voided],
    ['given back', refunded],
  ])('a hold that the undo has learnt of and %s is left alone, and the ask is refused', (_, payment) => {
    onlyAnswers(settleAuthorisation(ask, { payment }, yes, at), facts.tooLate);
  });

  test('a refusal that the undo has learnt of is no news', () => {
    onlyAnswers(settleAuthorisation(ask, { payment: cancelled }, no, at), facts.tooLate);
  });

  test('the same hold, answered to two asks, is one', () => {
    onlyAnswers(settleAuthorisation(ask, { payment: held }, yes, at), facts.authorised);
    onlyAnswers(settleAuthorisation(ask, { payment: taken }, yes, at), facts.authorised);
  });

  test.each([
    ['called off', cancelled],
    ['held otherwise', { ...held, authorisationId: 'auth-2' }],
  ])('a hold that the row of a payment which is %s does not know is not swallowed', (_, payment) => {
    expect(() => settleAuthorisation(ask, { payment }, yes, at)).toThrow('lift the hold');
  });

  test('without the mark that was written before the call it is our bug', () => {
    expect(() => settleAuthorisation(ask, { payment: undefined }, yes, at)).toThrow('no row says so');
  });
});
