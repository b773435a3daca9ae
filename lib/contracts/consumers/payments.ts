import { BookingOpened } from '../events/booking';
import { DispatchMissed } from '../events/dispatch';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundDue,
} from '../events/payments';
import { consumer } from '../kit';
import { Payment } from '../rows/payments';

const day = 86_400;

export const authorisePayment = consumer({
  owner: 'payments',
  name: 'authorise-payment',
  does: "Has the gateway hold the price on the merchant's means of payment.",
  on: [BookingOpened],
  emits: [PaymentAuthorised, PaymentDeclined, RefundDue],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'retry', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'The gateway may hold the price of one booking and we do not know it. Nothing was captured. Fix the cause, redrive: the gateway answers the same key with the same result.',
});

export const capturePayment = consumer({
  owner: 'payments',
  name: 'capture-payment',
  does: 'Has the gateway take the price that it holds.',
  on: [PaymentAuthorised],
  emits: [PaymentCaptured, PaymentDeclined, RefundDue],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'retry', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'The price of one booking may have been taken without our knowing. Redrive within a day: the gateway still remembers the key. Later, look the booking up at the gateway first.',
});

export const refundPayment = consumer({
  owner: 'payments',
  name: 'refund-payment',
  does: 'Gives back what was taken, or lifts the hold, for a booking that will not be carried out.',
  on: [DispatchMissed, RefundDue],
  emits: [PaymentRefunded, PaymentVoided],
  state: { payment: Payment },
  outside: { gateway: 'payment gateway', ifOwnerDied: 'park', gatewayRemembersSeconds: day, flightSeconds: 30 },
  timeoutSeconds: 15,
  ifDeadLettered:
    'A merchant may not have got money back. Look the booking up at the gateway. If it shows the refund, delete the dead letter. If not, and the reason begins with "parked", delete the parked record that it names first; then redrive.',
});
