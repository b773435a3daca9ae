/**
 * AWS Lambda: functions, invocations, event source mappings of queues.
 *
 * 1. An invocation in flight is known by its id; what the runtime says about an unknown one is ignored.
 * 2. Beyond the reserved or the account's concurrency a synchronous invocation is refused with TooManyRequestsException,
 *    an asynchronous one waits, a batch waits in its mapping.
 * 3. Whether the handler threw, the process ended or the time was over: callers see FunctionError 'Unhandled'.
 * Not modelled: archives, images and layers; permissions; provisioned concurrency; streams; function URLs.
 */
import type { Millis } from '../../ports';
import { replyOf } from '../refusal';
import type { Effect, Finished, Json, Outcome, Reply, Service, ServiceOptions, ServiceRequest } from '../service';
import { AsyncQueue } from './asynchronous';
import { fetchOf, withCode } from './code-from-bucket';
import { invalid } from './configuration';
import { controlPlane } from './control-plane';
import { Destinations } from './destinations';
import type { AsyncEvent, LambdaFunction, Purpose } from './function';
import { errorOf, limited, payloadOf, tooManyRequests } from './invocation';
import type { Mapping } from './mapping';
import { MappingRegistry } from './mappings';
import { FunctionRegistry, type Target } from './registry';

export interface FunctionServiceOptions extends ServiceOptions {
  /** Environments that one function may have at once; for this machine's sake. Default: 1000. */
  maxEnvironments?: number;
  /** How long an empty queue is waited for; default: 20. Virtual time passes more cheaply with more. */
  pollSeconds?: number;
  /** Invocations in flight over all functions; AWS's default for an account is 1000. */
  accountConcurrency?: number;
}

export function createFunctionService(options: FunctionServiceOptions): Service {
  return new FunctionService(options);
}

class FunctionService implements Service {
  readonly name = 'lambda';
  private readonly functions: FunctionRegistry;
  private readonly mappings: MappingRegistry;
  private readonly async: AsyncQueue;
  private readonly newId: () => string;
  private readonly settings: ReturnType<typeof controlPlane>;
  private effects: Effect[] = [];

  constructor(private readonly options: FunctionServiceOptions) {
    this.newId = () => options.random.uuid();
    this.functions = new FunctionRegistry(options, this.newId);
    const destinations = new Destinations(options.endpoint);
    this.mappings = new MappingRegistry(this.functions, this.newId, destinations, options.pollSeconds);
    this.async = new AsyncQueue(destinations);
    this.settings = controlPlane(this.functions, this.mappings, this.accountConcurrency, this.newId, (effects) =>
      this.effects.push(...effects),
    );
  }

  apply(now: Millis, request: ServiceRequest): Outcome {
    this.effects = [];
    const fetch = fetchOf(request);
    if (fetch) this.effects.push(fetch);
    const reply = fetch ? undefined : replyOf(() => this.perform(now, request));
    return this.outcome(now, reply);
  }

  wake(now: Millis): Outcome {
    this.effects = [];
    return this.outcome(now);
  }

  /** After each request: everything that may go on goes on. */
  private outcome(now: Millis, reply?: Reply): Outcome {
    for (let event = this.async.take(now); event; event = this.async.take(now)) this.attempt(now, event);
    let wakeAt = Number.POSITIVE_INFINITY;
    for (const mapping of this.mappings.all()) {
      this.effects.push(...this.advance(now, mapping));
      wakeAt = Math.min(wakeAt, mapping.wakeAt);
    }
    for (const owner of this.functions.all()) {
      wakeAt = Math.min(wakeAt, owner.expire(now, this.effects));
    }
    wakeAt = Math.min(wakeAt, this.async.wakeAt);
    return { reply, effects: this.effects, wakeAt: Number.isFinite(wakeAt) ? Math.max(wakeAt, now + 1) : undefined };
  }

  /** undefined: the answer comes later, or nobody waits for one. */
  private perform(now: Millis, { operation, input, requestId }: ServiceRequest): Json | undefined {
    switch (operation) {
      case '$finished':
        this.finished(now, input);
        return undefined;
      case '$reply':
        if (input.tag.code) this.fetched(now, input.tag.code, input.reply);
        else this.effects.push(...(this.mappings.get(input.tag.mapping)?.replied(now, input.tag, input.reply) ?? []));
        return undefined;
      case '$pending':
        return { pending: this.pending() };
      case 'Invoke':
        return this.invoke(now, input, requestId);
      default:
        return this.settings(now, operation, input);
    }
  }

  /** Code has come from S3: what was asked for can be done. */
  private fetched(now: Millis, request: ServiceRequest, came: Reply): void {
    const ready = withCode(request, came);
    const reply = 'error' in ready ? ready : replyOf(() => this.perform(now, ready));
    if (reply) this.effects.push({ kind: 'reply', requestId: request.requestId, reply });
  }

  // Invocations

  private get accountConcurrency(): number {
    return this.options.accountConcurrency ?? 1000;
  }

  /** Why another invocation may not start; undefined: it may. */
  private limit(owner: LambdaFunction): string | undefined {
    if (owner.reserved !== undefined && owner.inFlight >= owner.reserved) {
      return 'ReservedFunctionConcurrentInvocationLimitExceeded';
    }
    let all = 0;
    for (const one of this.functions.all()) all += one.inFlight;
    return all >= this.accountConcurrency ? 'ConcurrentInvocationLimitExceeded' : undefined;
  }

  private invoke(now: Millis, input: Json, requestId: string): Json | undefined {
    const target = this.functions.routed(this.functions.find(input), this.options.random);
    const { owner, version } = target;
    const type = input.InvocationType ?? 'RequestResponse';
    const payload = payloadOf(input, type);
    switch (type) {
      case 'DryRun':
        return { StatusCode: 204, ExecutedVersion: version };
      case 'Event':
        this.async.put(now, {
          requestId,
          functionName: owner.name,
          version,
          arn: target.arn,
          qualifier: target.qualifier,
          payload,
          acceptedAt: now,
          attempts: 0,
          throttles: 0,
        });
        return { StatusCode: 202 };
      case 'RequestResponse': {
        const reason = this.limit(owner);
        if (reason) throw tooManyRequests(reason);
        this.start(now, target, { kind: 'sync', requestId, tail: input.LogType === 'Tail' }, requestId, payload);
        return undefined;
      }
      default:
        throw invalid(`InvocationType is '${type}'; allowed: RequestResponse, Event, DryRun.`);
    }
  }

  private attempt(now: Millis, event: AsyncEvent): void {
    const owner = this.functions.get(event.functionName);
    if (!owner?.versions.has(event.version)) return;
    if (this.limit(owner)) this.effects.push(...this.async.throttled(now, owner, event));
    else {
      const tried = { ...event, attempts: event.attempts + 1 };
      const { version, arn, requestId, payload } = event;
      this.start(now, { owner, version, arn }, { kind: 'async', event: tried }, requestId, payload);
    }
  }

  private start(now: Millis, target: Target, purpose: Purpose, requestId: string, payload: string): void {
    const { owner, version, arn } = target;
    this.launch(owner.start(now, { version, arn, purpose, requestId, payload }), this.recordsOf(purpose));
  }

  private launch(effects: Effect[], records?: string[]): void {
    for (const effect of effects) {
      if (effect.kind === 'run') {
        const { functionName, invocationId, cold } = effect.invocation;
        this.trace({ kind: 'invoked', functionName, invocationId, cold, ...(records && { records }) });
      }
      this.effects.push(effect);
    }
  }

  private recordsOf(purpose: Purpose): string[] | undefined {
    if (purpose.kind !== 'mapping') return undefined;
    return this.mappings.get(purpose.mappingId)?.recordIds(purpose.batchId);
  }

  private finished(now: Millis, given: Finished): void {
    for (const owner of this.functions.running()) {
      const { ended, next, effects } = owner.finish(now, given);
      if (!ended) continue;
      const finished = limited(given);
      const { functionError } = finished;
      this.trace({
        kind: 'finished',
        functionName: owner.name,
        invocationId: finished.invocationId,
        ...(functionError && { functionError, error: errorOf(finished.payload) }),
        durationMs: now - ended.startedAt,
      });
      this.settle(now, owner, ended.version, ended.purpose, finished);
      this.launch(effects, next && this.recordsOf(next));
      return;
    }
  }

  private settle(now: Millis, owner: LambdaFunction, version: string, purpose: Purpose, finished: Finished): void {
    switch (purpose.kind) {
      case 'sync': {
        const output = {
          StatusCode: 200,
          ExecutedVersion: version,
          Payload: Buffer.from(finished.payload).toString('base64'),
          ...(finished.functionError && { FunctionError: 'Unhandled' }),
          ...(purpose.tail && { LogResult: Buffer.from(finished.logTail ?? '').toString('base64') }),
        };
        this.effects.push({ kind: 'reply', requestId: purpose.requestId, reply: { output } });
        return;
      }
      case 'async':
        this.effects.push(...this.async.ended(now, owner, purpose.event, finished));
        return;
      case 'mapping': {
        const mapping = this.mappings.get(purpose.mappingId);
        if (!mapping) return;
        const { effects, failed: records, reason } = mapping.ended(now, purpose.batchId, finished);
        if (records.length > 0) {
          const { invocationId } = finished;
          this.trace({
            kind: 'batch-failed',
            functionName: owner.name,
            invocationId,
            records,
            ...(reason && { reason }),
          });
        }
        this.effects.push(...effects);
      }
    }
  }

  private pending(): number {
    let pending = this.async.size;
    for (const owner of this.functions.all()) pending += owner.queued;
    for (const mapping of this.mappings.all()) pending += mapping.holding;
    return pending;
  }

  private advance(now: Millis, mapping: Mapping): Effect[] {
    const { id, functionName, qualifier } = mapping.settings;
    const target = this.functions.look(functionName, qualifier);
    if (!target) return [];
    const { owner } = target;
    return mapping.advance(
      now,
      () => owner.room,
      (batchId, event) => {
        if (this.limit(owner)) return false;
        const purpose: Purpose = { kind: 'mapping', mappingId: id, batchId };
        const routed = this.functions.routed(target, this.options.random);
        this.start(now, routed, purpose, this.newId(), JSON.stringify(event));
        return true;
      },
    );
  }

  private trace(entry: { kind: string; [field: string]: unknown }): void {
    this.effects.push({ kind: 'trace', entry });
  }
}
