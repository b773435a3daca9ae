/**
 * Compares two replies field by field. What the documentation leaves open is brought into one order first: members of
 * objects, members of sets, numbers written differently, and the order of a Scan's and BatchGetItem's items.
 */
import type { Answer } from './amazon';
import type { Request } from './generate/requests';
import type { Wire } from './generate/values';

export interface Difference {
  /** Where: 'Items[0].a.N', 'error', ... */
  field: string;
  ours: string;
  theirs: string;
}

const text = (part: unknown): string => (part === undefined ? 'absent' : JSON.stringify(part));

/** Sets have no order. */
function ordered(part: Wire): Wire {
  if (Array.isArray(part)) return part.map(ordered);
  if (typeof part !== 'object' || part === null) return part;
  const result: Wire = {};
  for (const each of Object.keys(part).sort()) {
    if (incomparable.includes(each)) continue;
    const inner = part[each];
    const isSet = ['SS', 'NS', 'BS'].includes(each) && Array.isArray(inner);
    result[each] = isSet ? [...inner].sort() : ordered(inner);
  }
  return result;
}

/** For an order only: a number's text is not always in its one form (known-differences.ts). */
const orderOf = (part: Wire): string =>
  JSON.stringify(part, (name, value) => (name === 'N' && typeof value === 'string' ? Number(value) : value));
const byText = (items: Wire[]): Wire[] => [...items].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));

const byName = (parts: Wire[], member: string): Wire[] => [...parts].sort((a, b) => (a[member] < b[member] ? -1 : 1));

/** 'ValidationException: ...' with what else an error carries. */
export function refusalText({ status, body }: Answer): string {
  return `${status} ${String(body.__type).split('#').at(-1)}: ${body.message ?? body.Message}`;
}

function errorOf(answer: Answer): Wire {
  const { __type, message, Message, ...members } = answer.body;
  return { error: refusalText(answer), ...members };
}

/** What depends on the clock, or on who answers. */
const incomparable = ['CreationDateTime', 'LastUpdateToPayPerRequestDateTime', 'TableArn', 'IndexArn', 'TableId'];

/** Whether the order of the items in a reply is nobody's promise. */
export const isUnordered = ({ operation, input }: Request): boolean =>
  operation === 'Scan' || (operation === 'Query' && /^(global|added)/.test(input.IndexName));

function comparable(request: Request, answer: Answer): Wire {
  const body = ordered(answer.status === 200 ? answer.body : errorOf(answer));
  if (isUnordered(request) && body.Items) body.Items = byText(body.Items);
  if (request.operation === 'BatchGetItem') {
    for (const name of Object.keys(body.Responses ?? {})) body.Responses[name] = byText(body.Responses[name]);
  }
  if (Array.isArray(body.ConsumedCapacity)) body.ConsumedCapacity = byName(body.ConsumedCapacity, 'TableName');
  const table = body.TableDescription ?? body.Table;
  if (table) {
    if (table.AttributeDefinitions) table.AttributeDefinitions = byName(table.AttributeDefinitions, 'AttributeName');
    for (const each of ['GlobalSecondaryIndexes', 'LocalSecondaryIndexes'])
      if (table[each]) table[each] = byName(table[each], 'IndexName');
  }
  return body;
}

export function differences(request: Request, ours: Answer, theirs: Answer): Difference[] {
  const found: Difference[] = [];
  walk('', comparable(request, ours), comparable(request, theirs), found);
  return found;
}

function walk(field: string, ours: Wire, theirs: Wire, found: Difference[]): void {
  const bothAre = (check: (part: Wire) => boolean) => check(ours) && check(theirs);
  if (bothAre(Array.isArray) && ours.length === theirs.length) {
    for (let at = 0; at < ours.length; at++) walk(`${field}[${at}]`, ours[at], theirs[at], found);
  } else if (bothAre((part) => typeof part === 'object' && part !== null && !Array.isArray(part))) {
    for (const each of new Set([...Object.keys(ours), ...Object.keys(theirs)])) {
      walk(field === '' ? each : `${field}.${each}`, ours[each], theirs[each], found);
    }
  } else if (text(ours) !== text(theirs)) found.push({ field, ours: text(ours), theirs: text(theirs) });
}
