/**
 * How data goes into a state and out of it, in both query languages.
 * Source: Amazon States Language, "Input and Output Processing", "Assigning variables".
 */
import type { Json } from '../../service';
import { runtimeFailure, StateFailure } from '../failure';
import { exceeds, textOf } from '../json';
import { placed } from '../paths/evaluate';
import { parsePath } from '../paths/parse';
import { fillExpressions } from '../query/expression-values';
import { fillTemplate, readWhole } from '../query/path-values';
import { inspect, type StateContext } from './context';

export const mostPayloadBytes = 262_144;

/** InputPath; the raw input in JSONata. */
export function effectiveInput(context: StateContext): Json {
  const { InputPath } = context.state;
  if (context.jsonata) return context.input;
  const effective =
    InputPath === undefined
      ? context.input
      : InputPath === null
        ? {}
        : readWhole(InputPath, context.paths(context.input));
  inspect(context, 'afterInputPath', effective);
  return effective;
}

/** What is given to the work: Parameters of the effective input, or Arguments. */
export function workInput(context: StateContext, effective: Json): Json {
  const { Parameters, Arguments } = context.state;
  if (context.jsonata) {
    if (Arguments === undefined) return context.input;
    const filled = fillExpressions(Arguments, 'Arguments', context.expressions());
    inspect(context, 'afterArguments', filled);
    checkSize(context.name, filled);
    return filled;
  }
  const filled = Parameters === undefined ? effective : fillTemplate(Parameters, context.paths(effective));
  inspect(context, 'afterParameters', filled);
  if (Parameters !== undefined) checkSize(context.name, filled);
  return filled;
}

export interface Left {
  output: Json;
  assigned?: Record<string, Json>;
}

/** ResultSelector, ResultPath, OutputPath and Assign; or Output and Assign. */
export function leave(context: StateContext, result: Json): Left {
  const { state } = context;
  if (context.jsonata) return leaveByExpressions(context, state, { result }, result);
  const selected =
    state.ResultSelector === undefined ? result : fillTemplate(state.ResultSelector, context.paths(result));
  const assigned = state.Assign && fillTemplate(state.Assign, context.paths(selected));
  const joined = joinResult(context, state.ResultPath, selected);
  inspect(context, 'afterResultSelector', selected);
  inspect(context, 'afterResultPath', joined);
  const { OutputPath } = state;
  const output =
    OutputPath === undefined ? joined : OutputPath === null ? {} : readWhole(OutputPath, context.paths(joined));
  return limited(context, { output, assigned });
}

/** `rule` is the state, a choice rule or a catcher: all may have Output and Assign. */
export function leaveByExpressions(
  context: StateContext,
  rule: Json,
  more: { result?: Json; errorOutput?: Json },
  otherwise: Json,
  /** Where the rule stands in the state, e.g. 'Catch[0]/'. */
  at = '',
): Left {
  const scope = context.expressions(more);
  const assigned = rule.Assign && fillExpressions(rule.Assign, `${at}Assign`, scope);
  const output = rule.Output === undefined ? otherwise : fillExpressions(rule.Output, `${at}Output`, scope);
  return limited(context, { output, assigned });
}

/** ResultPath: null keeps the input, absent takes the result. */
export function joinResult(context: StateContext, resultPath: string | null | undefined, result: Json): Json {
  if (resultPath === null) return context.input;
  if (resultPath === undefined) return result;
  const path = parsePath(resultPath);
  const root = path.root === '$$' ? context.object() : context.input;
  const joined = placed(path, root, result);
  if (joined) return joined.value;
  throw new StateFailure(
    'States.ResultPathMatchFailure',
    `Unable to apply ResultPath '${resultPath}' to input '${textOf(context.input)}'`,
  );
}

function limited(context: StateContext, left: Left): Left {
  checkSize(context.name, left.output);
  if (left.assigned) checkVariables(context, left.assigned);
  return left;
}

const mostVariableBytes = 10_485_760;

/** What one Assign sets has at most 256 KiB together, all variables of a scope 10 MiB. Texts of the failures are ours. */
function checkVariables({ thread }: StateContext, assigned: Record<string, Json>): void {
  if (exceeds(textOf(assigned), mostPayloadBytes)) {
    throw runtimeFailure(`The variables that the state assigns have more than ${mostPayloadBytes} bytes together.`);
  }
  const all: Json[] = Object.values({ ...thread.scope.all(), ...assigned });
  // A text by its own bytes, without its quotes and escapes; the text of anything else is known.
  const bytes = (value: Json): number => Buffer.byteLength(typeof value === 'string' ? value : textOf(value));
  if (all.reduce((total: number, value) => total + bytes(value), 0) > mostVariableBytes) {
    throw runtimeFailure(`The variables have more than ${mostVariableBytes} bytes together.`);
  }
}

/**
 * What goes into a state's work, a result or an output has at most 256 KiB.
 * Source: Step Functions developer guide, "Quotas related to state executions"; "Error names", States.DataLimitExceeded.
 */
export function checkSize(name: string, value: Json): void {
  if (!exceeds(textOf(value), mostPayloadBytes)) return;
  throw new StateFailure(
    'States.DataLimitExceeded',
    `The state/task '${name}' returned a result with a size exceeding the maximum number of bytes service limit.`,
    { catchable: false },
  );
}
