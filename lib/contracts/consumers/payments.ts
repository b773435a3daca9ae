import { CaptureRequested, PaymentRequested, PaymentReversalRequested } from '../events/booking-asks';
import {
  PaymentAuthorised,
  PaymentCalledOff,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../events/payments';
import { consumer } from '../kit';
import { Payment } from '../rows/payments';

const day = 86_400;

export const authorisePayment = consumer({
  owner: 'payments',
  name: 'authorise-payment',
  does: "Has the gateway hold the price on the merchant's means of payment.",
  on: [PaymentRequested],
  emits: [PaymentAuthorised, PaymentDeclined],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'retry', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'The gateway may hold the price of one booking and we do not know it. Nothing was captured; the undo of the booking finds the hold. Fix the cause, redrive: the gateway answers the same key with the same result.',
});

export const capturePayment = consumer({
  owner: 'payments',
  name: 'capture-payment',
  does: 'Has the gateway take the price that it holds.',
  on: [CaptureRequested],
  emits: [PaymentCaptured, PaymentDeclined],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'retry', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'The price of one booking may have been taken without our knowing; the undo of the booking gives it back. Redrive within a day: the gateway still remembers the key. Later, look the booking up at the gateway first.',
});

export const refundPayment = consumer({
  owner: 'payments',
  name: 'refund-payment',
  does: 'Gives back what was taken, or lifts the hold, for a booking that is undone, whatever of it the gateway has heard.',
  on: [PaymentReversalRequested],
  emits: [PaymentRefunded, PaymentVoided, PaymentCalledOff],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'park', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'A merchant may not have got money back, and the saga of the booking asks again until it is parked. Look the booking up at the gateway. If it shows the refund, delete the dead letter and resume the saga with skip. If not, and the reason begins with "parked", delete the parked record that it names first; then redrive.',
});
