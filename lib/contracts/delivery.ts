/**
 * The numbers of the delivery protocol, each written once; constructs and handlers derive from here.
 * Sources: the EventBridge, SQS and Lambda developer guides (retry 24 h, retention <= 14 days, visibility >= 6 x timeout).
 */
const day = 86_400;

export const delivery = {
  /** Lambda memory where a declaration does not say. */
  memoryMb: 256,
  /** EventBridge keeps trying a target for this long. */
  busRetrySeconds: day,
  /** And at most this often: the most that EventBridge allows. */
  busRetryAttempts: 185,
  queueRetentionSeconds: 4 * day,
  deadLetterRetentionSeconds: 14 * day,
  /** Receives before a message goes to the dead letters. AWS advises >= 5 with a Lambda mapping. */
  maxReceives: 5,
  /** Clocks of functions may differ by this much. */
  clockMarginSeconds: 300,
  /** AWS's loop detection does not cover EventBridge: an event this many hops from the outside is refused. */
  maxHops: 16,
  /** What one idempotency record may owe, in bytes of wire events: DynamoDB's 400 KB item less room for the rest. */
  maxOwedBytes: 350_000,
  /** The sweeper pays records that stay unpaid for longer than this. */
  sweepAfterSeconds: 300,
} as const;

/**
 * The window W (rule T4): the longest time after which a copy of an event can still reach a consumer: EventBridge's
 * retries, the queue, the dead letters, and the queue once more after a redrive.
 */
export const windowSeconds =
  delivery.busRetrySeconds +
  delivery.queueRetentionSeconds +
  delivery.deadLetterRetentionSeconds +
  delivery.queueRetentionSeconds;

/** How long a paid record lives: W + 15 minutes + clock margin. */
export const recordLifeSeconds = windowSeconds + 900 + delivery.clockMarginSeconds;

/** A queue's visibility timeout: six function timeouts (AWS's advice), and never shorter than a claim's lease (C4). */
export function backOffSeconds(timeoutSeconds: number, leaseSeconds: number): number {
  return Math.max(6 * timeoutSeconds, leaseSeconds);
}
