import * as z from 'zod/mini';
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
    laneId: z.optional(z.string()),
    dispatchDate: z.optional(z.string()),
    status: z.enum(['reserved', 'refused', 'released', 'cancelled']),
  }),
});

export const Dispatch = row('Dispatch', {
  owner: 'dispatch',
  says: 'The join: which of capacity, payment and label are there, and whether the parcel went out or missed its dispatch.',
  data: z.object({
    bookingId: z.string(),
    parcelId: z.optional(z.string()),
    laneId: z.optional(z.string()),
    dispatchDate: z.optional(z.string()),
    labelKey: z.optional(z.string()),
    have: z.array(part),
    status: z.enum(['waiting', 'dispatched', 'missed']),
    /** Why it is missed; while `waiting`: why it will be, as soon as the lane is known. */
    reason: z.optional(z.string()),
  }),
});
