/**
 * approve-booking: a person is asked, and may take days.
 * 1. The first of an answer and a withdrawal decides, once; later ones change nothing and say nothing, unless they are
 *    asks of the saga: those are answered by what was decided.
 * 2. While it waits, a reminder is due each day, counted from the first ask; from the second on it goes to somebody else
 *    as well. Each tells the saga that the question still stands. A reminder that comes twice goes out once.
 * 3. Reminders follow from one another, so their number is bounded by `delivery.maxHops`: `lastReminder` is the last that
 *    can be told, and the saga, which asks twice for a week, has given up a day after it.
 * 4. An answer that nobody has asked for is not kept: a person answers what was shown.
 */
import type { approveBooking } from '../../contracts/consumers/approvals';
import {
  type ApprovalAnswered,
  ApprovalEscalated,
  ApprovalGranted,
  ApprovalRefused,
  ApprovalReminded,
  ApprovalReminderDue,
  ApprovalWithdrawn,
} from '../../contracts/events/approvals';
import { invariant } from '../../contracts/invariant';
import type { DataOf, EventOf, Meta, Reply } from '../../contracts/kit';
import type { Decide, EmissionFor, Outcome } from '../../contracts/outcome';
import type { Approval } from '../../contracts/rows/approvals';
import { newest } from '../newest';

type Consumer = typeof approveBooking;
type Row = DataOf<typeof Approval>;
type DataFor<E> = EventOf<E>['data'];

const dayMs = 86_400_000;
/** From this reminder on, it is an escalation. */
export const escalatesFrom = 2;
export const lastReminder = 13;

export const approve: Decide<Consumer> = (event, { approval }) => {
  switch (event.type) {
    case 'ApprovalRequested':
      return asked(approval, event.data.bookingId, event.meta);
    case 'ApprovalAnswered':
      return answered(approval, event.data);
    case 'ApprovalReminderDue':
      return reminded(approval, event.data);
    case 'ApprovalWithdrawalRequested':
      return withdrawn(approval, event.data.bookingId);
  }
};

function asked(row: Row | undefined, bookingId: string, meta: Meta): Outcome<Consumer> {
  if (!row) {
    const askedAtMs = Date.parse(meta.time);
    return {
      write: { approval: { bookingId, status: 'waiting', askedAtMs, reply: meta.reply } },
      emit: [reminder(bookingId, 1, askedAtMs)],
    };
  }
  if (row.status === 'waiting') return { write: { approval: { ...row, reply: newest(row.reply, meta.reply) } } };
  return { emit: [verdict(row)], note: `already ${row.status}` };
}

function answered(row: Row | undefined, data: DataFor<typeof ApprovalAnswered>): Outcome<Consumer> {
  const { bookingId, approver, granted, reason } = data;
  if (!row) return { note: `${approver} answers for booking ${bookingId}, about which nobody was asked` };
  if (row.status !== 'waiting') return { note: `already ${row.status}` };
  const decided: Row = granted
    ? { ...row, status: 'granted', approver }
    : { ...row, status: 'refused', approver, reason: reason ?? `${approver} refused` };
  return { write: { approval: decided }, emit: [verdict(decided, row.reply)] };
}

function reminded(row: Row | undefined, { bookingId, nth }: DataFor<typeof ApprovalReminderDue>): Outcome<Consumer> {
  invariant(row?.askedAtMs !== undefined, `reminder ${nth} for booking ${bookingId}, about which nobody was asked`);
  if (row.status !== 'waiting') return { note: `already ${row.status}` };
  if (nth <= (row.reminded ?? 0)) return { note: `reminder ${nth} went out before` };
  const told = nth < escalatesFrom ? ApprovalReminded : ApprovalEscalated;
  return {
    write: { approval: { ...row, reminded: nth } },
    emit: [
      told.of({ bookingId, nth }, row.reply),
      ...(nth < lastReminder ? [reminder(bookingId, nth + 1, row.askedAtMs)] : []),
    ],
  };
}

function withdrawn(row: Row | undefined, bookingId: string): Outcome<Consumer> {
  const emit = [ApprovalWithdrawn.of({ bookingId })];
  if (row && row.status !== 'waiting') return { emit, note: `already ${row.status}` };
  return { write: { approval: { bookingId, ...row, status: 'withdrawn' } }, emit };
}

const reminder = (bookingId: string, nth: number, askedAtMs: number) =>
  ApprovalReminderDue.later({ bookingId, nth }, askedAtMs + nth * dayMs);

/** What was decided, as an answer to `reply`: absent, to the ask that is being handled. */
function verdict({ bookingId, status, approver, reason }: Row, reply?: Reply): EmissionFor<Consumer> {
  if (status !== 'granted') {
    return ApprovalRefused.of({ bookingId, approver, reason: reason ?? 'the booking was called off before' }, reply);
  }
  invariant(approver, `booking ${bookingId} is granted by nobody`);
  return ApprovalGranted.of({ bookingId, approver }, reply);
}
