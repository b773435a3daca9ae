/**
 * One message of a batch: the event it carries and the rows it needs, or why it can never be handled. Never throws.
 */
import type { SQSRecord } from 'aws-lambda';
import { windowSeconds } from '../../lib/contracts/delivery';
import { contentHash, type ReadEvent, readEvent } from '../../lib/contracts/envelope';
import { environment as variables } from '../../lib/contracts/environment';
import { invariant } from '../../lib/contracts/invariant';
import type { Consumer, Meta, RowKey } from '../../lib/contracts/kit';
import { recordId } from '../../lib/contracts/record';
import * as env from './environment';
import { messageOf, RejectedError } from './errors';
import { type Place, placeOf } from './rows';

/** A row that an event needs, by its name in the consumer's `state`. */
export interface NamedRow {
  name: string;
  key: RowKey;
  place: Place;
}

/** Readable: can be decided on. */
export interface Message {
  sqs: SQSRecord;
  event: ReadEvent;
  /** contentHash of type and data. */
  hash: string;
  rows: NamedRow[];
  record: Place;
}

/** Not readable, or its keys cannot be: `error` says why, and whether it is the message's fault. */
export interface Unreadable {
  sqs: SQSRecord;
  error: unknown;
  /** As much of the event as could be read, for the dead letter and the trace. */
  meta: Partial<Meta>;
  type?: string;
  data?: unknown;
  event?: undefined;
}

export function readMessage(
  consumer: Consumer,
  read: (event: ReadEvent) => Record<string, RowKey | undefined>,
  sqs: SQSRecord,
): Message | Unreadable {
  let wire: any;
  try {
    wire = JSON.parse(sqs.body);
  } catch (error) {
    return { sqs, meta: {}, error: new RejectedError(`the message is not JSON: ${messageOf(error)}`) };
  }
  const result = readEvent(consumer.on, wire, env.now());
  if (!result.event) {
    const meta = result.meta ?? {};
    return { sqs, meta, ...partsOf(wire), error: new RejectedError(result.refusal) };
  }
  const { event } = result;
  try {
    const rows = rowsOf(consumer, read(event));
    const record = { table: env.variable(variables.recordTable), id: recordId(consumer.id, event.meta.id) };
    return { sqs, event, hash: contentHash(event.type, event.data), rows, record };
  } catch (error) {
    return { sqs, meta: event.meta, type: event.type, data: event.data, error };
  }
}

function rowsOf(consumer: Consumer, keys: Record<string, RowKey | undefined>): NamedRow[] {
  const rows: NamedRow[] = [];
  for (const [name, key] of Object.entries(keys)) {
    if (!key) continue;
    const declared = consumer.state[name];
    invariant(
      declared?.name === key.row.name,
      `${consumer.id} reads ${name}: ${key.row.name}; its declaration has ${declared?.name ?? 'no row of that name'}`,
    );
    if (!key.id) throw new RejectedError(`the key of ${name} is empty; a row's key has at least one character`);
    const place = placeOf(key);
    const twin = rows.find((other) => other.place.table === place.table && other.place.id === place.id);
    if (twin) {
      throw new RejectedError(
        `${name} and ${twin.name} are the same row, ${key.row.name} '${key.id}'; a transaction takes a row once`,
      );
    }
    rows.push({ name, key, place });
  }
  return rows;
}

/** T4: its record may have expired, so whether it was handled is not known any more. */
export function refuseOld({ time }: Meta): void {
  const ageSeconds = (env.now() - Date.parse(time)) / 1000;
  if (ageSeconds <= windowSeconds) return;
  throw new RejectedError(
    `the event is of ${time}, ${Math.floor(ageSeconds)} s ago, and nothing is known of it; after ${windowSeconds} s its record may have expired. If it was never handled, publish it again as a new event`,
  );
}

/** What little of an unreadable event is of use in the trace. */
function partsOf(wire: any): { type?: string; data?: unknown } {
  const type = wire?.['detail-type'];
  return { ...(typeof type === 'string' ? { type } : {}), data: wire?.detail?.data };
}
