/**
 * A saga's executions in memory, for properties of decisions: what lib/constructs/saga-definition.ts makes Step Functions
 * do, without its states. Pure: what it asks is handed to `publish`, what is answered comes by `hear`.
 *
 * 1. Phases one after the other, the steps of one side by side, and beside all of them the wait for a cancel.
 * 2. A refusal, an attempt too many, a cancel: every step up to that phase is undone, one after the other, in reverse,
 *    asked or not. A pivot that is undone too late turns it forward again.
 * 3. An attempt that is given up is made again with a new token: as the same ask, or as one of its own where the answer
 *    comes later. Its old token is dead; what answers it is ignored.
 * 4. An undo or a final step that was given up too often is parked, and waits for an operator.
 * Not modelled: time (whoever drives it says which attempt is given up), heartbeats, sizes.
 */
import type { EventType, Reply } from '../../lib/contracts/kit';
import { type Asking, answersOf, controlSteps, fieldsOf, type Saga, type Step, undoOf } from '../../lib/contracts/saga';
import { eventOf, sampleNow } from './samples';

interface Happening {
  type: string;
  data: any;
  meta: any;
}

/** A step that waits for its answer. */
export interface Task {
  execution: string;
  name: string;
  token: string;
}

interface Waiting extends Task {
  ask: EventType;
  data: any;
  later: boolean;
  /** Attempts that are left after this one. */
  left: number;
  answered(type: string, data: any): void;
  refused(reason: string): void;
  /** After the last attempt. */
  givenUp(): void;
}

interface Execution {
  key: string;
  start: Happening;
  known: Record<string, unknown>;
  tasks: Map<string, Waiting>;
  outcome?: 'done' | 'undone';
}

export class SagaMachine {
  readonly executions = new Map<string, Execution>();
  /** Executions, once for each time that one was parked. */
  readonly parkings: string[] = [];
  private readonly answers;
  private tokens = 0;

  constructor(
    readonly saga: Saga,
    private readonly publish: (event: Happening) => void,
  ) {
    this.answers = answersOf(saga);
  }

  /** The conductor's part: starts an execution, or resumes one. Throws on an answer that is none. */
  hear(event: Happening): void {
    const reply: Reply | undefined = event.meta.inReplyTo;
    if (event.type === this.saga.on.name) this.begin(event);
    else if (reply) this.resume(event, reply);
  }

  private resume(event: Happening, reply: Reply): void {
    const { yes, no, alive } = this.answers.get(reply.step)!;
    const named = ({ name }: EventType): boolean => name === event.type;
    if (![...yes, ...no, ...alive].some(named) || event.meta.key !== reply.execution)
      throw new Error(`${event.type} about ${event.meta.key} is no answer to ${reply.step} of ${reply.execution}`);
    const execution = this.executions.get(reply.execution)!;
    const task = execution.tasks.get(reply.token);
    if (!task || alive.some(named)) return;
    execution.tasks.delete(task.token);
    if (no.some(named)) task.refused(event.data.reason);
    else task.answered(event.type, event.data);
  }

  /** What waits for an answer, the oldest first; the wait for a cancel is none of it: it may last as long as the saga. */
  waiting(): Task[] {
    const all = [...this.executions.values()].flatMap(({ tasks }) => [...tasks.values()]);
    return all.filter(({ name }) => name !== controlSteps.watch && name !== controlSteps.park);
  }

  /** Executions that wait for an operator. */
  parked(): string[] {
    const executions = [...this.executions.values()];
    return executions
      .filter(({ tasks }) => [...tasks.values()].some(({ name }) => name === controlSteps.park))
      .map(({ key }) => key);
  }

  giveUp({ execution, token }: Task): void {
    const { tasks } = this.executions.get(execution)!;
    const task = tasks.get(token)!;
    tasks.delete(token);
    if (task.left === 0) task.givenUp();
    else this.attempt({ ...task, left: task.left - 1 });
  }

  private begin(start: Happening): void {
    const { key } = start.meta;
    if (this.executions.has(key)) return;
    const execution: Execution = { key, start, known: start.data, tasks: new Map() };
    this.executions.set(key, execution);
    this.ask(execution, controlSteps.watch, this.saga.cancel.underWay, start.data, true, 0, {
      refused: (reason) => this.undo(execution, this.saga.phases.length - 1, reason),
    });
    this.phase(execution, 0);
  }

  private phase(execution: Execution, index: number): void {
    const phase = this.saga.phases[index];
    if (!phase) {
      execution.tasks.clear();
      this.finals(execution, this.saga.afterwards, 'done', {});
      return;
    }
    const steps = phase.filter((one) => applies(one, execution));
    let open = steps.length;
    if (open === 0) this.phase(execution, index + 1);
    for (const one of steps) {
      const fail = (reason: string): void => this.undo(execution, index, reason);
      this.ask(execution, one.name, one.ask, execution.known, one.answeredLater, one.retries, {
        answered: (_, data) => {
          const wanted = Object.entries(data).filter(([field]) => this.saga.wanted.includes(field));
          execution.known = { ...execution.known, ...Object.fromEntries(wanted) };
          open -= 1;
          if (open === 0) this.phase(execution, index + 1);
        },
        refused: fail,
        givenUp: () => fail(`${one.name}: no answer`),
      });
    }
  }

  private undo(execution: Execution, phase: number, reason: string): void {
    // What the steps were asked stands: it may take effect later. Only nobody waits for its answer.
    execution.tasks.clear();
    const undos = this.saga.phases
      .slice(0, phase + 1)
      .flat()
      .filter((one) => 'ask' in one.undo && applies(one, execution))
      .reverse();
    const data = { ...execution.start.data, reason };
    const next = (index: number): void => {
      const one = undos[index];
      if (!one) {
        this.finals(execution, this.saga.undone, 'undone', { reason });
        return;
      }
      const undo = one.undo as Exclude<Step['undo'], { with: string }>;
      this.tried(execution, undoOf(one.name), undo, data, (answer) => {
        if (undo.tooLate?.some(({ name }) => name === answer))
          this.finals(execution, this.saga.afterwards, 'done', { reason });
        else next(index + 1);
      });
    };
    next(0);
  }

  private finals(
    execution: Execution,
    steps: readonly (Asking & { name: string })[],
    outcome: 'done' | 'undone',
    more: object,
  ): void {
    const data = { ...execution.start.data, ...more };
    const next = (index: number): void => {
      const one = steps[index];
      if (one) this.tried(execution, one.name, one, data, () => next(index + 1));
      else execution.outcome = outcome;
    };
    next(0);
  }

  /** Asked until it is answered, or until a person says that it is done. */
  private tried(execution: Execution, name: string, asked: Asking, data: any, then: (answer?: string) => void): void {
    const again = (): void => this.tried(execution, name, asked, data, then);
    this.ask(execution, name, asked.ask, data, false, asked.retries, {
      answered: then,
      givenUp: () => {
        this.parkings.push(execution.key);
        const parked = { ...execution.start.data, step: name, reason: `${name}: no answer` };
        this.ask(execution, controlSteps.park, this.saga.park.parked, parked, true, 0, {
          answered: (_, { decision }) => (decision === 'skip' ? then() : again()),
        });
      },
    });
  }

  private ask(
    { key }: Execution,
    name: string,
    ask: EventType,
    from: any,
    later: boolean,
    left: number,
    then: Partial<Pick<Waiting, 'answered' | 'refused' | 'givenUp'>>,
  ): void {
    const never = (): never => {
      throw new Error(`${name} of ${key} has no such end`);
    };
    const known = fieldsOf(ask).filter((field) => from[field] !== undefined);
    const data = Object.fromEntries(known.map((field) => [field, from[field]]));
    this.attempt({
      answered: never,
      refused: never,
      givenUp: never,
      ...then,
      execution: key,
      name,
      token: '',
      ask,
      data,
      later,
      left,
    });
  }

  private attempt(task: Waiting): void {
    this.tokens += 1;
    const token = `token-${this.tokens}`;
    const execution = this.executions.get(task.execution)!;
    execution.tasks.set(token, { ...task, token });
    const askedAt = new Date(sampleNow + this.tokens).toISOString();
    this.publish(
      eventOf(task.ask, task.data, {
        id: `${task.execution}/${task.name}${task.later ? `/${token}` : ''}`,
        correlation: execution.start.meta.correlation,
        time: askedAt,
        reply: { saga: this.saga.id, execution: task.execution, step: task.name, token, askedAt },
      }),
    );
  }
}

const applies = ({ when }: Step, { start }: Execution): boolean => !when || start.data[when.field] > when.above;
