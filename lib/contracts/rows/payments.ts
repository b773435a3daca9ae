import * as z from 'zod/mini';
import { row } from '../kit';

export const Payment = row('Payment', {
  owner: 'payments',
  says: "A booking's money: what is being asked for, held, taken, given back. `cancelled` before anything was asked is a tombstone (S3).",
  data: z.object({
    bookingId: z.string(),
    priceCents: z.optional(z.int()),
    /** `asking`: the gateway may hold the price, and has not been heard (S4). */
    status: z.enum(['asking', 'authorised', 'declined', 'captured', 'refunded', 'voided', 'cancelled']),
    /** When the gateway was first asked for a hold, epoch milliseconds. */
    askedAtMs: z.optional(z.int()),
    authorisationId: z.optional(z.string()),
    captureId: z.optional(z.string()),
    refundId: z.optional(z.string()),
    /** Why it was declined. */
    reason: z.optional(z.string()),
  }),
});
