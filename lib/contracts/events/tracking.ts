import * as z from 'zod/mini';
import { source } from '../kit';

const tracking = source('tracking');
const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));

/** In the order in which a parcel passes them. */
export const parcelStatus = z.enum(['collected', 'in-transit', 'out-for-delivery', 'delivered']);

const scan = {
  parcelId: id,
  /** Counts a parcel's scans from 1, given by the carrier's scanner. */
  sequence: z.int().check(z.gte(1)),
  status: parcelStatus,
  place: z.string().check(z.minLength(1), z.maxLength(80)),
  scannedAt: z.iso.datetime({ offset: true }),
};

const example = {
  parcelId: 'pc-bk-1001',
  sequence: 2,
  status: 'in-transit' as const,
  place: 'Hannover hub',
  scannedAt: '2030-12-01T18:20:00Z',
};

export const ParcelScanned = tracking.event('ParcelScanned', {
  says: "A carrier's scanner saw the parcel.",
  key: 'parcelId',
  external: true,
  data: z.object(scan),
  example,
});

export const ParcelMoved = tracking.event('ParcelMoved', {
  says: 'The parcel is known to be further along than before.',
  key: 'parcelId',
  data: z.object(scan),
  example,
});

export const ParcelDelivered = tracking.event('ParcelDelivered', {
  says: 'The recipient has the parcel.',
  key: 'parcelId',
  data: z.object({ parcelId: id, place: z.string(), deliveredAt: z.iso.datetime({ offset: true }) }),
  example: { parcelId: 'pc-bk-1001', place: 'Hamburg', deliveredAt: '2030-12-02T10:05:00Z' },
});
