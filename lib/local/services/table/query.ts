/**
 * Where a Query or Scan reads, in which order, and where it stops.
 *
 * 1. A Query reads one partition of one index, within the bounds of the sort key; found by binary search.
 * 2. A page ends after `Limit` entries, or with the entry that takes it past 1 MB; filters do not change where it ends.
 * 3. ExclusiveStartKey is a place, not an item: reading goes on after it even where the item is gone.
 *
 * Sources: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.html (KeyConditionExpressions, Pagination)
 *          https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Scan.html
 */
import { invalid, invalidParameter } from './errors';
import type { Comparator, Condition, Operand } from './expressions/condition';
import { ConditionBinder } from './expressions/evaluate';
import type { Placeholders } from './expressions/names';
import { attributesOf, checkRangeLength, comparePartitions, type KeyAttribute, keyOf, keyText, sortable } from './keys';
import type { Entry, Index, Table } from './table';
import { type AttributeValue, type Item, readItem, typeOf } from './values';

const maxPageBytes = 1_048_576;

/** A stretch of an index. Both tests are monotone: `fromLow` false then true, `toHigh` true then false along the index. */
export interface Stretch {
  fromLow(entry: Entry): boolean;
  toHigh(entry: Entry): boolean;
}

export interface Page {
  entries: Entry[];
  /** Bytes read. */
  bytes: number;
  /** The last entry read, where there may be more. */
  last: Entry | undefined;
}

/** Reads one page. `start`: the place to go on after. */
export function readPage(
  index: Index,
  stretch: Stretch,
  options: { forward: boolean; limit: number; start: Entry | undefined; sizeOf(entry: Entry): number },
): Page {
  const { forward, limit, start } = options;
  const list = index.entries;
  const page: Page = { entries: [], bytes: 0, last: undefined };
  const side = forward ? stretch.fromLow : (entry: Entry) => !stretch.toHigh(entry);
  // The first entry past the edge of the stretch, or past `start`; backwards, the one before it.
  let at = list.firstAtOrAfter(
    start
      ? (entry) => {
          const order = index.compare(entry, start);
          return order < 0 || (order === 0 && forward) ? -1 : 1;
        }
      : (entry) => (side(entry) ? 1 : -1),
  );
  if (!forward) at = list.before(at);
  const inside = forward ? stretch.toHigh : stretch.fromLow;
  for (let entry = list.at(at); entry && inside(entry); entry = list.at(at)) {
    page.entries.push(entry);
    page.bytes += options.sizeOf(entry);
    if (page.entries.length >= limit || page.bytes > maxPageBytes) {
      page.last = entry;
      break;
    }
    at = forward ? list.after(at) : list.before(at);
  }
  return page;
}

/** The part of an index that belongs to one of `total` scan segments. */
export function segment(number: number, total: number): Stretch {
  const low = Math.floor((number * 2 ** 32) / total);
  const high = Math.floor(((number + 1) * 2 ** 32) / total);
  return { fromLow: ({ key }) => key.hash >= low, toHigh: ({ key }) => key.hash < high };
}

interface Term {
  attribute: string;
  operator: Comparator | 'BETWEEN' | 'begins_with';
  values: AttributeValue[];
}

/** The stretch that a KeyConditionExpression names. */
export function keyStretch(condition: Condition, index: Index, placeholders: Placeholders) {
  const binder = new ConditionBinder('KeyConditionExpression', placeholders);
  binder.bind(condition);
  const terms = new Map<string, Term>();
  collectTerms(condition, binder, terms);
  const { hash, range } = index.definition.schema;
  const hashTerm = terms.get(hash.name);
  if (!hashTerm) throw invalid(`Query condition missed key schema element: ${hash.name}`);
  if (hashTerm.operator !== '=') throw invalid('Query key condition not supported');
  if (terms.size > 2) throw invalid('Conditions can be of length 1 or 2 only');
  const pk = keyConstant(hash, hashTerm.values[0]!);
  const probe = keyOf({ hash }, { [hash.name]: hashTerm.values[0]! })!;
  terms.delete(hash.name);
  const [rangeTerm] = terms.values();
  if (rangeTerm && rangeTerm.attribute !== range?.name) {
    throw invalid(
      range
        ? `Query condition missed key schema element: ${range.name}`
        : `Query condition missed key schema element: ${rangeTerm.attribute}`,
    );
  }
  const bounds = rangeTerm ? sortBounds(rangeTerm, range!, index.sortOrder) : anywhere;
  const stretch: Stretch = {
    fromLow: ({ key }) => {
      const order = comparePartitions(key, probe);
      return order === 0 ? bounds.fromLow(key.sk) : order > 0;
    },
    toHigh: ({ key }) => {
      const order = comparePartitions(key, probe);
      return order === 0 ? bounds.toHigh(key.sk) : order < 0;
    },
  };
  return { stretch, pk, bounds };
}

interface Bounds {
  fromLow(sk: string): boolean;
  toHigh(sk: string): boolean;
}

const anywhere: Bounds = { fromLow: () => true, toHigh: () => true };

function sortBounds(term: Term, range: KeyAttribute, order: (a: string, b: string) => number): Bounds {
  const [first, second] = term.values.map((value) => keyConstant(range, value)) as [string, string];
  term.values.forEach(checkRangeLength);
  switch (term.operator) {
    case '=':
      return { fromLow: (sk) => order(sk, first) >= 0, toHigh: (sk) => order(sk, first) <= 0 };
    case '<':
      return { ...anywhere, toHigh: (sk) => order(sk, first) < 0 };
    case '<=':
      return { ...anywhere, toHigh: (sk) => order(sk, first) <= 0 };
    case '>':
      return { ...anywhere, fromLow: (sk) => order(sk, first) > 0 };
    case '>=':
      return { ...anywhere, fromLow: (sk) => order(sk, first) >= 0 };
    case 'BETWEEN':
      return { fromLow: (sk) => order(sk, first) >= 0, toHigh: (sk) => order(sk, second) <= 0 };
    case 'begins_with':
      return { fromLow: (sk) => order(sk, first) >= 0, toHigh: (sk) => sk.startsWith(first) || order(sk, first) < 0 };
    default:
      throw invalid(`Invalid operator used in KeyConditionExpression: ${term.operator}`);
  }
}

function keyConstant({ name, type }: KeyAttribute, value: AttributeValue): string {
  if (typeOf(value) !== type) throw invalidParameter('Condition parameter type does not match schema type');
  if (value[type] === '') {
    throw invalid(
      `One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty ${type === 'B' ? 'binary' : 'string'} value. Key: ${name}`,
    );
  }
  return sortable(value);
}

const mirrored: Record<string, Comparator> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=' };

function collectTerms(condition: Condition, binder: ConditionBinder, terms: Map<string, Term>): void {
  switch (condition.kind) {
    case 'and':
      collectTerms(condition.left, binder, terms);
      collectTerms(condition.right, binder, terms);
      return;
    case 'compare': {
      const { operator, left, right } = condition;
      if (operator === '<>') throw invalid('Invalid operator used in KeyConditionExpression: <>');
      if (left.kind === 'value') addTerm(terms, binder, right, mirrored[operator]!, [left]);
      else addTerm(terms, binder, left, operator, [right]);
      return;
    }
    case 'between':
      addTerm(terms, binder, condition.operand, 'BETWEEN', [condition.low, condition.high]);
      return;
    case 'function':
      if (condition.name === 'begins_with') {
        addTerm(terms, binder, condition.operands[0]!, 'begins_with', [condition.operands[1]!]);
        return;
      }
      throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.name}`);
    default:
      throw invalid(`Invalid operator used in KeyConditionExpression: ${condition.kind.toUpperCase()}`);
  }
}

function addTerm(
  terms: Map<string, Term>,
  binder: ConditionBinder,
  attribute: Operand,
  operator: Term['operator'],
  operands: Operand[],
): void {
  if ([attribute, ...operands].some(({ kind }) => kind === 'function')) {
    throw invalid('KeyConditionExpressions cannot contain nested operations');
  }
  const { path } = binder.operand(attribute);
  const values = operands.map((operand) => binder.operand(operand).constant);
  if (!path || values.some((value) => !value)) {
    throw invalid('Invalid condition in KeyConditionExpression: a key attribute is compared with a value');
  }
  if (path.length > 1) throw invalid('KeyConditionExpressions cannot have conditions on nested attributes');
  const name = path[0] as string;
  if (terms.has(name)) throw invalid('KeyConditionExpressions must only contain one condition per key');
  terms.set(name, { attribute: name, operator, values: values as AttributeValue[] });
}

/** The place that an ExclusiveStartKey names: it has the key of the index and of the table, and nothing else. */
export function startPlace(table: Table, index: Index, wire: unknown): Entry {
  const key: Item = readItem(wire);
  const attributes = new Map(keyAttributes(table, index).map(({ name, type }) => [name, type]));
  const names = Object.keys(key);
  if (names.length !== attributes.size || names.some((name) => attributes.get(name) !== typeOf(key[name]!))) {
    throw invalid('The provided starting key is invalid');
  }
  const place = keyOf(index.definition.schema, key);
  const tableKey = keyOf(table.schema, key);
  if (!place || !tableKey) throw invalid('The provided starting key is invalid');
  return { key: place, row: { key: tableKey, text: keyText(tableKey), item: key, size: 0 } };
}

/** The attributes of a LastEvaluatedKey: the index's key, then the table's. */
export function keyAttributes(table: Table, index: Index): KeyAttribute[] {
  const all = [...attributesOf(index.definition.schema), ...attributesOf(table.schema)];
  return all.filter(({ name }, position) => all.findIndex((other) => other.name === name) === position);
}
