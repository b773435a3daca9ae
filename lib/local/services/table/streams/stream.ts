/**
 * The stream of a table: one record for each change of an item, in shards, for 24 hours.
 *
 * 1. A write that changes nothing leaves no record. What time to live removed is told apart by userIdentity.
 * 2. All changes of one item stand in one shard, in their order; between shards there is no order.
 * 3. Sequence numbers grow over the whole stream. A record older than 24 hours is gone.
 * 4. A stream that ended can be read until its last record is gone; its shards are closed.
 * Not modelled: shards that split and roll over every few hours; lag. A table on demand has four shards, as a new one has
 * on AWS, a provisioned one has one.
 * Source: docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.html, API_streams_Record.html
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../../ports';
import { hash32 } from '../../hash';
import { keptClass } from '../../kept';
import type { Json } from '../../service';
import { type KeySchema, pickKey, sortable } from '../keys';
import { copyItem, equal, type Item, itemSize } from '../values';

export type StreamViewType = 'KEYS_ONLY' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'NEW_AND_OLD_IMAGES';
export const streamViewTypes: readonly string[] = ['KEYS_ONLY', 'NEW_IMAGE', 'OLD_IMAGE', 'NEW_AND_OLD_IMAGES'];

export const keptMs = 24 * 3_600_000;
/** Of one answer of GetRecords. */
const mostPageBytes = 1024 * 1024;

/** The number of the last record before a place in a stream; the next one has a greater number. */
export type Position = number;

interface Change {
  number: Position;
  at: Millis;
  before: Item | undefined;
  after: Item | undefined;
  by?: 'time to live' | undefined;
}

interface Shard {
  id: string;
  changes: Change[];
  /** Of the changes: how many at the beginning are gone. */
  trimmed: number;
}

export interface StreamOptions {
  tableName: string;
  tableArn: string;
  label: string;
  region: string;
  view: StreamViewType;
  schema: KeySchema;
  shards: number;
  createdMs: Millis;
}

export class TableStream {
  readonly arn: string;
  readonly shards: Shard[];
  closedMs: Millis | undefined;
  private last: Position = 0;

  constructor(readonly options: StreamOptions) {
    this.arn = `${options.tableArn}/stream/${options.label}`;
    this.shards = Array.from({ length: options.shards }, (_, index) => {
      const digits = createHash('sha256').update(`${this.arn}/${index}`).digest('hex');
      return {
        id: `shardId-${String(options.createdMs).padStart(20, '0')}-${digits.slice(0, 8)}`,
        changes: [],
        trimmed: 0,
      };
    });
  }

  record(at: Millis, before: Item | undefined, after: Item | undefined, by?: 'time to live'): void {
    if (before && after && equal({ M: before }, { M: after })) return;
    const key = (after ?? before)!;
    const partition = sortable(key[this.options.schema.hash.name]!);
    const shard = this.shards[hash32(partition) % this.shards.length]!;
    this.trim(shard, at);
    shard.changes.push({ number: ++this.last, at, before, after, by });
  }

  /** Where a reader begins that wants only what comes from now on. */
  get end(): Position {
    return this.last;
  }

  shard(id: string): Shard | undefined {
    return this.shards.find((shard) => shard.id === id);
  }

  /** First and last sequence number that a shard can give; undefined: none. */
  range(shard: Shard, now: Millis): { first: string; last: string } | undefined {
    this.trim(shard, now);
    const first = shard.changes[shard.trimmed];
    return first && { first: sequenceNumber(first.number), last: sequenceNumber(shard.changes.at(-1)!.number) };
  }

  /** Whether a shard has a record behind a place. */
  hasAfter(shard: Shard, position: Position): boolean {
    return shard.changes.length > shard.trimmed && shard.changes.at(-1)!.number > position;
  }

  /** Records behind a place, as GetRecords gives them; `next` is where to go on. */
  read(shard: Shard, position: Position, limit: number, now: Millis): { records: Json[]; next: Position } {
    this.trim(shard, now);
    const records: Json[] = [];
    let next = position;
    let bytes = 0;
    for (let at = firstAfter(shard, position); at < shard.changes.length && records.length < limit; at++) {
      const change = shard.changes[at]!;
      const record = this.shown(change);
      bytes += record.dynamodb.SizeBytes;
      if (records.length > 0 && bytes > mostPageBytes) break;
      records.push(record);
      next = change.number;
    }
    return { records, next };
  }

  close(now: Millis): void {
    this.closedMs = now;
  }

  private trim(shard: Shard, now: Millis): void {
    while (shard.trimmed < shard.changes.length && shard.changes[shard.trimmed]!.at + keptMs <= now) shard.trimmed++;
    // Not at every record: moving the rest costs.
    if (shard.trimmed > 1000 && shard.trimmed * 2 > shard.changes.length) {
      shard.changes = shard.changes.slice(shard.trimmed);
      shard.trimmed = 0;
    }
  }

  private shown({ number, at, before, after, by }: Change): Json {
    const { view, schema, region } = this.options;
    const newImage = (view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES') && after;
    const oldImage = (view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES') && before;
    const keys = pickKey(schema, (after ?? before)!);
    return {
      eventID: createHash('md5').update(`${this.arn}/${number}`).digest('hex'),
      eventName: before ? (after ? 'MODIFY' : 'REMOVE') : 'INSERT',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: region,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(at / 1000),
        Keys: keys,
        ...(newImage && { NewImage: copyItem(newImage) }),
        ...(oldImage && { OldImage: copyItem(oldImage) }),
        SequenceNumber: sequenceNumber(number),
        SizeBytes: itemSize(keys) + (newImage ? itemSize(newImage) : 0) + (oldImage ? itemSize(oldImage) : 0),
        StreamViewType: view,
      },
      ...(by && { userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' } }),
    };
  }
}

/** 21 digits, as the API asks for; they sort like the numbers. */
export const sequenceNumber = (position: Position): string => `1${String(position).padStart(20, '0')}`;

export const positionOf = (sequence: string): Position => Number(sequence.slice(1));

function firstAfter({ changes, trimmed }: Shard, position: Position): number {
  let low = trimmed;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (changes[middle]!.number > position) high = middle;
    else low = middle + 1;
  }
  return low;
}

export const mostShards = 4;

keptClass('dynamodb', { TableStream });
