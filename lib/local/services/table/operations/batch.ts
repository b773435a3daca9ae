/**
 * BatchGetItem and BatchWriteItem. Nothing is left unprocessed here but what passes the 16 MB of an answer; code that
 * ignores UnprocessedItems is found out by fault injection.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html and API_BatchGetItem.html
 */
import type { Millis } from '../../../ports';
import type { Json } from '../../service';
import { Consumption, readUnits } from '../capacity';
import { type Catalog, refuseLegacy } from '../catalog';
import { invalid, invalidParameter } from '../errors';
import { keyOf, keyText, readKey } from '../keys';
import type { Table } from '../table';
import { type Item, itemSize } from '../values';
import { readProjection, shown } from './items';
import { checkTouchedKeys, nextItem, perform, readWrite, required, type Write } from './write';

const maxWrites = 25;
const maxGets = 100;
const maxAnswerBytes = 16 * 1024 * 1024;

export function batchWriteItem(catalog: Catalog, now: Millis, input: Json): Json {
  const requests = Object.entries<Json>(required(input.RequestItems, 'requestItems'));
  if (requests.length === 0) throw emptyRequestItems();
  const consumption = new Consumption(input.ReturnConsumedCapacity);
  for (const [name, list] of requests) {
    if (!Array.isArray(list) || list.length === 0) {
      throw invalid(`The batch write request list for a table cannot be null or empty: ${name}`);
    }
  }
  if (requests.reduce((sum, [, list]) => sum + list.length, 0) > maxWrites) {
    throw invalid('Too many items requested for the BatchWriteItem call');
  }
  const writes = requests.flatMap(([name, list]) => list.map((request: Json) => readRequest(catalog, name, request)));
  checkDistinct(writes.map(({ registered, key }) => ({ table: registered.table, key })));
  const bytes = writes.reduce((sum, write) => sum + write.requestBytes, 0);
  if (bytes > maxAnswerBytes) {
    throw invalid(`The batch holds ${bytes} bytes; BatchWriteItem takes at most 16 MB`);
  }
  writes.forEach(checkTouchedKeys);
  for (const write of writes) {
    const { table } = write.registered;
    const row = table.find(write.key);
    consumption.addWrite(table, perform(write, row, write.kind === 'Put' ? nextItem(write, row) : undefined, now));
  }
  return { UnprocessedItems: {}, ...consumption.several() };
}

function readRequest(catalog: Catalog, tableName: string, request: Json): Write {
  const { PutRequest: put, DeleteRequest: remove } = request ?? {};
  if (!put === !remove) {
    throw invalid(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  return put
    ? readWrite(catalog, 'Put', { TableName: tableName, Item: put.Item })
    : readWrite(catalog, 'Delete', { TableName: tableName, Key: remove.Key });
}

const emptyRequestItems = () =>
  invalid(
    `1 validation error detected: Value '{}' at 'requestItems' failed to satisfy constraint: Member must have length greater than or equal to 1`,
  );

function checkDistinct(places: readonly { table: Table; key: Item }[]): void {
  const seen = new Set(places.map(({ table, key }) => `${table.name} ${keyText(keyOf(table.schema, key)!)}`));
  if (seen.size < places.length) throw invalid('Provided list of item keys contains duplicates');
}

export function batchGetItem(catalog: Catalog, _now: Millis, input: Json): Json {
  const requests = Object.entries<Json>(required(input.RequestItems, 'requestItems'));
  if (requests.length === 0) throw emptyRequestItems();
  const consumption = new Consumption(input.ReturnConsumedCapacity);
  if (requests.reduce((sum, [, request]) => sum + (request?.Keys?.length ?? 0), 0) > maxGets) {
    throw invalid('Too many items requested for the BatchGetItem call');
  }
  const reads = requests.map(([name, request]) => {
    refuseLegacy(request);
    const { table } = catalog.find(name);
    if (!Array.isArray(request.Keys) || request.Keys.length === 0) {
      throw invalidParameter(`The list of keys in RequestItems for BatchGetItem is required: ${name} has empty list`);
    }
    const keys: Item[] = request.Keys.map((key: Json) => readKey(table.schema, key));
    checkDistinct(keys.map((key) => ({ table, key })));
    return { name, request, table, keys, projection: readProjection(table, request) };
  });
  const responses: Json = {};
  const unprocessed: Json = {};
  let bytes = 0;
  for (const { name, request, table, keys, projection } of reads) {
    responses[name] = [];
    keys.forEach((key, index) => {
      const row = table.find(key);
      const size = row?.size ?? itemSize(key);
      if (bytes > 0 && bytes + size > maxAnswerBytes) {
        unprocessed[name] ??= { ...structuredClone(request), Keys: [] };
        unprocessed[name].Keys.push(structuredClone(request.Keys[index]));
        return;
      }
      bytes += size;
      consumption.add(table, readUnits(row?.size ?? 0, request.ConsistentRead === true));
      if (row) responses[name].push(shown(row.item, projection));
    });
  }
  return { Responses: responses, UnprocessedKeys: unprocessed, ...consumption.several() };
}
