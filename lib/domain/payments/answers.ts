/** What a payment gateway says, as far as our decisions care. A no is an answer; only what is not known is an error. */
export type AuthoriseAnswer =
  | { status: 'authorised'; authorisationId: string }
  | { status: 'declined'; reason: string };

export type CaptureAnswer = { status: 'captured'; captureId: string } | { status: 'declined'; reason: string };

/**
 * A payment that was to be reversed: its hold is lifted, or, where the price had been taken, that is given back. `nothing`:
 * the gateway never held the price, and no call that is under way can have it hold it any more.
 */
export type ReverseAnswer =
  | { status: 'voided'; authorisationId: string }
  | { status: 'refunded'; authorisationId: string; captureId: string; refundId: string }
  | { status: 'nothing' };
