/** render-label, and void-label (void-label.ts): a step and its undo over one label row (S3). What is void is never valid again. */
import type { renderLabel } from '../../contracts/consumers/labels';
import { LabelRefused, LabelRendered } from '../../contracts/events/labels';
import { invariant } from '../../contracts/invariant';
import type { DataOf } from '../../contracts/kit';
import type { AskOutside, Outcome, Settle } from '../../contracts/outcome';
import type { Label } from '../../contracts/rows/labels';

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
  if (label) return known(label);
  const { parcelId, laneId, dispatchDate, weightGrams, sender, recipient } = data;
  return { ask: { parcelId, laneId, dispatchDate, weightGrams, sender, recipient } };
};

export const settleDrawing: Settle<typeof renderLabel, StoredLabel> = ({ data }, { label }, stored) => {
  const { bookingId, parcelId } = data;
  if (label?.status === 'rendered') return known(label);
  const drawn = { bookingId, parcelId, ...stored };
  // Where the undo came first, the drawing is there and was never valid.
  if (label) return { ...known(label), write: { label: { ...drawn, status: 'void' } } };
  return {
    write: { label: { ...drawn, status: 'rendered' } },
    emit: [LabelRendered.of({ bookingId, parcelId, label: stored })],
  };
};

/** The answer that the row gives. */
function known({ bookingId, parcelId, key, sha256, bytes, status }: DataOf<typeof Label>): Outcome<typeof renderLabel> {
  if (status === 'void') {
    return {
      emit: [LabelRefused.of({ bookingId, reason: 'the booking was called off before' })],
      note: 'already void',
    };
  }
  invariant(
    parcelId && key && sha256 && bytes,
    `the label of booking ${bookingId} is rendered, and nobody knows where it is`,
  );
  return {
    emit: [LabelRendered.of({ bookingId, parcelId, label: { key, sha256, bytes } })],
    note: 'already rendered',
  };
}
