/**
 * Reading and writing of records and rows: what is known about a batch, and what became of a transaction.
 */
import {
  BatchGetItemCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import { expiresAt } from './commit';
import * as env from './environment';
import { isTransient, messageOf, NotNowError, nameOf } from './errors';
import { patiently, pause, refused } from './patience';
import { fromItem, type Item, type Place } from './rows';

const keysPerRead = 100;
const keyOf = ({ table, id }: Place): string => `${table}\n${id}`;

/** Items as they were read, or as this invocation has written them since; a commit on them stands on its conditions. */
export class Known {
  private readonly items = new Map<string, Item | undefined>();
  private readonly stale = new Set<string>();

  item(place: Place): Item | undefined {
    return this.items.get(keyOf(place));
  }

  record(place: Place): IdempotencyRecord | undefined {
    const item = this.item(place);
    return item && fromItem(item);
  }

  set(place: Place, item: Item | undefined): void {
    this.items.set(keyOf(place), item);
    this.stale.delete(keyOf(place));
  }

  /** What is known of a record, and of the rows that go with it, must be read again. */
  outdated(record: Place): void {
    this.stale.add(keyOf(record));
  }

  isOutdated(record: Place): boolean {
    return this.stale.has(keyOf(record));
  }

  /** Reads consistently, all at once: up to 100 items a call. */
  async read(places: readonly Place[], untilMs: number): Promise<void> {
    const wanted = [...new Map(places.map((place) => [keyOf(place), place])).values()];
    for (let start = 0; start < wanted.length; start += keysPerRead) {
      await this.readSome(wanted.slice(start, start + keysPerRead), untilMs);
    }
  }

  private async readSome(places: Place[], untilMs: number): Promise<void> {
    const found = new Map<string, Item>();
    let request: Record<string, { ConsistentRead: boolean; Keys: Item[] }> = {};
    for (const { table, id } of places) {
      request[table] ??= { ConsistentRead: true, Keys: [] };
      request[table].Keys.push({ id: { S: id } });
    }
    for (let attempt = 0; Object.keys(request).length > 0; attempt++) {
      if (attempt > 0 && !(await pause(attempt, untilMs, refused))) {
        throw new NotNowError('the tables are throttled: keys stay unprocessed until near the deadline');
      }
      const { Responses, UnprocessedKeys } = await patiently(untilMs, () =>
        env.dynamodb().send(new BatchGetItemCommand({ RequestItems: request })),
      );
      for (const [table, items] of Object.entries(Responses ?? {})) {
        for (const item of items) found.set(keyOf({ table, id: item.id!.S! }), item);
      }
      request = (UnprocessedKeys ?? {}) as typeof request;
    }
    for (const place of places) this.set(place, found.get(keyOf(place)));
  }
}

/** What became of a transaction whose first item is the record. */
export type Transacted =
  | { done: true }
  /** The record's condition failed: already done, or no longer ours. `record` is what is there. */
  | { done: false; record: Item | undefined }
  /** A row had changed, another transaction was under way, or the table was throttled: read and decide again. */
  | { done: false; conflict: string };

/**
 * No ClientRequestToken is given, so the SDK makes one for each transaction: one that is derived from the event would
 * make a second decision look like the first. Throws what is neither an answer nor passing.
 */
export async function transact(items: TransactWriteItem[]): Promise<Transacted> {
  try {
    await env.dynamodb().send(new TransactWriteItemsCommand({ TransactItems: items }));
    return { done: true };
  } catch (error) {
    return afterFailure(error);
  }
}

interface Reason {
  Code?: string;
  Message?: string;
  Item?: Item;
}
const passing = new Set([
  'ConditionalCheckFailed',
  'TransactionConflict',
  'ThrottlingError',
  'ProvisionedThroughputExceeded',
]);

function afterFailure(error: unknown): Transacted {
  if (nameOf(error) !== 'TransactionCanceledException') return { done: false, conflict: passingOrThrow(error) };
  const reasons = ((error as { CancellationReasons?: Reason[] }).CancellationReasons ?? []) as Reason[];
  // The record's reason comes first: it says 'already done', whatever else has changed.
  const [record] = reasons;
  if (record?.Code === 'ConditionalCheckFailed') return { done: false, record: record.Item };
  const failed = reasons.filter(({ Code }) => Code && Code !== 'None');
  if (failed.length === 0 || failed.some(({ Code }) => !passing.has(Code!))) throw error;
  return { done: false, conflict: failed.map(({ Code }) => Code).join(', ') };
}

function passingOrThrow(error: unknown): string {
  if (isTransient(error)) return `${nameOf(error)}: ${messageOf(error)}`;
  throw error;
}

/** Step 5: what the record owed is published; from now on it may expire. */
export async function clearUnpaid(place: Place, record: IdempotencyRecord, untilMs: number): Promise<void> {
  try {
    await patiently(untilMs, () =>
      env.dynamodb().send(
        new UpdateItemCommand({
          TableName: place.table,
          Key: { id: { S: place.id } },
          UpdateExpression: 'SET #expiresAt = :expiresAt REMOVE #unpaid',
          // Somebody else may have paid as well; and a record that is gone must not come back.
          ConditionExpression: '#status = :handled AND attribute_exists(#unpaid)',
          ExpressionAttributeNames: { '#expiresAt': 'expiresAt', '#unpaid': 'unpaid', '#status': 'status' },
          ExpressionAttributeValues: {
            ':expiresAt': { N: String(expiresAt(env.now(), record.eventAtMs)) },
            ':handled': { S: 'handled' },
          },
        }),
      ),
    );
  } catch (error) {
    if (nameOf(error) !== 'ConditionalCheckFailedException') throw error;
  }
}
