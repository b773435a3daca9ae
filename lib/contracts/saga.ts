/**
 * saga(): steps that ask other contexts by event and are answered by event, with what undoes them. From the declaration
 * come the state machine, its conductor's queue and rights, alarms, dashboard, catalogue, and the simulator's faults.
 *
 * 1. A step asks by an event with a task token in `meta.reply`; the consumer's answer carries it in `meta.inReplyTo`; the
 *    saga's one conductor resumes the machine. Nothing else starts or resumes it.
 * 2. S1: an ask has one id, whatever the attempt. Where the answer comes later, from another event (`answeredLater`), each
 *    attempt is an ask of its own, since its consumer must learn the newest token: it keeps that in a row.
 * 3. S2, S3: every step that may have been asked is undone, in reverse order. An undo is asked with what was known at the
 *    start, never with an answer: the step may have been asked and not have answered.
 * 4. Fields of an ask are taken by name: from the event that started the saga, from answers of earlier steps (forward
 *    only), and `reason`, why it is undone. A field that nobody has is refused when the declaration is built.
 */
import type * as z from 'zod/mini';
import { type Consumer, ContractError, consumer, type EventType } from './kit';

/** Asked only where a number of the start is above a limit. */
export interface When {
  field: string;
  above: number;
}

export interface Asking {
  /** What is asked: an event of the saga's own context. */
  ask: EventType;
  /** Events that answer it: yes. */
  answers: readonly EventType[];
  /** How long an attempt waits for its answer. */
  timeoutSeconds: number;
  /** Attempts after the first, with back-off: 2 s, doubling to 5 min at most. */
  retries: number;
}

export interface Undo extends Asking {
  /** Only of the pivot: answers by which the step stands and cannot be undone any more. The saga then goes forward. */
  tooLate?: readonly EventType[];
}

export interface Step extends Asking {
  readonly kind: 'step';
  /** Imperative kebab-case, as its consumer. */
  name: string;
  when?: When;
  /** Events that answer it: no. `data.reason` becomes the reason of the undo. */
  refusals: readonly EventType[];
  /** The answer comes from an event other than the ask: a person's, a deadline's. */
  answeredLater: boolean;
  /** A sign of life is due at least this often; `by`: events that are one. */
  heartbeat?: { seconds: number; by: readonly EventType[] };
  /** A person answers, by this event from outside: `approver`, `granted`, and `reason` where it is not. */
  person?: EventType;
  /** `{ with: 'authorise-payment' }`: what undoes that earlier step undoes this one as well. */
  undo: Undo | { with: string };
}

/** A step after the point of no return, or after everything is undone: tried until it is done, else parked. */
export interface FinalStep extends Asking {
  readonly kind: 'final-step';
  name: string;
}

export interface SagaOptions {
  owner: string;
  /** Imperative kebab-case. */
  name: string;
  /** One sentence for the catalogue. */
  does: string;
  /** Starts it. Its business key names the execution: the same event again starts nothing. */
  on: EventType;
  /** One after the other; those in a list side by side. The last one is the pivot: when it is answered, nothing is undone. */
  steps: readonly (Step | readonly Step[])[];
  /** After the pivot. */
  afterwards: readonly FinalStep[];
  /** After everything is undone. */
  undone: readonly FinalStep[];
  /** `underWay`: asked at the start, answered by `cancelled` when somebody calls the saga off by `request`. */
  cancel: { request: EventType; underWay: EventType; cancelled: EventType };
  /**
   * An undo or final step that fails too often. `parked` tells it and is answered by `resumed`, whose `decision` is
   * 'retry' or 'skip' (a person has done it), when somebody demands that by `request`.
   */
  park: { request: EventType; parked: EventType; resumed: EventType };
  /**
   * Steps of earlier versions, as they were: an execution ends on the version that it began on, so these are still asked
   * and answered. Left out when no execution is that old: docs/sagas.md.
   */
  formerly?: readonly (Step | FinalStep)[];
  /** What a dead letter of the conductor means; its alarm's text. */
  ifDeadLettered: string;
}

export interface Saga extends Readonly<SagaOptions> {
  readonly kind: 'saga';
  /** 'booking/book-parcel'. */
  readonly id: string;
  /** `steps`, the parallel ones in lists as well. */
  readonly phases: readonly (readonly Step[])[];
  /** What starts and resumes the executions: handler lambdas/<owner>/<conductor>.ts. */
  readonly conductor: Consumer;
  /** Fields of answers that a later step asks with; the machine is told no others. */
  readonly wanted: readonly string[];
}

/** Held below Step Functions' 256 KiB for the input and output of a state (Step Functions quotas). */
export const sagaLimits = { startBytes: 120_000, answerBytes: 30_000, reasonCharacters: 1_000 } as const;

/** Names of steps of the machine itself, as `reply.step` tells them. */
export const controlSteps = { watch: 'watch', park: 'park' } as const;
export const undoOf = (step: string): string => `undo ${step}`;

const defaults = { timeoutSeconds: 900, retries: 2 };

type StepOptions = Omit<Step, 'kind' | 'refusals' | 'answeredLater' | 'undo' | 'timeoutSeconds' | 'retries'> &
  Partial<Pick<Step, 'refusals' | 'answeredLater' | 'timeoutSeconds' | 'retries'>> & {
    undo: (Omit<Undo, 'timeoutSeconds' | 'retries'> & Partial<Undo>) | { with: string };
  };

export function step(options: StepOptions): Step {
  const undo = 'with' in options.undo ? options.undo : { ...defaults, retries: 4, ...options.undo };
  return { ...defaults, refusals: [], answeredLater: false, ...options, undo, kind: 'step' };
}

export const finalStep = (
  options: Omit<FinalStep, 'kind' | 'timeoutSeconds' | 'retries'> & Partial<Asking>,
): FinalStep => ({
  ...defaults,
  retries: 4,
  ...options,
  kind: 'final-step',
});

/** Every event by which `step` is answered, by what it means. */
export interface Answers {
  yes: readonly EventType[];
  no: readonly EventType[];
  alive: readonly EventType[];
}

/** By `reply.step`: what the conductor takes for an answer. */
export function answersOf(saga: SagaOptions): Map<string, Answers> {
  const all = new Map<string, Answers>();
  const known = (
    name: string,
    yes: readonly EventType[],
    no: readonly EventType[] = [],
    alive: readonly EventType[] = [],
  ) => {
    const before = all.get(name) ?? { yes: [], no: [], alive: [] };
    all.set(name, { yes: [...before.yes, ...yes], no: [...before.no, ...no], alive: [...before.alive, ...alive] });
  };
  for (const one of everyStep(saga)) {
    if (one.kind === 'final-step') {
      known(one.name, one.answers);
      continue;
    }
    known(one.name, one.answers, one.refusals, one.heartbeat?.by);
    if ('ask' in one.undo) known(undoOf(one.name), [...one.undo.answers, ...(one.undo.tooLate ?? [])]);
  }
  known(controlSteps.watch, [], [saga.cancel.cancelled]);
  known(controlSteps.park, [saga.park.resumed]);
  return all;
}

/** Every event that the machine publishes, in any version that may still run. */
export const asksOf = (saga: SagaOptions): EventType[] => [
  ...new Set([
    ...everyStep(saga).flatMap((one) => [one.ask, ...(one.kind === 'step' && 'ask' in one.undo ? [one.undo.ask] : [])]),
    saga.cancel.underWay,
    saga.park.parked,
  ]),
];

const everyStep = ({ steps, afterwards, undone, formerly = [] }: SagaOptions): (Step | FinalStep)[] => [
  ...steps.flat(),
  ...afterwards,
  ...undone,
  ...formerly,
];

export function saga(options: SagaOptions & { conductor: string }): Saga {
  const id = `${options.owner}/${options.name}`;
  const phases = options.steps.map((phase) => (Array.isArray(phase) ? phase : [phase]) as readonly Step[]);
  refuseWrong(id, options, phases);
  const later = phases.map((_, index) => phases.slice(index + 1).flat());
  const wanted = phases.flatMap((phase, index) =>
    phase.flatMap(({ answers }) =>
      answers
        .flatMap((answer) => fieldsOf(answer))
        .filter((field) => later[index]!.some(({ ask }) => fieldsOf(ask).includes(field))),
    ),
  );
  const former = (options.formerly ?? []).flatMap(({ ask }) => fieldsOf(ask));
  const answered = everyStep(options).flatMap(({ answers }) => answers.flatMap(fieldsOf));
  wanted.push(...answered.filter((field) => former.includes(field)));
  const heard = [...answersOf(options).values()].flatMap(({ yes, no, alive }) => [...yes, ...no, ...alive]);
  return {
    ...options,
    kind: 'saga',
    id,
    phases,
    wanted: [...new Set(wanted)].filter((field) => !fieldsOf(options.on).includes(field)),
    conductor: consumer({
      owner: options.owner,
      name: options.conductor,
      does: `Starts ${id} and tells it the answers to what it asked.`,
      on: [...new Set([options.on, ...heard])],
      emits: [],
      state: {},
      timeoutSeconds: 10,
      ifDeadLettered: options.ifDeadLettered,
      conducts: id,
    }),
  };
}

/** Names of the fields of an event's data. */
export const fieldsOf = (event: EventType): string[] =>
  Object.keys((event.schema as unknown as z.ZodMiniObject)._zod.def.shape ?? {});

function refuseWrong(id: string, options: SagaOptions, phases: readonly (readonly Step[])[]): void {
  const refuse = (sentence: string): never => {
    throw new ContractError(`saga ${id}: ${sentence}`);
  };
  const steps = phases.flat();
  const pivot = phases.at(-1) ?? [];
  if (pivot.length !== 1) refuse('the last of `steps` is one step, the pivot: what it decides is not undone');
  const names = [...steps, ...options.afterwards, ...options.undone].map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) refuse(`'${twice}' is a step twice; a step's name is its ask's id`);
  for (const name of names) {
    if (!/^[a-z]+(-[a-z]+)*$/.test(name))
      refuse(`step '${name}': an imperative in kebab-case, such as 'reserve-capacity'`);
  }
  const given = fieldsOf(options.on);
  const needs = (where: string, ask: EventType, has: readonly string[]) => {
    if (ask.source !== options.owner)
      refuse(`${where} asks by ${ask.name} of source '${ask.source}'; it speaks for '${options.owner}' only`);
    const missing = fieldsOf(ask).filter((field) => !has.includes(field));
    if (missing.length > 0)
      refuse(`${where} asks by ${ask.name}, whose ${missing.join(', ')} nobody has; known then: ${has.join(', ')}`);
  };
  for (const { name, ask } of options.formerly ?? []) needs(`the former step ${name}`, ask, fieldsOf(ask));
  let known = given;
  for (const phase of phases) {
    for (const one of phase) {
      needs(`step ${one.name}`, one.ask, known);
      if (one.when && !given.includes(one.when.field))
        refuse(`step ${one.name} looks at ${one.when.field}, which ${options.on.name} does not have`);
      const lacks =
        one.person && ['approver', 'granted', 'reason'].filter((field) => !fieldsOf(one.person!).includes(field));
      if (lacks?.length)
        refuse(`step ${one.name}: ${one.person!.name} has no ${lacks.join(', ')}; a person's answer has`);
      if ('with' in one.undo) {
        const other = one.undo.with;
        if (!steps.slice(0, steps.indexOf(one)).some(({ name }) => name === other))
          refuse(`step ${one.name} is undone with '${other}', which is no earlier step`);
        continue;
      }
      needs(`the undo of ${one.name}`, one.undo.ask, [...given, 'reason']);
      if (one.undo.tooLate && one !== pivot[0])
        refuse(`the undo of ${one.name} may come too late; only that of the pivot, ${pivot[0]!.name}, may`);
    }
    known = [...known, ...phase.flatMap(({ answers }) => answers.flatMap(fieldsOf))];
  }
  for (const one of options.afterwards) needs(`step ${one.name}`, one.ask, given);
  for (const one of options.undone) needs(`step ${one.name}`, one.ask, [...given, 'reason']);
  needs('the start', options.cancel.underWay, given);
  needs('parking', options.park.parked, [...given, 'step', 'reason']);
  for (const answer of [...answersOf(options).values()].flatMap(({ yes, no, alive }) => [...yes, ...no, ...alive])) {
    if (answer.keyField !== options.on.keyField)
      refuse(
        `${answer.name} has the key ${answer.keyField}; an answer has that of ${options.on.name}, ${options.on.keyField}`,
      );
  }
}
