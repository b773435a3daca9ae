import * as z from 'zod/mini';
import { source } from '../kit';

const payments = source('payments');
const id = z.string().check(z.minLength(1), z.maxLength(128));
const cents = z.int().check(z.gte(1));

export const PaymentAuthorised = payments.event('PaymentAuthorised', {
  says: "The gateway holds the price on the merchant's means of payment.",
  key: 'bookingId',
  data: z.object({ bookingId: id, authorisationId: id, priceCents: cents }),
  example: { bookingId: 'bk-1001', authorisationId: 'auth-bk-1001', priceCents: 1490 },
});

export const PaymentDeclined = payments.event('PaymentDeclined', {
  says: 'The price is not held or not taken: the gateway refused, or the booking was called off before; no money moved.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'insufficient funds' },
});

export const PaymentCaptured = payments.event('PaymentCaptured', {
  says: 'The price is taken.',
  key: 'bookingId',
  data: z.object({ bookingId: id, captureId: id, priceCents: cents }),
  example: { bookingId: 'bk-1001', captureId: 'capt-bk-1001', priceCents: 1490 },
});

export const PaymentRefunded = payments.event('PaymentRefunded', {
  says: 'The price was given back in full.',
  key: 'bookingId',
  data: z.object({ bookingId: id, refundId: id, priceCents: cents }),
  example: { bookingId: 'bk-1001', refundId: 'refd-bk-1001', priceCents: 1490 },
});

export const PaymentVoided = payments.event('PaymentVoided', {
  says: 'The hold on the price is lifted; no money had moved.',
  key: 'bookingId',
  data: z.object({ bookingId: id, authorisationId: id }),
  example: { bookingId: 'bk-1001', authorisationId: 'auth-bk-1001' },
});

export const PaymentCalledOff = payments.event('PaymentCalledOff', {
  says: 'No money is held or taken for the booking, and none will be.',
  key: 'bookingId',
  data: z.object({ bookingId: id }),
  example: { bookingId: 'bk-1001' },
});
