/**
 * record-scan: where is the parcel. EventBridge keeps no order, and the FIFO lane only the order in which it got them, so:
 * 1. The row is the same for every order of the same scans, and for any of them repeated: each field is a maximum.
 * 2. Of scans with equal sequence (a scanner that counts wrong) the later by its own clock counts.
 * 3. What is delivered stays delivered: no scan with a higher sequence brings a parcel back on the road.
 * 4. ParcelMoved goes out when a scan is news, ParcelDelivered once.
 */
import type * as z from 'zod/mini';
import type { recordScan } from '../../contracts/consumers/tracking';
import { ParcelDelivered, ParcelMoved, parcelStatus } from '../../contracts/events/tracking';
import type { DataOf } from '../../contracts/kit';
import type { Decide } from '../../contracts/outcome';
import type { Parcel } from '../../contracts/rows/tracking';

type Row = DataOf<typeof Parcel>;
type Scan = Row['scans'][number];

/** How many scans the row keeps, the highest sequences. */
export const keptScans = 20;

export const record: Decide<typeof recordScan> = ({ data }, { parcel }) => {
  const { parcelId, ...scan } = data;
  const scans = withScan(parcel?.scans ?? [], scan);
  const news = !parcel || further(scan, parcel);
  const { status, place, scannedAt, sequence } = news ? scan : parcel;
  const row: Row = { parcelId, status, place, scannedAt, sequence, scans };
  if (!news) return { write: { parcel: row }, note: `scan ${scan.sequence} is not newer than scan ${sequence}` };
  const arrived = status === 'delivered' && parcel?.status !== 'delivered';
  return {
    write: { parcel: row },
    emit: [ParcelMoved.of(data), ...(arrived ? [ParcelDelivered.of({ parcelId, place, deliveredAt: scannedAt })] : [])],
  };
};

function withScan(scans: readonly Scan[], scan: Scan): Scan[] {
  const same = scans.find((known) => known.sequence === scan.sequence);
  const kept = same && !later(scan, same) ? same : scan;
  return [...scans.filter((known) => known !== same), kept].sort((a, b) => a.sequence - b.sequence).slice(-keptScans);
}

/** A total order of what a parcel can have come through: delivered last, then by sequence, then as `later`. */
function further(scan: Scan, than: Scan): boolean {
  const arrived = scan.status === 'delivered';
  if (arrived !== (than.status === 'delivered')) return arrived;
  if (scan.sequence !== than.sequence) return scan.sequence > than.sequence;
  return later(scan, than);
}

/** Of two scans with equal sequence. The last comparison means nothing; it only makes the order total. */
function later(scan: Scan, than: Scan): boolean {
  const at = Date.parse(scan.scannedAt) - Date.parse(than.scannedAt);
  if (at !== 0) return at > 0;
  const rank = rankOf(scan.status) - rankOf(than.status);
  if (rank !== 0) return rank > 0;
  return tieBreak(scan) > tieBreak(than);
}

const rankOf = (status: z.infer<typeof parcelStatus>): number => parcelStatus.options.indexOf(status);
const tieBreak = (scan: Scan): string => JSON.stringify([scan.place, scan.scannedAt]);
