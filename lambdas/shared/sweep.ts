/**
 * The sweeper (T3): pays records that stay unpaid because nobody redelivers their event any more (its message was
 * purged, aged out, or lies in the dead letters), and reports claims that nobody takes up.
 *
 * 1. It looks at records older than `delivery.sweepAfterSeconds` only: younger ones are being paid by their own handler.
 * 2. It publishes what the record says, with the ids that the record says: paying twice is a duplicate, not an effect.
 * 3. The index is read eventually consistently; that a record was paid meanwhile shows when it is marked, and does no harm.
 *    It is read whole, by one Scan: it holds what is unpaid and nothing else, and is nearly always empty.
 * 4. A claim cannot be settled without its event: it is reported, in each run, until a redrive or a person ends it.
 */
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { delivery } from '../../lib/contracts/delivery';
import { environment as variables } from '../../lib/contracts/environment';
import { type IdempotencyRecord, type OwedEvent, recordIndexes } from '../../lib/contracts/record';
import * as env from './environment';
import { clearUnpaid } from './idempotency';
import { createCounter, createLog, described } from './log';
import { type Deadlines, deadlines, patiently } from './patience';
import { publish } from './publish';
import { fromItem, type Item } from './rows';

const sweeper = 'shared/sweep';
/** Records a page: what they owe must fit into memory. */
const pageSize = 20;
const log = createLog(sweeper);
const counter = createCounter(sweeper);

/** What one run did. `complete`: the index was seen to its end. */
export interface Swept {
  paid: number;
  unpaid: number;
  abandoned: number;
  complete: boolean;
}

async function sweep(_event: unknown, context: Pick<Context, 'getRemainingTimeInMillis'>): Promise<Swept> {
  const until = deadlines(context.getRemainingTimeInMillis());
  const swept: Swept = { paid: 0, unpaid: 0, abandoned: 0, complete: true };
  await sweepIndex(until, swept);
  counter.count('unpaid', swept.unpaid);
  counter.count('abandoned', swept.abandoned);
  log.info('swept', { ...swept });
  return swept;
}

async function sweepIndex(until: Deadlines, swept: Swept): Promise<void> {
  const table = env.variable(variables.recordTable);
  let from: Item | undefined;
  do {
    if (env.now() >= until.callByMs) {
      swept.complete = false;
      return;
    }
    const { Items = [], LastEvaluatedKey } = await patiently(until.commitByMs, () =>
      env.dynamodb().send(
        new ScanCommand({
          TableName: table,
          IndexName: recordIndexes.unpaid,
          FilterExpression: '#atMs < :before',
          ExpressionAttributeNames: { '#atMs': 'atMs' },
          ExpressionAttributeValues: { ':before': { N: String(env.now() - delivery.sweepAfterSeconds * 1000) } },
          Limit: pageSize,
          ...(from ? { ExclusiveStartKey: from } : {}),
        }),
      ),
    );
    const records = Items.map((item) => fromItem(item) as IdempotencyRecord);
    await payRecords(
      table,
      records.filter((record) => record.status === 'handled' && record.owed),
      until,
      swept,
    );
    for (const record of records) reportAbandoned(record, swept);
    from = LastEvaluatedKey;
  } while (from);
}

async function payRecords(table: string, records: IdempotencyRecord[], until: Deadlines, swept: Swept): Promise<void> {
  const unpublished = await publish(
    records.flatMap((record) => record.owed!),
    until.commitByMs,
    log,
  );
  for (const record of records) {
    const line = log.for({ ...record, id: record.eventId }, { of: record.consumer, type: record.type });
    try {
      if (await stillOwes(record, unpublished, until)) {
        swept.unpaid++;
        line.error('still unpaid', { sinceMs: env.now() - record.atMs });
        continue;
      }
      await clearUnpaid({ table, id: record.id }, record, until.publishByMs);
      swept.paid++;
      line.warn('paid by the sweeper', { sinceMs: env.now() - record.atMs, emitted: record.owed!.map(({ id }) => id) });
    } catch (error) {
      swept.unpaid++;
      line.error('published by the sweeper, but not marked as paid', described(error));
    }
  }
}

/** One event that is refused may fail a call for all that are in it: what is left is tried by itself. */
async function stillOwes(
  record: IdempotencyRecord,
  unpublished: ReadonlySet<OwedEvent>,
  until: Deadlines,
): Promise<boolean> {
  const left = record.owed!.filter((event) => unpublished.has(event));
  return left.length > 0 && (await publish(left, until.commitByMs, log)).size > 0;
}

function reportAbandoned(record: IdempotencyRecord, swept: Swept): void {
  if (record.status !== 'claimed' || record.leaseUntilMs! + delivery.sweepAfterSeconds * 1000 > env.now()) return;
  swept.abandoned++;
  log
    .for({ ...record, id: record.eventId }, { of: record.consumer, type: record.type })
    .error('a claim whose owner died waits for its event: look into the dead letters of its consumer, and redrive', {
      record: record.id,
      attempt: record.attempt,
      leaseEnded: new Date(record.leaseUntilMs!).toISOString(),
    });
}

// Zero is counted too: an alarm on these metrics then knows 'nothing is wrong' from 'nothing was looked at'.
export const handler = middy(sweep, { timeoutEarlyInMillis: 0 })
  .after(() => counter.flush())
  .onError(() => counter.flush()) as unknown as typeof sweep;
