import * as z from 'zod/mini';
import { source } from '../kit';

const dispatch = source('dispatch');
const id = z.string().check(z.minLength(1), z.maxLength(64));

/** What a dispatch waits for. */
export const part = z.enum(['capacity', 'payment', 'label']);

export const CapacityReserved = dispatch.event('CapacityReserved', {
  says: "One slot of the lane's day belongs to the booking.",
  key: 'bookingId',
  data: z.object({ bookingId: id, laneId: id, dispatchDate: z.iso.date() }),
  example: { bookingId: 'bk-1001', laneId: 'BER-HAM', dispatchDate: '2030-12-01' },
});

export const CapacityRefused = dispatch.event('CapacityRefused', {
  says: "The lane's day has no slot left for the booking.",
  key: 'bookingId',
  data: z.object({ bookingId: id, laneId: id, dispatchDate: z.iso.date(), reason: z.string() }),
  example: {
    bookingId: 'bk-1001',
    laneId: 'BER-HAM',
    dispatchDate: '2030-12-01',
    reason: 'lane BER-HAM is full on 2030-12-01',
  },
});

export const CapacityReleased = dispatch.event('CapacityReleased', {
  says: 'The booking holds no slot, and will take none.',
  key: 'bookingId',
  data: z.object({ bookingId: id, laneId: id, dispatchDate: z.iso.date() }),
  example: { bookingId: 'bk-1001', laneId: 'BER-HAM', dispatchDate: '2030-12-01' },
});

export const DispatchDeadlineReached = dispatch.event('DispatchDeadlineReached', {
  says: 'The time in which a parcel must be ready, once its dispatch was asked for, is over.',
  key: 'bookingId',
  data: z.object({ bookingId: id }),
  example: { bookingId: 'bk-1001' },
});

export const DispatchMissed = dispatch.event('DispatchMissed', {
  says: 'The parcel is not dispatched, and will not be.',
  key: 'bookingId',
  data: z.object({
    bookingId: id,
    laneId: id,
    dispatchDate: z.iso.date(),
    reason: z.string(),
    /** What was not there; not what must be undone: a part may still arrive. */
    missing: z.array(part),
  }),
  example: {
    bookingId: 'bk-1001',
    laneId: 'BER-HAM',
    dispatchDate: '2030-12-01',
    reason: 'not ready at the deadline; missing: payment',
    missing: ['payment' as const],
  },
});

export const ParcelDispatched = dispatch.event('ParcelDispatched', {
  says: 'Label, slot and payment are there: the parcel goes to the carrier.',
  key: 'bookingId',
  data: z.object({ bookingId: id, parcelId: id, laneId: id, dispatchDate: z.iso.date(), labelKey: z.string() }),
  example: {
    bookingId: 'bk-1001',
    parcelId: 'pc-bk-1001',
    laneId: 'BER-HAM',
    dispatchDate: '2030-12-01',
    labelKey: 'labels/pc-bk-1001.svg',
  },
});

export const DispatchStands = dispatch.event('DispatchStands', {
  says: 'The parcel was to stay, and had gone out before.',
  key: 'bookingId',
  data: z.object({ bookingId: id, reason: z.string() }),
  example: { bookingId: 'bk-1001', reason: 'the parcel pc-bk-1001 is dispatched' },
});
