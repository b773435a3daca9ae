import * as z from 'zod/mini';
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
