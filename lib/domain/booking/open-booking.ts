/**
 * open-booking. A booking id belongs to the first request that came under it, accepted or refused, for ever:
 * 1. The same request again (another event, equal content) changes nothing and says nothing.
 * 2. Another request under the id is refused by BookingIdTaken, never by BookingRejected: that would tell the world that
 *    the booking which has the id is called off.
 */
import type { openBooking } from '../../contracts/consumers/booking';
import { contentHash } from '../../contracts/envelope';
import { BookingIdTaken, BookingOpened, BookingRejected, type BookingRequested } from '../../contracts/events/booking';
import type { EventOf } from '../../contracts/kit';
import type { Decide } from '../../contracts/outcome';

/** What a carrier takes as a parcel; above it is freight. */
export const heaviestGrams = 31_500;
/** The insurer's limit for one parcel: 5,000.00. */
export const dearestCents = 500_000;

type Request = EventOf<typeof BookingRequested>;

export const open: Decide<typeof openBooking> = (event, { booking: known }) => {
  const { data, meta } = event;
  const hash = contentHash(event.type, data);
  if (known) {
    if (known.requestHash === hash) return { note: `the same request as ${known.requestId}` };
    return {
      emit: [
        BookingIdTaken.of({
          bookingId: data.bookingId,
          requestId: meta.id,
          takenBy: known.requestId,
          merchantId: data.merchantId,
          reason: `booking id ${data.bookingId} belongs to another booking; send the request again under a new id`,
        }),
      ],
    };
  }
  const booking = {
    bookingId: data.bookingId,
    merchantId: data.merchantId,
    parcelId: parcelIdOf(data.bookingId),
    priceCents: data.priceCents,
    requestId: meta.id,
    requestHash: hash,
  };
  const reason = whyNot(event);
  if (reason) {
    return {
      write: { booking: { ...booking, status: 'rejected', reason } },
      emit: [BookingRejected.of({ bookingId: data.bookingId, reason })],
    };
  }
  return {
    write: { booking: { ...booking, status: 'open' } },
    emit: [BookingOpened.of({ ...data, parcelId: booking.parcelId })],
  };
};

export const parcelIdOf = (bookingId: string): string => `pc-${bookingId}`;

/** The day is the request's own, in UTC: a request that is redelivered tomorrow is answered as today. */
function whyNot({ data, meta }: Request): string | undefined {
  const [from, to] = data.laneId.split('-');
  const today = new Date(Date.parse(meta.time)).toISOString().slice(0, 10);
  if (data.weightGrams > heaviestGrams) return `the parcel weighs ${data.weightGrams} g; at most ${heaviestGrams} g`;
  if (data.priceCents > dearestCents) return `the price is ${data.priceCents} cents; at most ${dearestCents} cents`;
  if (from === to) return `lane ${data.laneId} starts where it ends`;
  if (data.dispatchDate < today) return `dispatch date ${data.dispatchDate} is past; the request is of ${today}`;
  return undefined;
}
