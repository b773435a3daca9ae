/** What a payment gateway says, as far as our decisions care. A no is an answer; only what is not known is an error. */
export type AuthoriseAnswer =
  | { status: 'authorised'; authorisationId: string }
  | { status: 'declined'; reason: string };

export type CaptureAnswer = { status: 'captured'; captureId: string } | { status: 'declined'; reason: string };

/** A payment that was to be reversed: its hold is lifted, or, where the price had been taken, that is given back. */
export type ReverseAnswer = { status: 'voided' } | { status: 'refunded'; captureId: string; refundId: string };
