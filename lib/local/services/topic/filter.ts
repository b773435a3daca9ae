/**
 * Filter policies: which messages a subscription gets at all.
 *
 * 1. The matcher is EventBridge's (event-bus/pattern): SNS's recorded refusals have its texts. SNS's own set of operators is
 *    smaller: no wildcard, and of anything-but only values and prefixes.
 * 2. By attributes: a Number is a number, a String.Array the values of its JSON, a Binary is not there.
 *    By body: a message that is no JSON object matches nothing.
 * 3. At most 5 keys at the top; the values of all keys multiplied, each times its depth, at most 150.
 * Differs: AWS's refusals end in the place of the fault (line and column); these do not.
 * Source: SNS developer guide, "Amazon SNS subscription filter policies", "Filter policy constraints"; texts as recorded
 * from AWS in the tests of localstack/localstack (Apache-2.0).
 */
import {
  type CompiledPattern,
  compilePattern,
  InvalidEventPatternError,
  leavesOf,
  matches,
  parseEvent,
} from '../event-bus/pattern';
import type { Json } from '../service';
import { invalid } from './errors';
import type { MessageAttributes } from './message';

export interface Filter {
  text: string;
  pattern: CompiledPattern;
}
export type Scope = 'MessageAttributes' | 'MessageBody';

const mostKeys = 5;
const mostCombinations = 150;
const mostBytes = 256 * 1024;

/** undefined: everything passes. `before` stands before a reason: Subscribe words it differently. */
export function readFilter(text: string, scope: Scope, before: string): Filter | undefined {
  if (text === '') return undefined;
  const refuse = (reason: string): Error => invalid(`${before}FilterPolicy: ${reason}`);
  if (Buffer.byteLength(text) > mostBytes) throw refuse(`Filter policy must not be longer than ${mostBytes} bytes`);
  let policy: Json;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw refuse(`failed to parse JSON. ${(error as Error).message}`);
  }
  if (typeof policy !== 'object' || policy === null || Array.isArray(policy)) throw refuse('Filter is not an object');
  if (Object.keys(policy).length === 0) return undefined;
  const pattern = compiled(text, refuse);
  if (scope === 'MessageAttributes' && isNested(policy))
    throw invalid(`${before}Filter policy scope MessageAttributes does not support nested filter policy`);
  for (const operator of operatorsIn(policy)) {
    if (operator === 'wildcard') throw refuse('Unrecognized match type wildcard');
    const [, inner] = /^anything-but\.(.+)$/.exec(operator) ?? [];
    if (inner && inner !== 'prefix') throw refuse(`Unsupported anything-but pattern: ${inner}`);
  }
  if (Object.keys(policy).length > mostKeys) throw refuse(`Filter policy can not have more than ${mostKeys} keys`);
  if (combinations(policy) > mostCombinations) throw refuse('Filter policy is too complex');
  return { text, pattern };
}

function compiled(text: string, refuse: (reason: string) => Error): CompiledPattern {
  try {
    return compilePattern(text);
  } catch (error) {
    if (!(error instanceof InvalidEventPatternError)) throw error;
    throw refuse(error.message.replace(/^Event pattern is not valid. Reason: /, ''));
  }
}

export function passes(filter: Filter, scope: Scope, body: string, attributes: MessageAttributes): boolean {
  const seen = scope === 'MessageBody' ? objectIn(body) : valuesOf(attributes);
  return seen !== undefined && matches(filter.pattern, leavesOf(seen));
}

function objectIn(body: string): Json | undefined {
  try {
    const value = parseEvent(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function valuesOf(attributes: MessageAttributes): Json {
  const values: [string, Json][] = [];
  for (const [name, { DataType, StringValue = '' }] of Object.entries(attributes)) {
    if (DataType.startsWith('Number')) values.push([name, Number(StringValue)]);
    else if (DataType === 'String.Array') values.push([name, arrayIn(StringValue)]);
    else if (DataType.startsWith('String')) values.push([name, StringValue]);
  }
  return Object.fromEntries(values);
}

function arrayIn(text: string): Json {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value : text;
  } catch {
    return text;
  }
}

const isObject = (value: Json): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A field below a field; the branches of $or are on the level of the $or. */
const isNested = (policy: Json): boolean =>
  Object.entries<Json>(policy).some(([name, value]) =>
    name === '$or' && Array.isArray(value) ? value.filter(isObject).some(isNested) : isObject(value),
  );

/** 'prefix', and 'anything-but.prefix' for what it negates. */
function* operatorsIn(policy: Json): Generator<string> {
  for (const [name, value] of Object.entries<Json>(policy)) {
    if (isObject(value)) yield* operatorsIn(value);
    else if (name === '$or') for (const branch of value) yield* operatorsIn(branch);
    else {
      for (const test of value as Json[]) {
        if (!isObject(test)) continue;
        const [operator, operand] = Object.entries<Json>(test)[0]!;
        if (operator === 'anything-but' && isObject(operand))
          for (const inner of Object.keys(operand)) yield `anything-but.${inner}`;
        else yield operator;
      }
    }
  }
}

function combinations(policy: Json, depth = 1): number {
  let all = 1;
  for (const [name, value] of Object.entries<Json>(policy)) {
    if (isObject(value)) all *= combinations(value, depth + 1);
    else if (name === '$or') all *= (value as Json[]).reduce((sum, branch) => sum + combinations(branch, depth), 0);
    else all *= (value as Json[]).length * depth;
  }
  return all;
}
