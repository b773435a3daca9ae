/** void-label: the undo of render-label.ts. */
import type { voidLabel } from '../../contracts/consumers/labels';
import { LabelVoided } from '../../contracts/events/labels';
import type { Decide } from '../../contracts/outcome';

export const makeVoid: Decide<typeof voidLabel> = ({ data }, { label }) => {
  const { bookingId } = data;
  if (!label) {
    return {
      write: { label: { bookingId, status: 'void' } },
      note: 'nothing was drawn yet; a late drawing will not be valid',
    };
  }
  if (label.status === 'void') return { note: 'already void' };
  const voided = { ...label, status: 'void' as const };
  if (!label.parcelId) return { write: { label: voided } };
  return { write: { label: voided }, emit: [LabelVoided.of({ bookingId, parcelId: label.parcelId })] };
};
