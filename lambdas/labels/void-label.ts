import { voidLabel } from '../../lib/contracts/consumers/labels';
import { Label } from '../../lib/contracts/rows/labels';
import { makeVoid } from '../../lib/domain/labels/void-label';
import { consume } from '../shared/consume';

export const handler = consume(voidLabel, {
  read: ({ data }) => ({ label: Label.key(data.bookingId) }),
  decide: makeVoid,
});
