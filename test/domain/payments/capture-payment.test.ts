import { CaptureRequested } from '../../../lib/contracts/events/booking-asks';
import { askCapture, settleCapture } from '../../../lib/domain/payments/capture-payment';
import {
  asking,
  authorisationId,
  blocked,
  cancelled,
  captureId,
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
const capture = (attempt = 1) => asked(CaptureRequested, { authorisationId }, attempt);
const yes = { status: 'captured', captureId } as const;
const no = { status: 'declined', reason: 'blocked' } as const;

describe('the ask', () => {
  test('takes the hold while it stands', () => {
    expect(askCapture(capture(), { payment: held }, at)).toEqual({ ask: { authorisationId, priceCents } });
  });

  test.each([
    ['taken', taken, facts.captured],
    ['blocked', blocked, facts.declined('blocked')],
    ['voided', voided, facts.tooLate],
    ['refunded', refunded, facts.tooLate],
    ['a tombstone', tombstone, facts.tooLate],
    ['cancelled', cancelled, facts.tooLate],
  ])('for a payment that is %s asks nothing, and answers by the row', (_, payment, answer) => {
    onlyAnswers(askCapture(capture(2), { payment }, at), answer);
  });

  test.each([
    ['was never asked for', undefined],
    ['is being asked for', asking],
    ['is another one', { ...held, authorisationId: 'auth-2' }],
  ])('a hold that %s is not taken', (_, payment) => {
    expect(() => askCapture(capture(), { payment }, at)).toThrow('never held as auth-1');
  });
});

describe("the gateway's answer", () => {
  test('a capture is written down', () => {
    expect(settleCapture(capture(), { payment: held }, yes, at)).toEqual({
      write: { payment: taken },
      emit: [facts.captured],
    });
  });

  test('a refusal is written down, and the hold stays known: it must be lifted', () => {
    expect(settleCapture(capture(), { payment: held }, no, at)).toEqual({
      write: { payment: blocked },
      emit: [facts.declined('blocked')],
    });
  });

  test('a capture that the undo found at the gateway and gave back is left alone, and the ask is refused', () => {
    onlyAnswers(settleCapture(capture(), { payment: refunded }, yes, at), facts.tooLate);
  });

  test('a refusal because the undo came first is told as that', () => {
    onlyAnswers(settleCapture(capture(), { payment: voided }, no, at), facts.tooLate);
  });

  test('the same capture, answered to two asks, is one', () => {
    onlyAnswers(settleCapture(capture(), { payment: taken }, yes, at), facts.captured);
  });

  test.each([
    ['voided', voided],
    ['taken otherwise', { ...taken, captureId: 'capt-2' }],
  ])('a capture that the row of a payment which is %s does not know is not swallowed', (_, payment) => {
    expect(() => settleCapture(capture(), { payment }, yes, at)).toThrow('give it back');
  });
});
