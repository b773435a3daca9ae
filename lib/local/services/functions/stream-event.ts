/** What a function gets from a table's stream, and what its answer says about the records. Pure. */
import type { Millis } from '../../ports';
import type { Finished, Json } from '../service';

/** As GetRecords gives it, in the form that functions see. */
export interface StreamRecord {
  /** The record in the function's event. */
  event: Json;
  sequence: string;
  atMs: Millis;
  /** The item's key as text: records of one item stay in one lane. */
  key: string;
}

/** Source: docs.aws.amazon.com/lambda/latest/dg/with-ddb.html, example event; userIdentity has other names in the API. */
export function streamRecord({ userIdentity, ...record }: Json, streamArn: string): StreamRecord {
  const { SequenceNumber, ApproximateCreationDateTime, Keys } = record.dynamodb;
  return {
    event: {
      ...record,
      ...(userIdentity && { userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId } }),
      eventSourceARN: streamArn,
    },
    sequence: SequenceNumber,
    atMs: ApproximateCreationDateTime * 1000,
    key: JSON.stringify(Keys),
  };
}

export interface StreamVerdict {
  /** How many records, from the first, have succeeded. */
  done: number;
  failed: boolean;
  /** Why the whole batch failed, where the function itself did not throw. */
  reason?: string;
}

/**
 * The lowest sequence number that is named is where to go on. An answer that cannot be understood, or names what is not
 * in the batch, fails the whole batch. Source: docs services-ddb-batchfailurereporting.html
 */
export function streamVerdict(records: StreamRecord[], finished: Finished, reportsFailures: boolean): StreamVerdict {
  if (finished.functionError) return { done: 0, failed: true };
  const succeeded: StreamVerdict = { done: records.length, failed: false };
  if (!reportsFailures) return succeeded;
  const all = (reason: string): StreamVerdict => ({ done: 0, failed: true, reason });
  const failures = JSON.parse(finished.payload)?.batchItemFailures;
  if (failures === undefined || failures === null) return succeeded;
  if (!Array.isArray(failures)) return all('batchItemFailures is not a list');
  let done = records.length;
  for (const failure of failures) {
    const id = failure?.itemIdentifier;
    const at = records.findIndex(({ sequence }) => sequence === id);
    if (at < 0) return all(`batchItemFailures names ${JSON.stringify(id)}, which is not in the batch`);
    done = Math.min(done, at);
  }
  return { done, failed: done < records.length };
}

export interface Discard {
  now: Millis;
  condition: string;
  invocations: number;
  requestId: string;
  functionArn: string;
  version: string;
  functionError: boolean;
  shardId: string;
}

/**
 * What an on-failure destination gets: where the records stand, not the records.
 * Source: docs services-dynamodb-errors.html (example invocation record)
 */
export function discarded(records: StreamRecord[], { now, condition, invocations, ...more }: Discard): Json {
  const seconds = (atMs: number): string => new Date(atMs).toISOString().replace(/\.\d+Z$/, 'Z');
  const [first, last] = [records[0]!, records.at(-1)!];
  return {
    requestContext: {
      requestId: more.requestId,
      functionArn: more.functionArn,
      condition,
      approximateInvokeCount: invocations,
    },
    ...(invocations > 0 && {
      responseContext: {
        statusCode: 200,
        executedVersion: more.version,
        ...(more.functionError && { functionError: 'Unhandled' }),
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: more.shardId,
      startSequenceNumber: first.sequence,
      endSequenceNumber: last.sequence,
      approximateArrivalOfFirstRecord: seconds(first.atMs),
      approximateArrivalOfLastRecord: seconds(last.atMs),
      batchSize: records.length,
      streamArn: first.event.eventSourceARN,
    },
  };
}
