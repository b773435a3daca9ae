/**
 * One execution environment: a function's contexts, and the invocations that run in them, one at a time.
 *
 * 1. Module code runs once, before the first invocation; when it throws, the environment is of no further use.
 * 2. The answer is sent when the handler's promise settles; with a callback, when the event loop is empty besides
 *    (callbackWaitsForEmptyEventLoop). Then the environment freezes.
 * 3. Nothing of an environment happens after it crashed, exited or timed out.
 * Not modelled: init's own time limit, response streaming, extensions.
 */
import type { Random } from '../ports';
import type { EnvironmentSpec, Finished, Invocation } from '../services/service';
import { createEnvironmentRealm, type EnvironmentRealm } from './environment-realm';
import { handlerContext } from './handler-context';
import {
  endLines,
  environmentVariables,
  errorPayload,
  exitPayload,
  finished,
  invokeErrorLine,
  type LambdaError,
  logStreamName,
  logTail,
  regionOf,
  startLine,
  timeoutPayload,
} from './lambda';
import { Life } from './life';
import { type Handler, loadHandler } from './load-handler';
import { type Realm, taskRoot } from './realm';
import type { Run, SandboxPorts } from './sandbox-ports';

class ProcessExit extends Error {}

export class Environment {
  private readonly realms: EnvironmentRealm;
  private readonly life: Life;
  private readonly random: Random;
  private readonly stream: string;
  private readonly bornAt: number;
  private handler: Handler | undefined;
  private current: Run | undefined;

  constructor(
    private readonly ports: SandboxPorts,
    private readonly spec: EnvironmentSpec,
    id: string,
    /** Called once, when the environment is of no further use. */
    private readonly gone: () => void,
  ) {
    const { scheduler } = ports;
    this.bornAt = scheduler.now();
    this.random = ports.random.fork(id);
    this.stream = logStreamName(spec, id, this.bornAt);
    this.life = new Life(
      scheduler,
      (error) => this.uncaught(error),
      () => this.emptied(),
      this.random.fork('ties').below(2 ** 32),
    );
    const env = environmentVariables(spec, {
      taskRoot,
      logStreamName: this.stream,
      region: regionOf(spec.functionArn),
    });
    this.realms = createEnvironmentRealm({
      ports,
      spec,
      random: this.random,
      bornAt: this.bornAt,
      life: this.life,
      env,
      print: (line) => this.print(line),
      exit: (code) => this.exit(code),
      crash: () => this.crash(),
      call: () => {
        const run = this.current;
        return { invocationId: run?.invocation.invocationId ?? 'init', index: run ? run.calls++ : 0 };
      },
      requestId: () => this.current?.invocation.requestId,
    });
  }

  get realm(): Realm {
    return this.realms.main;
  }

  get dead(): boolean {
    return this.life.dead;
  }

  /** The life is its own, or that of a thread of it. */
  lives(life: Life | undefined): boolean {
    return life?.root === this.life;
  }

  start(invocation: Invocation, done: (finished: Finished) => void): void {
    const { scheduler, faults } = this.ports;
    const run: Run = {
      invocation,
      done,
      startedAt: scheduler.now(),
      deadline: scheduler.at(invocation.deadlineMs, () => this.timeOut(run)),
      calls: 0,
      log: [],
      promised: false,
      callbackWaits: () => true,
    };
    this.current = run;
    const { invocationId, environment, payload } = invocation;
    const crossing = { at: 'invoke', functionName: environment.functionName, invocationId, input: payload } as const;
    const decision = faults.decide(crossing);
    this.print(startLine(invocation));
    switch (decision?.do) {
      case undefined:
        this.enter(run);
        return;
      case 'crash-before':
        this.crash();
        return;
      case 'timeout':
        return;
      case 'later':
        scheduler.at(scheduler.now() + decision.laterMs, () => {
          if (this.current === run && !this.dead) this.enter(run);
        });
        return;
      default:
        throw new Error(
          `the fault '${decision?.do}' cannot strike where a function starts; allowed: crash-before, timeout, later`,
        );
    }
  }

  /** Kills the environment as a failing machine would; a running invocation ends with an error. */
  crash(how = 'signal: killed'): void {
    if (this.dead) return;
    const run = this.current;
    this.end();
    if (run) this.answer(run, 'Crash', exitPayload(run.invocation, how));
  }

  /** Forgets the environment; a running invocation gets no answer from it. */
  end(): void {
    if (this.dead) return;
    this.life.end();
    this.realms.leave();
    this.gone();
  }

  /** A promise of this environment was rejected, and nobody cared. */
  unhandledRejection(reason: unknown): void {
    if (this.dead) return;
    const error = errorPayload(reason);
    this.exitWith({
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: `${error.errorType}: ${error.errorMessage}`,
      trace: error.trace,
    });
  }

  private enter(run: Run): void {
    this.life.thaw();
    if (this.dead) return;
    try {
      this.handler ??= loadHandler(this.realm, this.spec);
    } catch (error) {
      if (!(error instanceof ProcessExit)) this.exitWith(errorPayload(error), 'Unhandled');
      return;
    }
    this.invoke(run, this.handler);
    this.life.lookWhetherEmpty();
  }

  private invoke(run: Run, handler: Handler): void {
    const { tools } = this.realm;
    const succeed = (result: unknown): void => this.succeed(run, result);
    const failed = (error: unknown): void => this.failed(run, error);
    const callback = (error?: unknown, result?: unknown): void => {
      if (this.current !== run || run.waiting) return;
      const end = (): void => (error === undefined || error === null ? succeed(result) : failed(error));
      if (run.callbackWaits()) {
        run.waiting = end;
        this.life.lookWhetherEmpty();
      } else end();
    };
    let result: unknown;
    try {
      const context = handlerContext(tools, run.invocation, this.stream, callback, () => this.life.now());
      run.callbackWaits = () => context.callbackWaitsForEmptyEventLoop !== false;
      result = handler(tools.parse(run.invocation.payload), context, callback);
    } catch (error) {
      if (!(error instanceof ProcessExit)) failed(error);
      return;
    }
    if (typeof (result as PromiseLike<unknown>)?.then !== 'function') return;
    run.promised = true;
    (result as PromiseLike<unknown>).then(succeed, failed);
  }

  private succeed(run: Run, result: unknown): void {
    if (this.current !== run || this.dead) return;
    let payload: string;
    try {
      payload = this.realm.tools.stringify(result) ?? 'null';
    } catch {
      this.failed(
        run,
        this.realm.tools.error('Unable to stringify response body', { name: 'Runtime.MarshallingError' }),
      );
      return;
    }
    this.life.freeze();
    this.answer(run, undefined, payload);
  }

  private failed(run: Run, thrown: unknown): void {
    if (this.current !== run || this.dead || thrown instanceof ProcessExit) return;
    const error = errorPayload(thrown);
    this.print(invokeErrorLine(this.life.now(), run.invocation.requestId, error));
    this.life.freeze();
    this.answer(run, 'Unhandled', error);
  }

  private uncaught(error: unknown): void {
    if (error instanceof ProcessExit || this.dead) return;
    this.exitWith(errorPayload(error));
  }

  /** Lambda's runtime reports the error and ends the process. */
  private exitWith(error: LambdaError, functionError: Finished['functionError'] = 'Crash'): void {
    const run = this.current;
    if (run) this.print(invokeErrorLine(this.life.now(), run.invocation.requestId, error));
    this.end();
    if (run) this.answer(run, functionError, error);
  }

  private exit(code: number): never {
    this.crash(`exit status ${code}`);
    throw new ProcessExit('the process has exited');
  }

  private timeOut(run: Run): void {
    if (this.current !== run) return;
    const error = timeoutPayload(run.invocation, this.life.now());
    this.print(error.errorMessage);
    if (!this.dead) this.end();
    this.answer(run, 'Timeout', error);
  }

  private emptied(): void {
    const run = this.current;
    if (!run) return;
    if (run.waiting) run.waiting();
    else if (run.promised) {
      this.print("The event loop is empty, and the handler's promise has not settled: nothing can settle it any more.");
      this.end();
      this.answer(run, 'Crash', {
        errorType: 'Runtime.ExitError',
        errorMessage: `RequestId: ${run.invocation.requestId} Error: Runtime exited without providing a reason`,
      });
    } else this.succeed(run, null);
  }

  private answer(run: Run, functionError: Finished['functionError'], result: string | LambdaError): void {
    if (this.current !== run) return;
    this.current = undefined;
    run.deadline.cancel();
    const status = functionError === 'Timeout' ? 'timeout' : functionError ? 'error' : undefined;
    for (const line of endLines(run.invocation, this.life.now() - run.startedAt, status)) this.write(line, run);
    run.done(
      finished(run.invocation, {
        functionError,
        payload: typeof result === 'string' ? result : JSON.stringify(result),
        reusable: !this.dead,
        logTail: logTail(run.log),
      }),
    );
  }

  private print(message: string): void {
    if (!this.dead) this.write(message, this.current);
  }

  private write(message: string, run: Run | undefined): void {
    run?.log.push(message);
    this.ports.log({
      at: this.life.now(),
      functionName: this.spec.functionName,
      logGroupName: this.spec.logGroupName,
      logStreamName: this.stream,
      invocationId: run?.invocation.invocationId,
      requestId: run?.invocation.requestId,
      message,
    });
  }
}
