import { bookParcel } from '../../lib/contracts/sagas/book-parcel';
import { conduct } from '../shared/conduct';

export const handler = conduct(bookParcel);
