import * as z from 'zod/mini';
import { source } from '../kit';

const booking = source('booking');
export const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));

/** Where a parcel comes from or goes to. */
export const address = z.object({
  name: z.string().check(z.minLength(1), z.maxLength(80)),
  postcode: z.string().check(z.minLength(1), z.maxLength(12)),
  city: z.string().check(z.minLength(1), z.maxLength(80)),
});

/** Fields that the asks of the saga (booking-asks.ts) have in common with what starts it. */
export const wish = {
  /** Shorter than other ids: they are made from it, with a prefix. */
  bookingId: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,60}$/)),
  merchantId: id,
  /** From-to, three letters each: 'BER-HAM'. */
  laneId: z.string().check(z.regex(/^[A-Z]{3}-[A-Z]{3}$/)),
  dispatchDate: z.iso.date(),
  weightGrams: z.int().check(z.gte(1)),
  /** Tax included. */
  priceCents: z.int().check(z.gte(1)),
  /** The gateway's token for the merchant's means of payment, never a card number. */
  paymentToken: z.string().check(z.minLength(1), z.maxLength(64)),
  sender: address,
  recipient: address,
};

export const wishExample = {
  bookingId: 'bk-1001',
  merchantId: 'tea-and-paper',
  laneId: 'BER-HAM',
  dispatchDate: '2030-12-01',
  weightGrams: 1200,
  priceCents: 1490,
  paymentToken: 'tok_visa',
  sender: { name: 'Tea & Paper', postcode: '10115', city: 'Berlin' },
  recipient: { name: 'Ada Holm', postcode: '20095', city: 'Hamburg' },
};

export const BookingRequested = booking.event('BookingRequested', {
  says: 'A merchant wishes to have a parcel carried.',
  key: 'bookingId',
  external: true,
  data: z.object(wish),
  example: wishExample,
});

export const BookingOpened = booking.event('BookingOpened', {
  says: "The merchant's wish is accepted; nothing is promised yet.",
  key: 'bookingId',
  data: z.object({ ...wish, parcelId: id }),
  example: { ...wishExample, parcelId: 'pc-bk-1001' },
});

export const BookingConfirmed = booking.event('BookingConfirmed', {
  says: 'The parcel is on its way and the price is paid.',
  key: 'bookingId',
  data: z.object({ bookingId: id, parcelId: id, priceCents: z.int().check(z.gte(1)) }),
  example: { bookingId: 'bk-1001', parcelId: 'pc-bk-1001', priceCents: 1490 },
});

export const BookingRejected = booking.event('BookingRejected', {
  says: 'The booking will not be carried out; whatever was done for it is undone.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'payment declined: insufficient funds' },
});

export const BookingIdTaken = booking.event('BookingIdTaken', {
  says: 'A request came under the id of another booking and was refused; that booking stands as it is.',
  key: 'bookingId',
  data: z.object({
    bookingId: id,
    /** `meta.id` of the request that was refused, and of the one that has the id. */
    requestId: z.string(),
    takenBy: z.string(),
    merchantId: id,
    reason: z.string(),
  }),
  example: {
    bookingId: 'bk-1001',
    requestId: 'b7c1d0f2-7a52-4f0e-9f57-0d6c1f3f9a11',
    takenBy: '0a4f6b1e-5c0d-4d57-8a49-3c8f1b2d7e90',
    merchantId: 'ink-and-brush',
    reason: 'booking id bk-1001 belongs to another booking; send the request again under a new id',
  },
});

const reason = z.string().check(z.minLength(1), z.maxLength(200));

export const BookingCancelRequested = booking.event('BookingCancelRequested', {
  says: 'A merchant wishes to call a booking off.',
  key: 'bookingId',
  external: true,
  data: z.object({ bookingId: id, reason }),
  example: { bookingId: 'bk-1001', reason: 'ordered twice' },
});

export const BookingCancelled = booking.event('BookingCancelled', {
  says: 'The booking is called off: what was done for it is being undone, as far as the parcel has not gone out meanwhile.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'ordered twice' },
});

export const BookingCancelRefused = booking.event('BookingCancelRefused', {
  says: 'A booking cannot be called off any more, or is not known.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'booking bk-1001 is confirmed' },
});

/** Try again, or go on as if it were done: a person has done it. */
export const resumeDecision = z.enum(['retry', 'skip']);

export const BookingResumeRequested = booking.event('BookingResumeRequested', {
  says: 'An operator has looked at a parked booking: its step is to be tried again, or is done by hand.',
  key: 'bookingId',
  external: true,
  data: z.object({ bookingId: id, decision: resumeDecision, by: z.string().check(z.minLength(1), z.maxLength(80)) }),
  example: { bookingId: 'bk-1001', decision: 'retry' as const, by: 'ops@example.com' },
});

export const BookingResumed = booking.event('BookingResumed', {
  says: 'A parked booking goes on.',
  key: 'bookingId',
  data: z.object({ bookingId: id, decision: resumeDecision }),
  example: { bookingId: 'bk-1001', decision: 'retry' as const },
});
