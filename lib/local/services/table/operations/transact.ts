/**
 * TransactWriteItems and TransactGetItems.
 *
 * 1. All or nothing: every action is checked against what is stored before any is performed.
 * 2. A request that is wrong in itself is a ValidationException; one that does not fit what is stored is a
 *    TransactionCanceledException with one reason an action, in order.
 * 3. A ClientRequestToken makes a successful request repeatable for ten minutes: the same request again succeeds and
 *    changes nothing; another request with the token is refused. A cancelled transaction is not remembered.
 * No transaction is ever in conflict with another here: requests are served one after the other.
 * TransactionConflict is brought in by fault injection.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { Consumption, readUnits, transactionFactor } from '../capacity';
import { type Catalog, refuseLegacy } from '../catalog';
import { invalid, Refusal } from '../errors';
import { keyOf, keyText, readKey } from '../keys';
import type { Row, Table } from '../table';
import { type Item, itemSize } from '../values';
import { readProjection, shown } from './items';
import {
  checkCondition,
  checkTouchedKeys,
  type NextItem,
  nextItem,
  perform,
  readWrite,
  required,
  type Write,
  type WriteKind,
} from './write';

const maxActions = 100;
const maxBytes = 4 * 1024 * 1024;
const tokenLifeMs = 10 * 60_000;
const kinds: Record<string, WriteKind> = {
  ConditionCheck: 'ConditionCheck',
  Put: 'Put',
  Update: 'Update',
  Delete: 'Delete',
};

/** The tokens of the last ten minutes, oldest first. */
export class TransactionTokens {
  private readonly known = new Map<string, { fingerprint: string; untilMs: Millis }>();

  /** True: this very request has succeeded. Refuses another request under the same token. */
  isRepeat(token: string, fingerprint: string, now: Millis): boolean {
    for (const [old, { untilMs }] of this.known) {
      if (untilMs > now) break;
      this.known.delete(old);
    }
    const known = this.known.get(token);
    if (!known) return false;
    if (known.fingerprint === fingerprint) return true;
    throw new Refusal(
      'IdempotentParameterMismatchException',
      'The request uses the same client token as a previous, but non-identical request. Do not reuse a client token with different requests, unless the requests are identical.',
    );
  }

  remember(token: string, fingerprint: string, now: Millis): void {
    this.known.set(token, { fingerprint, untilMs: now + tokenLifeMs });
  }
}

interface Planned {
  write: Write;
  row: Row | undefined;
  next?: NextItem | undefined;
}

export function transactWriteItems(catalog: Catalog, now: Millis, input: Json, tokens: TransactionTokens): Json {
  const actions = readActions(input.TransactItems);
  const token = readToken(input.ClientRequestToken);
  const consumption = new Consumption(input.ReturnConsumedCapacity, 'WriteCapacityUnits');
  const writes = actions.map((action) => readAction(catalog, action));
  checkDistinct(writes.map(({ registered, key }) => ({ table: registered.table, key })));
  checkBytes(writes.reduce((sum, write) => sum + write.requestBytes, 0));
  const fingerprint = token === undefined ? '' : fingerprintOf(input);
  if (token !== undefined && tokens.isRepeat(token, fingerprint, now)) return repeated(writes, input);
  const planned = plan(writes);
  checkBytes(planned.reduce((sum, { next, write }) => sum + (next?.size ?? itemSize(write.key)), 0));
  for (const { write, row, next } of planned) {
    consumption.addWrite(write.registered.table, perform(write, row, next, now), transactionFactor);
  }
  if (token !== undefined) tokens.remember(token, fingerprint, now);
  return consumption.several();
}

function readActions(actions: Json): Json[] {
  if (!Array.isArray(actions)) return required<Json[]>(undefined, 'transactItems');
  if (actions.length === 0) {
    throw invalid(
      `1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1`,
    );
  }
  if (actions.length > maxActions) {
    throw invalid(
      `1 validation error detected: Value of ${actions.length} actions at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${maxActions}`,
    );
  }
  return actions;
}

function readToken(token: Json): string | undefined {
  if (token === undefined || token === null) return undefined;
  if (typeof token === 'string' && token.length >= 1 && token.length <= 36) return token;
  const bound = token === '' ? 'greater than or equal to 1' : 'less than or equal to 36';
  throw invalid(
    `1 validation error detected: Value '${token}' at 'clientRequestToken' failed to satisfy constraint: Member must have length ${bound}`,
  );
}

function readAction(catalog: Catalog, action: Json): Write {
  const given = Object.keys(action ?? {}).filter((name) => action[name] !== undefined);
  const [name] = given;
  const kind = name !== undefined && Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (given.length !== 1 || !kind) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete');
  }
  if (kind === 'Update') required(action.Update.UpdateExpression, 'transactItems.update.updateExpression');
  return readWrite(catalog, kind, action[kind]);
}

/** Equal for equal requests: the SDK repeats a request byte by byte. */
const fingerprintOf = (input: Json): string => createHash('sha256').update(JSON.stringify(input)).digest('base64');

function checkDistinct(places: readonly { table: Table; key: Item }[]): void {
  const seen = new Set(places.map(({ table, key }) => `${table.name} ${keyText(keyOf(table.schema, key)!)}`));
  if (seen.size < places.length) {
    throw invalid('Transaction request cannot include multiple operations on one item');
  }
}

function checkBytes(bytes: number): void {
  if (bytes > maxBytes) {
    throw invalid(`Transaction payload size cannot exceed 4MB. Payload Size: ${bytes}`);
  }
}

/** What each write will do; refuses with the reasons of all of them where one cannot be done. */
function plan(writes: readonly Write[]): Planned[] {
  const planned: Planned[] = [];
  const reasons: Json[] = [];
  for (const write of writes) {
    const row = write.registered.table.find(write.key);
    try {
      checkTouchedKeys(write);
      checkCondition(write, row);
      const changes = write.kind === 'Put' || write.kind === 'Update';
      planned.push({ write, row, next: changes ? nextItem(write, row) : undefined });
      reasons.push({ Code: 'None' });
    } catch (problem) {
      if (!(problem instanceof Refusal)) throw problem;
      const failed = problem.name === 'ConditionalCheckFailedException';
      reasons.push({
        Code: failed ? 'ConditionalCheckFailed' : 'ValidationError',
        Message: problem.message,
        ...problem.members,
      });
    }
  }
  if (planned.length === writes.length) return planned;
  const codes = reasons.map(({ Code }) => Code).join(', ');
  throw new Refusal(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { CancellationReasons: reasons },
  );
}

/** AWS: a repeated call "returns the number of read capacity units consumed in reading the item". */
function repeated(writes: readonly Write[], input: Json): Json {
  const consumption = new Consumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits');
  for (const { registered, key } of writes) {
    const size = registered.table.find(key)?.size ?? 0;
    consumption.add(registered.table, readUnits(size, true) * transactionFactor);
  }
  return consumption.several();
}

/** Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html */
export function transactGetItems(catalog: Catalog, _now: Millis, input: Json): Json {
  const consumption = new Consumption(input.ReturnConsumedCapacity, 'ReadCapacityUnits');
  const gets = readActions(input.TransactItems).map((action) => {
    const get = required(action?.Get, 'transactItems.get');
    refuseLegacy(get);
    const { table } = catalog.find(get.TableName);
    return { table, key: readKey(table.schema, required(get.Key, 'key')), projection: readProjection(table, get) };
  });
  checkDistinct(gets);
  const rows = gets.map(({ table, key }) => table.find(key));
  checkBytes(rows.reduce((sum, row) => sum + (row?.size ?? 0), 0));
  rows.forEach((row, index) => {
    consumption.add(gets[index]!.table, readUnits(row?.size ?? 0, true) * transactionFactor);
  });
  const responses = rows.map((row, index) => (row ? { Item: shown(row.item, gets[index]!.projection) } : {}));
  return { Responses: responses, ...consumption.several() };
}
