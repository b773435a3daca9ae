import { recordScan } from '../../lib/contracts/consumers/tracking';
import { Parcel } from '../../lib/contracts/rows/tracking';
import { record } from '../../lib/domain/tracking/record-scan';
import { consume } from '../shared/consume';

export const handler = consume(recordScan, {
  read: ({ data }) => ({ parcel: Parcel.key(data.parcelId) }),
  decide: record,
});
