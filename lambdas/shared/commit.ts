/**
 * An outcome as one transaction: the idempotency record, every row that was read, and what is owed. No I/O.
 *
 * 1. The record and the rows stand or fall together, also when the outcome writes and emits nothing (T2).
 * 2. The record carries the whole wire events that are owed, with ids derived from the cause: whoever pays, and however
 *    often, publishes the same events.
 * 3. A record expires only when nothing is owed (C6, T3). It lives from the later of the commit and the event's own
 *    time: an event that is dated ahead is not rejected by its age (T4) before its record is gone.
 */
import type { TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { delivery, recordLifeSeconds } from '../../lib/contracts/delivery';
import { derivedId, followingMeta, schemaProblem, toEntry } from '../../lib/contracts/envelope';
import { invariant } from '../../lib/contracts/invariant';
import type { Consumer, Emission, EventType, Meta, Reply } from '../../lib/contracts/kit';
import { type IdempotencyRecord, type OwedEvent, unpaidShards } from '../../lib/contracts/record';
import { OwedTooLargeError } from './errors';
import type { Message } from './message';
import { type Condition, guarded, type Item, type Place, toItem, written } from './rows';
import { entryBytes, recordedBytes, scheduledBytesLimit, wireBytesLimit } from './sizes';

/** What a decision answers, as far as the protocol looks at it. */
export interface AnyOutcome {
  write?: Record<string, unknown>;
  emit?: Emission[];
  note?: string;
}

/** A record that is to be replaced, by whoever holds it: the claim of this owner. */
export interface Hold {
  owner: string;
}

export interface Commit {
  items: TransactWriteItem[];
  record: IdempotencyRecord;
  /** Rows as they are when the transaction has succeeded. */
  after: [Place, Item][];
}

/** `before` gives the item of each row as it was read. */
export function commitOf(
  consumer: Consumer,
  message: Message,
  before: (place: Place) => Item | undefined,
  outcome: AnyOutcome,
  nowMs: number,
  hold?: Hold,
): Commit {
  const rows = rowsOf(consumer, message, before, outcome.write);
  const owed = (outcome.emit ?? []).map((emission, ordinal) => owedEvent(consumer, message, emission, ordinal, nowMs));
  refuseTooMuch(consumer, owed);
  const record: IdempotencyRecord = {
    ...recordBase(consumer, message, nowMs),
    status: 'handled',
    ...(owed.length > 0
      ? { owed, unpaid: shardOf(message.record.id) }
      : { expiresAt: expiresAt(nowMs, Date.parse(message.event.meta.time)) }),
  };
  return { items: [recordWrite(message.record, record, hold), ...rows.items], record, after: rows.after };
}

/** T2: every row that was read, written or checked. `write`: by the names of the declaration's `state`. */
export function rowsOf(
  consumer: Consumer,
  message: Message,
  before: (place: Place) => Item | undefined,
  write: Record<string, unknown> = {},
): Pick<Commit, 'items' | 'after'> {
  for (const [name, data] of Object.entries(write)) {
    const known = message.rows.map((row) => row.name).join(', ') || 'none';
    invariant(
      data === undefined || message.rows.some((row) => row.name === name),
      `${consumer.id} writes '${name}' on ${message.event.type}, whose key was not read; read were: ${known}`,
    );
  }
  const after: [Place, Item][] = [];
  const items = message.rows.map(({ name, key, place }) => {
    const item = before(place);
    const data = write[name];
    if (data === undefined) return guarded(place, item, undefined);
    const next = written(key.row, place, item, data);
    after.push([place, next]);
    return guarded(place, item, next);
  });
  return { items, after };
}

/** Puts the record: where there is none (plainly: never 'or expired', T4), or in the place of the holder's claim. */
export function recordWrite(place: Place, record: IdempotencyRecord, hold?: Hold): TransactWriteItem {
  const condition: Condition = hold
    ? {
        ConditionExpression: '#status = :claimed AND #owner = :owner',
        ExpressionAttributeNames: { '#status': 'status', '#owner': 'owner' },
        ExpressionAttributeValues: { ':claimed': { S: 'claimed' }, ':owner': { S: hold.owner } },
      }
    : { ConditionExpression: 'attribute_not_exists(#id)', ExpressionAttributeNames: { '#id': 'id' } };
  return {
    Put: {
      TableName: place.table,
      Item: toItem(record),
      ...condition,
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}

export function recordBase(consumer: Consumer, message: Message, nowMs: number): Omit<IdempotencyRecord, 'status'> {
  const { event, hash } = message;
  return {
    id: message.record.id,
    consumer: consumer.id,
    eventId: event.meta.id,
    type: event.type,
    hash,
    correlation: event.meta.correlation,
    key: event.meta.key,
    ...(event.meta.cause ? { cause: event.meta.cause } : {}),
    atMs: nowMs,
    eventAtMs: Date.parse(event.meta.time),
    hop: event.meta.hop,
  };
}

/** Epoch seconds at which a paid record may go. */
export const expiresAt = (nowMs: number, eventAtMs: number): number =>
  Math.ceil(Math.max(nowMs, eventAtMs) / 1000) + recordLifeSeconds;

/** Spreads unpaid records over the shards of the sparse index. */
export function shardOf(recordId: string): string {
  let sum = 0;
  for (let index = 0; index < recordId.length; index++) sum = (sum * 31 + recordId.charCodeAt(index)) % 65_521;
  return String(sum % unpaidShards);
}

function owedEvent(
  consumer: Consumer,
  message: Message,
  emission: Emission,
  ordinal: number,
  nowMs: number,
): OwedEvent {
  const { data, type, at } = emission;
  const eventType = declared(at === undefined ? consumer.emits : consumer.schedules, type);
  invariant(
    eventType,
    `${consumer.id} emits ${type}${at === undefined ? '' : ' later'}; declare it under '${at === undefined ? 'emits' : 'schedules'}'`,
  );
  const problem = schemaProblem(eventType.schema, data, 'data');
  invariant(!problem, `${consumer.id} emits a ${type} that its schema refuses: ${problem}`);
  invariant(
    at === undefined || Number.isSafeInteger(at),
    `${consumer.id} emits ${type} at ${at}; a due time is a whole number of epoch milliseconds`,
  );
  // A later event is dated by its due time: its age counts from when it can first arrive (T4).
  const timeMs = Math.max(nowMs, at ?? nowMs);
  const { meta: cause, eventType: causeType } = message.event;
  // What comes from outside the app answers nobody, whatever it says of itself.
  const answers = at === undefined ? (emission.answers ?? (causeType.external ? undefined : cause.reply)) : undefined;
  const meta = followingMeta(consumer.id, cause, ordinal, emission, eventType.keyField, timeMs, answers);
  return {
    id: meta.id,
    type,
    source: eventType.source,
    detail: toEntry(eventType, meta, data).Detail,
    ...(at === undefined ? {} : { dueAtMs: at }),
  };
}

/**
 * S1: what `record` answered, once more for the token of an ask that came again; nothing where it is the same token, or
 * where the answer comes later. Each has an id of its own, derived from the first one's and the token.
 */
export function answersAgain(record: IdempotencyRecord, reply: Reply | undefined): OwedEvent[] {
  if (!reply) return [];
  return (record.owed ?? []).flatMap((event) => {
    const { meta, data } = JSON.parse(event.detail) as { meta: Meta; data: unknown };
    const first = meta.inReplyTo;
    const sameAsk = first?.saga === reply.saga && first.execution === reply.execution && first.step === reply.step;
    if (event.dueAtMs !== undefined || !sameAsk || first.token === reply.token) return [];
    const id = derivedId(record.consumer, meta.id, 0, reply.token);
    return [{ ...event, id, detail: JSON.stringify({ meta: { ...meta, id, inReplyTo: reply }, data }) }];
  });
}

const declared = (types: readonly EventType[], name: string): EventType | undefined =>
  types.find((type) => type.name === name);

/** Before the commit: what is committed must be publishable, and must fit into its record. */
function refuseTooMuch(consumer: Consumer, owed: OwedEvent[]): void {
  for (const event of owed) {
    const limit = event.dueAtMs === undefined ? wireBytesLimit : scheduledBytesLimit;
    const bytes = entryBytes(event);
    if (bytes >= limit) {
      throw new OwedTooLargeError(
        `${consumer.id} would publish a ${event.type} of ${bytes} bytes; ${event.dueAtMs === undefined ? 'EventBridge' : 'EventBridge Scheduler'} takes less than ${limit}. Put what is large into a bucket and send a claim check`,
      );
    }
  }
  const bytes = owed.reduce((sum, event) => sum + recordedBytes(event), 0);
  if (bytes > delivery.maxOwedBytes) {
    throw new OwedTooLargeError(
      `${consumer.id} would owe ${bytes} bytes in ${owed.length} events; an idempotency record holds ${delivery.maxOwedBytes}. Put what is large into a bucket and send a claim check, or emit less at once`,
    );
  }
}
