import * as z from 'zod/mini';
import { source } from '../kit';

const approvals = source('approvals');
const id = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const approver = z.string().check(z.minLength(1), z.maxLength(80));
/** Counts a booking's reminders from 1. */
const nth = z.int().check(z.gte(1));

export const ApprovalAnswered = approvals.event('ApprovalAnswered', {
  says: 'A person has said whether a booking is carried out. The first answer counts.',
  key: 'bookingId',
  external: true,
  data: z.object({
    bookingId: id,
    approver,
    granted: z.boolean(),
    /** Of a no. */
    reason: z.optional(z.string().check(z.minLength(1), z.maxLength(200))),
  }),
  example: { bookingId: 'bk-1001', approver: 'ada@example.com', granted: true },
});

export const ApprovalGranted = approvals.event('ApprovalGranted', {
  says: 'A person agrees that the booking is carried out.',
  key: 'bookingId',
  data: z.object({ bookingId: id, approver }),
  example: { bookingId: 'bk-1001', approver: 'ada@example.com' },
});

export const ApprovalRefused = approvals.event('ApprovalRefused', {
  says: 'The booking is not to be carried out: a person says so, or nobody was to be asked any more.',
  key: 'bookingId',
  data: z.object({
    bookingId: id,
    /** Absent: it was withdrawn. */
    approver: z.optional(approver),
    reason: z.string(),
  }),
  example: { bookingId: 'bk-1001', approver: 'ada@example.com', reason: 'the merchant is over its limit' },
});

export const ApprovalReminderDue = approvals.event('ApprovalReminderDue', {
  says: 'A day has passed since a person was asked, or last reminded.',
  key: 'bookingId',
  data: z.object({ bookingId: id, nth }),
  example: { bookingId: 'bk-1001', nth: 1 },
});

export const ApprovalReminded = approvals.event('ApprovalReminded', {
  says: 'A person is reminded that a booking waits for an answer.',
  key: 'bookingId',
  data: z.object({ bookingId: id, nth }),
  example: { bookingId: 'bk-1001', nth: 1 },
});

export const ApprovalEscalated = approvals.event('ApprovalEscalated', {
  says: 'A booking has waited for an answer for two days or more: somebody else is to see to it.',
  key: 'bookingId',
  data: z.object({ bookingId: id, nth }),
  example: { bookingId: 'bk-1001', nth: 2 },
});

export const ApprovalWithdrawn = approvals.event('ApprovalWithdrawn', {
  says: 'Nobody is asked about the booking any more, and no answer counts.',
  key: 'bookingId',
  data: z.object({ bookingId: id }),
  example: { bookingId: 'bk-1001' },
});
