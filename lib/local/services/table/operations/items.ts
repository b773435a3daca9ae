/**
 * PutItem, UpdateItem, DeleteItem, GetItem.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html and its neighbours.
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { Consumption, readUnits } from '../capacity';
import { type Catalog, refuseLegacy } from '../catalog';
import { invalid } from '../errors';
import { Placeholders } from '../expressions/names';
import type { Path } from '../expressions/paths';
import { bindProjection, project } from '../expressions/projection';
import { readKey } from '../keys';
import type { Table } from '../table';
import { copyItem, type Item } from '../values';
import {
  checkCondition,
  checkTouchedKeys,
  nextItem,
  oneOf,
  perform,
  readWrite,
  required,
  type Write,
  type WriteKind,
} from './write';

const returnValues = { ALL_NEW: 1, UPDATED_OLD: 1, ALL_OLD: 1, NONE: 1, UPDATED_NEW: 1 };

function write(catalog: Catalog, now: Millis, kind: WriteKind, input: Json): Json {
  oneOf(input.ReturnValues, 'returnValues', returnValues);
  const wanted: string = input.ReturnValues ?? 'NONE';
  if (kind !== 'Update' && wanted !== 'NONE' && wanted !== 'ALL_OLD') {
    throw invalid('ReturnValues can only be ALL_OLD or NONE');
  }
  const consumption = new Consumption(input.ReturnConsumedCapacity);
  const request = readWrite(catalog, kind, input);
  const { table } = request.registered;
  checkTouchedKeys(request);
  const row = table.find(request.key);
  checkCondition(request, row);
  const next = kind === 'Delete' ? undefined : nextItem(request, row);
  const written = perform(request, row, next, now);
  consumption.addWrite(table, written);
  const attributes = returned(wanted, request, written.old, next?.item);
  return { ...(attributes ? { Attributes: attributes } : {}), ...consumption.single() };
}

/** UPDATED_OLD and UPDATED_NEW give the changed paths only, nested ones included. */
function returned(wanted: string, { update }: Write, old: Item | undefined, next: Item | undefined): Json | undefined {
  if (wanted === 'NONE') return undefined;
  const item = wanted.endsWith('OLD') ? old : next;
  if (!item) return undefined;
  if (wanted.startsWith('ALL')) return copyItem(item);
  const changed = project(item, update?.paths ?? []);
  return Object.keys(changed).length > 0 ? changed : undefined;
}

export const putItem = (catalog: Catalog, now: Millis, input: Json): Json => write(catalog, now, 'Put', input);
export const updateItem = (catalog: Catalog, now: Millis, input: Json): Json => write(catalog, now, 'Update', input);
export const deleteItem = (catalog: Catalog, now: Millis, input: Json): Json => write(catalog, now, 'Delete', input);

/** The part of `input` that says what to return of an item: undefined for all of it. */
export function readProjection(table: Table, input: Json): readonly Path[] | undefined {
  const { ProjectionExpression: text } = input;
  const placeholders = new Placeholders(
    table.keyAttribute,
    { ExpressionAttributeNames: input.ExpressionAttributeNames },
    { ProjectionExpression: text },
  );
  const paths = text === undefined ? undefined : bindProjection(text, placeholders);
  placeholders.checkAllUsed();
  return paths;
}

/** A copy of an item, or of the wanted parts of it. */
export const shown = (item: Item, projection: readonly Path[] | undefined): Json =>
  projection ? project(item, projection) : copyItem(item);

export function getItem(catalog: Catalog, _now: Millis, input: Json): Json {
  refuseLegacy(input);
  const consumption = new Consumption(input.ReturnConsumedCapacity);
  required(input.Key, 'key');
  const { table } = catalog.find(input.TableName);
  const key = readKey(table.schema, input.Key);
  const projection = readProjection(table, input);
  const row = table.find(key);
  consumption.add(table, readUnits(row?.size ?? 0, input.ConsistentRead === true));
  return { ...(row ? { Item: shown(row.item, projection) } : {}), ...consumption.single() };
}
