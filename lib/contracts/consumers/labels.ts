import { LabelRequested, LabelVoidRequested } from '../events/booking-asks';
import { LabelRefused, LabelRendered, LabelVoided } from '../events/labels';
import { consumer } from '../kit';
import { Label } from '../rows/labels';

export const renderLabel = consumer({
  owner: 'labels',
  name: 'render-label',
  does: "Draws the parcel's label with its barcode and stores it.",
  on: [LabelRequested],
  emits: [LabelRendered, LabelRefused],
  state: { label: Label },
  // Storing under a name derived from the booking is idempotent for ever: asking again does no harm.
  outside: { gateway: 'label store', ifOwnerDied: 'retry', gatewayRemembersSeconds: 3_650 * 86_400, flightSeconds: 30 },
  stores: 'labels',
  timeoutSeconds: 30,
  memoryMb: 1024,
  ifDeadLettered:
    'One parcel has no label, and its saga undoes the booking when its patience is over. Fix the cause, redrive.',
});

export const voidLabel = consumer({
  owner: 'labels',
  name: 'void-label',
  does: 'Makes the label of a booking that is undone void.',
  on: [LabelVoidRequested],
  emits: [LabelVoided],
  state: { label: Label },
  timeoutSeconds: 10,
  ifDeadLettered:
    'The label of a booking that is undone may still count as valid; its saga asks again until it is parked. Fix the cause, redrive.',
});
