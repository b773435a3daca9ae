/**
 * What functions wrote, in the order in which it took effect, read from the trace: the ground that the properties of the
 * delivery protocol stand on. Knows the shape of records (lib/contracts/record.ts); decides nothing.
 */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { consumers } from '../../lib/contracts';
import type { Consumer } from '../../lib/contracts/kit';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import type { Millis, TraceEntry } from '../../lib/local/ports';
import type { FinalView } from '../../lib/sim';

export interface Writer {
  functionName: string;
  invocationId: string;
}

/** One item that was written; `transaction` numbers what took effect together. */
export interface Write extends Writer {
  at: Millis;
  table: string;
  id: string;
  before: any;
  after: any;
  transaction: number | undefined;
  /** Who wrote `before`. */
  lastWriter: Writer | undefined;
}

/** A transaction that was refused. */
export interface Refusal extends Writer {
  at: Millis;
  /** In the order of the items. */
  items: { table: string; id: string; code: string; lastWriter: Writer | undefined }[];
}

export interface Invocation extends Writer {
  startedMs: Millis;
  endedMs?: Millis;
  crashed: boolean;
  /** Message ids. */
  messages: string[];
  failed: string[];
  /** When faults struck its own calls. */
  faultsMs: Millis[];
}

export interface Publication {
  at: Millis;
  source: string;
  type: string;
  /** `meta.id`. */
  id: string;
  meta: any;
  data: any;
  replayed: boolean;
}

export interface History {
  writes: readonly Write[];
  refusals: readonly Refusal[];
  invocations: ReadonlyMap<string, Invocation>;
  publications: readonly Publication[];
  recordTable: string;
}

const histories = new WeakMap<readonly TraceEntry[], History>();

/** Read once for all properties of a run. */
export function historyOf(view: FinalView): History {
  const known = histories.get(view.trace);
  if (known) return known;
  const history = read(view);
  histories.set(view.trace, history);
  return history;
}

/** Writes of records, in order. */
export interface RecordWrite extends Write {
  before: IdempotencyRecord | undefined;
  after: IdempotencyRecord;
}
export const recordWritesOf = (history: History): RecordWrite[] =>
  history.writes.filter(({ table }) => table === history.recordTable) as RecordWrite[];

export const consumerOf = (id: string): Consumer | undefined => consumers.find((consumer) => consumer.id === id);

function read(view: FinalView): History {
  const writes: Write[] = [];
  const refusals: Refusal[] = [];
  const invocations = new Map<string, Invocation>();
  const publications: Publication[] = [];
  const items = new Map<string, { item: any; writer: Writer }>();
  let transactions = 0;
  const tokens = new Set<string>();
  const key = (table: string, id: string): string => `${table}\n${id}`;
  const wrote = (entry: any, table: string, id: string, after: any, transaction?: number): void => {
    const writer = writerOf(entry);
    const last = items.get(key(table, id));
    writes.push({
      at: entry.at,
      ...writer,
      table,
      id,
      before: last?.item,
      after,
      transaction,
      lastWriter: last?.writer,
    });
    items.set(key(table, id), { item: after, writer });
  };
  const written = (entry: any): void => {
    const { operation, input, error } = entry;
    if (operation === 'TransactWriteItems') {
      const parts: any[] = input.TransactItems.map(
        (one: any) => one.Put ?? one.Update ?? one.Delete ?? one.ConditionCheck,
      );
      const idOf = (part: any): string => (part.Item ?? part.Key)?.id?.S;
      if (error) {
        const reasons: any[] = error.members?.CancellationReasons ?? [];
        if (error.name !== 'TransactionCanceledException') return;
        refusals.push({
          at: entry.at,
          ...writerOf(entry),
          items: parts.map((part, index) => ({
            table: part.TableName,
            id: idOf(part),
            code: reasons[index]?.Code ?? 'None',
            lastWriter: items.get(key(part.TableName, idOf(part)))?.writer,
          })),
        });
        return;
      }
      // The SDK tries again under the same token where an answer was lost: DynamoDB answers, and writes nothing.
      if (tokens.has(input.ClientRequestToken)) return;
      if (input.ClientRequestToken) tokens.add(input.ClientRequestToken);
      const number = transactions++;
      input.TransactItems.forEach(({ Put }: any) => {
        if (Put) wrote(entry, Put.TableName, Put.Item.id.S, unmarshall(Put.Item), number);
      });
      return;
    }
    if (error) return;
    if (operation === 'PutItem') wrote(entry, input.TableName, input.Item.id.S, unmarshall(input.Item));
    if (operation === 'DeleteItem') items.delete(key(input.TableName, input.Key.id.S));
    if (operation === 'UpdateItem') {
      // The one update that the platform makes: 'paid'.
      const before = items.get(key(input.TableName, input.Key.id.S))?.item;
      if (!before) return;
      const { unpaid: _, ...rest } = before;
      const expiresAt = Number(input.ExpressionAttributeValues?.[':expiresAt']?.N);
      const after = { ...rest, ...(Number.isFinite(expiresAt) ? { expiresAt } : {}) };
      const { at } = entry;
      const last = items.get(key(input.TableName, input.Key.id.S))!;
      writes.push({
        at,
        ...writerOf(entry),
        table: input.TableName,
        id: before.id,
        before,
        after,
        transaction: undefined,
        lastWriter: last.writer,
      });
      // Paying is not deciding: who wrote the record stays.
      items.set(key(input.TableName, before.id), { item: after, writer: last.writer });
    }
  };
  for (const entry of view.trace as readonly any[]) {
    switch (entry.kind) {
      case 'api':
        if (entry.service === 'dynamodb') written(entry);
        break;
      case 'invoked':
        invocations.set(entry.invocationId, {
          functionName: entry.functionName,
          invocationId: entry.invocationId,
          startedMs: entry.at,
          crashed: false,
          messages: entry.records ?? [],
          failed: [],
          faultsMs: [],
        });
        break;
      case 'finished': {
        const invocation = invocations.get(entry.invocationId);
        if (invocation) Object.assign(invocation, { endedMs: entry.at, crashed: entry.functionError !== undefined });
        break;
      }
      case 'batch-failed':
        invocations.get(entry.invocationId)?.failed.push(...(entry.records ?? []));
        break;
      case 'fault':
        invocations.get(entry.invocationId)?.faultsMs.push(entry.at);
        break;
      case 'published': {
        const detail = typeof entry.detail === 'string' ? parsed(entry.detail) : entry.detail;
        const id = detail?.meta?.id;
        if (typeof id !== 'string') break;
        const { meta, data } = detail;
        publications.push({
          at: entry.at,
          source: entry.source,
          type: entry.detailType,
          id,
          meta,
          data,
          replayed: entry.replay !== undefined,
        });
      }
    }
  }
  return { writes, refusals, invocations, publications, recordTable: view.output('RecordTableName') };
}

const writerOf = ({ origin }: any): Writer =>
  origin
    ? { functionName: origin.functionName, invocationId: origin.invocationId }
    : { functionName: 'operator', invocationId: 'operator' };

/** Undefined where it is no JSON. */
export function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
