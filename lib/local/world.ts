/**
 * The only place where one service reaches another, where functions start and end, and where faults strike.
 *
 * 1. Services never see each other: their effects come here, and every crossing asks `faults` once.
 * 2. Work that effects bring is done in the order in which it came (no recursion, no re-entrance of a service).
 * 3. A `call` with a tag is answered exactly once by `$reply`, unless a fault loses it.
 * 4. A service that throws is a bug of ours: the caller gets InternalFailure, and `bugs` keeps what happened.
 * 5. With a journal, all that a service acts on is written there first, and nothing leaves the world (an answer to a
 *    client, the start of a function) before what led to it is safe. So what nobody saw may be lost, and nothing else.
 */

import { cross } from './crossing';
import { type Asker, crashed, type Journal, type Resumed } from './durable/acts';
import type { Faults, Millis, Random, Scheduler, Timer, Trace } from './ports';
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
  type ServiceRequest,
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
  /** Which requests of clients and functions are recorded, with their answer, as trace entries of kind 'api'. */
  traceRequests?(service: ServiceName, operation: string): boolean;
  /** How long a call between two services takes, in ms; undefined: none (real time has its own delays). */
  latency?: (random: Random) => Millis;
  /** Without one, all is forgotten when the process ends. */
  journal?: Journal;
}

type Waiter = (reply: Reply) => void;

export class World {
  /** What services threw; always empty unless we have a bug. */
  readonly bugs: { service: string; operation: string; error: unknown }[] = [];
  /** How often each operation was asked for: `${origin}:${service}.${operation}`, origin 'client', 'function' or a service. */
  readonly calls = new Map<string, number>();
  private readonly services = new Map<ServiceName, Service>();
  private readonly timers = new Map<ServiceName, { at: Millis; timer: Timer }>();
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
      const answer: Waiter = (reply) => {
        if (this.options.traceRequests?.(to, operation))
          this.record({ kind: 'api', service: to, operation, input, ...reply, ...(origin && { origin }) });
        this.outside(() => resolve(reply));
      };
      this.enqueue(() => this.ask(to, operation, input, answer, 'outside'));
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

  /** Goes on where a process ended without notice: functions have crashed, clients are gone, what is due comes at once. */
  resume({ wakeAt, open, running }: Resumed): void {
    for (const { service, at } of [...wakeAt].sort((a, b) => a.at - b.at)) {
      const known = this.services.get(service);
      if (known) this.wakeLater(known, at);
    }
    for (const { requestId, asker } of open)
      if (asker !== 'outside') this.waiters.set(requestId, this.answerTo(asker.from, asker.tag));
    for (const { service, requestId, asker } of open)
      if (asker === 'outside') this.enqueue(() => this.ask(service, '$abandoned', { requestId }, () => {}));
    for (const invocation of running) this.finished(crashed(invocation));
  }

  async stop(): Promise<void> {
    this.stopped = true;
    for (const { timer } of this.timers.values()) timer.cancel();
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

  private ask(to: ServiceName, operation: string, input: Json, answer: Waiter, asker?: Asker): void {
    const service = this.services.get(to);
    if (!service) {
      const modelled = [...this.services.keys()].join(', ');
      answer(fail('UnknownOperationException', `The service '${to}' is not modelled here; modelled: ${modelled}.`));
      return;
    }
    const requestId = `${this.ids.hex(8)}-${(this.requests++).toString(16).padStart(4, '0')}-4000-8000-${this.ids.hex(12)}`;
    this.waiters.set(requestId, answer);
    this.take(service, { operation, input, requestId }, asker);
  }

  /** Without a request: what time alone brings. */
  private take(service: Service, request?: ServiceRequest, asker?: Asker): void {
    const now = this.now();
    const { operation = 'wake', requestId } = request ?? {};
    let outcome: Outcome;
    try {
      this.options.journal?.write(service, { now, request, asker });
      outcome = request ? service.apply(now, request) : service.wake(now);
    } catch (error) {
      this.bugs.push({ service: service.name, operation, error });
      this.record({ kind: 'bug', service: service.name, operation, error: String((error as Error)?.stack ?? error) });
      outcome = {
        reply: fail('InternalFailure', `The local ${service.name} failed on ${operation}: ${error}`, { status: 500 }),
      };
    }
    this.options.journal?.came(service, outcome, requestId);
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
    const set = this.timers.get(service.name);
    // Most acts leave the next moment where it was.
    if (set && set.at === at) return;
    set?.timer.cancel();
    this.timers.delete(service.name);
    if (at === undefined || this.stopped) return;
    const due = (): void => {
      this.timers.delete(service.name);
      this.enqueue(() => this.take(service));
    };
    this.timers.set(service.name, { at, timer: this.options.scheduler.at(at, due) });
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
        this.outside(() => this.runtime?.discard(effect.environmentId));
        return;
      case 'call':
        this.call(from, effect);
    }
  }

  /** One service asks another: the crossing where the simulator decides. */
  private call(from: Service, effect: Extract<Effect, { kind: 'call' }>): void {
    const { to, operation, input, tag } = effect;
    this.count(from.name, to, operation);
    const giveBack = this.answerTo(from.name, tag);
    const asker: Asker | undefined = tag === undefined ? undefined : { from: from.name, tag };
    const deliver = (answer: Waiter, asked = input): void => this.ask(to, operation, asked, answer, asker);
    const decision = this.options.faults.decide({ at: 'call', from: from.name, to, operation, input });
    if (decision) this.record({ kind: 'fault', from: from.name, to, operation, fault: decision.do });
    cross(decision, this.options.latency?.(this.latencies) ?? 0, {
      input,
      deliver,
      giveBack,
      later: (delayMs, work) => this.later(delayMs, work),
    });
  }

  /** The answer to a service's own call goes back to it as `$reply`. */
  private answerTo(name: ServiceName, tag: Json): Waiter {
    const service = this.services.get(name);
    return (reply) => {
      if (tag === undefined || !service) return;
      this.later(0, () =>
        this.take(service, { operation: '$reply', input: { tag, reply }, requestId: `reply-${this.requests++}` }),
      );
    };
  }

  private outside(work: () => void): void {
    if (this.options.journal) this.options.journal.whenSafe(work);
    else work();
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
    const { runtime } = this;
    if (!runtime) throw new Error('a function was invoked before the runtime was there');
    this.runsUnderWay++;
    this.outside(() =>
      runtime.run(invocation, (finished) => {
        this.runsUnderWay--;
        this.finished(finished);
      }),
    );
  }

  private finished(input: Finished): void {
    this.enqueue(() => {
      const lambda = this.services.get('lambda');
      if (lambda) this.take(lambda, { operation: '$finished', input, requestId: `finished-${this.requests++}` });
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
