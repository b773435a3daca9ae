/** Buses and rules as the service keeps them. */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { busArn, busNameOf } from './arns';
import { alreadyExists, notFound, validation } from './errors';
import { type CompiledPattern, RuleIndex } from './pattern';
import type { Schedule } from './schedule-expression';

export interface Rule {
  name: string;
  arn: string;
  busName: string;
  state: string;
  description?: string;
  roleArn?: string;
  patternText?: string;
  pattern?: CompiledPattern;
  scheduleText?: string;
  schedule?: Schedule;
  /** When the schedule fires next. */
  nextMs?: Millis;
  /** By id, as given. */
  targets: Map<string, Json>;
  tags: Map<string, string>;
}

export interface Bus {
  name: string;
  arn: string;
  description?: string;
  createdMs: Millis;
  modifiedMs: Millis;
  deadLetterConfig?: Json;
  policy: Json[];
  rules: Map<string, Rule>;
  /** The rules that are enabled and have a pattern. */
  index: RuleIndex<Rule>;
  tags: Map<string, string>;
}

export class Buses {
  private readonly byName = new Map<string, Bus>();

  /** The default bus is always there. */
  constructor(private readonly options: ServiceOptions) {
    this.create('default', 0);
  }

  create(name: string, now: Millis): Bus {
    if (this.byName.has(name)) throw alreadyExists(`Event bus ${name} already exists.`);
    const bus: Bus = {
      name,
      arn: busArn(this.options, name),
      createdMs: now,
      modifiedMs: now,
      policy: [],
      rules: new Map(),
      index: new RuleIndex(),
      tags: new Map(),
    };
    this.byName.set(name, bus);
    return bus;
  }

  find(nameOrArn: string | undefined): Bus | undefined {
    return this.byName.get(busNameOf(nameOrArn));
  }

  get(nameOrArn: string | undefined): Bus {
    return this.find(nameOrArn) ?? missing(busNameOf(nameOrArn));
  }

  rule(nameOrArn: string | undefined, name: string): Rule {
    const bus = this.get(nameOrArn);
    const rule = bus.rules.get(name);
    if (!rule) throw notFound(`Rule ${name} does not exist on EventBus ${bus.name}.`);
    return rule;
  }

  delete(name: string): void {
    if (name === 'default') throw validation('Cannot delete event bus default.');
    const bus = this.byName.get(name);
    if (bus && bus.rules.size > 0) throw validation(`Event bus ${name} can't be deleted since it has rules.`);
    this.byName.delete(name);
  }

  all(): Bus[] {
    return [...this.byName.values()];
  }
}

function missing(name: string): never {
  throw notFound(`Event bus ${name} does not exist.`);
}

/** `Limit` and `NextToken` as all of EventBridge's lists take them. */
export function page<T>(items: T[], { Limit = 100, NextToken }: Json): { items: T[]; NextToken?: string } {
  const from = NextToken === undefined ? 0 : Number(Buffer.from(NextToken, 'base64').toString());
  const end = from + Limit;
  const more = end < items.length ? { NextToken: Buffer.from(String(end)).toString('base64') } : {};
  return { items: items.slice(from, end), ...more };
}

/** AWS lists by name. */
export const byName = <T extends { name: string }>(items: Iterable<T>, prefix = ''): T[] =>
  [...items].filter(({ name }) => name.startsWith(prefix)).sort((a, b) => (a.name < b.name ? -1 : 1));

export const tagsOf = (tags: Json[] | undefined): Map<string, string> =>
  new Map((tags ?? []).map(({ Key, Value }) => [Key, Value]));
