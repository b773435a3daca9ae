/**
 * dispatch-parcel: joins capacity, payment and label, which come in any order, against refusals and a deadline.
 * 1. A booking is dispatched or missed, once: the first event that decides it wins, later ones change nothing.
 * 2. No event is lost by coming early: what it brings is kept in the row until the others are there.
 * 3. DispatchMissed names the lane, so that its slot can be given back. A refusal that comes before any event which names
 *    the lane (only PaymentDeclined and the deadline do not) is kept, and takes effect with the first one that does.
 * 4. The deadline counts from when the booking was opened, not from when we heard of it.
 */
import type * as z from 'zod/mini';
import type { dispatchParcel } from '../../contracts/consumers/dispatch';
import { DispatchDeadlineReached, DispatchMissed, ParcelDispatched, part } from '../../contracts/events/dispatch';
import type { DataOf } from '../../contracts/kit';
import type { Decide, EventFor, Outcome } from '../../contracts/outcome';
import type { Dispatch } from '../../contracts/rows/dispatch';

type Consumer = typeof dispatchParcel;
type Row = DataOf<typeof Dispatch>;
type Part = z.infer<typeof part>;

const parts: readonly Part[] = part.options;

export const dispatchWithin =
  (options: { deadlineSeconds: number }): Decide<Consumer> =>
  (event, { dispatch }) => {
    if (dispatch && dispatch.status !== 'waiting') return { note: `already ${dispatch.status}` };
    const { bookingId } = event.data;
    const row = learn(dispatch ?? { bookingId, have: [], status: 'waiting' }, event);
    const decided = dispatched(row) ?? missed(row);
    if (decided) return decided;
    if (event.type !== 'BookingOpened') return { write: { dispatch: row } };
    const deadline = Date.parse(event.meta.time) + options.deadlineSeconds * 1000;
    return { write: { dispatch: row }, emit: [DispatchDeadlineReached.later({ bookingId }, deadline)] };
  };

/** What the event adds to what is known; the first reason stays. */
function learn(row: Row, event: EventFor<Consumer>): Row {
  switch (event.type) {
    case 'BookingOpened': {
      const { parcelId, laneId, dispatchDate } = event.data;
      return { ...row, parcelId, laneId, dispatchDate };
    }
    case 'CapacityReserved': {
      const { laneId, dispatchDate } = event.data;
      return { ...row, laneId, dispatchDate, have: including(row, 'capacity') };
    }
    case 'CapacityRefused': {
      const { laneId, dispatchDate, reason } = event.data;
      return { ...row, laneId, dispatchDate, reason: row.reason ?? reason };
    }
    case 'PaymentCaptured':
      return { ...row, have: including(row, 'payment') };
    case 'PaymentDeclined':
      return { ...row, reason: row.reason ?? `payment declined: ${event.data.reason}` };
    case 'LabelRendered': {
      const { parcelId, label } = event.data;
      return { ...row, parcelId, labelKey: label.key, have: including(row, 'label') };
    }
    case 'DispatchDeadlineReached': {
      const missing = missingIn(row).join(', ');
      return { ...row, reason: row.reason ?? `not ready at the deadline; missing: ${missing}` };
    }
  }
}

function dispatched(row: Row): Outcome<Consumer> | undefined {
  const { bookingId, parcelId, laneId, dispatchDate, labelKey } = row;
  if (row.reason !== undefined || missingIn(row).length > 0) return undefined;
  if (!parcelId || !laneId || !dispatchDate || !labelKey) return undefined;
  return {
    write: { dispatch: { ...row, status: 'dispatched' } },
    emit: [ParcelDispatched.of({ bookingId, parcelId, laneId, dispatchDate, labelKey })],
  };
}

function missed(row: Row): Outcome<Consumer> | undefined {
  const { bookingId, laneId, dispatchDate, reason } = row;
  if (reason === undefined || !laneId || !dispatchDate) return undefined;
  return {
    write: { dispatch: { ...row, status: 'missed' } },
    emit: [DispatchMissed.of({ bookingId, laneId, dispatchDate, reason, missing: missingIn(row) })],
  };
}

const missingIn = (row: Row): Part[] => parts.filter((name) => !row.have.includes(name));

/** In the order of `parts`, so that the row does not tell in which order events came. */
const including = (row: Row, added: Part): Part[] => parts.filter((name) => name === added || row.have.includes(name));
