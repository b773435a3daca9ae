/** void-label: the undo of render-label.ts. A label that is drawn later than this is never valid. */
import type { voidLabel } from '../../contracts/consumers/labels';
import { LabelVoided } from '../../contracts/events/labels';
import type { Decide } from '../../contracts/outcome';

export const makeVoid: Decide<typeof voidLabel> = ({ data }, { label }) => {
  const { bookingId, parcelId } = data;
  const emit = [LabelVoided.of({ bookingId, parcelId })];
  if (label?.status === 'void') return { emit, note: 'already void' };
  return {
    write: { label: { bookingId, ...label, status: 'void' } },
    emit,
    ...(label ? {} : { note: 'nothing was drawn yet; a late drawing will not be valid' }),
  };
};
