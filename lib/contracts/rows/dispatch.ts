import * as z from 'zod/mini';
import { replySchema } from '../envelope';
import { part } from '../events/dispatch';
import { row } from '../kit';

export const LaneDay = row('LaneDay', {
  owner: 'dispatch',
  says: "How many of a lane's slots are taken on one day. Key: lane, date.",
  data: z.object({ slots: z.int(), reserved: z.int() }),
});

export const Reservation = row('Reservation', {
  owner: 'dispatch',
  says: "A booking's slot. `cancelled` before any reservation is a tombstone: a late ask takes nothing (S3).",
  data: z.object({
    bookingId: z.string(),
    laneId: z.string(),
    dispatchDate: z.string(),
    status: z.enum(['reserved', 'refused', 'released', 'cancelled']),
    /** Of a refusal. */
    reason: z.optional(z.string()),
  }),
});

export const Dispatch = row('Dispatch', {
  owner: 'dispatch',
  says: 'The join: whether the dispatch was asked for, which of capacity, payment and label are there, and whether the parcel went out. `missed` before it was asked for is a tombstone (S3).',
  data: z.object({
    bookingId: z.string(),
    /** Asked for: parcel, lane and day are known. */
    parcelId: z.optional(z.string()),
    laneId: z.optional(z.string()),
    dispatchDate: z.optional(z.string()),
    labelKey: z.optional(z.string()),
    have: z.array(part),
    status: z.enum(['waiting', 'dispatched', 'missed']),
    /** Why it is missed. */
    reason: z.optional(z.string()),
    /** Whom to answer: the newest ask's. */
    reply: z.optional(replySchema),
  }),
});
