import { BookingOpened } from '../events/booking';
import { DispatchMissed } from '../events/dispatch';
import { LabelRendered, LabelVoided } from '../events/labels';
import { consumer } from '../kit';
import { Label } from '../rows/labels';

export const renderLabel = consumer({
  owner: 'labels',
  name: 'render-label',
  does: "Draws the parcel's label with its barcode and stores it.",
  on: [BookingOpened],
  emits: [LabelRendered],
  state: { label: Label },
  // Storing under a name derived from the booking is idempotent for ever: asking again does no harm.
  outside: { gateway: 'label store', ifOwnerDied: 'retry', gatewayRemembersSeconds: 3_650 * 86_400, flightSeconds: 30 },
  stores: 'labels',
  timeoutSeconds: 30,
  memoryMb: 1024,
  ifDeadLettered: 'One parcel has no label, and misses its dispatch at the deadline. Fix the cause, redrive.',
});

export const voidLabel = consumer({
  owner: 'labels',
  name: 'void-label',
  does: 'Makes the label of a missed dispatch void.',
  on: [DispatchMissed],
  emits: [LabelVoided],
  state: { label: Label },
  timeoutSeconds: 10,
  ifDeadLettered: 'The label of a parcel that was not dispatched still counts as valid. Fix the cause, redrive.',
});
