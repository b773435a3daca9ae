import * as z from 'zod/mini';
import { row } from '../kit';

export const Label = row('Label', {
  owner: 'labels',
  says: "A booking's label: where the drawing is, or that it is void. `void` before any drawing is a tombstone (S3).",
  data: z.object({
    bookingId: z.string(),
    parcelId: z.optional(z.string()),
    key: z.optional(z.string()),
    sha256: z.optional(z.string()),
    bytes: z.optional(z.int()),
    status: z.enum(['rendered', 'void']),
  }),
});
