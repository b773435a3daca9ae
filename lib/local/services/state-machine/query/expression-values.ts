/**
 * The JSONata side of a state: texts '{% ... %}' at any depth are replaced by what they evaluate to.
 * Source: Step Functions developer guide, "Transforming data with JSONata".
 */
import type { Json } from '../../service';
import { evaluationFailure } from '../failure';
import { textOf, typeOf } from '../json';
import { type EvaluationScope, evaluateJsonata, expressionIn, JsonataError } from './jsonata';

export function fillExpressions(template: Json, field: string, scope: EvaluationScope): Json {
  if (typeof template === 'string') {
    const expression = expressionIn(template);
    return expression === undefined ? template : evaluate(expression, field, scope);
  }
  if (Array.isArray(template)) return template.map((item, index) => fillExpressions(item, `${field}[${index}]`, scope));
  if (typeof template !== 'object' || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, item]) => [name, fillExpressions(item, `${field}/${name}`, scope)]),
  );
}

function evaluate(expression: string, field: string, scope: EvaluationScope): Json {
  let value: Json;
  try {
    value = evaluateJsonata(expression, scope);
  } catch (thrown) {
    if (!(thrown instanceof JsonataError)) throw thrown;
    throw evaluationFailure(
      `The JSONata expression '${expression}' specified for the field '${field}' threw an error during evaluation. ${thrown.message}`,
      field,
    );
  }
  if (value !== undefined) return value;
  throw evaluationFailure(
    `The JSONata expression '${expression}' specified for the field '${field}' returned nothing (undefined).`,
    field,
  );
}

/** The same where the field needs a type. `template` may be a literal, which is given as it is. */
export function fillTyped(template: Json, field: string, type: string, scope: EvaluationScope): Json {
  const value = fillExpressions(template, field, scope);
  const expression = typeof template === 'string' ? expressionIn(template) : undefined;
  const actual = typeOf(value);
  if (expression === undefined || actual === type) return value;
  throw evaluationFailure(
    `The JSONata expression '${expression}' specified for the field '${field}' returned an unexpected result type. Expected '${type}', but was '${actual}' for value: ${textOf(value)}`,
    field,
  );
}
