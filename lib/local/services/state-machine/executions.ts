/**
 * Executions: started, followed, stopped, described.
 *
 * 1. The name of a Standard execution is used once: the same start again, while it runs, is answered as the first was.
 * 2. An execution ends once. What its threads would still do is not done.
 * 3. Express executions have no history, are not listed, and live for 5 minutes at most; Standard ones for a year.
 * Source: Step Functions API reference; developer guide, "Quotas", "Choosing workflow type", "Redriving executions".
 */
import type { Millis, Random } from '../../ports';
import { Heap } from '../heap';
import type { Effect, Json, ServiceOptions } from '../service';
import { executionExists, notRedrivable, wrongType } from './errors';
import { ExecutionStore } from './execution-store';
import type { StateFailure } from './failure';
import { type Ended, Engine, historyFull } from './interpreter/engine';
import {
  type Execution,
  type ExecutionStatus,
  historyOf,
  type MachineSnapshot,
  newExecution,
  noteStart,
} from './interpreter/execution';
import { whole } from './interpreter/history';
import { makeAgain, setAside } from './interpreter/repeat';
import { leftOff, type Resume } from './interpreter/resume';
import { runProgram } from './interpreter/states';
import { textOf } from './json';
import { demandName, type Registry } from './registry';
import { checkedInput, demandMachine } from './start-input';
import { type StateTestRequest, startTest } from './test-state';
import { defined, syncAnswer, whyNotRedrivable } from './views';

const day = 86_400_000;
const longestMs = { STANDARD: 365 * day, EXPRESS: 300_000 };

interface Deadline {
  atMs: Millis;
  order: number;
  execution: Execution;
  /** A redriven execution has a new one. */
  redrives: number;
}

type Asked = Pick<Execution, 'machine' | 'name' | 'inputText' | 'input' | 'traceHeader'>;

export class Executions {
  readonly engine: Engine;
  readonly store = new ExecutionStore();
  private readonly names: Random;
  private readonly chance: Random;
  private orders = 0;
  private readonly deadlines = new Heap<Deadline>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
    ({ execution, redrives }) => execution.status !== 'RUNNING' || execution.redrives !== redrives,
  );

  constructor(
    options: ServiceOptions,
    private readonly registry: Registry,
  ) {
    this.names = options.random.fork('names');
    this.chance = options.random.fork('states');
    this.engine = new Engine(
      options,
      (arn) => this.store.get(arn),
      (execution, ended) => this.ended(execution, ended),
      (execution) => this.full(execution),
      (execution) => this.abort(execution, {}),
    );
  }

  get nextMs(): Millis | undefined {
    const times = [this.engine.nextMs, this.deadlines.peek()?.atMs].filter((time) => time !== undefined);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  get running(): number {
    return this.engine.alive;
  }

  takeEffects(): Effect[] {
    const { effects } = this.engine;
    this.engine.effects = [];
    return effects;
  }

  advance(now: Millis): void {
    this.engine.now = now;
    this.engine.advance(now);
    for (let due = this.deadlines.peek(); due && due.atMs <= now; due = this.deadlines.peek()) {
      this.deadlines.pop();
      this.timedOut(due.execution);
    }
  }

  start(input: Json): Json {
    const asked = this.asked(input);
    const { machine, name, inputText } = asked;
    const arn = this.arnOf(machine, name);
    const existing = machine.type === 'EXPRESS' ? undefined : this.store.get(arn);
    if (existing) {
      if (existing.status !== 'RUNNING' || existing.inputText !== inputText) throw executionExists(arn);
      return { executionArn: arn, startDate: existing.startMs / 1000 };
    }
    const execution = this.begin(arn, asked);
    return { executionArn: arn, startDate: execution.startMs / 1000 };
  }

  /** Answers when the execution ends: at once where it needs no one else. */
  startSync(input: Json, requestId: string): Json | undefined {
    const asked = this.asked(input, 'EXPRESS');
    const execution = this.begin(this.arnOf(asked.machine, asked.name), asked);
    if (execution.status !== 'RUNNING') return syncAnswer(execution);
    execution.requestId = requestId;
    return undefined;
  }

  private asked(given: Json, only?: 'EXPRESS'): Asked {
    const machine = this.registry.snapshot(demandMachine(given), this.names);
    if (only && machine.type !== only) {
      throw wrongType('This operation is not supported by this type of state machine');
    }
    const name = given.name === undefined || given.name === null ? this.names.uuid() : demandName(given.name);
    const inputText = given.input ?? '{}';
    return { machine, name, inputText, input: checkedInput(inputText), traceHeader: given.traceHeader };
  }

  stop(input: Json): Json {
    const execution = this.store.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions can not be stopped.');
    if (execution.status === 'RUNNING') {
      this.abort(execution, { error: input.error, cause: input.cause });
    }
    return { stopDate: (execution.stopMs ?? this.engine.now) / 1000 };
  }

  redrive(input: Json): Json {
    const execution = this.store.find(input.executionArn);
    const why = whyNotRedrivable(execution, this.engine.now);
    if (why) throw notRedrivable(why);
    const { failedAt } = execution;
    execution.redrives++;
    execution.redriveMs = this.engine.now;
    execution.status = 'RUNNING';
    execution.stopMs = execution.error = execution.cause = undefined;
    const { history } = execution;
    const id = history.add('ExecutionRedriven', history.length, {
      executionRedrivenEventDetails: { redriveCount: execution.redrives },
    });
    this.limit(execution);
    this.run(execution, id, failedAt);
    return { redriveDate: this.engine.now / 1000 };
  }

  private begin(arn: string, asked: Asked): Execution {
    const startMs = this.engine.now;
    const history = historyOf({ machine: asked.machine, arn, startMs }, this.engine);
    const execution = newExecution({ ...asked, arn, startMs, history, random: this.chance.fork(arn) });
    this.store.add(execution);
    this.trace(execution);
    this.limit(execution);
    this.enter(execution);
    return execution;
  }

  private enter(execution: Execution): void {
    noteStart(execution);
    this.run(execution, 0);
  }

  setAside(): () => void {
    return setAside(this.engine, this.store);
  }

  makeAgain(): void {
    makeAgain(this.engine, this.store, this.chance, (execution) => this.enter(execution));
  }

  private limit(execution: Execution): void {
    const { machine } = execution;
    const { program } = machine;
    const limitMs = Math.min(longestMs[machine.type], (program.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000);
    const atMs = this.engine.now + limitMs;
    this.deadlines.push({ atMs, order: this.orders++, execution, redrives: execution.redrives });
  }

  private run(execution: Execution, last: number, resume?: Resume): void {
    const { machine, input } = execution;
    this.engine.protect(execution, () => {
      this.engine.spawn({
        execution,
        scope: execution.scope,
        last,
        flow: (thread) => {
          execution.root = thread;
          return runProgram(this.engine, thread, machine.program, input, 'JSONPath', resume);
        },
      });
    });
  }

  /** Runs one state of a definition by itself; answers at once where it needs no one else. */
  test(request: StateTestRequest, requestId: string): Json | undefined {
    const name = this.names.uuid();
    const arn = this.arnOf(request.machine, name);
    return startTest(this.engine, { ...request, arn, name, random: this.chance.fork(arn) }, requestId);
  }

  private ended(execution: Execution, ended: Ended): void {
    if (execution.test) {
      execution.test.answer = ended.output;
      const { requestId } = execution;
      if (requestId !== undefined)
        this.engine.effects.push({ kind: 'reply', requestId, reply: { output: ended.output } });
      return;
    }
    if (ended.failure) this.failed(execution, ended.failure);
    else {
      const outputText = textOf(ended.output);
      execution.outputText = outputText;
      const details = { executionSucceededEventDetails: { output: outputText, outputDetails: whole } };
      this.close(execution, 'SUCCEEDED', 'ExecutionSucceeded', details, {});
    }
  }

  private abort(execution: Execution, why: { error?: string; cause?: string }): void {
    this.close(execution, 'ABORTED', 'ExecutionAborted', { executionAbortedEventDetails: why }, why);
  }

  private failed(execution: Execution, { error, cause: reason }: Pick<StateFailure, 'error' | 'cause'>): void {
    const details = { executionFailedEventDetails: { error, cause: reason } };
    this.close(execution, 'FAILED', 'ExecutionFailed', details, { error, cause: reason });
  }

  private full(execution: Execution): void {
    execution.failedAt = undefined;
    this.failed(execution, { error: 'States.Runtime', cause: historyFull });
  }

  private timedOut(execution: Execution): void {
    this.close(
      execution,
      'TIMED_OUT',
      'ExecutionTimedOut',
      { executionTimedOutEventDetails: { error: 'States.Timeout' } },
      { error: 'States.Timeout' },
    );
  }

  private close(
    execution: Execution,
    status: Exclude<ExecutionStatus, 'RUNNING'>,
    event: string,
    details: Record<string, Json>,
    { error, cause: reason }: { error?: string; cause?: string },
  ): void {
    const { root, history } = execution;
    const last = root?.last ?? history.length;
    if (root && !root.ended) {
      if (status !== 'FAILED') execution.failedAt = leftOff(root);
      this.engine.abort(root);
      root.inside.length = 0;
    }
    Object.assign(execution, { status, stopMs: this.engine.now, error, cause: reason });
    history.end(event, last, details);
    this.trace(execution);
    if (execution.requestId !== undefined) {
      this.engine.effects.push({
        kind: 'reply',
        requestId: execution.requestId,
        reply: { output: syncAnswer(execution) },
      });
    }
    for (const follower of execution.followers.splice(0))
      this.engine.signal(follower, { kind: 'execution-ended', execution });
    if (execution.machine.type === 'EXPRESS') this.store.remove(execution);
    execution.root = undefined;
    execution.came = [];
    execution.seen = [];
  }

  private arnOf(machine: MachineSnapshot, name: string): string {
    if (machine.type === 'STANDARD') return `${machine.arn.replace(':stateMachine:', ':execution:')}:${name}`;
    return `${machine.arn.replace(':stateMachine:', ':express:')}:${name}:${this.names.uuid()}`;
  }

  private trace({ arn, machine, status, error }: Execution): void {
    this.engine.effects.push({
      kind: 'trace',
      entry: { kind: 'execution', stateMachine: machine.name, executionArn: arn, status, ...defined({ error }) },
    });
  }
}
