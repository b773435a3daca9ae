/** Sample bookings and the events of their way, valid by the contracts unless a test says otherwise. */
import { BookingRequested } from '../../lib/contracts/events/booking';
import type { DataOf, EventOf, EventType, Meta, Reply } from '../../lib/contracts/kit';
import type { Booking } from '../../lib/contracts/rows/booking';

type DataFor<E> = E extends EventType<string, infer Data> ? Data : never;

/** When the samples happen: a moment before their dispatch date. */
export const sampleNow = Date.parse('2030-11-25T09:00:00.000Z');

/** An event as a handler sees it. `meta` is filled in: id, key, correlation, time. */
export function eventOf<E extends EventType>(type: E, data: DataFor<E>, meta: Partial<Meta> = {}): EventOf<E> {
  const key = String((data as Record<string, unknown>)[type.keyField]);
  const id = meta.id ?? `${type.name}-${key}`;
  const time = new Date(sampleNow).toISOString();
  return { type: type.name, data, meta: { id, key, correlation: key, time, hop: 0, ...meta } } as EventOf<E>;
}

/** What a merchant wishes. */
export function bookingWish(changes: Partial<DataFor<typeof BookingRequested>> = {}): DataFor<typeof BookingRequested> {
  return { ...BookingRequested.example, bookingId: 'bk-1', dispatchDate: '2030-12-02', ...changes };
}

export const requested = (changes: Parameters<typeof bookingWish>[0] = {}, meta: Partial<Meta> = {}) =>
  eventOf(BookingRequested, bookingWish(changes), meta);

/** Where the answer to the `attempt`-th ask of a step goes. */
export const replyTo = (attempt = 1): Reply => ({
  saga: 'booking/book-parcel',
  execution: 'bk-1',
  step: 'a-step',
  token: `token-${attempt}`,
  askedAt: new Date(sampleNow + attempt * 1000).toISOString(),
});

/** An ask of the booking saga about booking bk-1. */
export function asked<E extends EventType>(type: E, changes: Partial<DataFor<E>> = {}, attempt = 1): EventOf<E> {
  const { bookingId, parcelId } = { bookingId: 'bk-1', parcelId: 'pc-bk-1' };
  const data = { ...type.example, bookingId, ...('parcelId' in type.example ? { parcelId } : {}), ...changes };
  const time = new Date(sampleNow + attempt * 1000).toISOString();
  return eventOf(type, data, { id: `${type.name}-${bookingId}-${attempt}`, time, reply: replyTo(attempt) });
}

export function bookingRow(changes: Partial<DataOf<typeof Booking>> = {}): DataOf<typeof Booking> {
  return {
    bookingId: 'bk-1',
    merchantId: 'tea-and-paper',
    parcelId: 'pc-bk-1',
    priceCents: 1490,
    status: 'open',
    requestId: 'BookingRequested-bk-1',
    requestHash: 'a'.repeat(64),
    ...changes,
  };
}

/** Several bookings with different fates, dispatched `daysAhead` days after `nowMs`: for demos and flow tests. */
export function assortedWishes(nowMs: number, daysAhead = 7): DataFor<typeof BookingRequested>[] {
  const dispatchDate = new Date(nowMs + daysAhead * 86_400_000).toISOString().slice(0, 10);
  return [
    bookingWish({ bookingId: 'bk-good', dispatchDate }),
    bookingWish({ bookingId: 'bk-heavy', dispatchDate, weightGrams: 40_000 }),
    bookingWish({ bookingId: 'bk-full', dispatchDate, laneId: 'XXX-FUL' }),
    bookingWish({ bookingId: 'bk-declined', dispatchDate, paymentToken: 'tok_declined' }),
    bookingWish({ bookingId: 'bk-blocked', dispatchDate, paymentToken: 'tok_capture_declined' }),
  ];
}
