/** A payment's row in its states, for the tests of its consumers. */
import type { DataOf } from '../../lib/contracts/kit';
import type { Payment } from '../../lib/contracts/rows/payments';

type Row = DataOf<typeof Payment>;

export const bookingId = 'bk-1';
export const authorisationId = 'auth-1';
export const captureId = 'capt-1';
export const priceCents = 1490;

export const tombstone: Row = { bookingId, status: 'cancelled' };
export const held: Row = { bookingId, priceCents, status: 'authorised', authorisationId };
export const taken: Row = { ...held, status: 'captured', captureId };
export const refunded: Row = { ...taken, status: 'refunded', refundId: 'refd-1' };

/** A decision that there is nothing to do. */
export const nothing = (outcome: { write?: unknown; emit?: unknown; ask?: unknown }): void =>
  expect([outcome.write, outcome.emit, outcome.ask]).toEqual([undefined, undefined, undefined]);
