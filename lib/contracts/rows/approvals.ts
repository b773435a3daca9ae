import * as z from 'zod/mini';
import { replySchema } from '../envelope';
import { row } from '../kit';

export const Approval = row('Approval', {
  owner: 'approvals',
  says: 'What a person was asked about a booking, and what the answer is. `withdrawn` before any ask is a tombstone (S3).',
  data: z.object({
    bookingId: z.string(),
    status: z.enum(['waiting', 'granted', 'refused', 'withdrawn']),
    /** When it was first asked, epoch milliseconds: reminders count from here. */
    askedAtMs: z.optional(z.int()),
    /** The last reminder that went out. */
    reminded: z.optional(z.int()),
    approver: z.optional(z.string()),
    reason: z.optional(z.string()),
    /** Whom to answer: the newest ask's. */
    reply: z.optional(replySchema),
  }),
});
