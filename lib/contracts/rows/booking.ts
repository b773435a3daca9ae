import * as z from 'zod/mini';
import { replySchema } from '../envelope';
import { resumeDecision } from '../events/booking';
import { row } from '../kit';

export const Booking = row('Booking', {
  owner: 'booking',
  says: "A merchant's booking and how it ended. A refused request keeps its booking id too.",
  data: z.object({
    bookingId: z.string(),
    merchantId: z.string(),
    parcelId: z.string(),
    priceCents: z.int(),
    status: z.enum(['open', 'confirmed', 'rejected']),
    reason: z.optional(z.string()),
    /** `meta.id` and content hash of the request that has the id: another request under it is refused. */
    requestId: z.string(),
    requestHash: z.string(),
  }),
});

export const BookingControl = row('BookingControl', {
  owner: 'booking',
  says: "What people want of a booking's saga, and where the saga listens: for a cancel, and where it is parked for an operator.",
  data: z.object({
    bookingId: z.string(),
    /** Somebody has called it off. */
    cancel: z.optional(z.object({ reason: z.string() })),
    /** Who is to be told of a cancel; absent: the saga has not said yet that it is under way. */
    watch: z.optional(replySchema),
    /** The step that waits for an operator: the newest, since a saga undoes one thing at a time. With its decision, it did. */
    parked: z.optional(
      z.object({
        step: z.string(),
        reason: z.string(),
        reply: z.optional(replySchema),
        decision: z.optional(resumeDecision),
      }),
    ),
  }),
});
