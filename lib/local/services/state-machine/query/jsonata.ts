/**
 * JSONata, evaluated at once.
 *
 * The library evaluates in promises, and a service answers without waiting (service.ts, rule 1). So its own source is
 * loaded here with 'async' and 'await' taken out: what is left is the same evaluator, synchronous. It never awaits
 * anything of the outside. Its clock and its chance come from the caller; nothing else of it is changed.
 *
 * 1. The same expression, bindings, time and chance give the same result.
 * 2. An expression that does not end is stopped after `maxSteps` evaluations of a node.
 * Source: JSONata documentation; Step Functions developer guide, "Transforming data with JSONata".
 */
import { readFileSync } from 'node:fs';
import type { Millis, Random } from '../../../ports';
import type { Json } from '../../service';
import { statesFunctions } from './jsonata-functions';

export interface EvaluationScope {
  /** Names without '$'. */
  bindings: Record<string, Json>;
  now: Millis;
  random: Random;
}

interface Expression {
  ast(): Json;
  evaluate(input: Json, bindings: Record<string, Json>): Json;
  assign(name: symbol, value: unknown): void;
}

/** What went wrong, as AWS shows it: 'T1006: Attempted to invoke a non-function'. */
export class JsonataError extends Error {
  override readonly name = 'JsonataError';
}

const maxSteps = 300_000;
const expressions = new Map<string, Expression>();
let compile: ((text: string) => Expression) | undefined;
/** Of the evaluation that is going on; there is never more than one. */
let scope: Pick<EvaluationScope, 'now' | 'random'> | undefined;
let steps = 0;

/** Throws JsonataError where the text is no expression. */
export function checkJsonata(text: string): void {
  expression(text);
}

/** As the library parses it. Throws JsonataError. */
export const expressionTree = (text: string): Json => expression(text).ast();

/** The result as plain JSON, undefined where the expression gives nothing. Throws JsonataError. */
export function evaluateJsonata(text: string, { bindings, now, random }: EvaluationScope): Json {
  const compiled = expression(text);
  scope = { now, random };
  steps = 0;
  try {
    // `$eval` would run text as code: Step Functions does not offer it.
    const result = compiled.evaluate(undefined, { ...statesFunctions(random), eval: undefined, ...bindings });
    if (typeof result === 'function' || result?._jsonata_lambda || result?._jsonata_function) {
      throw new JsonataError('the result is a function, which is no JSON');
    }
    const plain = JSON.stringify(result);
    return plain === undefined ? undefined : JSON.parse(plain);
  } catch (thrown) {
    throw readable(thrown);
  } finally {
    scope = undefined;
  }
}

function expression(text: string): Expression {
  const known = expressions.get(text);
  if (known) return known;
  compile ??= loadSynchronously();
  let made: Expression;
  try {
    made = compile(text);
  } catch (thrown) {
    throw readable(thrown);
  }
  made.assign(Symbol.for('jsonata.__evaluate_entry'), () => {
    if (++steps > maxSteps) throw new JsonataError(`the expression did not end within ${maxSteps} steps`);
  });
  if (expressions.size > 5000) expressions.clear();
  expressions.set(text, made);
  return made;
}

function readable(thrown: unknown): JsonataError {
  if (thrown instanceof JsonataError) return thrown;
  const { code, message } = thrown as { code?: string; message?: string };
  return new JsonataError(code ? `${code}: ${message}` : String(message ?? thrown));
}

function loadSynchronously(): (text: string) => Expression {
  const source = readFileSync(require.resolve('jsonata'), 'utf8')
    .replace(/\basync\s+(?=function\b|\()/g, '')
    .replace(/\bawait\s+/g, '');
  const loaded: { exports: Json } = { exports: {} };
  const run = new Function('module', 'exports', 'Promise', 'Date', 'Math', source);
  run(loaded, loaded.exports, SettledPromise, VirtualDate, virtualMath);
  // Another version of the library may wait elsewhere; then this says so, and no state sees a promise.
  const probe = loaded.exports('$map([1, 2], function($v) { $v + 1 })[1] & {"a": 1}.a & $sum([1..3].{"b": $}.b)');
  const result = probe.evaluate(undefined, {});
  if (result !== '316') throw new Error(`jsonata, made synchronous, gives ${JSON.stringify(result)} and not '316'`);
  return loaded.exports;
}

/** The library joins lists of promises; here the lists hold values already. */
const SettledPromise = { all: (values: unknown[]) => values };

class VirtualDate extends Date {
  constructor(...parts: [] | [number]) {
    if (parts.length === 0) super(scope?.now ?? 0);
    else super(...parts);
  }
  static override now(): Millis {
    return scope?.now ?? 0;
  }
}

const virtualMath = Object.create(Math, { random: { value: () => scope?.random.next() ?? 0 } });

/** '{% ... %}' holds an expression; undefined for other texts. */
export const expressionIn = (text: string): string | undefined => /^\{%(.*)%\}$/s.exec(text)?.[1]?.trim();
