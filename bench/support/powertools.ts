/**
 * The same consumers as an author would write them with Powertools' idempotency, by its documentation: one record
 * handler made idempotent by the event's id, around read, decide, write and publish. The decisions, rows and events are
 * ours. What differs is the promise: the record is not in the transaction of the state, so a crash between the write and
 * the record's completion makes the effect happen again, or its events never.
 */
import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import {
  BatchGetItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { dataOf, guarded, type Item, type Place, placeOf, written } from '../../lambdas/shared/rows';
import { followingMeta, type ReadEvent, toEntry } from '../../lib/contracts/envelope';
import type { Consumer, RowKey } from '../../lib/contracts/kit';

export const powertoolsTable = 'PowertoolsIdempotency';

interface Handling {
  read: (event: any) => Record<string, RowKey | undefined>;
  /** With `call`: given its answer as the last argument. */
  decide: (event: any, state: any, answer?: any) => any;
  call?: { ask: (event: any, state: any, moment: { now: number }) => any; perform: (request: any) => Promise<unknown> };
}

type Row = { name: string; key: RowKey; place: Place; item: Item | undefined };

export function powertoolsHandler(
  consumer: Consumer,
  handling: Handling,
  busName: string,
): (event: SQSEvent, context: Context) => Promise<SQSBatchResponse> {
  const dynamodb = new DynamoDBClient({});
  const events = new EventBridgeClient({});
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'meta.id', expiresAfterSeconds: 86_400 });

  const read = async (event: ReadEvent): Promise<Row[]> => {
    const rows = Object.entries(handling.read(event)).flatMap(([name, key]) =>
      key ? [{ name, key, place: placeOf(key), item: undefined as Item | undefined }] : [],
    );
    const [only] = rows;
    if (rows.length === 1) {
      const { Item } = await dynamodb.send(
        new GetItemCommand({ TableName: only!.place.table, Key: { id: { S: only!.place.id } }, ConsistentRead: true }),
      );
      only!.item = Item;
      return rows;
    }
    const RequestItems = Object.fromEntries(
      rows.map(({ place }) => [place.table, { ConsistentRead: true, Keys: [{ id: { S: place.id } }] }]),
    );
    const { Responses } = await dynamodb.send(new BatchGetItemCommand({ RequestItems }));
    for (const row of rows) row.item = Responses?.[row.place.table]?.find(({ id }) => id?.S === row.place.id);
    return rows;
  };

  const write = async (rows: Row[], changes: Record<string, unknown>): Promise<void> => {
    const writes = rows
      .filter(({ name }) => name in changes)
      .map(({ name, key, place, item }) => guarded(place, item, written(key.row, place, item, changes[name])));
    if (writes.length === 1) await dynamodb.send(new PutItemCommand(writes[0]!.Put!));
    else if (writes.length > 1) await dynamodb.send(new TransactWriteItemsCommand({ TransactItems: writes }));
  };

  const work = async (event: ReadEvent): Promise<{ published: number }> => {
    const rows = await read(event);
    const stateNow = () => Object.fromEntries(rows.map(({ name, item }) => [name, dataOf(item)]));
    const { call } = handling;
    const asked = call?.ask(event, stateNow(), { now: Date.now() });
    // The intent is a write of its own here: there is no claim that it could go with.
    if (asked?.write) {
      await write(rows, asked.write);
      for (const row of rows) {
        if (row.name in asked.write) row.item = written(row.key.row, row.place, row.item, asked.write[row.name]);
      }
    }
    const answer = call && (await call.perform(asked.ask));
    const outcome = call
      ? handling.decide(event, stateNow(), answer)
      : handling.decide(event, stateNow(), { now: Date.now() });
    await write(rows, outcome.write ?? {});
    const emitted: any[] = outcome.emit ?? [];
    if (emitted.length === 0) return { published: 0 };
    const Entries = emitted.map((emission, ordinal) => {
      const type = consumer.emits.find(({ name }) => name === emission.type)!;
      const meta = followingMeta(consumer.id, event.meta, ordinal, emission, type.keyField, Date.now());
      return { ...toEntry(type, meta, emission.data), EventBusName: busName };
    });
    const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
    if (FailedEntryCount) throw new Error(`${FailedEntryCount} events were not published`);
    return { published: emitted.length };
  };

  const idempotently = makeIdempotent(work, {
    persistenceStore: new DynamoDBPersistenceLayer({ tableName: powertoolsTable, awsSdkV3Client: dynamodb }),
    config,
  });
  return async (batch, context) => {
    config.registerLambdaContext(context);
    const results = await Promise.allSettled(
      batch.Records.map(({ body }) => {
        const { detail, 'detail-type': type } = JSON.parse(body);
        return idempotently({ type, ...detail });
      }),
    );
    return {
      batchItemFailures: batch.Records.filter((_, index) => results[index]!.status === 'rejected').map(
        ({ messageId }) => ({ itemIdentifier: messageId }),
      ),
    };
  };
}
