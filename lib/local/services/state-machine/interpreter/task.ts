/**
 * Task: one call to another service, with its time limits, and for some the wait for a token or for an execution.
 *
 * 1. Each attempt has its own task token; a token is good until its attempt ends.
 * 2. What ends an attempt first counts: the answer, the token, the time limit, the missing heartbeat.
 * 3. An execution that an attempt waited for (.sync) is stopped where the attempt ends before it does.
 * Source: Amazon States Language, "Task State"; Step Functions developer guide, "Service integration patterns".
 */
import type { Json, Reply } from '../../service';
import { runtimeFailure, StateFailure } from '../failure';
import { type Integration, integrationOf } from '../integrations';
import { textOf } from '../json';
import { fillExpressions, fillTyped } from '../query/expression-values';
import { fillTemplate, readWhole } from '../query/path-values';
import type { StateContext } from './context';
import { checkSize, workInput } from './data-flow';
import type { Flow, Signal } from './engine';
import { executionEnd } from './execution-end';
import { whole } from './history';
import { mockedWork } from './test-run';

export function* runTask(context: StateContext, effective: Json): Flow<Json> {
  const { engine, thread, state } = context;
  const integration = integrationOf(state.Resource);
  if (!integration) {
    const activity = /:activity:/.test(state.Resource);
    throw runtimeFailure(
      activity
        ? `The activity ${state.Resource} does not exist.`
        : `The resource ${state.Resource} is not modelled by the local runtime.`,
    );
  }
  if (integration.pattern === 'token') openToken(context);
  try {
    const timeoutSeconds = seconds(context, effective, 'TimeoutSeconds');
    const heartbeatSeconds = seconds(context, effective, 'HeartbeatSeconds');
    const given = workInput(context, effective);
    const mocked = mockedWork(context);
    if (mocked) return mocked.result;
    const attempt = new Attempt(context, integration, timeoutSeconds, heartbeatSeconds);
    attempt.scheduled(given);
    engine.call(thread, integration.to, integration.operation, integration.input(given, engine.place, context));
    const result = yield* attempt.outcome();
    checkSize(context.name, result);
    return result;
  } finally {
    closeToken(context);
    engine.release(thread);
  }
}

class Attempt {
  private readonly deadlineMs: number;
  private beatByMs: number;
  private started = false;

  constructor(
    private readonly context: StateContext,
    private readonly integration: Integration,
    private readonly timeoutSeconds: number | undefined,
    private readonly heartbeatSeconds: number | undefined,
  ) {
    const { now } = context.engine;
    this.deadlineMs = timeoutSeconds === undefined ? Number.POSITIVE_INFINITY : now + timeoutSeconds * 1000;
    // Only who has a token can send heartbeats; other tasks are not failed for the lack of them.
    const beats = heartbeatSeconds !== undefined && integration.pattern === 'token';
    this.beatByMs = beats ? now + heartbeatSeconds * 1000 : Number.POSITIVE_INFINITY;
  }

  scheduled(given: Json): void {
    const { integration, timeoutSeconds, heartbeatSeconds, context } = this;
    const limits = {
      ...(timeoutSeconds !== undefined ? { timeoutInSeconds: timeoutSeconds } : {}),
      ...(heartbeatSeconds !== undefined ? { heartbeatInSeconds: heartbeatSeconds } : {}),
    };
    const roleArn = this.role();
    const as = roleArn === undefined ? {} : { taskCredentials: { roleArn } };
    if (integration.plainFunction) {
      const details = { resource: context.state.Resource, input: textOf(given), inputDetails: whole, ...limits, ...as };
      this.note('LambdaFunctionScheduled', { lambdaFunctionScheduledEventDetails: details });
      this.note('LambdaFunctionStarted');
      return;
    }
    const { region } = context.engine.place;
    this.note('TaskScheduled', {
      taskScheduledEventDetails: { ...this.resource(), region, parameters: textOf(given), ...limits, ...as },
    });
    this.note('TaskStarted', { taskStartedEventDetails: this.resource() });
    this.started = true;
  }

  /** The role of Credentials, which is shown and not assumed. */
  private role(): string | undefined {
    const { context } = this;
    const { Credentials } = context.state;
    if (Credentials === undefined) return undefined;
    const filled = context.jsonata
      ? fillExpressions(Credentials, 'Credentials', context.expressions())
      : fillTemplate(Credentials, context.paths(context.input));
    return filled.RoleArn;
  }

  *outcome(): Flow<Json> {
    const { integration } = this;
    let early: Signal | undefined;
    let submitted = false;
    for (;;) {
      const signal = early && submitted ? early : yield* this.signal();
      switch (signal.kind) {
        case 'reply': {
          const output = this.answer(signal.reply);
          if (integration.pattern === 'response') return this.succeeded(output);
          this.note('TaskSubmitted', {
            taskSubmittedEventDetails: { ...this.resource(), output: textOf(output), outputDetails: whole },
          });
          submitted = true;
          if (integration.pattern === 'sync') early = this.follow(output);
          break;
        }
        case 'token':
          if (submitted) return this.succeeded(signal.output);
          early = signal;
          break;
        case 'token-failed':
          if (submitted) throw this.failed(signal.error, signal.cause);
          early = signal;
          break;
        case 'execution-ended': {
          const { result, error, cause } = executionEnd(signal.execution, integration.parsesOutput);
          if (error !== undefined) throw this.failed(error, cause);
          return this.succeeded(result);
        }
      }
    }
  }

  /** The next signal that is not just time going by. */
  private *signal(): Flow<Signal> {
    const { engine } = this.context;
    for (;;) {
      if (engine.now >= Math.min(this.deadlineMs, this.beatByMs)) throw this.timedOut();
      const atMs = Math.min(this.deadlineMs, this.beatByMs);
      const signal = yield Number.isFinite(atMs) ? { atMs } : {};
      if (signal.kind === 'heartbeat' && this.heartbeatSeconds !== undefined) {
        this.beatByMs = engine.now + this.heartbeatSeconds * 1000;
      } else if (signal.kind !== 'time' && signal.kind !== 'heartbeat' && signal.kind !== 'child') return signal;
    }
  }

  private answer(reply: Reply): Json {
    const answer = this.integration.read(reply);
    if ('output' in answer) return answer.output;
    throw this.failed(answer.error, answer.cause);
  }

  /** The end of an execution that ended before its start was answered. */
  private follow(output: Json): Signal | undefined {
    const { engine, thread } = this.context;
    const { execution, running } = engine.see(thread, output.ExecutionArn);
    if (!execution) throw this.failed('StepFunctions.ExecutionDoesNotExistException', output.ExecutionArn);
    if (!running) return { kind: 'execution-ended', execution };
    engine.follow(thread, execution);
    return undefined;
  }

  private succeeded(output: Json): Json {
    const details = { output: textOf(output), outputDetails: whole };
    checkSize(this.context.name, output);
    if (this.integration.plainFunction) {
      this.note('LambdaFunctionSucceeded', { lambdaFunctionSucceededEventDetails: details });
    } else this.note('TaskSucceeded', { taskSucceededEventDetails: { ...this.resource(), ...details } });
    return output;
  }

  private failed(error: string | undefined, reason: string | undefined): StateFailure {
    if (this.integration.plainFunction) {
      this.note('LambdaFunctionFailed', { lambdaFunctionFailedEventDetails: { error, cause: reason } });
    } else this.note('TaskFailed', { taskFailedEventDetails: { ...this.resource(), error, cause: reason } });
    return new StateFailure(error, reason);
  }

  private timedOut(): StateFailure {
    const error = 'States.Timeout';
    if (this.integration.plainFunction) {
      this.note('LambdaFunctionTimedOut', { lambdaFunctionTimedOutEventDetails: { error } });
    } else if (this.started) this.note('TaskTimedOut', { taskTimedOutEventDetails: { ...this.resource(), error } });
    // The history says States.Timeout for a missing heartbeat too; Retry and Catch know it by its own name.
    const alsoNamed = this.beatByMs < this.deadlineMs ? 'States.HeartbeatTimeout' : undefined;
    return new StateFailure(error, undefined, { alsoNamed });
  }

  private resource(): { resourceType: string; resource: string } {
    const { resourceType, resource } = this.integration;
    return { resourceType, resource };
  }

  private note(type: string, details?: Record<string, Json>): void {
    const { thread } = this.context;
    thread.last = thread.execution.history.add(type, thread.last, details);
  }
}

/** TimeoutSeconds or HeartbeatSeconds, by literal, path or expression. */
function seconds(context: StateContext, effective: Json, member: string): number | undefined {
  const literal = context.state[member];
  if (literal !== undefined)
    return context.jsonata ? fillTyped(literal, member, 'number', context.expressions()) : literal;
  const path = context.state[`${member}Path`];
  if (path === undefined) return undefined;
  const value = readWhole(path, context.paths(effective));
  if (Number.isInteger(value) && value > 0) return value;
  throw runtimeFailure(
    `The ${member}Path parameter does not reference a positive integer: ${path} == ${textOf(value)}`,
  );
}

function openToken(context: StateContext): void {
  const { engine, thread } = context;
  const token = Buffer.from(engine.random.hex(96), 'hex').toString('base64');
  context.taskToken = thread.token = token;
  engine.tokens.set(token, thread);
}

function closeToken(context: StateContext): void {
  if (context.taskToken !== undefined) context.engine.tokens.delete(context.taskToken);
  context.taskToken = context.thread.token = undefined;
}
