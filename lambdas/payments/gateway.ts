/**
 * What payments needs of a payment gateway: the port that an adapter to a real one (Adyen, Stripe, ...) implements.
 *
 * 1. Every order carries a key. The same key again is the same order: it is not carried out twice and gets the same answer.
 * 2. A no is an answer. An error says nothing about the price; which of the two errors it is says whether it can have moved.
 * 3. A hold ends one way: taken, or lifted. Of a capture and a void that meet, one wins, and the other is told so.
 */
import type { AuthoriseAnswer, CaptureAnswer } from '../../lib/domain/payments/answers';
import type { AuthoriseRequest } from '../../lib/domain/payments/authorise-payment';
import type { CaptureRequest } from '../../lib/domain/payments/capture-payment';

/** `captured`: too late, the price had been taken from the hold. */
export type VoidAnswer = { status: 'voided' } | { status: 'captured'; captureId: string };

export interface RefundAnswer {
  status: 'refunded';
  refundId: string;
}

export interface PaymentView {
  authorisationId: string;
  priceCents: number;
  status: 'held' | 'captured' | 'voided' | 'refunded';
  captureId?: string;
  refundId?: string;
}

/**
 * Every method may throw GatewayRefusedError (it did not happen) or GatewayUnknownError (it may have happened). After
 * `signal` nothing is begun, nor tried again: the claim for it is over (C1).
 */
export interface PaymentGateway {
  authorise(request: AuthoriseRequest, key: string, signal?: AbortSignal): Promise<AuthoriseAnswer>;
  /** The whole amount that is held; `priceCents` must be that amount. */
  capture(request: CaptureRequest, key: string, signal?: AbortSignal): Promise<CaptureAnswer>;
  void(request: { authorisationId: string }, key: string, signal?: AbortSignal): Promise<VoidAnswer>;
  /** The whole amount that was taken; `priceCents` must be that amount. */
  refund(request: { captureId: string; priceCents: number }, key: string, signal?: AbortSignal): Promise<RefundAnswer>;
  /** What it has of a booking that was carried out before this call, the newest last. */
  lookup(bookingId: string, signal?: AbortSignal): Promise<PaymentView[]>;
}

/**
 * Keys name what is ordered, not the event that led to it: an event that is published again under another id, or a second
 * event that demands the same, cannot move money twice.
 */
export const orderKeys = {
  authorise: (bookingId: string): string => `authorise:${bookingId}`,
  capture: (authorisationId: string): string => `capture:${authorisationId}`,
  void: (authorisationId: string): string => `void:${authorisationId}`,
  refund: (captureId: string): string => `refund:${captureId}`,
};

/** The order was not carried out, for certain. */
export class GatewayRefusedError extends Error {
  override readonly name = 'GatewayRefusedError';
  /** Proof for the claim protocol (C2). */
  readonly executed = 'no';
}

/** No answer came: the order may have been carried out. Ask again under the same key to learn it. */
export class GatewayUnknownError extends Error {
  override readonly name = 'GatewayUnknownError';
}
