/** The functions there are, by name, and what is asked about them without running them. */
import type { Millis, Random } from '../../ports';
import type { Json } from '../service';
import { conflict, invalid, notFound, settingsFrom, staleRevision } from './configuration';
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
  private readonly leaving = new Set<LambdaFunction>();

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

  /** What still runs of it runs to its end. */
  delete(owner: LambdaFunction): void {
    this.functions.delete(owner.name);
    if (owner.inFlight > 0) this.leaving.add(owner);
  }

  /** Those that may have something running; deleted ones that have nothing any more are forgotten. */
  *running(): Iterable<LambdaFunction> {
    yield* this.functions.values();
    for (const owner of this.leaving) {
      if (owner.inFlight === 0) this.leaving.delete(owner);
      else yield owner;
    }
  }

  create(now: Millis, input: Json): Json {
    const name = input.FunctionName;
    if (typeof name !== 'string' || !/^[a-zA-Z0-9-_]{1,64}$/.test(name)) {
      throw invalid(`FunctionName is '${name}'; allowed: 1 to 64 letters, digits, '-' and '_'.`);
    }
    if (this.functions.has(name)) throw conflict(`Function already exist: ${name}`);
    const { maxEnvironments = 1000 } = this.options;
    const created = new LambdaFunction(name, this.arnOf(name), settingsFrom(input), now, this.newId, maxEnvironments);
    for (const [key, value] of Object.entries(input.Tags ?? {})) created.tags.set(key, String(value));
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

  /** An alias of two versions draws which one this invocation gets. */
  routed(target: Target, random: Random): Target {
    const second = target.owner.aliases.get(target.qualifier ?? '')?.second;
    if (!second) return target;
    return random.next() < second.weight ? { ...target, version: second.version } : target;
  }
}
