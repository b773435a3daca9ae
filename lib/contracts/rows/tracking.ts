import * as z from 'zod/mini';
import { parcelStatus } from '../events/tracking';
import { row } from '../kit';

export const Parcel = row('Parcel', {
  owner: 'tracking',
  says: 'Where is it: the furthest scan of a parcel, and the last scans by sequence.',
  data: z.object({
    parcelId: z.string(),
    status: parcelStatus,
    place: z.string(),
    scannedAt: z.string(),
    sequence: z.int(),
    scans: z.array(z.object({ sequence: z.int(), status: parcelStatus, place: z.string(), scannedAt: z.string() })),
  }),
});
