import * as z from 'zod/mini';
import { source } from '../kit';

const labels = source('labels');
const id = z.string().check(z.minLength(1), z.maxLength(64));

export const LabelRendered = labels.event('LabelRendered', {
  says: "The parcel's label is drawn and stored; the event carries a claim check, not the drawing.",
  key: 'bookingId',
  data: z.object({
    bookingId: id,
    parcelId: id,
    /** Where the SVG is, in the labels bucket, and what it must hash to. */
    label: z.object({ key: z.string(), sha256: z.string().check(z.length(64)), bytes: z.int().check(z.gte(1)) }),
  }),
  example: {
    bookingId: 'bk-1001',
    parcelId: 'pc-bk-1001',
    label: {
      key: 'labels/pc-bk-1001.svg',
      sha256: '5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592',
      bytes: 5120,
    },
  },
});

export const LabelVoided = labels.event('LabelVoided', {
  says: 'The parcel has no label that may be used, and will get none.',
  key: 'bookingId',
  data: z.object({ bookingId: id, parcelId: id }),
  example: { bookingId: 'bk-1001', parcelId: 'pc-bk-1001' },
});

export const LabelRefused = labels.event('LabelRefused', {
  says: 'The label is not drawn, or not valid, since the booking was called off before.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'the booking was called off before' },
});
