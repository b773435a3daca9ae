/**
 * One function: its versions and aliases, and the execution environments that run it.
 *
 * 1. An environment runs one invocation at a time. The last one that became idle is taken first; a new one is made when
 *    none is idle. After a crash or timeout it is never used again.
 * 2. Concurrency is the number of invocations in flight, over all versions.
 * 3. With `maxEnvironments`, invocations beyond it wait in order; that is a limit of this machine and not of AWS, so
 *    they count as in flight.
 * 4. Replaced code is run by new environments only: idle ones are discarded at once, busy ones when they end.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Millis } from '../../ports';
import { keptClass } from '../kept';
import type { Effect, Finished, Invocation } from '../service';
import { configurationOf, environmentSpec, type Settings } from './configuration';
import type { Policy } from './policies';

/** How long an idle environment lives. Unverified: AWS gives no number; 5 to 15 minutes are commonly seen. */
const idleMs = 600_000;

/** Why an invocation runs, and who wants to know how it ended. */
export type Purpose =
  | { kind: 'sync'; requestId: string; tail: boolean }
  | { kind: 'async'; event: AsyncEvent }
  | { kind: 'mapping'; mappingId: string; batchId: number };

export interface AsyncEvent {
  requestId: string;
  functionName: string;
  version: string;
  arn: string;
  /** Version or alias, as it was named. */
  qualifier?: string;
  payload: string;
  acceptedAt: Millis;
  attempts: number;
  /** Throttled attempts in a row: the wait doubles. */
  throttles: number;
}

interface Running {
  version: string;
  purpose: Purpose;
  invocation: Invocation;
  startedAt: Millis;
  generation: number;
}

/** An invocation to be started. */
export interface Waiting {
  version: string;
  /** As the function is told that it was invoked: with the version or alias, where one was named. */
  arn: string;
  purpose: Purpose;
  requestId: string;
  payload: string;
}

interface Version {
  settings: Settings;
  lastModified: Millis;
  revisionId: string;
  description?: string;
  idle: { environmentId: string; since: Millis }[];
}

export interface Alias {
  version: string;
  description: string;
  revisionId: string;
  /** Gets this part of the invocations, from 0 to 1. */
  second?: { version: string; weight: number };
}

export interface AsyncConfig {
  lastModified?: Millis;
  maxRetries: number;
  maxAgeSeconds: number;
  onFailureArn?: string;
  onSuccessArn?: string;
}

export class LambdaFunction {
  reserved: number | undefined;
  /** By qualifier. */
  readonly asyncConfigs = new Map<string, AsyncConfig>();
  readonly policies = new Map<string, Policy>();
  readonly tags = new Map<string, string>();
  readonly versions = new Map<string, Version>();
  readonly aliases = new Map<string, Alias>();
  private readonly running = new Map<string, Running>();
  private readonly waiting: Waiting[] = [];
  private environments = 0;
  private invocations = 0;
  private generation = 0;
  private published = 0;

  constructor(
    readonly name: string,
    readonly arn: string,
    settings: Settings,
    now: Millis,
    private readonly newId: () => string,
    private readonly maxEnvironments: number,
  ) {
    this.versions.set('$LATEST', { settings, lastModified: now, revisionId: newId(), idle: [] });
  }

  get inFlight(): number {
    return this.running.size + this.waiting.length;
  }

  get queued(): number {
    return this.waiting.length;
  }

  /** How many more invocations may start now without waiting. */
  get room(): number {
    return Math.min(this.reserved ?? Number.POSITIVE_INFINITY, this.maxEnvironments) - this.inFlight;
  }

  settings(version = '$LATEST'): Settings {
    return this.versions.get(version)!.settings;
  }

  configuration(version = '$LATEST'): unknown {
    const { settings, lastModified, revisionId, description } = this.versions.get(version)!;
    const arn = version === '$LATEST' ? this.arn : `${this.arn}:${version}`;
    const shown = description === undefined ? settings : { ...settings, description };
    return configurationOf(this.name, arn, version, shown, lastModified, revisionId);
  }

  asyncConfig(qualifier = '$LATEST'): AsyncConfig {
    return this.asyncConfigs.get(qualifier) ?? { maxRetries: 2, maxAgeSeconds: 21_600 };
  }

  /** The number of a new version, or of the last one where nothing has changed since. */
  publish(now: Millis, description?: string): string {
    const last = this.versions.get(String(this.published));
    if (last && isDeepStrictEqual(last.settings, this.settings())) return String(this.published);
    const version = String(++this.published);
    this.versions.set(version, {
      settings: { ...this.settings() },
      lastModified: now,
      revisionId: this.newId(),
      description,
      idle: [],
    });
    return version;
  }

  /** Starts, or lets wait; the caller has looked at the limits of concurrency. */
  start(now: Millis, wanted: Waiting): Effect[] {
    if (this.running.size >= this.maxEnvironments) {
      this.waiting.push(wanted);
      return [];
    }
    const { version, purpose, requestId, payload } = wanted;
    const owner = this.versions.get(version)!;
    const warm = owner.idle.pop();
    const environmentId = warm?.environmentId ?? `${this.name}/${version}/${++this.environments}`;
    const arn = version === '$LATEST' ? this.arn : `${this.arn}:${version}`;
    const invocation: Invocation = {
      // Each attempt has an id of its own; the request's id stays the same over retries.
      invocationId: `${requestId}/${++this.invocations}`,
      requestId,
      functionArn: wanted.arn,
      functionName: this.name,
      environmentId,
      cold: !warm,
      payload,
      deadlineMs: now + owner.settings.timeoutSeconds * 1000,
      environment: environmentSpec(this.name, arn, version, owner.settings),
    };
    const { invocationId } = invocation;
    this.running.set(invocationId, { version, purpose, invocation, startedAt: now, generation: this.generation });
    return [{ kind: 'run', invocation }];
  }

  /** An invocation has ended: whose it was, and what follows for the environments. */
  finish(now: Millis, finished: Finished): { ended?: Running; next?: Purpose; effects: Effect[] } {
    const ended = this.running.get(finished.invocationId);
    if (!ended) return { effects: [] };
    this.running.delete(finished.invocationId);
    const effects: Effect[] = [];
    const { environmentId } = finished;
    if (!finished.reusable || (ended.version === '$LATEST' && ended.generation !== this.generation)) {
      effects.push({ kind: 'discard', environmentId });
    } else if (!this.versions.has(ended.version)) effects.push({ kind: 'discard', environmentId });
    else this.versions.get(ended.version)!.idle.push({ environmentId, since: now });
    const next = this.waiting.shift();
    if (next) effects.push(...this.start(now, next));
    return { ended, next: next?.purpose, effects };
  }

  /** Forgets a published version. */
  drop(version: string): Effect[] {
    const idle = this.versions.get(version)?.idle ?? [];
    this.versions.delete(version);
    return idle.map(({ environmentId }) => ({ kind: 'discard', environmentId }));
  }

  replace(now: Millis, change: Partial<Settings>): Effect[] {
    const latest = this.versions.get('$LATEST')!;
    const effects = latest.idle.map(({ environmentId }): Effect => ({ kind: 'discard', environmentId }));
    this.generation++;
    this.versions.set('$LATEST', {
      settings: { ...latest.settings, ...change },
      lastModified: now,
      revisionId: this.newId(),
      idle: [],
    });
    return effects;
  }

  /** Discards what has been idle for long; gives when the next one will have been. */
  expire(now: Millis, effects: Effect[]): Millis {
    let nextAt = Number.POSITIVE_INFINITY;
    for (const version of this.versions.values()) {
      // The oldest lie first: the last one that became idle is taken first.
      while (version.idle[0] && version.idle[0].since + idleMs <= now) {
        effects.push({ kind: 'discard', environmentId: version.idle.shift()!.environmentId });
      }
      if (version.idle[0]) nextAt = Math.min(nextAt, version.idle[0].since + idleMs);
    }
    return nextAt;
  }
}

keptClass('lambda', { LambdaFunction });
