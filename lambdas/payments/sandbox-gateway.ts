/**
 * The payment gateway that ships with the app, deployed and local alike: no money, and a real one's bad days.
 * It keeps its books in a store of its own (sandbox-books.ts) and knows nothing of ours.
 *
 * The payment token says what happens:
 *   tok_visa              all goes well
 *   tok_declined          the hold is refused: insufficient funds
 *   tok_capture_declined  the hold is given, and taking the price is refused
 *   tok_timeout           the first ask for a hold times out and nothing is held; asked again, it goes well
 *   tok_fail_after_charge the price is taken, and the answer is lost; asked again under the same key, the answer comes
 *   tok_slow              the hold is answered after `slowMs`
 *   any other             the hold is refused: no such means of payment
 */
import type { AuthoriseAnswer, CaptureAnswer } from '../../lib/domain/payments/answers';
import type { AuthoriseRequest } from '../../lib/domain/payments/authorise-payment';
import type { CaptureRequest } from '../../lib/domain/payments/capture-payment';
import {
  GatewayRefusedError,
  GatewayUnknownError,
  type PaymentGateway,
  type PaymentView,
  type RefundAnswer,
  type VoidAnswer,
} from './gateway';
import { type Account, bookingOf, emptyAccount, hear, type Order, post } from './sandbox-ledger';

export const slowMs = 3_000;

/** Where the books are kept: one account for each booking, `version` counts its changes, 0 is an account not yet opened. */
export interface Books {
  read(bookingId: string, signal?: AbortSignal): Promise<{ account: Account; version: number } | undefined>;
  /** Makes it version `version` + 1; false: somebody else did so first, and nothing was written. */
  write(bookingId: string, account: Account, version: number, signal?: AbortSignal): Promise<boolean>;
}

/** Two orders for one booking at the same moment: void and capture, or a duplicate. More would be strange. */
const attempts = 8;

export class SandboxGateway implements PaymentGateway {
  constructor(
    private readonly books: Books,
    private readonly sleep: (ms: number) => Promise<void>,
  ) {}

  async authorise(
    { bookingId, priceCents, paymentToken }: AuthoriseRequest,
    key: string,
    signal?: AbortSignal,
  ): Promise<AuthoriseAnswer> {
    if (paymentToken === 'tok_slow') await this.sleep(slowMs);
    return this.order({ does: 'authorise', bookingId, priceCents, paymentToken }, key, signal);
  }

  capture({ authorisationId, priceCents }: CaptureRequest, key: string, signal?: AbortSignal): Promise<CaptureAnswer> {
    return this.order({ does: 'capture', authorisationId, priceCents }, key, signal);
  }

  void({ authorisationId }: { authorisationId: string }, key: string, signal?: AbortSignal): Promise<VoidAnswer> {
    return this.order({ does: 'void', authorisationId }, key, signal);
  }

  refund(
    { captureId, priceCents }: { captureId: string; priceCents: number },
    key: string,
    signal?: AbortSignal,
  ): Promise<RefundAnswer> {
    return this.order({ does: 'refund', captureId, priceCents }, key, signal);
  }

  async lookup(bookingId: string, signal?: AbortSignal): Promise<PaymentView[]> {
    const found = await this.books.read(bookingId, signal);
    return (found?.account.payments ?? []).map(({ paymentToken: _, ...view }) => view);
  }

  private async order<Answered>(order: Order, key: string, signal?: AbortSignal): Promise<Answered> {
    const bookingId = bookingOf(order);
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const { account, version } = (await this.books.read(bookingId, signal)) ?? { account: emptyAccount, version: 0 };
      const fault = faultOf(account, order, key);
      if (fault === 'timeout') {
        if (!(await this.books.write(bookingId, hear(account, order, key), version, signal))) continue;
        throw new GatewayUnknownError(`${order.does} for booking ${bookingId} timed out; ask again under the same key`);
      }
      const posted = post(account, order, key);
      if (posted.refusal !== undefined) throw new GatewayRefusedError(posted.refusal);
      const changed = posted.account !== account;
      if (changed && !(await this.books.write(bookingId, posted.account, version, signal))) continue;
      if (fault === 'answer-lost') {
        throw new GatewayUnknownError(`${order.does} for booking ${bookingId}: the connection broke before the answer`);
      }
      return posted.answer as Answered;
    }
    throw new GatewayRefusedError(
      `${order.does} for booking ${bookingId}: ${attempts} other orders for it came first; ask again`,
    );
  }
}

/** Only the first ask of a key meets a fault. */
function faultOf(account: Account, order: Order, key: string): 'timeout' | 'answer-lost' | undefined {
  if (account.orders[key]) return undefined;
  if (order.does === 'authorise' && order.paymentToken === 'tok_timeout') return 'timeout';
  if (order.does !== 'capture') return undefined;
  const payment = account.payments.find((candidate) => candidate.authorisationId === order.authorisationId);
  return payment?.paymentToken === 'tok_fail_after_charge' ? 'answer-lost' : undefined;
}
