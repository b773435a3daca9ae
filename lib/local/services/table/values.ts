/**
 * Items and attribute values, in wire form: { S: text }, { N: canonical number text }, { B: base64 }, { L: [...] }, ...
 *
 * 1. What a client sends is read once by `readItem` / `readValue`, which check it and build a fresh value with numbers
 *    and base64 in canonical form. Values inside the engine are shared freely, therefore never changed in place.
 * 2. What a client gets is copied by `copyItem`, so nobody outside holds a stored value.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
 */
import { invalid, invalidParameter, Refusal } from './errors';
import { canonical, compareNumbers, numberSize } from './numbers';

export type AttributeType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'L' | 'M' | 'SS' | 'NS' | 'BS';
/** Exactly one member, whose name is an AttributeType. */
export type AttributeValue = { readonly [type in AttributeType]?: any };
export type Item = { readonly [name: string]: AttributeValue };

export const attributeTypes: readonly AttributeType[] = ['N', 'BS', 'L', 'B', 'NULL', 'M', 'S', 'SS', 'NS', 'BOOL'];
const maxDepth = 32;

export function typeOf(value: AttributeValue): AttributeType {
  for (const type in value) return type as AttributeType;
  throw new Error('an attribute value without a type reached the engine');
}

/** An item's own attribute: names such as 'constructor' are legal. */
export const attributeOf = (item: Item, name: string): AttributeValue | undefined =>
  Object.hasOwn(item, name) ? item[name] : undefined;

/** Checks an item of a request and gives it in canonical form; refuses what DynamoDB refuses. */
export function readItem(wire: any): Item {
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) throw malformed(wire, 'a map of attributes');
  return readMap(wire, 1);
}

export function readValue(wire: any, depth = 1): AttributeValue {
  if (depth > maxDepth) {
    throw invalid(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  }
  if (typeof wire !== 'object' || wire === null || Array.isArray(wire)) throw malformed(wire, 'an attribute value');
  let found: AttributeType | undefined;
  for (const type in wire) {
    if (wire[type] === undefined || wire[type] === null || !(attributeTypes as string[]).includes(type)) continue;
    if (found) {
      throw invalid(
        'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
      );
    }
    found = type as AttributeType;
  }
  if (!found) {
    throw invalid('Supplied AttributeValue is empty, must contain exactly one of the supported datatypes');
  }
  return { [found]: readContent(found, wire[found], depth) };
}

function readContent(type: AttributeType, content: any, depth: number): unknown {
  switch (type) {
    case 'S':
      return readString(content);
    case 'N':
      return canonical(readString(content));
    case 'B':
      return readBase64(content);
    case 'BOOL':
      if (typeof content !== 'boolean') throw malformed(content, 'a boolean');
      return content;
    case 'NULL':
      if (content !== true) throw invalidParameter('Null attribute value types must have the value of true');
      return true;
    case 'L':
      return readList(content).map((element) => readValue(element, depth + 1));
    case 'M':
      if (typeof content !== 'object' || content === null) throw malformed(content, 'a map');
      return readMap(content, depth + 1);
    case 'SS':
      return readSet(type, content, 'An string set  may not be empty', readString, (members) =>
        invalidParameter(`Input collection [${members.join(', ')}] contains duplicates.`),
      );
    case 'NS':
      return readSet(
        type,
        content,
        'An number set  may not be empty',
        (member) => canonical(readString(member)),
        () => invalid('Input collection contains duplicates'),
      );
    case 'BS':
      return readSet(type, content, 'Binary sets should not be empty', readBase64, (members) =>
        invalidParameter(`Input collection [${members.join(', ')}]of type BS contains duplicates.`),
      );
  }
}

function readMap(wire: any, depth: number): Item {
  const result: Record<string, AttributeValue> = {};
  for (const name in wire) {
    if (name === '') throw invalid('Empty attribute name');
    const value = readValue(wire[name], depth);
    // An own property, whatever the name: '__proto__' is a legal attribute name.
    if (name === '__proto__') Object.defineProperty(result, name, { value, enumerable: true, configurable: true });
    else result[name] = value;
  }
  return result;
}

function readSet(
  type: SetType,
  content: any,
  empty: string,
  read: (member: any) => string,
  twice: (members: string[]) => Refusal,
): string[] {
  const members = readList(content).map(read);
  if (members.length === 0) throw invalidParameter(empty);
  if (new Set(members).size < members.length) throw twice(members);
  return members.sort(memberOrder[type]);
}

export type SetType = 'SS' | 'NS' | 'BS';

/** Sets are kept in order: AWS promises none, and order makes equal sets equal lists. */
const memberOrder: Record<SetType, (a: string, b: string) => number> = {
  SS: (a, b) => compareStrings(a, b),
  NS: (a, b) => compareNumbers(a, b),
  BS: (a, b) => compareBytes(bytesOf(a), bytesOf(b)),
};

/** A set value of `members`, which must differ from each other. */
export const setOf = (type: SetType, members: string[]): AttributeValue => ({
  [type]: members.sort(memberOrder[type]),
});

function readList(content: any): any[] {
  if (!Array.isArray(content)) throw malformed(content, 'a list');
  return content;
}

function readString(content: any): string {
  if (typeof content !== 'string') throw malformed(content, 'a string');
  return content;
}

function readBase64(content: any): string {
  if (typeof content !== 'string' || content.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(content)) {
    throw malformed(content, 'base64 text');
  }
  return content === '' ? content : Buffer.from(content, 'base64').toString('base64');
}

function malformed(value: unknown, expected: string): Refusal {
  const shown = JSON.stringify(value)?.slice(0, 80);
  return new Refusal('SerializationException', `${shown} was sent where ${expected} is needed`);
}

/** A copy that shares nothing with `item`. */
export function copyItem(item: Item): Record<string, AttributeValue> {
  const copy: Record<string, AttributeValue> = {};
  for (const name in item) {
    if (name === '__proto__') {
      const value = copyValue(item[name]!);
      Object.defineProperty(copy, name, { value, enumerable: true, configurable: true, writable: true });
    } else copy[name] = copyValue(item[name]!);
  }
  return copy;
}

export function copyValue(value: AttributeValue): AttributeValue {
  const type = typeOf(value);
  const content = value[type];
  switch (type) {
    case 'L':
      return { L: content.map(copyValue) };
    case 'M':
      return { M: copyItem(content) };
    case 'SS':
    case 'NS':
    case 'BS':
      return { [type]: content.slice() };
    default:
      return { [type]: content };
  }
}

/** DynamoDB's `=`: same type, same content. */
export function equal(a: AttributeValue, b: AttributeValue): boolean {
  const type = typeOf(a);
  if (type !== typeOf(b)) return false;
  const left = a[type];
  const right = b[type];
  switch (type) {
    case 'L':
      return left.length === right.length && left.every((element: any, index: number) => equal(element, right[index]));
    case 'M': {
      const names = Object.keys(left);
      return (
        names.length === Object.keys(right).length &&
        names.every((name) => Object.hasOwn(right, name) && equal(left[name], right[name]))
      );
    }
    case 'SS':
    case 'NS':
    case 'BS':
      return left.length === right.length && left.every((member: string, index: number) => member === right[index]);
    default:
      return left === right;
  }
}

/** Order within S, N or B; undefined where two values have none (other types, unlike types). */
export function compare(a: AttributeValue, b: AttributeValue): number | undefined {
  if (a.S !== undefined) return b.S === undefined ? undefined : compareStrings(a.S, b.S);
  if (a.N !== undefined) return b.N === undefined ? undefined : compareNumbers(a.N, b.N);
  if (a.B !== undefined) return b.B === undefined ? undefined : compareBytes(bytesOf(a.B), bytesOf(b.B));
  return undefined;
}

/** Strings are ordered by their UTF-8 bytes, which UTF-16 order is but for surrogates. */
export function compareStrings(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointOrder(left) - codePointOrder(right);
  }
  return a.length - b.length;
}

/** Surrogates (code points above U+FFFF) come after U+E000..U+FFFF. */
function codePointOrder(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}

/** Bytes of base64 text as a string of one character a byte, which compares as the bytes do. */
export const bytesOf = (base64: string): string => Buffer.from(base64, 'base64').toString('latin1');

export function compareBytes(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export const utf8Length = (text: string): number => Buffer.byteLength(text, 'utf8');

export const base64Length = (base64: string): number => Buffer.byteLength(base64, 'base64');

/**
 * Bytes of an item as DynamoDB counts them for its 400 KB and for capacity units.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemSize(item: Item): number {
  let size = 0;
  for (const name in item) size += utf8Length(name) + valueSize(item[name]!);
  return size;
}

export function valueSize(value: AttributeValue): number {
  const type = typeOf(value);
  const content = value[type];
  switch (type) {
    case 'S':
      return utf8Length(content);
    case 'N':
      return numberSize(content);
    case 'B':
      return base64Length(content);
    case 'BOOL':
    case 'NULL':
      return 1;
    case 'L':
      return content.reduce((sum: number, element: AttributeValue) => sum + 1 + valueSize(element), 3);
    case 'M':
      return 3 + itemSize(content) + Object.keys(content).length;
    case 'SS':
      return content.reduce((sum: number, member: string) => sum + utf8Length(member), 0);
    case 'NS':
      return content.reduce((sum: number, member: string) => sum + numberSize(member), 0);
    case 'BS':
      return content.reduce((sum: number, member: string) => sum + base64Length(member), 0);
  }
}
