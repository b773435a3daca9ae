/**
 * dispatch-parcel: joins the wish for a dispatch, capacity, payment and label, which come in any order, against a deadline
 * and a call-off.
 * 1. A parcel is dispatched or missed, once: the first event that decides it wins, later ones change nothing.
 * 2. No event is lost by coming early: what it brings is kept in the row until the others are there.
 * 3. The deadline counts from when the dispatch was first asked for, not from when we heard of it.
 * 4. What is decided is told to the newest ask, and to every ask that comes after it: of a dispatch, or of a call-off,
 *    which comes too late once the parcel has gone out.
 * 5. A call-off before any other event leaves a tombstone: what comes later finds it missed (S3).
 */
import type * as z from 'zod/mini';
import type { dispatchParcel } from '../../contracts/consumers/dispatch';
import type { DispatchCallOffRequested, DispatchRequested } from '../../contracts/events/booking-asks';
import {
  DispatchDeadlineReached,
  DispatchMissed,
  DispatchStands,
  ParcelDispatched,
  part,
} from '../../contracts/events/dispatch';
import { invariant } from '../../contracts/invariant';
import type { DataOf, EventOf, Reply } from '../../contracts/kit';
import type { Decide, EmissionFor, Outcome } from '../../contracts/outcome';
import type { Dispatch } from '../../contracts/rows/dispatch';
import { newest } from '../newest';

type Consumer = typeof dispatchParcel;
type Row = DataOf<typeof Dispatch>;
type Part = z.infer<typeof part>;

const parts: readonly Part[] = part.options;

export const dispatchWithin =
  (options: { deadlineSeconds: number }): Decide<Consumer> =>
  (event, { dispatch }) => {
    const row: Row = dispatch ?? { bookingId: event.data.bookingId, have: [], status: 'waiting' };
    switch (event.type) {
      case 'DispatchRequested':
        return asked(row, event, options.deadlineSeconds);
      case 'DispatchCallOffRequested':
        return calledOff(row, event);
      case 'DispatchDeadlineReached':
        return late(row);
      case 'CapacityReserved':
        return arrived(row, 'capacity');
      case 'PaymentCaptured':
        return arrived(row, 'payment');
      case 'LabelRendered':
        return arrived({ ...row, labelKey: row.labelKey ?? event.data.label.key }, 'label');
    }
  };

function asked(
  row: Row,
  { data, meta }: EventOf<typeof DispatchRequested>,
  deadlineSeconds: number,
): Outcome<Consumer> {
  const { bookingId, parcelId, laneId, dispatchDate } = data;
  if (row.status === 'dispatched') return { emit: [outOf(row)], note: 'already dispatched' };
  if (row.status === 'missed') return { emit: [missedOf({ ...row, laneId, dispatchDate })], note: 'already missed' };
  const wanted = { ...row, parcelId, laneId, dispatchDate, reply: newest(row.reply, meta.reply) };
  const complete = dispatchedIfComplete(wanted);
  if (complete || row.parcelId !== undefined) return complete ?? { write: { dispatch: wanted } };
  const deadline = Date.parse(meta.time) + deadlineSeconds * 1000;
  return { write: { dispatch: wanted }, emit: [DispatchDeadlineReached.later({ bookingId }, deadline)] };
}

function arrived(row: Row, added: Part): Outcome<Consumer> {
  if (row.status !== 'waiting') return { note: `already ${row.status}` };
  // In the order of `parts`, so that the row does not tell in which order events came.
  const next = { ...row, have: parts.filter((name) => name === added || row.have.includes(name)) };
  return dispatchedIfComplete(next) ?? { write: { dispatch: next } };
}

function late(row: Row): Outcome<Consumer> {
  invariant(
    row.laneId !== undefined || row.status !== 'waiting',
    `the deadline of booking ${row.bookingId}, whose dispatch nobody has asked for; who published it?`,
  );
  if (row.status !== 'waiting') return { note: `already ${row.status}` };
  const missed: Row = {
    ...row,
    status: 'missed',
    reason: `not ready at the deadline; missing: ${missingIn(row).join(', ')}`,
  };
  return { write: { dispatch: missed }, emit: [missedOf(missed, row.reply)] };
}

function calledOff(row: Row, { data }: EventOf<typeof DispatchCallOffRequested>): Outcome<Consumer> {
  const { bookingId, laneId, dispatchDate, reason } = data;
  if (row.status === 'dispatched') {
    return { emit: [DispatchStands.of({ bookingId, reason: `the parcel ${row.parcelId} had gone out before` })] };
  }
  const missed: Row = { ...row, laneId, dispatchDate, status: 'missed', reason: row.reason ?? `called off: ${reason}` };
  if (row.status === 'missed') return { emit: [missedOf(missed)], note: 'already missed' };
  return { write: { dispatch: missed }, emit: [missedOf(missed)] };
}

function dispatchedIfComplete(row: Row): Outcome<Consumer> | undefined {
  if (row.parcelId === undefined || missingIn(row).length > 0) return undefined;
  return { write: { dispatch: { ...row, status: 'dispatched' } }, emit: [outOf(row, row.reply)] };
}

/** `reply`: whom it answers; absent: the ask that is being handled. */
function outOf(row: Row, reply?: Reply): EmissionFor<Consumer> {
  const { bookingId, parcelId, laneId, dispatchDate, labelKey } = row;
  invariant(
    parcelId && laneId && dispatchDate && labelKey,
    `the dispatch of booking ${bookingId} has all its parts, and not its parcel, lane, date or label`,
  );
  return ParcelDispatched.of({ bookingId, parcelId, laneId, dispatchDate, labelKey }, reply);
}

function missedOf(row: Row, reply?: Reply): EmissionFor<Consumer> {
  const { bookingId, laneId, dispatchDate, reason = '' } = row;
  invariant(laneId && dispatchDate, `the dispatch of booking ${bookingId} is missed, of an unknown lane or date`);
  return DispatchMissed.of({ bookingId, laneId, dispatchDate, reason, missing: missingIn(row) }, reply);
}

const missingIn = (row: Row): Part[] => parts.filter((name) => !row.have.includes(name));
