import * as z from 'zod/mini';
import { row } from '../kit';

export const Payment = row('Payment', {
  owner: 'payments',
  says: "A booking's money: what is held, taken, given back. `cancelled` before anything was asked is a tombstone (S3).",
  data: z.object({
    bookingId: z.string(),
    priceCents: z.optional(z.int()),
    status: z.enum(['authorised', 'declined', 'captured', 'refunded', 'voided', 'cancelled']),
    authorisationId: z.optional(z.string()),
    captureId: z.optional(z.string()),
    refundId: z.optional(z.string()),
  }),
});
