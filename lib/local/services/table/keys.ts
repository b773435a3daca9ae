/**
 * Keys of tables and indexes: their schema, their checks, and their order.
 *
 * A key attribute is kept as a string that sorts: S as it is, N in canonical form, B as one character a byte.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ServiceQuotas.html (key lengths)
 */
import { invalid, invalidParameter } from './errors';
import { compareNumbers } from './numbers';
import {
  type AttributeValue,
  attributeOf,
  base64Length,
  bytesOf,
  compareBytes,
  compareStrings,
  type Item,
  readItem,
  typeOf,
  utf8Length,
} from './values';

export type KeyType = 'S' | 'N' | 'B';
export interface KeyAttribute {
  name: string;
  type: KeyType;
}
export interface KeySchema {
  hash: KeyAttribute;
  range?: KeyAttribute;
}

/** `hash` decides the place in a scan, `pk` the partition, `sk` the place in it. */
export interface Key {
  hash: number;
  pk: string;
  sk: string;
}

export const attributesOf = ({ hash, range }: KeySchema): KeyAttribute[] => (range ? [hash, range] : [hash]);

const maxHashBytes = 2048;
const maxRangeBytes = 1024;

/** Checks a `Key` parameter and gives it in canonical form. */
export function readKey(schema: KeySchema, wire: any): Item {
  const key = readItem(wire);
  const attributes = attributesOf(schema);
  if (Object.keys(key).length !== attributes.length || attributes.some(({ name }) => !Object.hasOwn(key, name))) {
    throw invalid('The provided key element does not match the schema');
  }
  for (const { name, type } of attributes) {
    if (typeOf(key[name]!) !== type) throw invalid('The provided key element does not match the schema');
  }
  checkKeyLengths(schema, key);
  return key;
}

/** Checks that a new item has the table's key. */
export function checkTableKey(schema: KeySchema, item: Item): void {
  for (const { name, type } of attributesOf(schema)) {
    const value = attributeOf(item, name);
    if (!value) throw invalidParameter(`Missing the key ${name} in the item`);
    const actual = typeOf(value);
    if (actual !== type) {
      throw invalidParameter(`Type mismatch for key ${name} expected: ${type} actual: ${actual}`);
    }
  }
  checkKeyLengths(schema, item);
}

function checkKeyLengths(schema: KeySchema, item: Item): void {
  for (const { name, type } of attributesOf(schema)) {
    if (item[name]![type] !== '') continue;
    const what = type === 'B' ? 'empty binary value' : 'empty string value';
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an ${what}. Key: ${name}`,
    );
  }
  if (keyBytes(item[schema.hash.name]!) > maxHashBytes) {
    throw invalidParameter(`Size of hashkey has exceeded the maximum size limit of${maxHashBytes} bytes`);
  }
  if (schema.range && keyBytes(item[schema.range.name]!) > maxRangeBytes) {
    throw invalidParameter(`Aggregated size of all range keys has exceeded the size limit of ${maxRangeBytes} bytes`);
  }
}

/**
 * Checks the attributes of an item that an index would take as its key; an item without them is not in the index.
 * AWS words it differently where an update brought them.
 */
export function checkIndexKey(indexName: string, schema: KeySchema, item: Item, by: 'put' | 'update'): void {
  for (const { name, type } of attributesOf(schema)) {
    const value = attributeOf(item, name);
    if (!value) continue;
    const actual = typeOf(value);
    if (actual !== type) {
      if (by === 'update') {
        throw invalidParameter('The update expression attempted to update the secondary index key to unsupported type');
      }
      throw invalidParameter(
        `Type mismatch for Index Key ${name} Expected: ${type} Actual: ${actual} IndexName: ${indexName}`,
      );
    }
    if (value[type] === '') {
      const what = type === 'B' ? 'empty binary value' : 'empty string value';
      throw invalid(
        by === 'update'
          ? `One or more parameter values are not valid. The update expression attempted to update a secondary index key to a value that is not supported. The AttributeValue for a key attribute cannot contain an ${what}.`
          : `One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an ${what}. IndexName: ${indexName}, IndexKey: ${name}`,
      );
    }
    const limit = name === schema.hash.name ? maxHashBytes : maxRangeBytes;
    if (keyBytes(value) > limit) {
      throw invalidParameter(
        name === schema.hash.name
          ? `Size of hashkey has exceeded the maximum size limit of${limit} bytes`
          : `Aggregated size of all range keys has exceeded the size limit of ${limit} bytes`,
      );
    }
  }
}

/** Checks what a key condition compares a sort key with. */
export function checkRangeLength(value: AttributeValue): void {
  if (keyBytes(value) > maxRangeBytes) {
    throw invalidParameter(`Aggregated size of all range keys has exceeded the size limit of ${maxRangeBytes} bytes`);
  }
}

function keyBytes(value: AttributeValue): number {
  if (value.S !== undefined) return utf8Length(value.S);
  return value.B === undefined ? 0 : base64Length(value.B);
}

export const sortable = (value: AttributeValue): string => value.S ?? value.N ?? bytesOf(value.B);

/**
 * The key of `item`, or undefined where it lacks an attribute of the schema, or has one that cannot be a key: an index
 * that is added later leaves such items out.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.OnlineOps.ViolationDetection.html
 */
export function keyOf(schema: KeySchema, item: Item): Key | undefined {
  const hashValue = keyValueOf(schema.hash, item);
  const rangeValue = schema.range && keyValueOf(schema.range, item);
  if (!hashValue || (schema.range && !rangeValue)) return undefined;
  const pk = sortable(hashValue);
  return { hash: hashOf(pk), pk, sk: rangeValue ? sortable(rangeValue) : '' };
}

function keyValueOf({ name, type }: KeyAttribute, item: Item): AttributeValue | undefined {
  const value = attributeOf(item, name);
  return value && typeOf(value) === type && value[type] !== '' ? value : undefined;
}

/** Just the key attributes of an item. */
export function pickKey(schema: KeySchema, item: Item): Record<string, AttributeValue> {
  const key: Record<string, AttributeValue> = {};
  for (const { name, type } of attributesOf(schema)) key[name] = { [type]: item[name]![type] };
  return key;
}

/** One text for one key of a table. */
export const keyText = ({ pk, sk }: Key): string => `${pk.length} ${pk}${sk}`;

/** 32 bits; spreads partitions over scan segments. Not AWS's function, which is not published. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

export type SortOrder = (a: string, b: string) => number;

export const sortOrders: Record<KeyType, SortOrder> = { S: compareStrings, N: compareNumbers, B: compareBytes };

/** By partition only. */
export function comparePartitions(a: Key, b: Key): number {
  if (a.hash !== b.hash) return a.hash - b.hash;
  return compareBytes(a.pk, b.pk);
}
