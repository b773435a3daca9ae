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
import { Refusal, replyOf } from '../refusal';
import type { Effect, Finished, Json, Outcome, Reply, Service, ServiceOptions, ServiceRequest } from '../service';
import { AsyncQueue } from './asynchronous';
import { batchVerdict } from './batch-response';
import { conflict, invalid, notFound, settingsFrom, within } from './configuration';
import { type AsyncEvent, LambdaFunction, type Purpose } from './function';
import { Mapping } from './mapping';
import { sqsEvent } from './sqs-event';

export interface FunctionServiceOptions extends ServiceOptions {
  /** Environments that one function may have at once; for this machine's sake. Default: 1000. */
  maxEnvironments?: number;
  /** Invocations in flight over all functions; AWS's default for an account is 1000. */
  accountConcurrency?: number;
}

const mostSyncBytes = 6_291_556;
const mostAsyncBytes = 1_048_576;
const pageSize = 50;

export function createFunctionService(options: FunctionServiceOptions): Service {
  return new FunctionService(options);
}

class FunctionService implements Service {
  readonly name = 'lambda';
  private readonly functions = new Map<string, LambdaFunction>();
  private readonly mappings = new Map<string, Mapping>();
  private readonly async: AsyncQueue;
  private readonly newId: () => string;
  private effects: Effect[] = [];

  constructor(private readonly options: FunctionServiceOptions) {
    this.newId = () => options.random.uuid();
    this.async = new AsyncQueue((arn) => this.queueUrl(arn));
  }

  apply(now: Millis, request: ServiceRequest): Outcome {
    this.effects = [];
    const reply = replyOf(() => this.perform(now, request));
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
    for (const mapping of this.mappings.values()) {
      this.effects.push(...this.advance(now, mapping));
      wakeAt = Math.min(wakeAt, mapping.wakeAt);
    }
    for (const owner of this.functions.values()) {
      const { effects, nextAt } = owner.expire(now);
      this.effects.push(...effects);
      wakeAt = Math.min(wakeAt, nextAt);
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
        this.mappings.get(input.tag.mapping)?.polled(now, input.tag.poll, input.reply);
        return undefined;
      case '$pending':
        return { pending: this.pending() };
      case '$replaceCode':
        return this.replaceCode(now, input);
      case 'CreateFunction':
        return this.createFunction(now, input);
      case 'ListFunctions':
        return this.listFunctions(input);
      case 'GetFunction': {
        const { owner, version } = this.find(input);
        return {
          Configuration: owner.configuration(version),
          Code: { RepositoryType: 'S3', Location: `file://${owner.settings(version).codeDir}` },
          ...(owner.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: owner.reserved } }),
        };
      }
      case 'GetFunctionConfiguration': {
        const { owner, version } = this.find(input);
        return owner.configuration(version);
      }
      case 'DeleteFunction': {
        const { owner } = this.find(input);
        this.effects.push(...owner.replace(now, {}));
        this.functions.delete(owner.name);
        return {};
      }
      case 'PutFunctionConcurrency': {
        const { owner } = this.find(input);
        owner.reserved = within(input, 'ReservedConcurrentExecutions', 0, this.accountConcurrency, 0);
        return { ReservedConcurrentExecutions: owner.reserved };
      }
      case 'DeleteFunctionConcurrency':
        this.find(input).owner.reserved = undefined;
        return {};
      case 'GetFunctionConcurrency': {
        const { reserved } = this.find(input).owner;
        return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
      }
      case 'PutFunctionEventInvokeConfig':
        return this.putEventInvokeConfig(now, input);
      case 'PublishVersion': {
        const { owner } = this.find(input);
        return owner.configuration(owner.publish(now, input.Description));
      }
      case 'ListVersionsByFunction': {
        const { owner } = this.find(input);
        return { Versions: [...owner.versions.keys()].map((version) => owner.configuration(version)) };
      }
      case 'CreateAlias':
        return this.createAlias(input);
      case 'ListAliases': {
        const { owner } = this.find(input);
        return { Aliases: [...owner.aliases.keys()].map((name) => this.alias(owner, name)) };
      }
      case 'Invoke':
        return this.invoke(now, input, requestId);
      case 'CreateEventSourceMapping':
        return this.createMapping(now, input);
      case 'ListEventSourceMappings':
        return this.listMappings(input);
      case 'GetEventSourceMapping':
        return this.shown(this.mapping(input.UUID));
      case 'UpdateEventSourceMapping':
        return this.updateMapping(now, input);
      case 'DeleteEventSourceMapping': {
        const mapping = this.mapping(input.UUID);
        this.mappings.delete(mapping.settings.id);
        return { ...this.shown(mapping), State: 'Deleting' };
      }
      default:
        throw new Refusal({
          name: 'UnknownOperationException',
          message: `Lambda's ${operation} is not modelled here.`,
        });
    }
  }

  // Functions

  private createFunction(now: Millis, input: Json): Json {
    const name = input.FunctionName;
    if (typeof name !== 'string' || !/^[a-zA-Z0-9-_]{1,64}$/.test(name)) {
      throw invalid(`FunctionName is '${name}'; allowed: 1 to 64 letters, digits, '-' and '_'.`);
    }
    if (this.functions.has(name)) throw conflict(`Function already exist: ${name}`);
    const { account, region, maxEnvironments } = this.options;
    const arn = `arn:aws:lambda:${region}:${account}:function:${name}`;
    const created = new LambdaFunction(name, arn, settingsFrom(input), now, this.newId, maxEnvironments ?? 1000);
    this.functions.set(name, created);
    return created.configuration();
  }

  private listFunctions(input: Json): Json {
    const names = [...this.functions.keys()].sort();
    const from = input.Marker ? names.findIndex((name) => name > input.Marker) : 0;
    const limit = Math.min(pageSize, Number(input.MaxItems ?? pageSize));
    const page = from < 0 ? [] : names.slice(from, from + limit);
    const more = from >= 0 && from + limit < names.length;
    return {
      Functions: page.map((name) => this.functions.get(name)!.configuration()),
      ...(more && { NextMarker: page.at(-1) }),
    };
  }

  /** By name, partial or full ARN, with a version or alias behind it or in Qualifier. */
  private find(input: Json): { owner: LambdaFunction; version: string } {
    const given = String(input.FunctionName ?? '');
    const parts = /^(?:arn:aws:lambda:[^:]+:)?(?:\d{12}:function:|function:)?([^:]+)(?::(.+))?$/.exec(given);
    const owner = parts ? this.functions.get(parts[1]!) : undefined;
    const { account, region } = this.options;
    const arn = given.startsWith('arn:') ? given : `arn:aws:lambda:${region}:${account}:function:${given}`;
    if (!owner) throw notFound(`Function not found: ${arn}`);
    const qualifier = input.Qualifier ?? parts?.[2] ?? '$LATEST';
    const version = owner.aliases.get(qualifier)?.version ?? qualifier;
    if (!owner.versions.has(version)) throw notFound(`Function not found: ${owner.arn}:${qualifier}`);
    return { owner, version };
  }

  private replaceCode(now: Millis, input: Json): Json {
    const { owner } = this.find(input);
    if (typeof input.codeDir !== 'string')
      throw invalid(`codeDir is ${input.codeDir}; give the folder of the new code.`);
    this.effects.push(...owner.replace(now, { codeDir: input.codeDir }));
    return owner.configuration();
  }

  private createAlias(input: Json): Json {
    const { owner } = this.find(input);
    if (!owner.versions.has(input.FunctionVersion)) {
      throw notFound(`Function not found: ${owner.arn}:${input.FunctionVersion}`);
    }
    owner.aliases.set(input.Name, { version: input.FunctionVersion, description: input.Description ?? '' });
    return this.alias(owner, input.Name);
  }

  private alias(owner: LambdaFunction, name: string): Json {
    const { version, description } = owner.aliases.get(name)!;
    return { AliasArn: `${owner.arn}:${name}`, Name: name, FunctionVersion: version, Description: description };
  }

  private putEventInvokeConfig(now: Millis, input: Json): Json {
    const { owner } = this.find(input);
    for (const condition of ['OnSuccess', 'OnFailure']) {
      const target = input.DestinationConfig?.[condition]?.Destination;
      if (target && !/^arn:aws:sqs:/.test(target)) {
        throw invalid(`The ${condition} destination ${target} is not modelled; allowed: an SQS queue.`);
      }
    }
    owner.async = {
      maxRetries: within(input, 'MaximumRetryAttempts', 0, 2, 2),
      maxAgeSeconds: within(input, 'MaximumEventAgeInSeconds', 60, 21_600, 21_600),
      onFailureArn: input.DestinationConfig?.OnFailure?.Destination,
      onSuccessArn: input.DestinationConfig?.OnSuccess?.Destination,
    };
    return {
      FunctionArn: `${owner.arn}:$LATEST`,
      LastModified: now / 1000,
      MaximumRetryAttempts: owner.async.maxRetries,
      MaximumEventAgeInSeconds: owner.async.maxAgeSeconds,
      DestinationConfig: input.DestinationConfig ?? {},
    };
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
    for (const one of this.functions.values()) all += one.inFlight;
    return all >= this.accountConcurrency ? 'ConcurrentInvocationLimitExceeded' : undefined;
  }

  private invoke(now: Millis, input: Json, requestId: string): Json | undefined {
    const { owner, version } = this.find(input);
    const type = input.InvocationType ?? 'RequestResponse';
    const payload = Buffer.from(input.Payload ?? '', 'base64').toString() || '{}';
    const most = type === 'Event' ? mostAsyncBytes : mostSyncBytes;
    if (Buffer.byteLength(payload) > most) {
      throw new Refusal({
        name: 'RequestTooLargeException',
        status: 413,
        message: `${Buffer.byteLength(payload)} byte payload is too large for the ${type} invocation type (limit ${most} bytes)`,
      });
    }
    try {
      JSON.parse(payload);
    } catch (error) {
      throw new Refusal({
        name: 'InvalidRequestContentException',
        message: `Could not parse request body into json: ${(error as Error).message}`,
      });
    }
    switch (type) {
      case 'DryRun':
        return { StatusCode: 204, ExecutedVersion: version };
      case 'Event':
        this.async.put(now, {
          requestId,
          functionName: owner.name,
          version,
          payload,
          acceptedAt: now,
          attempts: 0,
          throttles: 0,
        });
        return { StatusCode: 202 };
      case 'RequestResponse': {
        const reason = this.limit(owner);
        if (reason) throw tooManyRequests(reason);
        this.start(
          now,
          owner,
          version,
          { kind: 'sync', requestId, tail: input.LogType === 'Tail' },
          requestId,
          payload,
        );
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
      this.start(now, owner, event.version, { kind: 'async', event: tried }, event.requestId, event.payload);
    }
  }

  private start(
    now: Millis,
    owner: LambdaFunction,
    version: string,
    purpose: Purpose,
    requestId: string,
    payload: string,
  ): void {
    this.launch(owner.start(now, version, purpose, requestId, payload), this.recordsOf(purpose));
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
    return this.mappings
      .get(purpose.mappingId)
      ?.messagesOf(purpose.batchId)
      .map(({ MessageId }) => MessageId);
  }

  private finished(now: Millis, given: Finished): void {
    for (const owner of this.functions.values()) {
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
        const messages = mapping.messagesOf(purpose.batchId);
        const verdict = finished.functionError
          ? { succeeded: [], failed: messages }
          : batchVerdict(messages, finished.payload, mapping.settings.reportsFailures);
        if (verdict.failed.length > 0) {
          this.trace({
            kind: 'batch-failed',
            functionName: owner.name,
            invocationId: finished.invocationId,
            records: verdict.failed.map(({ MessageId }) => MessageId),
            ...('reason' in verdict && { reason: verdict.reason }),
          });
        }
        this.effects.push(
          ...mapping.ended(now, purpose.batchId, verdict.succeeded, finished.functionError !== undefined),
        );
      }
    }
  }

  private pending(): number {
    let pending = this.async.size;
    for (const owner of this.functions.values()) pending += owner.queued;
    for (const mapping of this.mappings.values()) pending += mapping.holding;
    return pending;
  }

  // Event source mappings

  private createMapping(now: Millis, input: Json): Json {
    const { owner } = this.find(input);
    const queueArn = String(input.EventSourceArn ?? '');
    if (!/^arn:aws:sqs:/.test(queueArn)) {
      throw invalid(`The event source '${queueArn}' is not modelled; allowed: an SQS queue. (Streams are not.)`);
    }
    if (input.FilterCriteria?.Filters?.length > 0) {
      throw invalid(
        'FilterCriteria of a mapping are not modelled: they delete what does not match. Filter on the rule instead.',
      );
    }
    const fifo = queueArn.endsWith('.fifo');
    const batchSize = within(input, 'BatchSize', 1, fifo ? 10 : 10_000, 10);
    const windowSeconds = within(input, 'MaximumBatchingWindowInSeconds', 0, 300, 0);
    if (fifo && windowSeconds > 0) throw invalid('Batching window is not supported for FIFO queues.');
    if (batchSize > 10 && windowSeconds < 1) {
      throw invalid('Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10');
    }
    for (const type of input.FunctionResponseTypes ?? []) {
      if (type !== 'ReportBatchItemFailures') {
        throw invalid(`FunctionResponseTypes holds '${type}'; allowed: ReportBatchItemFailures.`);
      }
    }
    for (const { settings } of this.mappings.values()) {
      if (settings.queueArn === queueArn && settings.functionName === owner.name) {
        throw conflict(
          `An event source mapping with SQS arn ("${queueArn}") and function ("${owner.name}") already exists. ` +
            `Please update or delete the existing mapping with UUID ${settings.id}`,
        );
      }
    }
    const mapping = new Mapping(
      {
        id: input.$uuid ?? this.newId(),
        functionName: owner.name,
        queueArn,
        queueUrl: this.queueUrl(queueArn),
        enabled: input.Enabled ?? true,
        batchSize,
        windowSeconds,
        maxConcurrency: concurrencyOf(input),
        reportsFailures: (input.FunctionResponseTypes ?? []).includes('ReportBatchItemFailures'),
      },
      now,
    );
    this.mappings.set(mapping.settings.id, mapping);
    return { ...this.shown(mapping), State: mapping.settings.enabled ? 'Enabled' : 'Disabled' };
  }

  private listMappings(input: Json): Json {
    const name = input.FunctionName ? this.find(input).owner.name : undefined;
    return {
      EventSourceMappings: [...this.mappings.values()]
        .filter(({ settings }) => !name || settings.functionName === name)
        .filter(({ settings }) => !input.EventSourceArn || settings.queueArn === input.EventSourceArn)
        .map((mapping) => this.shown(mapping)),
    };
  }

  private updateMapping(now: Millis, input: Json): Json {
    const mapping = this.mapping(input.UUID);
    const { settings } = mapping;
    if (input.Enabled !== undefined) settings.enabled = input.Enabled;
    if (input.BatchSize !== undefined) settings.batchSize = within(input, 'BatchSize', 1, 10_000, 10);
    if (input.ScalingConfig !== undefined) settings.maxConcurrency = concurrencyOf(input);
    mapping.lastModified = now;
    return this.shown(mapping);
  }

  private mapping(id: string): Mapping {
    const found = this.mappings.get(id);
    if (!found) throw notFound('The resource you requested does not exist.');
    return found;
  }

  private shown(mapping: Mapping): Json {
    const { account, region } = this.options;
    return mapping.configuration(`arn:aws:lambda:${region}:${account}:function:${mapping.settings.functionName}`);
  }

  private advance(now: Millis, mapping: Mapping): Effect[] {
    const owner = this.functions.get(mapping.settings.functionName);
    if (!owner) return [];
    return mapping.advance(
      now,
      () => owner.room,
      (batchId, messages) => {
        if (this.limit(owner)) return false;
        const purpose: Purpose = { kind: 'mapping', mappingId: mapping.settings.id, batchId };
        const payload = JSON.stringify(sqsEvent(messages, mapping.settings.queueArn));
        this.start(now, owner, '$LATEST', purpose, this.newId(), payload);
        return true;
      },
    );
  }

  private queueUrl(arn: string): string {
    const [, , , , account, name] = arn.split(':');
    return `${this.options.endpoint}/${account}/${name}`;
  }

  private trace(entry: { kind: string; [field: string]: unknown }): void {
    this.effects.push({ kind: 'trace', entry });
  }
}

function concurrencyOf(input: Json): number | undefined {
  if (input.ScalingConfig?.MaximumConcurrency === undefined) return undefined;
  return within(input.ScalingConfig, 'MaximumConcurrency', 2, 1000, 2);
}

function tooManyRequests(reason: string): Refusal {
  return new Refusal({
    name: 'TooManyRequestsException',
    message: 'Rate Exceeded.',
    status: 429,
    members: { Reason: reason, Type: 'User', message: 'Rate Exceeded.' },
  });
}

/** A response above 6 MB is an error of the function. */
function limited(finished: Finished): Finished {
  const size = Buffer.byteLength(finished.payload);
  if (finished.functionError || size <= mostSyncBytes) return finished;
  const error = {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size (${size} bytes) exceeded maximum allowed payload size (${mostSyncBytes} bytes).`,
  };
  return { ...finished, functionError: 'Unhandled', payload: JSON.stringify(error) };
}

function errorOf(payload: string): string {
  const { errorType, errorMessage } = JSON.parse(payload);
  return errorType ? `${errorType}: ${errorMessage}` : String(errorMessage);
}
