/**
 * The idempotency record: one item per consumer and event, in one table, which is also what `baton trace` reads.
 * PROTOCOL in short: the record is written in the same transaction as the state, and carries the events it owes;
 * `unpaid` goes, and `expiresAt` comes, when they are published.
 *
 * Table: partition key `id` (S), time to live `expiresAt` (epoch seconds). Indexes, all with projection ALL or as named:
 *   byCorrelation: `correlation` (S), `atMs` (N)        -> trace
 *   byKey:         `key` (S), `atMs` (N), keys + correlation -> trace by business key
 *   unpaid:        `unpaid` (S, sparse: '0'..'7', a shard), `atMs` (N)   -> sweeper
 */
export const recordIndexes = { byCorrelation: 'byCorrelation', byKey: 'byKey', unpaid: 'unpaid' } as const;

/** How many values `unpaid` takes, so that writing the sparse index has no hot key; the sweeper reads all at once. */
export const unpaidShards = 8;

/**
 * handled: decided and committed (`owed` may still be unpaid). rejected: can never succeed, sent to the dead letters.
 * claimed: an outside call is under way, by `owner` until `leaseUntilMs`. parked: left to a person.
 */
export type RecordStatus = 'handled' | 'rejected' | 'claimed' | 'parked';

/** As stored, before DynamoDB's type descriptors. */
export interface IdempotencyRecord {
  /** `recordId(consumer, eventId)`. */
  id: string;
  consumer: string;
  eventId: string;
  /** Detail-type of the event that was handled. */
  type: string;
  /** contentHash of its type and data. */
  hash: string;
  status: RecordStatus;
  correlation: string;
  key: string;
  cause?: string;
  /** When it was decided (or claimed, or rejected), epoch milliseconds by the function's clock. */
  atMs: number;
  /** The event's own `meta.time`, epoch milliseconds, and its hop: for the timeline. */
  eventAtMs: number;
  hop: number;
  /** Wire entries still owed, or paid, in order; `atMs` where one is due later. JSON text each. */
  owed?: OwedEvent[];
  /** A shard of the index: where events are owed, and on claims under way, so that the sweeper watches both. */
  unpaid?: string;
  /** Epoch seconds; absent while unpaid, claimed or parked (C6). */
  expiresAt?: number;
  /** Rejected, parked: why. */
  reason?: string;
  /** Claims. */
  owner?: string;
  leaseUntilMs?: number;
  attempt?: number;
  /** When the gateway was first asked; absent on a claim that was released on proof that no call was executed (C2). */
  firstCallAtMs?: number;
  /** Claimed, parked: what the gateway was asked, JSON text. A takeover asks exactly this again. */
  request?: string;
}

export interface OwedEvent {
  id: string;
  type: string;
  /** Source of the event. */
  source: string;
  /** The `detail` as it is published: JSON text of { meta, data }. */
  detail: string;
  /** Due later: epoch milliseconds. */
  dueAtMs?: number;
}

export const recordId = (consumerId: string, eventId: string): string => `${consumerId}#${eventId}`;

/**
 * A rejected message's record has an id of its own: it shows in `trace`, and can never stand in the way when the same
 * message is redriven after its cause was fixed.
 */
export const rejectedRecordId = (consumerId: string, eventId: string): string =>
  `${recordId(consumerId, eventId)}#rejected`;
