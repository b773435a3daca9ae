/**
 * The state machines that there are, and what their ARNs mean.
 *
 * 1. A version never changes; publishing the same revision again gives the version that is there.
 */
import type { Millis, Random } from '../../ports';
import type { Json } from '../service';
import { invalidArn, invalidName, missing, noMachine, quotaExceeded, validation } from './errors';
import type { Program } from './interpreter/definition';
import type { MachineSnapshot } from './interpreter/execution';

export interface Settings {
  definition: string;
  program: Program;
  roleArn: string;
  loggingConfiguration: Json;
  tracingConfiguration: Json;
  revisionId: string;
  updatedMs: Millis;
}

export interface Version extends Settings {
  number: number;
  description?: string;
  createdMs: Millis;
}

export interface Alias {
  name: string;
  arn: string;
  description?: string;
  routing: { stateMachineVersionArn: string; weight: number }[];
  createdMs: Millis;
  updatedMs: Millis;
}

export interface Machine {
  arn: string;
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  settings: Settings;
  createdMs: Millis;
  versions: Map<number, Version>;
  lastVersion: number;
  aliases: Map<string, Alias>;
  tags: Map<string, string>;
}

const nameShape = /^[^\s<>{}[\]?*"#%\\^|~`$&,;:/\p{Cc}]{1,80}$/u;
const mostVersions = 1000;

export const demandName = (name: unknown): string => {
  if (name === undefined || name === null) throw missing('name');
  if (typeof name !== 'string' || !nameShape.test(name)) throw invalidName(name);
  return name;
};

export class Registry {
  readonly machines = new Map<string, Machine>();

  /** What an execution runs: the machine, its version or what its alias routes to. */
  snapshot(arn: unknown, chance: Random): MachineSnapshot {
    const { machine, qualifier } = this.parse(arn);
    const of = (settings: Settings, versionArn?: string, aliasArn?: string): MachineSnapshot => ({
      arn: machine.arn,
      name: machine.name,
      type: machine.type,
      roleArn: settings.roleArn,
      definition: settings.definition,
      program: settings.program,
      revisionId: settings.revisionId,
      updatedMs: settings.updatedMs,
      logging: settings.loggingConfiguration,
      versionArn,
      aliasArn,
    });
    if (qualifier === undefined) return of(machine.settings);
    const alias = machine.aliases.get(qualifier);
    if (!alias) return of(this.version(machine, qualifier), String(arn));
    const [first, second] = alias.routing;
    const route = second && chance.below(100) >= first!.weight ? second : first!;
    const { qualifier: number } = this.parse(route.stateMachineVersionArn);
    return of(this.version(machine, number!), route.stateMachineVersionArn, alias.arn);
  }

  parse(arn: unknown, unqualified = false): { machine: Machine; qualifier?: string } {
    checkArn(arn);
    const [machineArn, qualifier] = split(String(arn));
    const machine = this.machines.get(machineArn);
    if (!machine) throw noMachine(String(arn));
    if (unqualified && qualifier !== undefined)
      throw validation(`'${arn}' names a version or an alias; a state machine is expected.`);
    return { machine, qualifier };
  }

  version(machine: Machine, qualifier: string): Version {
    const version = machine.versions.get(Number(qualifier));
    if (!version) throw noMachine(`${machine.arn}:${qualifier}`);
    return version;
  }

  publish(now: Millis, machine: Machine, description?: string): Version {
    const latest = machine.versions.get(machine.lastVersion);
    if (latest?.revisionId === machine.settings.revisionId) return latest;
    if (machine.versions.size >= mostVersions) {
      throw quotaExceeded(`A state machine has at most ${mostVersions} versions.`);
    }
    const version = { ...machine.settings, number: ++machine.lastVersion, description, createdMs: now };
    machine.versions.set(version.number, version);
    return version;
  }

  /** The first version becomes what the machine is now; executions that run keep what they were started with. */
  republish(now: Millis, machine: Machine, description?: string): Version {
    const version = { ...machine.settings, number: 1, description, createdMs: now };
    machine.versions.set(1, version);
    machine.lastVersion = Math.max(machine.lastVersion, 1);
    return version;
  }

  readonly versionArn = (machine: Machine, { number }: Version): string => `${machine.arn}:${number}`;
}

export function checkArn(arn: unknown): void {
  if (arn === undefined || arn === null) throw missing('stateMachineArn');
  if (typeof arn !== 'string' || !/^arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:]+(:[^:]+)?$/.test(arn))
    throw invalidArn(arn);
}

/** The machine's ARN, and the version or alias after it. */
export function split(arn: string): [machine: string, qualifier?: string] {
  const parts = arn.split(':');
  return parts.length > 7 ? [parts.slice(0, 7).join(':'), parts[7]] : [arn];
}
