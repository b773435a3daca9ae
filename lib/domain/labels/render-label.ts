/** render-label, and void-label (void-label.ts): a step and its undo over one label row (S3). What is void is never valid again. */
import type { renderLabel } from '../../contracts/consumers/labels';
import { LabelRendered } from '../../contracts/events/labels';
import type { AskOutside, Settle } from '../../contracts/outcome';

/** What a label shows. */
export interface LabelText {
  parcelId: string;
  laneId: string;
  dispatchDate: string;
  weightGrams: number;
  sender: Address;
  recipient: Address;
}

export interface Address {
  name: string;
  postcode: string;
  city: string;
}

/** A drawing that is stored: its key in the labels bucket, what its bytes hash to (hex), how many they are. */
export interface StoredLabel {
  key: string;
  sha256: string;
  bytes: number;
}

export const labelKeyOf = (parcelId: string): string => `labels/${parcelId}.svg`;

export const askDrawing: AskOutside<typeof renderLabel, LabelText> = ({ data }, { label }) => {
  if (label) return { note: label.status === 'void' ? 'the dispatch was missed before' : 'already rendered' };
  const { parcelId, laneId, dispatchDate, weightGrams, sender, recipient } = data;
  return { ask: { parcelId, laneId, dispatchDate, weightGrams, sender, recipient } };
};

export const settleDrawing: Settle<typeof renderLabel, StoredLabel> = ({ data }, { label }, stored) => {
  const { bookingId, parcelId } = data;
  const drawn = { bookingId, parcelId, key: stored.key, sha256: stored.sha256 };
  if (label?.status === 'rendered') return { note: 'already rendered' };
  // Nobody was told of this drawing, so nobody need be told that it is void.
  if (label) return { write: { label: { ...drawn, status: 'void' } }, note: 'the dispatch was missed before' };
  return {
    write: { label: { ...drawn, status: 'rendered' } },
    emit: [LabelRendered.of({ bookingId, parcelId, label: stored })],
  };
};
