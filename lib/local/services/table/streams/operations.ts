/**
 * The API of DynamoDB Streams: ListStreams, DescribeStream, GetShardIterator, GetRecords; and '$awaitRecords', by which
 * event source mappings wait for records.
 *
 * An iterator is text that says stream, shard, place and when it was given; after 15 minutes it has expired.
 * Source: docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Operations_Amazon_DynamoDB_Streams.html
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import type { Catalog } from '../catalog';
import { invalid, Refusal } from '../errors';
import { required } from '../operations/write';
import { type Position, positionOf, sequenceNumber, type TableStream } from './stream';

const iteratorLifeMs = 15 * 60_000;

const notFound = (what: string): Refusal =>
  new Refusal('ResourceNotFoundException', `Requested resource not found: ${what} not found`);

function limitOf(input: Json, most: number): number {
  const limit = input.Limit ?? most;
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw invalid(
    `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value ` +
      `${limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${most}`}`,
  );
}

function streamOf(catalog: Catalog, now: Millis, input: Json): TableStream {
  const arn = required<string>(input.StreamArn, 'streamArn');
  catalog.forgetOldStreams(now);
  const stream = catalog.streams.get(arn);
  if (!stream) throw notFound(`Stream: ${arn}`);
  return stream;
}

export function listStreams(catalog: Catalog, now: Millis, input: Json): Json {
  const limit = limitOf(input, 100);
  catalog.forgetOldStreams(now);
  const all = [...catalog.streams.values()]
    .filter(({ options }) => input.TableName === undefined || options.tableName === input.TableName)
    .filter(({ arn }) => input.ExclusiveStartStreamArn === undefined || arn > input.ExclusiveStartStreamArn)
    .sort((a, b) => (a.arn < b.arn ? -1 : 1));
  const page = all.slice(0, limit);
  return {
    Streams: page.map(({ arn, options }) => ({
      StreamArn: arn,
      TableName: options.tableName,
      StreamLabel: options.label,
    })),
    ...(all.length > limit && { LastEvaluatedStreamArn: page.at(-1)!.arn }),
  };
}

export function describeStream(catalog: Catalog, now: Millis, input: Json): Json {
  const stream = streamOf(catalog, now, input);
  const limit = limitOf(input, 100);
  const { options, shards } = stream;
  const from = input.ExclusiveStartShardId ? shards.findIndex(({ id }) => id === input.ExclusiveStartShardId) + 1 : 0;
  const page = shards.slice(from, from + limit);
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: options.label,
      StreamStatus: stream.closedMs === undefined ? 'ENABLED' : 'DISABLED',
      StreamViewType: options.view,
      CreationRequestDateTime: options.createdMs / 1000,
      TableName: options.tableName,
      KeySchema: [
        { AttributeName: options.schema.hash.name, KeyType: 'HASH' },
        ...(options.schema.range ? [{ AttributeName: options.schema.range.name, KeyType: 'RANGE' }] : []),
      ],
      Shards: page.map((shard) => {
        const range = stream.range(shard, now);
        return {
          ShardId: shard.id,
          SequenceNumberRange: {
            StartingSequenceNumber: range?.first ?? sequenceNumber(stream.end),
            ...(stream.closedMs !== undefined && { EndingSequenceNumber: range?.last ?? sequenceNumber(stream.end) }),
          },
        };
      }),
      ...(from + limit < shards.length && { LastEvaluatedShardId: page.at(-1)!.id }),
    },
  };
}

export function getShardIterator(catalog: Catalog, now: Millis, input: Json): Json {
  const stream = streamOf(catalog, now, input);
  const shard = stream.shard(required(input.ShardId, 'shardId'));
  if (!shard) throw notFound(`Shard: ${input.ShardId} in Stream: ${stream.arn}`);
  const type = required<string>(input.ShardIteratorType, 'shardIteratorType');
  const at = (sequence: string): Position => {
    const range = stream.range(shard, now);
    if (!/^1\d{20}$/.test(sequence)) throw invalid(`Invalid SequenceNumber: ${sequence}`);
    if (range && sequence < range.first && positionOf(sequence) > 0) throw trimmed();
    return positionOf(sequence);
  };
  const position = ((): Position => {
    switch (type) {
      case 'TRIM_HORIZON':
        return 0;
      case 'LATEST':
        return stream.end;
      case 'AT_SEQUENCE_NUMBER':
        return at(required(input.SequenceNumber, 'sequenceNumber')) - 1;
      case 'AFTER_SEQUENCE_NUMBER':
        return at(required(input.SequenceNumber, 'sequenceNumber'));
      default:
        throw invalid(
          `1 validation error detected: Value '${type}' at 'shardIteratorType' failed to satisfy constraint: Member must ` +
            'satisfy enum value set: [AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]',
        );
    }
  })();
  return { ShardIterator: iterator(stream.arn, shard.id, position, now) };
}

const trimmed = (): Refusal =>
  new Refusal('TrimmedDataAccessException', 'The requested data has been trimmed: it is older than 24 hours.');

const iterator = (arn: string, shardId: string, position: Position, now: Millis): string =>
  `${arn}|1|${Buffer.from(JSON.stringify([shardId, position, now])).toString('base64')}`;

export function getRecords(catalog: Catalog, now: Millis, input: Json): Json {
  const limit = limitOf(input, 1000);
  const given = required<string>(input.ShardIterator, 'shardIterator');
  const [arn, , place] = given.split('|');
  let parts: unknown[];
  try {
    parts = JSON.parse(Buffer.from(place ?? '', 'base64').toString());
  } catch {
    throw invalid('Invalid ShardIterator');
  }
  if (!Array.isArray(parts)) throw invalid('Invalid ShardIterator');
  const [shardId, position, at] = parts as [string, Position, Millis];
  const stream = streamOf(catalog, now, { StreamArn: arn });
  const shard = stream.shard(shardId);
  if (!shard || typeof position !== 'number' || typeof at !== 'number') throw invalid('Invalid ShardIterator');
  if (at + iteratorLifeMs < now) {
    throw new Refusal('ExpiredIteratorException', 'Shard iterator has expired: it was given more than 15 minutes ago.');
  }
  const { records, next } = stream.read(shard, position, limit, now);
  const ended = stream.closedMs !== undefined && !stream.hasAfter(shard, next);
  return { Records: records, ...(!ended && { NextShardIterator: iterator(arn!, shard.id, next, now) }) };
}

/** Internal: records behind `After` (a position, 'TRIM_HORIZON' or 'LATEST'), and where to go on. */
export function readShard(catalog: Catalog, now: Millis, input: Json): Json {
  const stream = streamOf(catalog, now, input);
  const shard = stream.shard(input.ShardId);
  if (!shard) throw notFound(`Shard: ${input.ShardId} in Stream: ${stream.arn}`);
  const after = input.After === 'TRIM_HORIZON' ? 0 : input.After === 'LATEST' ? stream.end : input.After;
  const { records, next } = stream.read(shard, after, input.Limit, now);
  return { Records: records, Next: next, Closed: stream.closedMs !== undefined && !stream.hasAfter(shard, next) };
}
