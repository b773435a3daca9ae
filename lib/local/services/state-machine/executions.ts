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
import {
  executionExists,
  invalidArn,
  invalidInput,
  missing,
  noExecution,
  notRedrivable,
  validation,
  wrongType,
} from './errors';
import type { StateFailure } from './failure';
import { mostPayloadBytes } from './interpreter/data-flow';
import { type Ended, Engine, historyFull } from './interpreter/engine';
import type { Execution, ExecutionStatus, MachineSnapshot } from './interpreter/execution';
import { History, whole } from './interpreter/history';
import { runProgram } from './interpreter/states';
import { exceeds, parsed, textOf } from './json';
import { demandName, type Machines } from './machines';
import { page } from './page';
import { Scope } from './query/scope';
import type { StateTestRequest } from './test-state';

const day = 86_400_000;
const longestMs = { STANDARD: 365 * day, EXPRESS: 300_000 };
const redrivableMs = 14 * day;

interface Deadline {
  atMs: Millis;
  order: number;
  execution: Execution;
  /** A redriven execution has a new one. */
  redrives: number;
}

export class Executions {
  readonly engine: Engine;
  private readonly executions = new Map<string, Execution>();
  private readonly byMachine = new Map<string, Execution[]>();
  private readonly names: Random;
  private orders = 0;
  private readonly deadlines = new Heap<Deadline>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
    ({ execution, redrives }) => execution.status !== 'RUNNING' || execution.redrives !== redrives,
  );

  constructor(
    options: ServiceOptions,
    private readonly machines: Machines,
  ) {
    this.names = options.random.fork('names');
    this.engine = new Engine(
      options.random.fork('states'),
      options,
      (arn) => this.executions.get(arn),
      (execution, ended) => this.ended(execution, ended),
      (execution) => this.full(execution),
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
    const machine = this.machines.snapshot(demandMachine(input), this.names);
    const name = input.name === undefined || input.name === null ? this.names.uuid() : demandName(input.name);
    const inputText = input.input ?? '{}';
    const value = checkedInput(inputText);
    const express = machine.type === 'EXPRESS';
    const arn = this.arnOf(machine, name);
    const existing = express ? undefined : this.executions.get(arn);
    if (existing) {
      if (existing.status !== 'RUNNING' || existing.inputText !== inputText) throw executionExists(arn);
      return { executionArn: arn, startDate: existing.startMs / 1000 };
    }
    const execution = this.begin(machine, arn, name, inputText, value, input.traceHeader);
    return { executionArn: arn, startDate: execution.startMs / 1000 };
  }

  /** Answers when the execution ends: at once where it needs no one else. */
  startSync(input: Json, requestId: string): Json | undefined {
    const machine = this.machines.snapshot(demandMachine(input), this.names);
    if (machine.type !== 'EXPRESS') {
      throw wrongType('This operation is not supported by this type of state machine');
    }
    const name = input.name === undefined || input.name === null ? this.names.uuid() : demandName(input.name);
    const inputText = input.input ?? '{}';
    const value = checkedInput(inputText);
    const execution = this.begin(machine, this.arnOf(machine, name), name, inputText, value, input.traceHeader);
    if (execution.status !== 'RUNNING') return this.syncAnswer(execution);
    execution.requestId = requestId;
    return undefined;
  }

  stop(input: Json): Json {
    const execution = this.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions can not be stopped.');
    if (execution.status === 'RUNNING') {
      const { error, cause: reason } = input;
      this.close(
        execution,
        'ABORTED',
        'ExecutionAborted',
        { executionAbortedEventDetails: { error, cause: reason } },
        { error, cause: reason },
      );
    }
    return { stopDate: (execution.stopMs ?? this.engine.now) / 1000 };
  }

  redrive(input: Json): Json {
    const execution = this.find(input.executionArn);
    const why = this.whyNotRedrivable(execution);
    if (why) throw notRedrivable(why);
    const { failedAt, machine } = execution;
    execution.redrives++;
    execution.redriveMs = this.engine.now;
    execution.status = 'RUNNING';
    execution.stopMs = execution.error = execution.cause = undefined;
    const { history } = execution;
    const id = history.add('ExecutionRedriven', history.length, {
      executionRedrivenEventDetails: { redriveCount: execution.redrives },
    });
    this.run(execution, machine, id, failedAt!.state, failedAt!.input);
    return { redriveDate: this.engine.now / 1000 };
  }

  describe(input: Json): Json {
    const execution = this.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions are not described.');
    const why = this.whyNotRedrivable(execution);
    return {
      ...this.summary(execution),
      input: execution.inputText,
      inputDetails: { included: true },
      ...(execution.outputText !== undefined
        ? { output: execution.outputText, outputDetails: { included: true } }
        : {}),
      ...defined({ error: execution.error, cause: execution.cause, traceHeader: execution.traceHeader }),
      redriveStatus: why ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
      ...(why ? { redriveStatusReason: why } : {}),
    };
  }

  list(input: Json): Json {
    if (input.stateMachineArn === undefined) throw missing('stateMachineArn');
    const { arn, type } = this.machines.find(input.stateMachineArn);
    if (type === 'EXPRESS') throw wrongType('Express executions are not listed.');
    const qualified = input.stateMachineArn !== arn;
    const found = [...(this.byMachine.get(arn) ?? [])]
      .filter(
        ({ status, machine }) =>
          (!input.statusFilter || status === input.statusFilter) &&
          (!qualified || machine.versionArn === input.stateMachineArn || machine.aliasArn === input.stateMachineArn),
      )
      .reverse()
      .map((execution) => this.summary(execution));
    return page(found, input, 'executions');
  }

  history(input: Json): Json {
    const execution = this.find(input.executionArn);
    if (execution.machine.type === 'EXPRESS') throw wrongType('Express executions have no history here.');
    const { events } = execution.history;
    return page(input.reverseOrder ? [...events].reverse() : events, input, 'events');
  }

  machineOf(input: Json): Json {
    const { machine } = this.find(input.executionArn);
    return {
      stateMachineArn: machine.arn,
      name: machine.name,
      definition: machine.definition,
      roleArn: machine.roleArn,
      updateDate: machine.updatedMs / 1000,
      revisionId: machine.revisionId,
      loggingConfiguration: { level: 'OFF', includeExecutionData: false },
      tracingConfiguration: { enabled: false },
    };
  }

  private begin(
    machine: MachineSnapshot,
    arn: string,
    name: string,
    inputText: string,
    input: Json,
    traceHeader?: string,
  ): Execution {
    const { now } = this.engine;
    const execution: Execution = {
      arn,
      name,
      machine,
      inputText,
      input,
      startMs: now,
      status: 'RUNNING',
      history: new History(machine.type === 'STANDARD' ? 'kept' : 'free', () => this.engine.now),
      steps: 0,
      redrives: 0,
      scope: new Scope(),
      traceHeader,
      followers: [],
    };
    this.executions.set(arn, execution);
    if (machine.type === 'STANDARD') {
      const listed = this.byMachine.get(machine.arn);
      if (listed) listed.push(execution);
      else this.byMachine.set(machine.arn, [execution]);
    }
    this.trace(execution);
    execution.history.add('ExecutionStarted', 0, {
      executionStartedEventDetails: {
        input: inputText,
        inputDetails: whole,
        roleArn: machine.roleArn,
        ...defined({ stateMachineVersionArn: machine.versionArn, stateMachineAliasArn: machine.aliasArn }),
      },
    });
    this.run(execution, machine, 0, machine.program.StartAt, input);
    return execution;
  }

  private run(execution: Execution, machine: MachineSnapshot, last: number, startAt: string, input: Json): void {
    const { program } = machine;
    const limitMs = Math.min(longestMs[machine.type], (program.TimeoutSeconds ?? Number.POSITIVE_INFINITY) * 1000);
    const atMs = this.engine.now + limitMs;
    this.deadlines.push({ atMs, order: this.orders++, execution, redrives: execution.redrives });
    this.engine.protect(execution, () => {
      this.engine.spawn({
        execution,
        scope: execution.scope,
        last,
        flow: (thread) => {
          execution.root = thread;
          return runProgram(this.engine, thread, program, input, 'JSONPath', startAt);
        },
      });
    });
  }

  /** Runs one state of a definition by itself; answers at once where it needs no one else. */
  test(request: StateTestRequest, requestId: string): Json | undefined {
    const { machine, test, input, inputText, flow } = request;
    const name = this.names.uuid();
    const execution: Execution = {
      arn: this.arnOf(machine, name),
      name,
      machine,
      inputText,
      input,
      startMs: this.engine.now,
      status: 'RUNNING',
      history: new History('free', () => this.engine.now),
      steps: 0,
      redrives: 0,
      scope: new Scope(),
      test,
      followers: [],
    };
    execution.history.add('ExecutionStarted', 0);
    execution.scope.set(request.variables);
    this.engine.spawn({ execution, scope: execution.scope, last: 0, flow: (thread) => flow(this.engine, thread) });
    if (test.answer !== undefined) return test.answer;
    execution.requestId = requestId;
    return undefined;
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
      if (status !== 'FAILED') this.noteFailedAt(execution);
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
        reply: { output: this.syncAnswer(execution) },
      });
    }
    for (const follower of execution.followers.splice(0))
      this.engine.signal(follower, { kind: 'execution-ended', execution });
    if (execution.machine.type === 'EXPRESS') this.executions.delete(execution.arn);
    execution.root = undefined;
  }

  /** A stopped or timed out execution can be redriven from the state it was in. */
  private noteFailedAt(execution: Execution): void {
    const entered = [...execution.history.events]
      .reverse()
      .find(({ stateEnteredEventDetails: details }) => details?.name === execution.root?.inside[0]?.name && details);
    if (!entered) return;
    const { name, input } = entered.stateEnteredEventDetails;
    execution.failedAt = { state: name, input: JSON.parse(input) };
  }

  private whyNotRedrivable({ status, stopMs, machine, failedAt, history }: Execution): string | undefined {
    if (machine.type === 'EXPRESS') return 'Express executions are not redrivable';
    if (status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
    if (status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
    if (history.length >= 24_999 || !failedAt) return 'Execution history event limit exceeded';
    if (this.engine.now - stopMs! > redrivableMs) return 'Execution redrive period exceeded';
    return undefined;
  }

  private summary({ arn, name, machine, status, startMs, stopMs, redrives, redriveMs }: Execution): Json {
    return {
      executionArn: arn,
      stateMachineArn: machine.arn,
      name,
      status,
      startDate: startMs / 1000,
      ...(stopMs !== undefined ? { stopDate: stopMs / 1000 } : {}),
      ...defined({ stateMachineVersionArn: machine.versionArn, stateMachineAliasArn: machine.aliasArn }),
      redriveCount: redrives,
      ...(redriveMs !== undefined ? { redriveDate: redriveMs / 1000 } : {}),
    };
  }

  private syncAnswer(execution: Execution): Json {
    const { status, startMs, stopMs, outputText, inputText, error, traceHeader, machine } = execution;
    const durationMs = stopMs! - startMs;
    return {
      executionArn: execution.arn,
      stateMachineArn: machine.arn,
      name: execution.name,
      status,
      startDate: startMs / 1000,
      stopDate: stopMs! / 1000,
      input: inputText,
      inputDetails: { included: true },
      ...(outputText !== undefined ? { output: outputText, outputDetails: { included: true } } : {}),
      ...defined({ error, cause: execution.cause, traceHeader }),
      billingDetails: {
        billedMemoryUsedInMB: 64,
        billedDurationInMilliseconds: Math.max(100, Math.ceil(durationMs / 100) * 100),
      },
    };
  }

  private find(arn: unknown): Execution {
    if (arn === undefined || arn === null) throw missing('executionArn');
    if (!/^arn:[\w-]+:states:[\w-]+:\d{12}:(execution|express):/.test(String(arn))) throw invalidArn(arn);
    const execution = this.executions.get(String(arn));
    if (!execution) throw noExecution(String(arn));
    return execution;
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

const defined = (members: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function demandMachine(input: Json): string {
  if (input.stateMachineArn === undefined) throw missing('stateMachineArn');
  return input.stateMachineArn;
}

function checkedInput(text: unknown): Json {
  if (typeof text !== 'string') throw validation('input is a JSON text.');
  if (exceeds(text, mostPayloadBytes)) {
    throw validation(
      `1 validation error detected: Value at 'input' failed to satisfy constraint: Member must have length less than or equal to ${mostPayloadBytes}`,
    );
  }
  const read = parsed(text);
  if (!read) throw invalidInput(`Invalid State Machine Execution Input: '${text.slice(0, 100)}' is no JSON`);
  return read.value;
}
