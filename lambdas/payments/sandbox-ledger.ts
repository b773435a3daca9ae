/**
 * The books of the sandbox gateway, one account for each booking. Pure.
 *
 * 1. A key is answered once; later asks get the same answer, also when the account has changed since.
 * 2. A hold ends in exactly one way: captured or voided. A capture is refunded at most once, and in full.
 * 3. Ids follow from key and booking, so that the same orders give the same books.
 * Not modelled: partial captures and refunds, holds that expire, currencies.
 */
import { createHash } from 'node:crypto';
import type { AuthoriseAnswer, CaptureAnswer } from '../../lib/domain/payments/answers';
import type { PaymentView, RefundAnswer, VoidAnswer } from './gateway';

export interface Account {
  payments: (PaymentView & { paymentToken: string })[];
  /** By key. `answer` is missing when the order was heard of and not carried out. */
  orders: Record<string, { content: string; answer?: Answer }>;
}

export type Order =
  | { does: 'authorise'; bookingId: string; priceCents: number; paymentToken: string }
  | { does: 'capture'; authorisationId: string; priceCents: number }
  | { does: 'void'; authorisationId: string }
  | { does: 'refund'; captureId: string; priceCents: number };

export type Answer = AuthoriseAnswer | CaptureAnswer | VoidAnswer | RefundAnswer;

export const emptyAccount: Account = { payments: [], orders: {} };

/** `refusal`: the order cannot be carried out and never could; the books are as they were. */
export type Posting = { account: Account; answer: Answer; refusal?: undefined } | { refusal: string };

const declines: Readonly<Record<string, string>> = { tok_declined: 'insufficient funds' };
const known = ['tok_visa', 'tok_capture_declined', 'tok_timeout', 'tok_fail_after_charge', 'tok_slow'];

/** The account that an order is about. */
export function bookingOf(order: Order): string {
  if (order.does === 'authorise') return order.bookingId;
  const id = order.does === 'refund' ? order.captureId : order.authorisationId;
  return id.slice('auth-'.length).split('.')[0]!;
}

export const contentOf = (order: Order): string =>
  createHash('sha256')
    .update(JSON.stringify(order, Object.keys(order).sort()))
    .digest('hex');

/** Heard of, not carried out: what a time-out before the charge leaves behind. */
export function hear(account: Account, order: Order, key: string): Account {
  return { ...account, orders: { ...account.orders, [key]: { content: contentOf(order) } } };
}

export function post(account: Account, order: Order, key: string): Posting {
  const content = contentOf(order);
  const before = account.orders[key];
  if (before && before.content !== content) {
    return { refusal: `key ${key} came with another order before; a new order needs a new key` };
  }
  if (before?.answer) return { account, answer: before.answer };
  const posted = carryOut(account, order, key);
  if ('refusal' in posted) return posted;
  const { answer } = posted;
  return { account: { payments: posted.payments, orders: { ...account.orders, [key]: { content, answer } } }, answer };
}

type CarriedOut = { payments: Account['payments']; answer: Answer } | { refusal: string };

function carryOut({ payments }: Account, order: Order, key: string): CarriedOut {
  if (order.does === 'authorise') {
    const { bookingId, priceCents, paymentToken } = order;
    const reason = declines[paymentToken] ?? (known.includes(paymentToken) ? undefined : unknownToken(paymentToken));
    if (reason) return { payments, answer: { status: 'declined', reason } };
    const authorisationId = `auth-${bookingId}.${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
    const held = { authorisationId, priceCents, paymentToken, status: 'held' as const };
    return { payments: [...payments, held], answer: { status: 'authorised', authorisationId } };
  }
  const payment = payments.find((candidate) =>
    order.does === 'refund'
      ? candidate.captureId === order.captureId
      : candidate.authorisationId === order.authorisationId,
  );
  if (!payment) return { refusal: `${order.does}: no such payment: ${JSON.stringify(order)}` };
  const changed = (change: Partial<PaymentView>): Account['payments'] =>
    payments.map((candidate) => (candidate === payment ? { ...payment, ...change } : candidate));
  const wrongPrice = 'priceCents' in order && order.priceCents !== payment.priceCents;
  if (wrongPrice) return { refusal: `${order.does} of ${order.priceCents} cents; it must be ${payment.priceCents}` };
  switch (order.does) {
    case 'capture': {
      if (payment.status !== 'held')
        return { payments, answer: { status: 'declined', reason: `the hold is ${payment.status}` } };
      if (payment.paymentToken === 'tok_capture_declined') {
        return { payments, answer: { status: 'declined', reason: 'the card was blocked meanwhile' } };
      }
      const captureId = payment.authorisationId.replace(/^auth/, 'capt');
      return { payments: changed({ status: 'captured', captureId }), answer: { status: 'captured', captureId } };
    }
    case 'void':
      if (payment.captureId) return { payments, answer: { status: 'captured', captureId: payment.captureId } };
      return { payments: changed({ status: 'voided' }), answer: { status: 'voided' } };
    case 'refund': {
      const refundId = payment.refundId ?? payment.authorisationId.replace(/^auth/, 'refd');
      return { payments: changed({ status: 'refunded', refundId }), answer: { status: 'refunded', refundId } };
    }
  }
}

const unknownToken = (token: string): string =>
  `no such means of payment: ${token}; the sandbox knows ${[...known, ...Object.keys(declines)].join(', ')}`;
