/**
 * A way in which each consumer has work to do, publishes something, and does the same whatever is delayed elsewhere: the
 * ground on which faults are tried. A consumer that has effects and is not listed here fails test/workflows/faults.test.ts.
 */
import * as approvals from '../../lib/contracts/consumers/approvals';
import * as booking from '../../lib/contracts/consumers/booking';
import * as dispatch from '../../lib/contracts/consumers/dispatch';
import * as labels from '../../lib/contracts/consumers/labels';
import * as payments from '../../lib/contracts/consumers/payments';
import * as tracking from '../../lib/contracts/consumers/tracking';
import { ApprovalAnswered } from '../../lib/contracts/events/approvals';
import { BookingCancelRequested, BookingRequested } from '../../lib/contracts/events/booking';
import { PaymentRequested } from '../../lib/contracts/events/booking-asks';
import { LabelRendered } from '../../lib/contracts/events/labels';
import { ParcelScanned } from '../../lib/contracts/events/tracking';
import type { Consumer, EventType } from '../../lib/contracts/kit';
import type { VirtualWorld } from '../../lib/local/virtual';
import { publish } from './world';

/** One run of a flow in a world: its business id, and a day of its own, so that runs share no row. */
export interface Run {
  key: string;
  date: string;
}

export interface Flow {
  name: string;
  start(world: VirtualWorld, run: Run): void | Promise<void>;
  /** In which it comes to rest, schedules included; absent: an hour. */
  restsWithinMs?: number;
  /** Deliveries that come later than the rest, so that parts meet in the same order every time. */
  held?: { event: EventType; to: Consumer; laterMs: number };
}

const wish = ({ key, date }: Run, changes: object = {}): object => ({
  ...BookingRequested.example,
  bookingId: key,
  dispatchDate: date,
  ...changes,
});

const goesThrough: Flow = {
  name: 'a booking that goes through',
  start: (world, run) => void publish(world, BookingRequested, wish(run)),
};

/** The payment is declined when slot and label are there. */
const declined: Flow = {
  name: 'a booking whose payment is declined',
  start: (world, run) => void publish(world, BookingRequested, wish(run, { paymentToken: 'tok_declined' })),
  held: { event: PaymentRequested, to: payments.authorisePayment, laterMs: 5_000 },
};

/** Called off when the price is taken, and dispatch does not know yet that the label is there. */
const takenBack: Flow = {
  name: 'a booking that is called off when it is paid',
  start: async (world, run) => {
    publish(world, BookingRequested, wish(run));
    await world.pass(10_000);
    publish(world, BookingCancelRequested, { bookingId: run.key, reason: 'ordered twice' });
  },
  held: { event: LabelRendered, to: dispatch.dispatchParcel, laterMs: 20_000 },
};

const hour = 3_600_000;
const dear = { priceCents: 250_000 };

/** A person answers, however late the ask was heard of; the first reminder finds it answered. */
const approved: Flow = {
  name: 'a booking that waits for a person, who agrees',
  start: async (world, run) => {
    publish(world, BookingRequested, wish(run, dear));
    await world.pass(2 * hour);
    publish(world, ApprovalAnswered, { bookingId: run.key, approver: 'ada', granted: true });
  },
  restsWithinMs: 26 * hour,
};

/** Called off while it waits for a person, when nothing else happens to it. */
const cancelled: Flow = {
  name: 'a booking that is called off',
  start: async (world, run) => {
    publish(world, BookingRequested, wish(run, dear));
    await world.pass(2 * hour);
    publish(world, BookingCancelRequested, { bookingId: run.key, reason: 'ordered twice' });
  },
  restsWithinMs: 26 * hour,
};

/** A second apart: EventBridge keeps no order of what comes at once. */
const scanned: Flow = {
  name: 'the scans of a parcel',
  start: async (world, { key, date }) => {
    const scans = [
      ['collected', 'Berlin'],
      ['in-transit', 'Hannover hub'],
      ['delivered', 'Hamburg'],
    ] as const;
    for (const [index, [status, place]] of scans.entries()) {
      const scannedAt = `${date}T0${index + 6}:00:00Z`;
      publish(world, ParcelScanned, { parcelId: key, sequence: index + 1, status, place, scannedAt });
      await world.pass(1_000);
    }
  },
};

/** `publishes`: what the consumer is seen to publish in the flow, at least. */
export const flows: readonly { consumer: Consumer; flow: Flow; publishes: string }[] = [
  { consumer: booking.openBooking, flow: goesThrough, publishes: 'BookingOpened' },
  { consumer: booking.concludeBooking, flow: goesThrough, publishes: 'BookingConfirmed' },
  { consumer: booking.controlBooking, flow: cancelled, publishes: 'BookingCancelled' },
  { consumer: approvals.approveBooking, flow: approved, publishes: 'ApprovalGranted' },
  { consumer: dispatch.reserveCapacity, flow: goesThrough, publishes: 'CapacityReserved' },
  { consumer: dispatch.dispatchParcel, flow: goesThrough, publishes: 'ParcelDispatched' },
  { consumer: dispatch.releaseCapacity, flow: declined, publishes: 'CapacityReleased' },
  { consumer: labels.renderLabel, flow: goesThrough, publishes: 'LabelRendered' },
  { consumer: labels.voidLabel, flow: declined, publishes: 'LabelVoided' },
  { consumer: payments.authorisePayment, flow: goesThrough, publishes: 'PaymentAuthorised' },
  { consumer: payments.capturePayment, flow: goesThrough, publishes: 'PaymentCaptured' },
  { consumer: payments.refundPayment, flow: takenBack, publishes: 'PaymentRefunded' },
  { consumer: tracking.recordScan, flow: scanned, publishes: 'ParcelDelivered' },
];
