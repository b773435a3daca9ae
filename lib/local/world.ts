/**
 * The only place where one service reaches another, where functions start and end, and where faults strike.
 *
 * 1. Services never see each other: their effects come here, and every crossing asks `faults` once.
 * 2. Work that effects bring is done in the order in which it came (no recursion, no re-entrance of a service).
 * 3. A `call` with a tag is answered exactly once by `$reply`, unless a fault loses it.
 * 4. A service that throws is a bug of ours: the caller gets InternalFailure, and `bugs` keeps what happened.
 */

import type { FaultDecision, Faults, Millis, Random, Scheduler, Timer, Trace } from './ports';
import type { FunctionLog } from './sandbox/lambda';
import {
  type Effect,
  type Finished,
  type FunctionRuntime,
  fail,
  type Invocation,
  type Json,
  type Outcome,
  type Reply,
  type Service,
  type ServiceName,
} from './services/service';

export interface Origin {
  functionName: string;
  invocationId: string;
  index: number;
}

export interface WorldOptions {
  scheduler: Scheduler;
  random: Random;
  trace: Trace;
  faults: Faults;
  services: Service[];
  /** Record every request of clients and functions, with its answer, as a trace entry of kind 'api'. */
  traceRequests?: boolean;
  /** How long a call between two services takes, in ms; undefined: none (real time has its own delays). */
  latency?: (random: Random) => Millis;
}

type Waiter = (reply: Reply) => void;

export class World {
  /** What services threw; always empty unless we have a bug. */
  readonly bugs: { service: string; operation: string; error: unknown }[] = [];
  /** How often each operation was asked for: `${origin}:${service}.${operation}`, origin 'client', 'function' or a service. */
  readonly calls = new Map<string, number>();
  private readonly services = new Map<ServiceName, Service>();
  private readonly timers = new Map<ServiceName, Timer>();
  private readonly waiters = new Map<string, Waiter>();
  private readonly todo: (() => void)[] = [];
  private readonly latencies: Random;
  private readonly ids: Random;
  private working = false;
  private stopped = false;
  private requests = 0;
  private runsUnderWay = 0;
  private delayed = 0;
  private runtime: FunctionRuntime | undefined;

  constructor(private readonly options: WorldOptions) {
    for (const service of options.services) this.services.set(service.name, service);
    this.latencies = options.random.fork('latency');
    this.ids = options.random.fork('request-ids');
  }

  /** The runtime needs the wire, and the wire needs the world: it comes last. */
  useRuntime(runtime: FunctionRuntime): void {
    this.runtime = runtime;
  }

  now(): Millis {
    return this.options.scheduler.now();
  }

  /** Functions that are running now. */
  get running(): number {
    return this.runsUnderWay;
  }

  /** Calls between services that are on their way. */
  get callsUnderWay(): number {
    return this.delayed;
  }

  /** A request from outside the services: a client on the port, a function's SDK, the start of the world. */
  request(to: ServiceName, operation: string, input: Json, origin?: Origin): Promise<Reply> {
    return new Promise((resolve) => {
      this.count(origin ? 'function' : 'client', to, operation);
      const answer: Waiter = !this.options.traceRequests
        ? resolve
        : (reply) => {
            this.record({ kind: 'api', service: to, operation, input, ...reply, ...(origin ? { origin } : {}) });
            resolve(reply);
          };
      this.enqueue(() => this.ask(to, operation, input, answer));
    });
  }

  /** The same where the answer does not wait and is needed at once (start, tests, inspection). */
  requestNow(to: ServiceName, operation: string, input: Json): Reply {
    let answer: Reply | undefined;
    this.enqueue(() => this.ask(to, operation, input, (reply) => (answer = reply)));
    return answer ?? fail('InternalFailure', `${to} ${operation} did not answer at once`, { status: 500 });
  }

  /** A line that a function wrote: to the trace, to its log group, and its metrics from there to CloudWatch. */
  log(entry: FunctionLog): void {
    this.options.trace.record({ kind: 'log', ...entry });
    const { logGroupName, logStreamName, message } = entry;
    this.enqueue(() => this.ask('logs', '$append', { logGroupName, logStreamName, messages: [message] }, () => {}));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers.values()) timer.cancel();
    for (const waiter of this.waiters.values())
      waiter(fail('ServiceUnavailable', 'The local runtime is stopping.', { status: 503 }));
    this.waiters.clear();
    await this.runtime?.stop();
  }

  private enqueue(work: () => void): void {
    if (this.stopped) return;
    this.todo.push(work);
    if (this.working) return;
    this.working = true;
    try {
      for (let next = this.todo.shift(); next; next = this.todo.shift()) next();
    } finally {
      this.working = false;
    }
  }

  private ask(to: ServiceName, operation: string, input: Json, answer: Waiter): void {
    const service = this.services.get(to);
    if (!service) {
      answer(
        fail(
          'UnknownOperationException',
          `The service '${to}' is not modelled here; modelled: ${[...this.services.keys()].join(', ')}.`,
        ),
      );
      return;
    }
    const requestId = `${this.ids.hex(8)}-${(this.requests++).toString(16).padStart(4, '0')}-4000-8000-${this.ids.hex(12)}`;
    this.waiters.set(requestId, answer);
    this.take(service, operation, () => service.apply(this.now(), { operation, input, requestId }), requestId);
  }

  private take(service: Service, operation: string, act: () => Outcome, requestId?: string): void {
    let outcome: Outcome;
    try {
      outcome = act();
    } catch (error) {
      this.bugs.push({ service: service.name, operation, error });
      this.record({ kind: 'bug', service: service.name, operation, error: String((error as Error)?.stack ?? error) });
      outcome = {
        reply: fail('InternalFailure', `The local ${service.name} failed on ${operation}: ${error}`, { status: 500 }),
      };
    }
    if (requestId && outcome.reply) this.answer(requestId, outcome.reply);
    if ('wakeAt' in outcome) this.wakeLater(service, outcome.wakeAt);
    for (const effect of outcome.effects ?? []) this.perform(service, effect);
  }

  private answer(requestId: string, reply: Reply): void {
    const waiter = this.waiters.get(requestId);
    this.waiters.delete(requestId);
    waiter?.(reply);
  }

  private wakeLater(service: Service, at: Millis | undefined): void {
    this.timers.get(service.name)?.cancel();
    this.timers.delete(service.name);
    if (at === undefined || this.stopped) return;
    const timer = this.options.scheduler.at(at, () => {
      this.timers.delete(service.name);
      this.enqueue(() => this.take(service, 'wake', () => service.wake(this.now())));
    });
    this.timers.set(service.name, timer);
  }

  private perform(from: Service, effect: Effect): void {
    switch (effect.kind) {
      case 'reply':
        this.answer(effect.requestId, effect.reply);
        return;
      case 'trace':
        this.record(effect.entry);
        return;
      case 'run':
        this.run(effect.invocation);
        return;
      case 'discard':
        this.runtime?.discard(effect.environmentId);
        return;
      case 'call':
        this.call(from, effect);
    }
  }

  /** One service asks another: the crossing where the simulator decides. */
  private call(from: Service, effect: Extract<Effect, { kind: 'call' }>): void {
    const { to, operation, input, tag } = effect;
    this.count(from.name, to, operation);
    const giveBack: Waiter = (reply) => {
      if (tag === undefined) return;
      this.later(0, () =>
        this.take(from, '$reply', () =>
          from.apply(this.now(), { operation: '$reply', input: { tag, reply }, requestId: `reply-${this.requests++}` }),
        ),
      );
    };
    const deliver = (answer: Waiter): void => this.ask(to, operation, input, answer);
    const decision = this.options.faults.decide({ at: 'call', from: from.name, to, operation, input });
    if (decision) this.record({ kind: 'fault', from: from.name, to, operation, fault: decision.do });
    const delay = this.options.latency?.(this.latencies) ?? 0;
    switch (decision?.do) {
      case undefined:
        this.later(delay, () => deliver(giveBack));
        return;
      case 'lose':
        return;
      case 'twice':
        this.later(delay, () => deliver(giveBack));
        this.later(delay + (decision.laterMs ?? 0), () => deliver(() => {}));
        return;
      case 'later':
        this.later(delay + decision.laterMs, () => deliver(giveBack));
        return;
      case 'fail-before':
        this.later(delay, () => giveBack(faultReply(decision)));
        return;
      case 'fail-after':
        this.later(delay, () => deliver(() => giveBack(faultReply(decision))));
        return;
      default:
        throw new Error(`fault '${decision?.do}' cannot strike between services; it can at a function's own call`);
    }
  }

  private later(delayMs: Millis, work: () => void): void {
    if (delayMs <= 0) this.enqueue(work);
    else {
      this.delayed++;
      this.options.scheduler.at(this.now() + delayMs, () => {
        this.delayed--;
        this.enqueue(work);
      });
    }
  }

  private run(invocation: Invocation): void {
    if (!this.runtime) throw new Error('a function was invoked before the runtime was there');
    this.runsUnderWay++;
    this.runtime.run(invocation, (finished: Finished) => {
      this.runsUnderWay--;
      this.enqueue(() => {
        const lambda = this.services.get('lambda');
        if (!lambda) return;
        this.take(lambda, '$finished', () =>
          lambda.apply(this.now(), {
            operation: '$finished',
            input: finished,
            requestId: `finished-${this.requests++}`,
          }),
        );
      });
    });
  }

  private record(entry: { kind: string; [field: string]: unknown }): void {
    this.options.trace.record({ at: this.now(), ...entry });
  }

  private count(origin: string, to: string, operation: string): void {
    const name = `${origin}:${to}.${operation}`;
    this.calls.set(name, (this.calls.get(name) ?? 0) + 1);
  }
}

function faultReply(decision: Extract<FaultDecision, { error: string }>): Reply {
  const { error, message = 'Injected by a fault.', status = 500, members } = decision;
  return fail(error, message, { status, ...(members ? { members } : {}) });
}
