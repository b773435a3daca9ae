import { ParcelDelivered, ParcelMoved, ParcelScanned } from '../events/tracking';
import { consumer } from '../kit';
import { Parcel } from '../rows/tracking';

export const recordScan = consumer({
  owner: 'tracking',
  name: 'record-scan',
  does: "Keeps 'where is it': scans of a parcel in order; a late or repeated scan changes nothing that is known to be newer.",
  on: [ParcelScanned],
  emits: [ParcelMoved, ParcelDelivered],
  state: { parcel: Parcel },
  ordered: true,
  timeoutSeconds: 10,
  ifDeadLettered: "A scan is missing from a parcel's history; later scans are not affected. Fix the cause, redrive.",
});
