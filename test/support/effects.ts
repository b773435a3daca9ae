/**
 * What a flow has come to, in a form that is equal for two runs exactly when they had the same effects: the run's own
 * ids, dates, hashes and moments are named, not shown. Computes nothing that a test expects.
 */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { consumers, rows } from '../../lib/contracts';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import type { VirtualWorld } from '../../lib/local/virtual';
import type { Run } from './flows';
import { itemsOf, recordsOf } from './world';

export interface Effects {
  /** Rows by table, without their versions. */
  rows: Record<string, string[]>;
  /** Each event id once: its type, what led to it, its data. Two events that should have been one are two entries. */
  facts: string[];
  /** What was committed: consumer, event, status. */
  records: string[];
  /** The gateway's books. */
  ledger: string[];
  stored: string[];
  /** Records that still owe, or claims that are still held: empty when all is done. */
  open: string[];
}

/** Of the run and not of its effects; the size of a drawing is that of its barcode. */
const notShown = new Set(['version', 'requestId', 'expiresAt', 'bytes', 'token', 'askedAt', 'askedAtMs']);

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical);
  if (typeof value !== 'object' || value === null) return value;
  const shown = Object.entries(value).filter(([name]) => !notShown.has(name));
  return Object.fromEntries(
    shown.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => [name, canonical(inner)]),
  );
}

export function effectsOf(world: VirtualWorld, run: Run): Effects {
  const plain = (value: unknown): string =>
    JSON.stringify(canonical(value))
      .replaceAll(run.key, '<key>')
      .replaceAll(run.date, '<date>')
      .replace(/[0-9a-f]{64}/g, '<sha256>')
      .replace(/\.[0-9a-f]{12}\b/g, '.<hash>');
  const mine = (items: Iterable<unknown>): string[] =>
    [...items]
      .map((item) => plain(item))
      .filter((text) => text.includes('<key>') || text.includes('<date>'))
      .sort();
  const records = recordsOf(world).filter((record) => record.correlation === run.key);
  const { Contents = [] } = world.now('s3', 'ListObjectsV2', { Bucket: world.output('LabelsBucketName') });
  return {
    rows: Object.fromEntries(
      rows.map((row) => [row.name, mine(itemsOf(world, `${row.name}TableName`).values())] as const),
    ),
    facts: factsOf(world, run).map(plain).sort(),
    records: records.map(({ consumer, type, status }) => `${consumer} ${type} ${status}`).sort(),
    ledger: mine(itemsOf(world, 'GatewayTableName').values()),
    stored: mine(Contents.map(({ Key }: { Key: string }) => Key)),
    open: records.filter((record) => record.unpaid ?? record.status === 'claimed').map(({ id }) => id),
  };
}

export interface Published {
  type: string;
  id: string;
  cause?: string;
  data: any;
  entry: any;
}

/** Everything about the run that the bus accepted, in order, copies included. */
export function publishedOf(world: VirtualWorld, run: Run): Published[] {
  return world.trace
    .filter((entry) => entry.kind === 'published' && JSON.stringify(entry.detail).includes(run.key))
    .map((entry: any) => ({ type: entry.detailType, ...entry.detail.meta, data: entry.detail.data, entry }));
}

const joined = new Set(
  consumers.filter(({ on }) => on.length > 1).flatMap(({ emits }) => emits.map(({ name }) => name)),
);

function factsOf(world: VirtualWorld, run: Run): unknown[] {
  const byId = new Map(publishedOf(world, run).map((event) => [event.id, event]));
  const way = ({ type, cause }: Published): string => {
    // Which of a join's parts came last is chance.
    const before = cause === undefined || joined.has(type) ? undefined : byId.get(cause);
    return before ? `${way(before)} > ${type}` : type;
  };
  return [...byId.values()].map((event) => [way(event), event.data]);
}

/** The record of a consumer at the event, if there is one. */
export const recordOf = (world: VirtualWorld, consumer: string, eventId: string): IdempotencyRecord | undefined => {
  const { Item } = world.now('dynamodb', 'GetItem', {
    TableName: world.output('RecordTableName'),
    Key: { id: { S: `${consumer}#${eventId}` } },
  });
  return Item && (unmarshall(Item) as IdempotencyRecord);
};
