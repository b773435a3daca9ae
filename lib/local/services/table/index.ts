/**
 * DynamoDB, as far as the local runtime has it: tables with local and global indexes, items, expressions, queries,
 * batches, transactions, time to live, and streams.
 *
 * Not modelled, and refused by name: PartiQL, the legacy parameters (Expected, KeyConditions, ...), backups and
 * restore, import and export, global replicas. Not modelled and silent: throughput limits, adaptive
 * capacity, lag of global indexes and of eventually consistent reads; fault injection brings errors in.
 *
 * 1. One request at a time, each all or nothing (BatchWriteItem included, which on AWS may be done in part).
 * 2. Nothing that a client sent or got is shared with what is stored (values.ts).
 * 3. The same requests at the same times give the same replies: the only chance is the delay of time to live.
 */
import type { Millis } from '../../ports';
import {
  type Json,
  type Outcome,
  ok,
  type Reply,
  type Service,
  type ServiceOptions,
  type ServiceRequest,
} from '../service';
import { Catalog } from './catalog';
import { Refusal } from './errors';
import { batchGetItem, batchWriteItem } from './operations/batch';
import { deleteItem, getItem, putItem, updateItem } from './operations/items';
import { query, scan } from './operations/read';
import * as settings from './operations/settings';
import * as tables from './operations/tables';
import { TransactionTokens, transactGetItems, transactWriteItems } from './operations/transact';
import * as streams from './streams/operations';
import { WaitingReaders } from './streams/waiting';

export { resourceTypes } from './cloudformation';

type Operation = (catalog: Catalog, now: Millis, input: Json, tokens: TransactionTokens) => Json;

const operations: Record<string, Operation> = {
  PutItem: putItem,
  GetItem: getItem,
  UpdateItem: updateItem,
  DeleteItem: deleteItem,
  Query: query,
  Scan: scan,
  BatchGetItem: batchGetItem,
  BatchWriteItem: batchWriteItem,
  TransactWriteItems: transactWriteItems,
  TransactGetItems: transactGetItems,
  CreateTable: tables.createTable,
  DescribeTable: tables.describeTable,
  ListTables: tables.listTables,
  UpdateTable: tables.updateTable,
  DeleteTable: tables.deleteTable,
  UpdateTimeToLive: settings.updateTimeToLive,
  DescribeTimeToLive: settings.describeTimeToLive,
  $delayTimeToLive: settings.delayTimeToLive,
  UpdateContinuousBackups: settings.updateContinuousBackups,
  DescribeContinuousBackups: settings.describeContinuousBackups,
  TagResource: settings.tagResource,
  UntagResource: settings.untagResource,
  ListTagsOfResource: settings.listTagsOfResource,
  ListStreams: streams.listStreams,
  DescribeStream: streams.describeStream,
  GetShardIterator: streams.getShardIterator,
  GetRecords: streams.getRecords,
};

const partiQl = ['ExecuteStatement', 'BatchExecuteStatement', 'ExecuteTransaction'];

export function createTableService(options: ServiceOptions): Service {
  return new TableService(options);
}

class TableService implements Service {
  readonly name = 'dynamodb';
  private readonly catalog: Catalog;
  private readonly tokens = new TransactionTokens();
  private readonly readers = new WaitingReaders();

  constructor(options: ServiceOptions) {
    this.catalog = new Catalog(options);
  }

  apply(now: Millis, request: ServiceRequest): Outcome {
    return { reply: this.answer(now, request), ...this.next(now) };
  }

  private answer(now: Millis, { operation, input, requestId }: ServiceRequest): Reply | undefined {
    try {
      if (operation === '$awaitRecords') {
        const answer = this.readers.ask(this.catalog, now, input, requestId);
        return answer && ok(answer);
      }
      if (!Object.hasOwn(operations, operation)) throw unknown(operation);
      return ok(operations[operation]!(this.catalog, now, input ?? {}, this.tokens));
    } catch (problem) {
      if (problem instanceof Refusal) return problem.toReply();
      throw problem;
    }
  }

  /** Time to live. */
  wake(now: Millis): Outcome {
    for (const { table } of this.catalog.tables.values()) {
      for (let row = table.expiry?.dueAt(now); row; row = table.expiry?.dueAt(now)) {
        table.delete(row, now, 'time to live');
      }
    }
    return this.next(now);
  }

  holds(): [number, string][] {
    return [[[...this.catalog.tables.values()].reduce((sum, { table }) => sum + table.itemCount, 0), 'item']];
  }

  private next(now: Millis): Outcome {
    const effects = this.readers.answered(this.catalog, now);
    let wakeAt = this.readers.nextMs;
    for (const { table } of this.catalog.tables.values()) {
      const nextMs = table.expiry?.nextMs;
      if (nextMs !== undefined && (wakeAt === undefined || nextMs < wakeAt)) wakeAt = nextMs;
    }
    return { effects, wakeAt };
  }
}

function unknown(operation: string): Refusal {
  const instead = partiQl.includes(operation)
    ? 'PartiQL is not modelled; use GetItem, Query, PutItem and the like.'
    : `It models ${Object.keys(operations)
        .filter((name) => !name.startsWith('$'))
        .join(', ')}.`;
  return new Refusal('UnknownOperationException', `${operation} is not modelled by Baton's local DynamoDB. ${instead}`);
}
