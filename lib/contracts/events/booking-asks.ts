/**
 * What the booking saga asks (sagas/book-parcel.ts): published by its state machine, with a task token in `meta.reply`.
 * Each carries what its step needs and no more: the fields are filled in by name.
 */
import * as z from 'zod/mini';
import { source } from '../kit';
import { address, id, wish, wishExample } from './booking';

const booking = source('booking');

const { bookingId, laneId, dispatchDate, priceCents, paymentToken } = wish;
/** Why it is undone: a refusal's reason, a time-out, a cancel's. */
const reason = z.string();

const { sender, recipient, weightGrams } = wishExample;
const one = { bookingId: wishExample.bookingId };
const day = { laneId: wishExample.laneId, dispatchDate: wishExample.dispatchDate };
const price = { priceCents: wishExample.priceCents, paymentToken: wishExample.paymentToken };
const parcel = { parcelId: 'pc-bk-1001' };
const why = { reason: 'insufficient funds' };

export const BookingUnderWay = booking.event('BookingUnderWay', {
  says: 'A booking is being carried out, and can be called off.',
  key: 'bookingId',
  data: z.object({ bookingId }),
  example: one,
});

export const ApprovalRequested = booking.event('ApprovalRequested', {
  says: 'A person is to say whether a booking of a high price is carried out.',
  key: 'bookingId',
  data: z.object({ bookingId, merchantId: id, laneId, priceCents }),
  example: { ...one, merchantId: wishExample.merchantId, laneId: day.laneId, priceCents: 250_000 },
});

export const ApprovalWithdrawalRequested = booking.event('ApprovalWithdrawalRequested', {
  says: 'Nobody need decide on the booking any more.',
  key: 'bookingId',
  data: z.object({ bookingId, reason }),
  example: { ...one, ...why },
});

export const CapacityRequested = booking.event('CapacityRequested', {
  says: "The booking needs a slot of the lane's day.",
  key: 'bookingId',
  data: z.object({ bookingId, laneId, dispatchDate }),
  example: { ...one, ...day },
});

export const CapacityReleaseRequested = booking.event('CapacityReleaseRequested', {
  says: 'The booking needs no slot any more: what was taken for it goes back, and nothing is taken later.',
  key: 'bookingId',
  data: z.object({ bookingId, laneId, dispatchDate, reason }),
  example: { ...one, ...day, ...why },
});

export const PaymentRequested = booking.event('PaymentRequested', {
  says: "The booking's price is to be held on the merchant's means of payment.",
  key: 'bookingId',
  data: z.object({ bookingId, priceCents, paymentToken }),
  example: { ...one, ...price },
});

export const CaptureRequested = booking.event('CaptureRequested', {
  says: 'The price that is held is to be taken.',
  key: 'bookingId',
  data: z.object({ bookingId, authorisationId: z.string().check(z.minLength(1), z.maxLength(128)), priceCents }),
  example: { ...one, authorisationId: 'auth-bk-1001', priceCents: price.priceCents },
});

export const PaymentReversalRequested = booking.event('PaymentReversalRequested', {
  says: 'The booking is not paid for any more: what is held is lifted, what was taken is given back, nothing is taken later.',
  key: 'bookingId',
  data: z.object({ bookingId, priceCents, paymentToken, reason }),
  example: { ...one, ...price, ...why },
});

export const LabelRequested = booking.event('LabelRequested', {
  says: "The parcel's label is to be drawn.",
  key: 'bookingId',
  data: z.object({
    bookingId,
    parcelId: id,
    laneId,
    dispatchDate,
    weightGrams: wish.weightGrams,
    sender: address,
    recipient: address,
  }),
  example: { ...one, ...parcel, ...day, weightGrams, sender, recipient },
});

export const LabelVoidRequested = booking.event('LabelVoidRequested', {
  says: "The parcel's label must not be used, whether it is drawn already or later.",
  key: 'bookingId',
  data: z.object({ bookingId, parcelId: id, reason }),
  example: { ...one, ...parcel, ...why },
});

export const DispatchRequested = booking.event('DispatchRequested', {
  says: 'The parcel is to go out, as soon as slot, payment and label are there.',
  key: 'bookingId',
  data: z.object({ bookingId, parcelId: id, laneId, dispatchDate }),
  example: { ...one, ...parcel, ...day },
});

export const DispatchCallOffRequested = booking.event('DispatchCallOffRequested', {
  says: 'The parcel is to stay, unless it has gone out.',
  key: 'bookingId',
  data: z.object({ bookingId, laneId, dispatchDate, reason }),
  example: { ...one, ...day, ...why },
});

export const ConfirmationRequested = booking.event('ConfirmationRequested', {
  says: 'The parcel is dispatched: the merchant is to be told.',
  key: 'bookingId',
  data: z.object({ bookingId }),
  example: one,
});

export const RejectionRequested = booking.event('RejectionRequested', {
  says: 'Everything is undone: the merchant is to be told why.',
  key: 'bookingId',
  data: z.object({ bookingId, reason }),
  example: { ...one, ...why },
});

export const BookingParked = booking.event('BookingParked', {
  says: 'A step of a booking that must be done fails again and again: a person is to look at it.',
  key: 'bookingId',
  data: z.object({ bookingId, step: z.string(), reason }),
  example: { ...one, step: 'undo authorise-payment', reason: 'undo authorise-payment: no answer in 900 s' },
});
