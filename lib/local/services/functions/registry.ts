/** The functions there are, by name, and what is asked about them without running them. */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { conflict, invalid, notFound, settingsFrom, staleRevision, within } from './configuration';
import { destinationArn } from './destinations';
import { LambdaFunction } from './function';

const pageSize = 50;

export interface RegistryOptions {
  account: string;
  region: string;
  /** Environments that one function may have at once. */
  maxEnvironments?: number;
}

/** What an invocation is for. */
export interface Target {
  owner: LambdaFunction;
  version: string;
  /** Version or alias, as it was named. */
  qualifier?: string;
  arn: string;
}

export class FunctionRegistry {
  private readonly functions = new Map<string, LambdaFunction>();

  constructor(
    private readonly options: RegistryOptions,
    private readonly newId: () => string,
  ) {}

  all(): Iterable<LambdaFunction> {
    return this.functions.values();
  }

  get(name: string): LambdaFunction | undefined {
    return this.functions.get(name);
  }

  arnOf(name: string): string {
    return `arn:aws:lambda:${this.options.region}:${this.options.account}:function:${name}`;
  }

  delete(name: string): void {
    this.functions.delete(name);
  }

  create(now: Millis, input: Json): Json {
    const name = input.FunctionName;
    if (typeof name !== 'string' || !/^[a-zA-Z0-9-_]{1,64}$/.test(name)) {
      throw invalid(`FunctionName is '${name}'; allowed: 1 to 64 letters, digits, '-' and '_'.`);
    }
    if (this.functions.has(name)) throw conflict(`Function already exist: ${name}`);
    const { maxEnvironments = 1000 } = this.options;
    const created = new LambdaFunction(name, this.arnOf(name), settingsFrom(input), now, this.newId, maxEnvironments);
    this.functions.set(name, created);
    return created.configuration(input.Publish ? created.publish(now) : '$LATEST');
  }

  /** The function whose newest state is to be changed, if it is still the one that the caller read. */
  latest(input: Json): LambdaFunction {
    const { owner } = this.find(input);
    if (input.RevisionId !== undefined && input.RevisionId !== owner.versions.get('$LATEST')!.revisionId) {
      throw staleRevision();
    }
    return owner;
  }

  list(input: Json): Json {
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
  find(input: Json): Target {
    const given = String(input.FunctionName ?? '');
    const parts = /^(?:arn:aws:lambda:[^:]+:)?(?:\d{12}:function:|function:)?([^:]+)(?::(.+))?$/.exec(given);
    const qualifier = input.Qualifier ?? parts?.[2];
    const found = parts && this.look(parts[1]!, qualifier);
    if (found) return found;
    const arn = given.startsWith('arn:') ? given : this.arnOf(given);
    throw notFound(`Function not found: ${input.Qualifier && this.functions.has(given) ? `${arn}:${qualifier}` : arn}`);
  }

  /** The version that a version's number or an alias names; without one the newest. */
  look(name: string, qualifier?: string): Target | undefined {
    const owner = this.functions.get(name);
    const version = owner?.aliases.get(qualifier ?? '')?.version ?? qualifier ?? '$LATEST';
    if (!owner?.versions.has(version)) return undefined;
    return { owner, version, qualifier, arn: qualifier === undefined ? owner.arn : `${owner.arn}:${qualifier}` };
  }

  createAlias(input: Json): Json {
    const { owner } = this.find(input);
    if (!owner.versions.has(input.FunctionVersion)) {
      throw notFound(`Function not found: ${owner.arn}:${input.FunctionVersion}`);
    }
    owner.aliases.set(input.Name, { version: input.FunctionVersion, description: input.Description ?? '' });
    return this.alias(owner, input.Name);
  }

  alias(owner: LambdaFunction, name: string): Json {
    const { version, description } = owner.aliases.get(name)!;
    return { AliasArn: `${owner.arn}:${name}`, Name: name, FunctionVersion: version, Description: description };
  }

  putEventInvokeConfig(now: Millis, input: Json): Json {
    const { owner } = this.find(input);
    for (const condition of ['OnSuccess', 'OnFailure']) {
      const target = input.DestinationConfig?.[condition]?.Destination;
      if (target && !destinationArn.test(target)) {
        throw invalid(
          `The ${condition} destination ${target} is not modelled; allowed: an SQS queue, an SNS topic, a function, an event bus.`,
        );
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
}
