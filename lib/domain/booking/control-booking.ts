/**
 * control-booking: people's wishes and where the saga listens for them, which come in any order.
 * 1. A cancel of an open booking is kept, and told to the saga as soon as it says that it is under way; of a booking that
 *    has ended, or that nobody opened, it is refused. The first cancel counts.
 * 2. The saga asks again with a new token when one is lost: the newest one is told.
 * 3. An operator's decision answers the step that is parked now, once: a copy of what it answered does not park it again.
 *    One that meets nothing parked changes nothing: it is not kept for a step that fails later.
 */
import type { controlBooking } from '../../contracts/consumers/booking';
import { BookingCancelled, BookingCancelRefused, BookingResumed } from '../../contracts/events/booking';
import type { DataOf, EventOf, Reply } from '../../contracts/kit';
import type { Decide, Outcome, StateOf } from '../../contracts/outcome';
import type { BookingControl } from '../../contracts/rows/booking';
import { newest } from '../newest';

type Consumer = typeof controlBooking;
type Row = DataOf<typeof BookingControl>;
type Decision = EventOf<typeof BookingResumed>['data']['decision'];

export const control: Decide<Consumer> = (event, state) => {
  const { bookingId } = event.data;
  const row = state.control ?? { bookingId };
  switch (event.type) {
    case 'BookingUnderWay':
      return watched(row, event.meta.reply);
    case 'BookingCancelRequested':
      return cancelled(row, state.booking, event.data.reason);
    case 'BookingParked':
      return parked(row, event.data, event.meta.reply);
    case 'BookingResumeRequested':
      return resumed(row, event.data.decision, event.data.by);
  }
};

function watched(row: Row, reply: Reply | undefined): Outcome<Consumer> {
  const { bookingId, cancel } = row;
  if (!cancel) return { write: { control: { ...row, watch: newest(row.watch, reply) } } };
  return { emit: [BookingCancelled.of({ bookingId, reason: cancel.reason })], note: 'called off before' };
}

function cancelled(row: Row, booking: StateOf<Consumer>['booking'], reason: string): Outcome<Consumer> {
  const { bookingId, watch } = row;
  if (booking?.status !== 'open') {
    const why = booking ? `booking ${bookingId} is ${booking.status}` : `booking ${bookingId} is not known`;
    return { emit: [BookingCancelRefused.of({ bookingId, reason: why })] };
  }
  if (row.cancel) return { note: 'called off before' };
  const called = { ...row, cancel: { reason } };
  if (!watch) return { write: { control: called }, note: 'kept until the saga is under way' };
  return { write: { control: called }, emit: [BookingCancelled.of({ bookingId, reason }, watch)] };
}

function parked(row: Row, { step, reason }: { step: string; reason: string }, reply: Reply | undefined) {
  const known = row.parked?.reply;
  if (known && newest(reply, known) === known) return { note: `no later ask than the one of ${known.askedAt}` };
  return { write: { control: { ...row, parked: { step, reason, reply } } } };
}

function resumed(row: Row, decision: Decision, by: string): Outcome<Consumer> {
  const { bookingId, parked } = row;
  if (!parked || parked.decision) return { note: `${by} says ${decision}, and nothing is parked` };
  return {
    write: { control: { ...row, parked: { ...parked, decision } } },
    emit: [BookingResumed.of({ bookingId, decision }, parked.reply)],
    note: `${parked.step}: ${by} says ${decision}`,
  };
}
