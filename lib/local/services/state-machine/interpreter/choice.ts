/**
 * Choice: the first rule that holds.
 * Source: Amazon States Language, "Choice State", "Data-Test Expression".
 */
import type { Json } from '../../service';
import { runtimeFailure } from '../failure';
import { fillTyped } from '../query/expression-values';
import { type PathWorld, pathLeads, peekPath } from '../query/path-values';
import { timestampMs } from '../timestamp';
import type { StateContext } from './context';

/** The rule that holds, undefined where none does. */
export function chosen(context: StateContext, effective: Json): Json {
  const rules: Json[] = context.state.Choices;
  if (context.jsonata) {
    return rules.find(
      (rule, index) =>
        fillTyped(rule.Condition, `Choices[${index}]/Condition`, 'boolean', context.expressions()) === true,
    );
  }
  const world = context.paths(effective);
  return rules.find((rule) => holds(rule, world));
}

function holds(rule: Json, world: PathWorld): boolean {
  if (rule.And) return rule.And.every((one: Json) => holds(one, world));
  if (rule.Or) return rule.Or.some((one: Json) => holds(one, world));
  if (rule.Not) return !holds(rule.Not, world);
  const operator = Object.keys(rule).find(
    (name) => Object.hasOwn(tests, name) || Object.hasOwn(tests, name.replace(/Path$/, '')),
  )!;
  if (operator === 'IsPresent') return pathLeads(rule.Variable, world) === rule.IsPresent;
  const value = needed(rule.Variable, world);
  if (Object.hasOwn(tests, operator)) return tests[operator]!(value, rule[operator]);
  return tests[operator.replace(/Path$/, '')]!(value, needed(rule[operator], world));
}

function needed(path: string, world: PathWorld): Json {
  if (pathLeads(path, world)) return peekPath(path, world);
  throw runtimeFailure(`Invalid path '${path}': The choice state's condition path references an invalid value.`);
}

type Test = (value: Json, expected: Json) => boolean;

/** Both of a kind, and related as `relates` says; a value of another kind is no match. */
const strings =
  (relates: (a: string, b: string) => boolean): Test =>
  (a, b) =>
    typeof a === 'string' && typeof b === 'string' && relates(a, b);
const numbers =
  (relates: (a: number, b: number) => boolean): Test =>
  (a, b) =>
    typeof a === 'number' && typeof b === 'number' && relates(a, b);
const times =
  (relates: (a: number, b: number) => boolean): Test =>
  (a, b) => {
    const [first, second] = [timestampMs(a), timestampMs(b)];
    return first !== undefined && second !== undefined && relates(first, second);
  };
const is =
  (test: (value: Json) => boolean): Test =>
  (value, expected) =>
    test(value) === expected;

export const tests: Record<string, Test> = {
  BooleanEquals: (a, b) => typeof a === 'boolean' && a === b,
  StringEquals: strings((a, b) => a === b),
  StringLessThan: strings((a, b) => a < b),
  StringLessThanEquals: strings((a, b) => a <= b),
  StringGreaterThan: strings((a, b) => a > b),
  StringGreaterThanEquals: strings((a, b) => a >= b),
  StringMatches: strings((a, b) => wildcard(b).test(a)),
  NumericEquals: numbers((a, b) => a === b),
  NumericLessThan: numbers((a, b) => a < b),
  NumericLessThanEquals: numbers((a, b) => a <= b),
  NumericGreaterThan: numbers((a, b) => a > b),
  NumericGreaterThanEquals: numbers((a, b) => a >= b),
  TimestampEquals: times((a, b) => a === b),
  TimestampLessThan: times((a, b) => a < b),
  TimestampLessThanEquals: times((a, b) => a <= b),
  TimestampGreaterThan: times((a, b) => a > b),
  TimestampGreaterThanEquals: times((a, b) => a >= b),
  IsNull: is((value) => value === null),
  IsString: is((value) => typeof value === 'string'),
  IsNumeric: is((value) => typeof value === 'number'),
  IsBoolean: is((value) => typeof value === 'boolean'),
  IsTimestamp: is((value) => timestampMs(value) !== undefined),
  IsPresent: () => true,
};

/** '*' stands for anything, '\\*' for a star. */
function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/\\([*\\])|\*|[.+?^${}()|[\]\\]/g, (found, escaped?: string) =>
    escaped !== undefined ? `\\${escaped}` : found === '*' ? '[\\s\\S]*' : `\\${found}`,
  );
  return new RegExp(`^${source}$`);
}
