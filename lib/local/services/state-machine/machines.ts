/**
 * State machines, their versions and aliases.
 *
 * 1. An execution keeps the definition that it was started with; an update changes later starts only.
 * 2. A version never changes; publishing the same revision again gives the version that is there.
 * 3. An alias routes to one or two versions of one machine, with weights that make 100.
 * Not modelled: encryption; roles and log destinations are kept, not used.
 * Source: Step Functions API reference; developer guide, "Managing continuous deployments".
 */
import type { Millis, Random } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { checkDefinition } from './definition/validate';
import {
  conflict,
  invalidArn,
  invalidDefinition,
  invalidName,
  machineExists,
  missing,
  missingParameter,
  noMachine,
  notFound,
  quotaExceeded,
  validation,
} from './errors';
import type { Program } from './interpreter/definition';
import type { MachineSnapshot } from './interpreter/execution';
import { page } from './page';

interface Settings {
  definition: string;
  program: Program;
  roleArn: string;
  loggingConfiguration: Json;
  tracingConfiguration: Json;
  revisionId: string;
  updatedMs: Millis;
}

interface Version extends Settings {
  number: number;
  description?: string;
  createdMs: Millis;
}

interface Alias {
  name: string;
  arn: string;
  description?: string;
  routing: { stateMachineVersionArn: string; weight: number }[];
  createdMs: Millis;
  updatedMs: Millis;
}

interface Machine {
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

export class Machines {
  private readonly machines = new Map<string, Machine>();
  private readonly revisions: Random;

  constructor(private readonly options: ServiceOptions) {
    this.revisions = options.random.fork('revisions');
  }

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

  create(now: Millis, input: Json): Json {
    const name = demandName(input.name);
    if (typeof input.roleArn !== 'string') throw missing('roleArn');
    if (!/^arn:[\w-]+:iam::\d+:role\//.test(input.roleArn)) throw invalidArn(input.roleArn);
    const type = input.type ?? 'STANDARD';
    if (type !== 'STANDARD' && type !== 'EXPRESS') throw validation(`The type '${type}' is none of STANDARD, EXPRESS.`);
    if (input.versionDescription !== undefined && !input.publish) {
      throw validation('Version description can only be set when publish is true');
    }
    const program = this.checked(input.definition, type);
    const { region, account } = this.options;
    const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
    const existing = this.machines.get(arn);
    if (existing) {
      const same =
        existing.settings.definition === input.definition &&
        existing.settings.roleArn === input.roleArn &&
        existing.type === type;
      if (!same) throw machineExists(arn);
    }
    const machine: Machine = existing ?? {
      arn,
      name,
      type,
      createdMs: now,
      settings: {
        definition: input.definition,
        program,
        roleArn: input.roleArn,
        loggingConfiguration: input.loggingConfiguration ?? { level: 'OFF', includeExecutionData: false },
        tracingConfiguration: input.tracingConfiguration ?? { enabled: false },
        revisionId: this.revisions.uuid(),
        updatedMs: now,
      },
      versions: new Map(),
      lastVersion: 0,
      aliases: new Map(),
      tags: new Map((input.tags ?? []).map(({ key, value }: Json) => [key, value])),
    };
    this.machines.set(arn, machine);
    const version = input.publish ? this.publishOf(now, machine, input.versionDescription) : undefined;
    return {
      stateMachineArn: arn,
      creationDate: machine.createdMs / 1000,
      ...(version ? { stateMachineVersionArn: this.versionArn(machine, version) } : {}),
    };
  }

  update(now: Millis, input: Json): Json {
    const { machine } = this.parse(input.stateMachineArn, true);
    if (input.versionDescription !== undefined && !input.publish) {
      throw validation('Version description can only be set when publish is true');
    }
    const changes = ['definition', 'roleArn', 'loggingConfiguration', 'tracingConfiguration'].filter(
      (member) => input[member] !== undefined,
    );
    if (changes.length === 0 && !input.publish) {
      throw missingParameter(
        'Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified',
      );
    }
    const program = input.definition === undefined ? undefined : this.checked(input.definition, machine.type);
    const revised = input.definition !== undefined || input.roleArn !== undefined;
    machine.settings = {
      ...machine.settings,
      ...Object.fromEntries(changes.map((member) => [member, input[member]])),
      ...(program ? { program } : {}),
      ...(revised ? { revisionId: this.revisions.uuid() } : {}),
      updatedMs: now,
    };
    const version = input.publish ? this.publishOf(now, machine, input.versionDescription) : undefined;
    return {
      updateDate: now / 1000,
      revisionId: machine.settings.revisionId,
      ...(version ? { stateMachineVersionArn: this.versionArn(machine, version) } : {}),
    };
  }

  describe(arn: unknown): Json {
    const { machine, qualifier } = this.parse(arn);
    const version = qualifier === undefined ? undefined : this.version(machine, qualifier);
    const settings = version ?? machine.settings;
    return {
      stateMachineArn: String(arn),
      name: machine.name,
      status: 'ACTIVE',
      definition: settings.definition,
      roleArn: settings.roleArn,
      type: machine.type,
      creationDate: (version?.createdMs ?? machine.createdMs) / 1000,
      loggingConfiguration: settings.loggingConfiguration,
      tracingConfiguration: settings.tracingConfiguration,
      revisionId: settings.revisionId,
      ...(version?.description !== undefined ? { description: version.description } : {}),
    };
  }

  /** Deleting what is not there is no error. */
  delete(arn: unknown): Json {
    checkArn(arn);
    this.machines.delete(String(arn));
    return {};
  }

  list(input: Json): Json {
    const found = [...this.machines.values()].map(({ arn, name, type, createdMs }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: createdMs / 1000,
    }));
    return page(found, input, 'stateMachines');
  }

  publish(now: Millis, input: Json): Json {
    const { machine } = this.parse(input.stateMachineArn, true);
    if (input.revisionId !== undefined && input.revisionId !== machine.settings.revisionId) {
      throw conflict(
        `Failed to publish the State Machine version for revision ${input.revisionId}. The current State Machine revision is ${machine.settings.revisionId}.`,
      );
    }
    const version = this.publishOf(now, machine, input.description);
    return { creationDate: version.createdMs / 1000, stateMachineVersionArn: this.versionArn(machine, version) };
  }

  versions(input: Json): Json {
    const { machine } = this.parse(input.stateMachineArn, true);
    const found = [...machine.versions.values()].reverse().map((version) => ({
      stateMachineVersionArn: this.versionArn(machine, version),
      creationDate: version.createdMs / 1000,
    }));
    return page(found, input, 'stateMachineVersions');
  }

  deleteVersion(arn: unknown): Json {
    checkArn(arn);
    const [machineArn, number] = split(String(arn));
    if (number === undefined || !/^\d+$/.test(number)) throw validation(`'${arn}' is the ARN of no version.`);
    const machine = this.machines.get(machineArn);
    const using = [...(machine?.aliases.values() ?? [])].filter(({ routing }) =>
      routing.some(({ stateMachineVersionArn }) => stateMachineVersionArn === arn),
    );
    if (using.length > 0) {
      const names = using.map(({ name }) => name).join(', ');
      throw conflict(
        `Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: [${names}]`,
      );
    }
    machine?.versions.delete(Number(number));
    return {};
  }

  createAlias(now: Millis, input: Json): Json {
    const name = demandName(input.name);
    if (/^\d+$/.test(name)) throw validation(`The alias name '${name}' has only digits, as versions have.`);
    const routing = this.routing(input.routingConfiguration);
    const { machine } = this.parse(routing[0]!.stateMachineVersionArn);
    const arn = `${machine.arn}:${name}`;
    const existing = machine.aliases.get(name);
    if (existing && JSON.stringify(existing.routing) !== JSON.stringify(routing)) {
      throw conflict(
        `Failed to create alias because an alias with the same name and a different routing configuration already exists: ${arn}`,
      );
    }
    const alias = existing ?? { name, arn, description: input.description, routing, createdMs: now, updatedMs: now };
    machine.aliases.set(name, alias);
    return { stateMachineAliasArn: arn, creationDate: alias.createdMs / 1000 };
  }

  updateAlias(now: Millis, input: Json): Json {
    const alias = this.alias(input.stateMachineAliasArn);
    if (input.routingConfiguration !== undefined) alias.routing = this.routing(input.routingConfiguration);
    if (input.description !== undefined) alias.description = input.description;
    alias.updatedMs = now;
    return { updateDate: now / 1000 };
  }

  describeAlias(input: Json): Json {
    const { name, arn, description, routing, createdMs, updatedMs } = this.alias(input.stateMachineAliasArn);
    return {
      stateMachineAliasArn: arn,
      name,
      ...(description !== undefined ? { description } : {}),
      routingConfiguration: routing,
      creationDate: createdMs / 1000,
      updateDate: updatedMs / 1000,
    };
  }

  deleteAlias(input: Json): Json {
    const { name, arn } = this.alias(input.stateMachineAliasArn);
    this.machines.get(split(arn)[0])?.aliases.delete(name);
    return {};
  }

  aliases(input: Json): Json {
    const { machine, qualifier } = this.parse(input.stateMachineArn);
    const found = [...machine.aliases.values()]
      .filter(
        ({ routing }) =>
          qualifier === undefined || routing.some((one) => one.stateMachineVersionArn === input.stateMachineArn),
      )
      .map(({ arn, createdMs }) => ({ stateMachineAliasArn: arn, creationDate: createdMs / 1000 }));
    return page(found, input, 'stateMachineAliases');
  }

  tag(input: Json): Json {
    for (const { key, value } of input.tags ?? []) this.tagged(input.resourceArn).set(key, value);
    return {};
  }

  untag(input: Json): Json {
    for (const key of input.tagKeys ?? []) this.tagged(input.resourceArn).delete(key);
    return {};
  }

  tags(input: Json): Json {
    return { tags: [...this.tagged(input.resourceArn)].map(([key, value]) => ({ key, value })) };
  }

  /** Throws StateMachineDoesNotExist. */
  find(arn: unknown): { arn: string; type: 'STANDARD' | 'EXPRESS' } {
    return this.parse(arn).machine;
  }

  private tagged(arn: unknown): Map<string, string> {
    const machine = this.machines.get(String(arn));
    if (!machine) throw notFound(String(arn));
    return machine.tags;
  }

  private parse(arn: unknown, unqualified = false): { machine: Machine; qualifier?: string } {
    checkArn(arn);
    const [machineArn, qualifier] = split(String(arn));
    const machine = this.machines.get(machineArn);
    if (!machine) throw noMachine(String(arn));
    if (unqualified && qualifier !== undefined)
      throw validation(`'${arn}' names a version or an alias; a state machine is expected.`);
    return { machine, qualifier };
  }

  private version(machine: Machine, qualifier: string): Version {
    const version = machine.versions.get(Number(qualifier));
    if (!version) throw noMachine(`${machine.arn}:${qualifier}`);
    return version;
  }

  private alias(arn: unknown): Alias {
    checkArn(arn);
    const [machineArn, name] = split(String(arn));
    const alias = this.machines.get(machineArn)?.aliases.get(name ?? '');
    if (!alias) throw notFound(String(arn));
    return alias;
  }

  private routing(given: Json): Alias['routing'] {
    if (!Array.isArray(given) || given.length < 1 || given.length > 2) {
      throw validation('routingConfiguration is a list of one or two versions.');
    }
    const total = given.reduce((sum: number, { weight }: Json) => sum + weight, 0);
    if (total !== 100)
      throw validation(`Sum of routing configuration weights must equal 100. Received: ${JSON.stringify(given)}`);
    const owners = given.map(({ stateMachineVersionArn }: Json) => {
      const { machine, qualifier } = this.parse(stateMachineVersionArn);
      if (qualifier === undefined) throw validation(`'${stateMachineVersionArn}' is the ARN of no version.`);
      this.version(machine, qualifier);
      return machine.arn;
    });
    if (new Set(owners).size > 1) throw validation('Both versions of an alias belong to one state machine.');
    return given.map(({ stateMachineVersionArn, weight }: Json) => ({ stateMachineVersionArn, weight }));
  }

  private publishOf(now: Millis, machine: Machine, description?: string): Version {
    const latest = machine.versions.get(machine.lastVersion);
    if (latest?.revisionId === machine.settings.revisionId) return latest;
    if (machine.versions.size >= mostVersions) {
      throw quotaExceeded(`A state machine has at most ${mostVersions} versions.`);
    }
    const version = { ...machine.settings, number: ++machine.lastVersion, description, createdMs: now };
    machine.versions.set(version.number, version);
    return version;
  }

  private versionArn = (machine: Machine, { number }: Version): string => `${machine.arn}:${number}`;

  private checked(definition: unknown, type: 'STANDARD' | 'EXPRESS'): Program {
    if (typeof definition !== 'string') throw missing('definition');
    const { program, diagnostics } = checkDefinition(definition, type);
    const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
    if (errors.length === 0 && program) return program;
    const list = errors.map(({ code, message, location }) => `${code}: ${message} at ${location}`).join(', ');
    throw invalidDefinition(`Invalid State Machine Definition: '${list}'`);
  }
}

function checkArn(arn: unknown): void {
  if (arn === undefined || arn === null) throw missing('stateMachineArn');
  if (typeof arn !== 'string' || !/^arn:[\w-]+:states:[\w-]+:\d{12}:stateMachine:[^:]+(:[^:]+)?$/.test(arn))
    throw invalidArn(arn);
}

/** The machine's ARN, and the version or alias after it. */
function split(arn: string): [machine: string, qualifier?: string] {
  const parts = arn.split(':');
  return parts.length > 7 ? [parts.slice(0, 7).join(':'), parts[7]] : [arn];
}
