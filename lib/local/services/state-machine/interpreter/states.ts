/**
 * The states of a program, one after the other, with Retry and Catch.
 *
 * 1. A state is entered once; its retries are attempts within it.
 * 2. What a state may not catch (States.Runtime, too much data) ends the branch, and so the execution.
 * Source: Amazon States Language; event types and their order as Step Functions shows them.
 */
import type { Json } from '../../service';
import { StateFailure } from '../failure';
import { textOf } from '../json';
import { fillTyped } from '../query/expression-values';
import { fillTemplate, readOwn, readWhole } from '../query/path-values';
import { chosen } from './choice';
import { inspect, StateContext } from './context';
import { effectiveInput, joinResult, type Left, leave, leaveByExpressions, workInput } from './data-flow';
import type { Program, QueryLanguage } from './definition';
import type { Engine, Flow, Thread } from './engine';
import { whole } from './history';
import { runMap } from './map';
import { runParallel } from './parallel';
import { leftOff, type Resume } from './resume';
import { Retries } from './retries';
import { runTask } from './task';
import { wakeTime } from './waiting';

/** After so many states an Express execution takes time: so many states in a millisecond. */
const freeSteps = 10_000;
const stepsPerMs = 20;

/** Where a branch goes on. */
export interface Step extends Left {
  next?: string;
}

/** Runs from its start, or from where it was left off, until a state ends the program; gives its output. */
export function* runProgram(
  engine: Engine,
  thread: Thread,
  program: Program,
  input: Json,
  outer: QueryLanguage,
  from?: Resume,
): Flow<Json> {
  const language = program.QueryLanguage ?? outer;
  let name = from?.state ?? program.StartAt;
  let data = from ? from.input : input;
  let resume = from;
  for (;;) {
    const state = program.States[name]!;
    // An Express execution has no limit of events, so that time must end one that would never end.
    if (++thread.execution.steps > freeSteps && thread.execution.machine.type === 'EXPRESS') {
      if (thread.execution.steps % stepsPerMs === 0) yield* sleep(engine, engine.now + 1);
    }
    const context = new StateContext(engine, thread, name, state, state.QueryLanguage ?? language, language, data);
    context.resume = resume;
    const step = yield* runState(context);
    resume = undefined;
    data = step.output;
    if (step.next === undefined) return data;
    name = step.next;
  }
}

function* runState(context: StateContext): Flow<Step> {
  const { engine, thread, name, state, input } = context;
  const { history } = thread.execution;
  context.beforeId = thread.last;
  context.enteredId = context.resume?.enteredId ?? entered(context);
  thread.place = { state: name, input, enteredId: context.enteredId, mapRun: context.resume?.mapRun };
  thread.inside.push({ name, type: state.Type });
  const retries = new Retries(context);
  for (;;) {
    try {
      const step = yield* performed(context);
      exited(context, step);
      return step;
    } catch (thrown) {
      if (!(thrown instanceof StateFailure)) throw thrown;
      const here = noted(context, thrown);
      const delayMs = retries.next(thrown);
      if (delayMs !== undefined) {
        yield* sleep(engine, engine.now + delayMs);
        context.retryCount++;
        continue;
      }
      if ((state.Type === 'Map' || state.Type === 'Parallel') && (thrown.catchable || !here)) {
        thread.last = history.add(`${state.Type}StateFailed`, thread.last);
      }
      const step = caught(context, thrown);
      if (!step) {
        if (thread.parent === undefined) thread.execution.failedAt = leftOff(thread);
        throw thrown;
      }
      exited(context, step);
      return step;
    }
  }
}

function entered({ thread, name, state, input }: StateContext): number {
  thread.last = thread.execution.history.add(`${state.Type}StateEntered`, thread.last, {
    stateEnteredEventDetails: { name, input: textOf(input), inputDetails: whole },
  });
  return thread.last;
}

export function* sleep(engine: Engine, untilMs: number): Flow<void> {
  while (engine.now < untilMs) yield { atMs: untilMs };
}

export function* performed(context: StateContext): Flow<Step> {
  const { state } = context;
  const next = state.Next;
  switch (state.Type) {
    case 'Pass': {
      if (!context.jsonata && state.Result !== undefined) {
        inspect(context, 'result', state.Result);
        return { ...leave(context, state.Result), next };
      }
      return { ...leave(context, workInput(context, effectiveInput(context))), next };
    }
    case 'Choice':
      return choose(context);
    case 'Wait': {
      const effective = effectiveInput(context);
      yield* sleep(context.engine, wakeTime(context, effective));
      return { ...passOn(context, effective), next };
    }
    case 'Succeed':
      return passOn(context, effectiveInput(context));
    case 'Fail':
      effectiveInput(context);
      throw failed(context);
    case 'Task':
      return { ...leave(context, yield* runTask(context, effectiveInput(context))), next };
    case 'Parallel':
      return { ...leave(context, yield* runParallel(context, effectiveInput(context))), next };
    case 'Map':
      return { ...leave(context, yield* runMap(context, effectiveInput(context))), next };
  }
}

/** Wait, Succeed and Choice have no result of their own. */
function passOn(context: StateContext, effective: Json): Left {
  const { state } = context;
  if (context.jsonata) return leaveByExpressions(context, state, {}, context.input);
  const assigned = state.Assign && fillTemplate(state.Assign, context.paths(effective));
  const { OutputPath } = state;
  const output =
    OutputPath === undefined ? effective : OutputPath === null ? {} : readWhole(OutputPath, context.paths(effective));
  return { output, assigned };
}

function choose(context: StateContext): Step {
  const { state } = context;
  const effective = effectiveInput(context);
  const rule = chosen(context, effective);
  if (!rule && state.Default === undefined) {
    throw new StateFailure(
      'States.NoChoiceMatched',
      'Failed to transition out of the state. No Choice rule matched and there is no Default.',
      {
        internal: true,
        catchable: false,
      },
    );
  }
  const next = rule ? rule.Next : state.Default;
  if (context.jsonata)
    return {
      ...leaveByExpressions(
        context,
        rule ?? state,
        {},
        context.input,
        rule && `Choices[${state.Choices.indexOf(rule)}]/`,
      ),
      next,
    };
  const assign = (rule ?? state).Assign;
  const assigned = assign && fillTemplate(assign, context.paths(effective));
  return { ...passOn(context, effective), assigned, next };
}

function failed(context: StateContext): StateFailure {
  const { state } = context;
  const text = (member: 'Error' | 'Cause'): string | undefined => {
    if (context.jsonata) {
      return state[member] === undefined
        ? undefined
        : fillTyped(state[member], member, 'string', context.expressions());
    }
    const path = state[`${member}Path`];
    return path === undefined ? state[member] : readOwn(path, `${member}Path`, context.paths(context.input));
  };
  return new StateFailure(text('Error'), text('Cause'));
}

/** Says where an error of the interpreter itself happened, and notes a failed evaluation; true where that is here. */
export function noted(context: StateContext, failure: StateFailure): boolean {
  const { thread, name } = context;
  const here = failure.locate(name, context.enteredId);
  const { evaluation } = failure;
  if (!evaluation || evaluation.noted) return here;
  evaluation.noted = true;
  thread.last = thread.execution.history.add(
    'EvaluationFailed',
    evaluation.afterEntry ? context.enteredId : context.beforeId,
    {
      evaluationFailedEventDetails: {
        error: failure.error,
        cause: failure.cause,
        ...(evaluation.location !== undefined ? { location: evaluation.location } : {}),
        state: name,
      },
    },
  );
  return here;
}

export function caught(context: StateContext, failure: StateFailure): Step | undefined {
  if (!failure.catchable) return undefined;
  const catchers: Json[] = context.state.Catch ?? [];
  const catcher = catchers.find((one) => catches(one.ErrorEquals, failure));
  if (!catcher) return undefined;
  const errorOutput = { Error: failure.error ?? '', Cause: failure.cause ?? '' };
  const next: string = catcher.Next;
  if (context.jsonata) {
    const at = `Catch[${catchers.indexOf(catcher)}]/`;
    return { ...leaveByExpressions(context, catcher, { errorOutput }, errorOutput, at), next };
  }
  const assigned = catcher.Assign && fillTemplate(catcher.Assign, context.paths(errorOutput));
  return { output: joinResult(context, catcher.ResultPath, errorOutput), assigned, next };
}

/** Whether the names of a retrier or catcher mean this failure. Source: ASL, "Errors". */
export function catches(names: string[], { error, alsoNamed }: StateFailure): boolean {
  return names.some(
    (name) =>
      name === error ||
      name === alsoNamed ||
      name === 'States.ALL' ||
      (name === 'States.TaskFailed' && error !== 'States.Timeout'),
  );
}

function exited({ thread, name, state }: StateContext, { output, assigned }: Step): void {
  thread.inside.pop();
  thread.place = undefined;
  if (assigned) thread.scope.set(assigned);
  thread.last = thread.execution.history.add(`${state.Type}StateExited`, thread.last, {
    stateExitedEventDetails: {
      name,
      output: textOf(output),
      outputDetails: whole,
      ...(assigned
        ? {
            assignedVariables: Object.fromEntries(Object.entries(assigned).map(([key, value]) => [key, textOf(value)])),
            assignedVariablesDetails: whole,
          }
        : {}),
    },
  });
}
