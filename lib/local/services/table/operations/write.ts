/**
 * One write as PutItem, UpdateItem, DeleteItem and the actions of TransactWriteItems have it: read and checked first,
 * then tested against what is stored, then performed. Nothing is stored before all of it is known to be right.
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { type Catalog, type Registered, refuseLegacy } from '../catalog';
import { conditionFailed, invalid, invalidParameter, notModelled } from '../errors';
import { parseCondition } from '../expressions/condition';
import { ConditionBinder, type Test } from '../expressions/evaluate';
import { Placeholders } from '../expressions/names';
import { bindUpdate, type Update } from '../expressions/update';
import { checkIndexKey, checkTableKey, pickKey, readKey } from '../keys';
import type { Row, Written } from '../table';
import { copyItem, type Item, itemSize, readItem } from '../values';

export type WriteKind = 'Put' | 'Update' | 'Delete' | 'ConditionCheck';

/**
 * An item, and where its table has local indexes the item with its entries in them.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html ("Item size for tables with
 * local secondary indexes")
 */
const maxItemBytes = 400 * 1024;

const isTooLarge = ({ table }: Registered, item: Item, size: number): boolean =>
  size > maxItemBytes || size + table.localIndexBytes(item, size) > maxItemBytes;

export interface Write {
  kind: WriteKind;
  registered: Registered;
  /** The item's key in canonical form. */
  key: Item;
  /** Put: the new item. */
  item?: Item;
  update?: Update | undefined;
  test?: Test | undefined;
  /** A failed condition answers with the item. */
  failWithItem: boolean;
  /** Bytes of the request that count towards a transaction's 4 MB. */
  requestBytes: number;
}

/** Reads one write of a request; refuses what is wrong whatever is stored. */
export function readWrite(catalog: Catalog, kind: WriteKind, input: Json): Write {
  refuseLegacy(input);
  // What has to be given is asked for before anything is looked up.
  if (kind === 'Put') required(input.Item, 'item');
  else required(input.Key, 'key');
  const registered = catalog.find(input.TableName);
  if (input.ReturnItemCollectionMetrics && input.ReturnItemCollectionMetrics !== 'NONE') {
    throw notModelled('ReturnItemCollectionMetrics', 'Leave it out.');
  }
  const { schema } = registered.table;
  const whole = kind === 'Put' ? readPut(registered, input.Item) : undefined;
  const key = whole ? pickKey(schema, whole) : readKey(schema, input.Key);
  if (kind === 'ConditionCheck') required(input.ConditionExpression, 'conditionExpression');
  const placeholders = new Placeholders(registered.table.keyAttribute, input, {
    ...(kind === 'Update' ? { UpdateExpression: input.UpdateExpression } : {}),
    ConditionExpression: input.ConditionExpression,
  });
  const update =
    kind === 'Update' && input.UpdateExpression !== undefined
      ? bindUpdate(input.UpdateExpression, placeholders)
      : undefined;
  const test = bindTest('ConditionExpression', input.ConditionExpression, placeholders);
  placeholders.checkAllUsed();
  return {
    kind,
    registered,
    key,
    ...(whole ? { item: whole } : {}),
    update,
    test,
    failWithItem: oneOf(input.ReturnValuesOnConditionCheckFailure, 'returnValuesOnConditionCheckFailure', onFailure),
    requestBytes: itemSize(whole ?? key),
  };
}

const onFailure = { ALL_OLD: true, NONE: false };

export function required<T>(value: T | undefined | null, name: string): T {
  if (value !== undefined && value !== null) return value;
  throw invalid(
    `1 validation error detected: Value null at '${name}' failed to satisfy constraint: Member must not be null`,
  );
}

/** Looks `value` up among what is allowed; undefined is 'NONE'. */
export function oneOf<T>(value: string | undefined, name: string, allowed: Record<string, T>): T {
  const key = value ?? 'NONE';
  if (Object.hasOwn(allowed, key)) return allowed[key]!;
  throw invalid(
    `1 validation error detected: Value '${value}' at '${name}' failed to satisfy constraint: Member must satisfy enum value set: [${Object.keys(allowed).join(', ')}]`,
  );
}

export function bindTest(
  kind: 'ConditionExpression' | 'FilterExpression',
  text: string | undefined,
  placeholders: Placeholders,
  onPath?: (path: readonly (string | number)[]) => void,
): Test | undefined {
  if (text === undefined) return undefined;
  return new ConditionBinder(kind, placeholders, onPath).bind(parseCondition(kind, text));
}

function readPut(registered: Registered, wire: Json): Item {
  const item = readItem(wire);
  checkTableKey(registered.table.schema, item);
  if (isTooLarge(registered, item, itemSize(item))) throw invalid('Item size has exceeded the maximum allowed size');
  return item;
}

/** Checks that do not look at what is stored, and that a transaction reports as the reason of its action. */
export function checkTouchedKeys({ kind, registered, item, update }: Write): void {
  const { table } = registered;
  if (kind === 'Put') {
    for (const [name, { definition }] of table.indexes) checkIndexKey(name, definition.schema, item!, 'put');
  }
  for (const path of update?.paths ?? []) {
    const name = path[0] as string;
    if (table.keyAttribute(name) === 'Key') {
      throw invalidParameter(`Cannot update attribute ${name}. This attribute is part of the key`);
    }
  }
}

const nothing: Item = {};

/** Refuses with ConditionalCheckFailedException where the condition does not hold. */
export function checkCondition({ test, failWithItem }: Write, row: Row | undefined): void {
  if (!test || test(row?.item ?? nothing)) return;
  throw conditionFailed(failWithItem && row ? copyItem(row.item) : undefined);
}

export interface NextItem {
  item: Item;
  size: number;
}

/** What Put or Update makes of the row; refuses what cannot be stored. */
export function nextItem({ kind, registered, key, item, update }: Write, row: Row | undefined): NextItem {
  if (kind === 'Put') return { item: item!, size: itemSize(item!) };
  const old = row?.item ?? key;
  if (!update) return { item: old, size: row?.size ?? itemSize(old) };
  const next = update.apply(old);
  for (const [name, { definition }] of registered.table.indexes) {
    checkIndexKey(name, definition.schema, next, 'update');
  }
  const size = itemSize(next);
  if (isTooLarge(registered, next, size)) throw invalid('Item size to update has exceeded the maximum allowed size');
  return { item: next, size };
}

/** Stores it. `next` is what `nextItem` gave, for Put and Update. */
export function perform(write: Write, row: Row | undefined, next: NextItem | undefined, now: Millis): Written {
  const { table } = write.registered;
  if (next) return table.put(next.item, next.size, now);
  if (row && write.kind === 'Delete') return table.delete(row, now);
  // A condition check, or a deletion of nothing.
  const size = row?.size ?? 0;
  return { old: row?.item, oldSize: size, newSize: size, indexWrites: new Map() };
}
