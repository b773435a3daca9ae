/**
 * saga -> its state machine in the Amazon States Language (JSONata, Standard). Pure; `${BusName}` stands for the bus.
 *
 *   start -> conduct (Parallel: the steps | waiting for a cancel) -> afterwards -> done
 *                     | a step failed in phase n, or a cancel
 *                     v
 *            undo of phases n..1, in reverse -> undone steps -> rejected
 *
 * 1. A branch of a Parallel ends the others only by failing, so `conduct` always ends by an error: 'Saga.Completed' when
 *    the pivot is answered, 'Saga.UndoFrom<n>' from phase n, anything else (a cancel) from the last.
 * 2. Inside `conduct` answers are collected in `known`, by field names. They are lost when it ends: what comes after is
 *    asked with the data of the start, and `reason` (S2).
 * 3. An answer of another step (a forged one) fails the attempt, which is made again with a new token.
 * 4. An undo and a final step that fail too often are parked: a person resumes them.
 * Source: Step Functions developer guide: Transforming data with JSONata, Passing data between states with variables,
 * Error handling, Call EventBridge with Step Functions (`putEvents.waitForTaskToken`, Detail may be an object).
 */
import type { EventType } from '../contracts/kit';
import {
  type Asking,
  controlSteps,
  type FinalStep,
  fieldsOf,
  type Saga,
  type Step,
  sagaLimits,
  undoOf,
} from '../contracts/saga';

type State = Record<string, unknown>;
type States = Record<string, State>;

/** Amazon States Language: 80 characters. */
const longestName = 80;
const done = 'done';
const rejected = 'undone';
const completed = 'Saga.Completed';
const undoFrom = (phase: number): string => `Saga.UndoFrom${phase + 1}`;
/** Publishing alone: worth trying for as long as it takes. */
const publishForEver = {
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 300,
  MaxAttempts: 100_000,
};

export function sagaDefinition(saga: Saga): State {
  const pivot = saga.phases.at(-1)![0]!;
  const undos = saga.phases
    .flatMap((phase, index) => phase.map((one) => ({ one, phase: index })))
    .filter(({ one }) => 'ask' in one.undo)
    .reverse();
  const afterwards = nameOfFirst(saga.afterwards, done);
  const undone = nameOfFirst(saga.undone, rejected);
  const entry = (one: Step): string => (one.when ? `may undo ${one.name}` : undoOf(one.name));
  const undoStates = undos.map(({ one }, index): States => {
    const next = undos[index + 1] ? entry(undos[index + 1]!.one) : undone;
    return undoing(saga, one, next, one === pivot ? afterwards : undefined);
  });
  const firstUndo = (phase: number): string => {
    const first = undos.find((undo) => undo.phase <= phase);
    return first ? entry(first.one) : undone;
  };
  const reason = {
    reason: `{% $substring($exists($states.errorOutput.Cause) ? $states.errorOutput.Cause : $states.errorOutput.Error, 0, ${sagaLimits.reasonCharacters}) %}`,
  };
  return {
    Comment: `${saga.id}: ${saga.does}`,
    QueryLanguage: 'JSONata',
    StartAt: 'start',
    States: {
      start: { Type: 'Pass', Assign: { start: '{% $states.input %}', reason: '' }, Next: 'conduct' },
      conduct: {
        Type: 'Parallel',
        Branches: [forward(saga), watching(saga)],
        Catch: [
          { ErrorEquals: [completed], Next: afterwards },
          ...saga.phases.map((_, phase) => ({
            ErrorEquals: [undoFrom(phase)],
            Assign: reason,
            Next: firstUndo(phase),
          })),
          { ErrorEquals: ['States.ALL'], Assign: reason, Next: firstUndo(saga.phases.length - 1) },
        ],
        // Both branches end by an error; Amazon States Language wants an end all the same.
        Next: afterwards,
      },
      ...Object.assign({}, ...undoStates),
      ...finals(saga, saga.undone, rejected),
      ...finals(saga, saga.afterwards, done),
      [done]: { Type: 'Succeed', Output: { outcome: 'done' } },
      [rejected]: { Type: 'Succeed', Output: { outcome: 'undone', reason: '{% $reason %}' } },
    },
  };
}

/** The branch of the steps. */
function forward(saga: Saga): State {
  const entries = saga.phases.map((phase) =>
    phase.length > 1
      ? phase
          .map(({ name }) => name)
          .join(', ')
          .slice(0, longestName)
      : entryOf(phase[0]!),
  );
  const states: States = {
    'nothing known': { Type: 'Pass', Assign: { known: '{% $start.data %}' }, Next: entries[0] },
  };
  saga.phases.forEach((phase, index) => {
    const next = entries[index + 1] ?? 'completed';
    if (phase.length === 1) Object.assign(states, stepStates(saga, phase[0]!, index, { Next: next }));
    else {
      states[entries[index]!] = {
        Type: 'Parallel',
        Branches: phase.map((one) => ({ StartAt: entryOf(one), States: stepStates(saga, one, index, { End: true }) })),
        Assign: { known: `{% $merge([$known, $states.result.data]) %}` },
        Next: next,
      };
    }
  });
  states.completed = { Type: 'Fail', Error: completed, Cause: 'The pivot is answered: nothing is undone any more.' };
  return { StartAt: 'nothing known', States: states };
}

const entryOf = (one: Step): string => (one.when ? `may ${one.name}` : one.name);

function stepStates(saga: Saga, one: Step, phase: number, then: { Next: string } | { End: true }): States {
  const failed = `${one.name} failed`;
  const next =
    'Next' in then ? { Next: then.Next, Assign: { known: '{% $merge([$known, $states.result.data]) %}' } } : then;
  const skipped = 'Next' in then ? then.Next : `without ${one.name}`;
  return {
    ...(one.when ? { [entryOf(one)]: chosen(one, one.name, skipped) } : {}),
    ...(one.when && !('Next' in then) ? { [skipped]: { Type: 'Pass', Output: { data: {} }, End: true } } : {}),
    [one.name]: {
      ...asking(saga, one.name, one, '$known', one.answeredLater),
      ...(one.heartbeat ? { HeartbeatSeconds: one.heartbeat.seconds } : {}),
      Retry: [{ ErrorEquals: ['Saga.Refused', 'Saga.AnswerTooLarge'], MaxAttempts: 0 }, backOff(one.retries)],
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { why: whyOf(one.name, one.timeoutSeconds) }, Next: failed }],
      ...next,
    },
    [failed]: { Type: 'Fail', Error: undoFrom(phase), Cause: '{% $why %}' },
  };
}

/** The branch that waits for a cancel, which fails it. */
const watching = (saga: Saga): State => ({
  StartAt: controlSteps.watch,
  States: {
    [controlSteps.watch]: {
      ...asking(saga, controlSteps.watch, { ask: saga.cancel.underWay }, '$start.data', true),
      Retry: [{ ErrorEquals: ['Saga.Cancelled'], MaxAttempts: 0 }, publishForEver],
      End: true,
    },
  },
});

function undoing(saga: Saga, one: Step, next: string, forwardTo: string | undefined): States {
  const undo = one.undo as Exclude<Step['undo'], { with: string }>;
  const name = undoOf(one.name);
  const tooLate = undo.tooLate ?? [];
  const decided = `${one.name} is undone`;
  const turns = forwardTo !== undefined && tooLate.length > 0;
  return {
    ...(one.when ? { [`may ${name}`]: chosen(one, name, next) } : {}),
    ...tried(saga, name, undo, turns ? decided : next, turns ? { answer: '{% $states.result.type %}' } : undefined),
    ...(turns
      ? {
          [decided]: {
            Type: 'Choice',
            Choices: [
              { Condition: `{% $answer in ${JSON.stringify(tooLate.map((event) => event.name))} %}`, Next: forwardTo },
            ],
            Default: next,
          },
        }
      : {}),
  };
}

const nameOfFirst = (steps: readonly FinalStep[], otherwise: string): string => steps[0]?.name ?? otherwise;

function finals(saga: Saga, steps: readonly FinalStep[], end: string): States {
  return Object.assign({}, ...steps.map((one, index) => tried(saga, one.name, one, steps[index + 1]?.name ?? end)));
}

/** Asked until it is answered: what fails too often is parked, until a person says whether to try again or to go on. */
function tried(saga: Saga, name: string, asked: Asking, next: string, assign?: State): States {
  const park = `park ${name}`;
  const decide = `${name} is resumed`;
  return {
    [name]: {
      ...asking(saga, name, asked, withReason, false),
      Retry: [backOff(asked.retries)],
      Catch: [{ ErrorEquals: ['States.ALL'], Assign: { why: whyOf(name, asked.timeoutSeconds) }, Next: park }],
      ...(assign ? { Assign: assign } : {}),
      Next: next,
    },
    [park]: {
      ...asking(
        saga,
        controlSteps.park,
        { ask: saga.park.parked },
        `$merge([$start.data, {'step': '${name}', 'reason': $why}])`,
        true,
      ),
      Retry: [publishForEver],
      Assign: { decision: '{% $states.result.data.decision %}' },
      Next: decide,
    },
    [decide]: { Type: 'Choice', Choices: [{ Condition: "{% $decision = 'skip' %}", Next: next }], Default: name },
  };
}

/** What was known at the start, and why it is undone. */
const withReason = "$merge([$start.data, {'reason': $reason}])";

const chosen = ({ when }: Step, then: string, otherwise: string): State => ({
  Type: 'Choice',
  Choices: [{ Condition: `{% $start.data.${when!.field} > ${when!.above} %}`, Next: then }],
  Default: otherwise,
});

/** Publishes the ask and waits for its answer. `from`: the JSONata object that has the ask's fields. */
function asking(
  saga: Saga,
  name: string,
  { ask, timeoutSeconds }: Pick<Asking, 'ask'> & Partial<Pick<Asking, 'timeoutSeconds'>>,
  from: string,
  answeredLater: boolean,
): State {
  const text = JSON.stringify;
  const token = '$states.context.Task.Token';
  const identity = `'${saga.id}/' & $states.context.Execution.Name & '/${name}'${answeredLater ? ` & '/' & ${token}` : ''}`;
  const reply = `{'saga': ${text(saga.id)}, 'execution': $states.context.Execution.Name, 'step': ${text(name)}, 'token': ${token}, 'askedAt': $now()}`;
  const meta = `{'id': $hash(${identity}, 'SHA-256'), 'cause': $start.meta.id, 'correlation': $start.meta.correlation, 'key': $start.meta.key, 'time': $now(), 'hop': $start.meta.hop + 1, 'traceparent': $start.meta.traceparent, 'reply': ${reply}}`;
  return {
    Type: 'Task',
    Resource: 'arn:aws:states:::events:putEvents.waitForTaskToken',
    Arguments: {
      Entries: [
        {
          // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation puts the bus's name there.
          EventBusName: '${BusName}',
          Source: ask.source,
          DetailType: ask.name,
          Detail: { meta: `{% ${meta} %}`, data: `{% ${dataOf(ask, from)} %}` },
        },
      ],
    },
    ...(timeoutSeconds === undefined ? {} : { TimeoutSeconds: timeoutSeconds }),
    Output: `{% $states.result.step = ${text(name)} ? $states.result : $error('the answer is one to ' & $string($states.result.step)) %}`,
  };
}

/** The ask's fields, by name. What is absent stays absent: JSONata leaves it out. */
const dataOf = (ask: EventType, from: string): string =>
  `($from := ${from}; {${fieldsOf(ask)
    .map((field) => `'${field}': $from.${field}`)
    .join(', ')}})`;

const backOff = (attempts: number): State => ({
  ErrorEquals: ['States.ALL'],
  IntervalSeconds: 2,
  BackoffRate: 2,
  MaxDelaySeconds: 300,
  MaxAttempts: attempts,
  JitterStrategy: 'FULL',
});

/** For the merchant and the operator: a refusal's own reason, else which step failed, and how. */
const whyOf = (name: string, timeoutSeconds: number): string =>
  `{% $states.errorOutput.Error = 'Saga.Refused' ? $states.errorOutput.Cause : '${name}: ' & ($states.errorOutput.Error in ['States.Timeout', 'States.HeartbeatTimeout'] ? 'no answer in ${timeoutSeconds} s' : $states.errorOutput.Error & ' ' & $states.errorOutput.Cause) %}`;
