/** A payment's row in its states, for the tests of its consumers. */
import type { DataOf } from '../../lib/contracts/kit';
import type { Payment } from '../../lib/contracts/rows/payments';
import { sampleNow } from './samples';

type Row = DataOf<typeof Payment>;

export const bookingId = 'bk-1';
export const authorisationId = 'auth-1';
export const captureId = 'capt-1';
export const refundId = 'refd-1';
export const priceCents = 1490;

export const tombstone: Row = { bookingId, status: 'cancelled' };
export const asking: Row = { bookingId, priceCents, status: 'asking', askedAtMs: sampleNow };
export const held: Row = { ...asking, status: 'authorised', authorisationId };
export const taken: Row = { ...held, status: 'captured', captureId };
export const voided: Row = { ...held, status: 'voided' };
export const refunded: Row = { ...taken, status: 'refunded', refundId };
/** The gateway never held the price: it refused, or the undo found so. */
export const declined: Row = { ...asking, status: 'declined', reason: 'insufficient funds' };
export const cancelled: Row = { ...asking, status: 'cancelled' };
/** The hold stands, and taking the price was refused. */
export const blocked: Row = { ...held, status: 'declined', reason: 'blocked' };

/** What the consumers of payments say of them. */
export const facts = {
  authorised: { type: 'PaymentAuthorised', data: { bookingId, authorisationId, priceCents } },
  captured: { type: 'PaymentCaptured', data: { bookingId, captureId, priceCents } },
  declined: (reason: string) => ({ type: 'PaymentDeclined', data: { bookingId, reason } }),
  tooLate: { type: 'PaymentDeclined', data: { bookingId, reason: 'the booking was called off before' } },
  voided: { type: 'PaymentVoided', data: { bookingId, authorisationId } },
  refunded: { type: 'PaymentRefunded', data: { bookingId, refundId, priceCents } },
  calledOff: { type: 'PaymentCalledOff', data: { bookingId } },
};

/** A decision that changes nothing, asks nothing, and gives this answer. */
export const onlyAnswers = (outcome: { write?: unknown; emit?: unknown; ask?: unknown }, answer: object): void =>
  expect([outcome.write, outcome.ask, outcome.emit]).toEqual([undefined, undefined, [answer]]);
