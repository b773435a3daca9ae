/**
 * State machines: made, changed, described, deleted, tagged.
 *
 * 1. An execution keeps the definition that it was started with; an update changes later starts only.
 * Not modelled: encryption; roles are kept, not used. Differs: a log group that is not there is made, not refused.
 * Source: Step Functions API reference.
 */
import type { Millis, Random } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { checkDefinition } from './definition/validate';
import {
  invalidArn,
  invalidDefinition,
  machineExists,
  missing,
  missingParameter,
  notFound,
  tooManyTags,
  validation,
} from './errors';
import type { Program } from './interpreter/definition';
import { checkLogging } from './logging';
import { page } from './page';
import { checkArn, demandName, type Machine, type Registry } from './registry';

const noLogging = { level: 'OFF', includeExecutionData: false };
const noTracing = { enabled: false };
const sameJson = (a: Json, b: Json): boolean => JSON.stringify(a) === JSON.stringify(b);
const mostTags = 50;

export class Machines {
  private readonly revisions: Random;

  constructor(
    private readonly options: ServiceOptions,
    private readonly registry: Registry,
  ) {
    this.revisions = options.random.fork('revisions');
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
    checkLogging(input.loggingConfiguration);
    if ((input.tags ?? []).length > mostTags) throw tooManyTags(mostTags);
    const program = this.checked(input.definition, type);
    const { region, account } = this.options;
    const arn = `arn:aws:states:${region}:${account}:stateMachine:${name}`;
    const existing = this.registry.machines.get(arn);
    if (existing) {
      // Another role or other tags are ignored, as AWS does.
      const { definition, loggingConfiguration, tracingConfiguration } = existing.settings;
      const same =
        definition === input.definition &&
        existing.type === type &&
        sameJson(loggingConfiguration, input.loggingConfiguration ?? noLogging) &&
        sameJson(tracingConfiguration, input.tracingConfiguration ?? noTracing);
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
        loggingConfiguration: input.loggingConfiguration ?? noLogging,
        tracingConfiguration: input.tracingConfiguration ?? noTracing,
        revisionId: this.revisions.uuid(),
        updatedMs: now,
      },
      versions: new Map(),
      lastVersion: 0,
      aliases: new Map(),
      tags: new Map((input.tags ?? []).map(({ key, value }: Json) => [key, value])),
    };
    this.registry.machines.set(arn, machine);
    const version = input.publish ? this.registry.publish(now, machine, input.versionDescription) : undefined;
    return {
      stateMachineArn: arn,
      creationDate: machine.createdMs / 1000,
      ...(version ? { stateMachineVersionArn: this.registry.versionArn(machine, version) } : {}),
    };
  }

  update(now: Millis, input: Json): Json {
    const { machine } = this.registry.parse(input.stateMachineArn, true);
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
    checkLogging(input.loggingConfiguration);
    const program = input.definition === undefined ? undefined : this.checked(input.definition, machine.type);
    const revised = input.definition !== undefined || input.roleArn !== undefined;
    machine.settings = {
      ...machine.settings,
      ...Object.fromEntries(changes.map((member) => [member, input[member]])),
      ...(program ? { program } : {}),
      ...(revised ? { revisionId: this.revisions.uuid() } : {}),
      updatedMs: now,
    };
    const version = input.publish ? this.registry.publish(now, machine, input.versionDescription) : undefined;
    return {
      updateDate: now / 1000,
      revisionId: machine.settings.revisionId,
      ...(version ? { stateMachineVersionArn: this.registry.versionArn(machine, version) } : {}),
    };
  }

  describe(arn: unknown): Json {
    const { machine, qualifier } = this.registry.parse(arn);
    const version = qualifier === undefined ? undefined : this.registry.version(machine, qualifier);
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
    this.registry.machines.delete(String(arn));
    return {};
  }

  list(input: Json): Json {
    const found = [...this.registry.machines.values()].map(({ arn, name, type, createdMs }) => ({
      stateMachineArn: arn,
      name,
      type,
      creationDate: createdMs / 1000,
    }));
    return page(found, input, 'stateMachines');
  }

  tag(input: Json): Json {
    const tags = this.tagged(input.resourceArn);
    const given: Json[] = input.tags ?? [];
    if (new Set([...tags.keys(), ...given.map(({ key }) => key)]).size > mostTags) throw tooManyTags(mostTags);
    for (const { key, value } of given) tags.set(key, value);
    return {};
  }

  untag(input: Json): Json {
    for (const key of input.tagKeys ?? []) this.tagged(input.resourceArn).delete(key);
    return {};
  }

  tags(input: Json): Json {
    return { tags: [...this.tagged(input.resourceArn)].map(([key, value]) => ({ key, value })) };
  }

  private tagged(arn: unknown): Map<string, string> {
    const machine = this.registry.machines.get(String(arn));
    if (!machine) throw notFound(String(arn));
    return machine.tags;
  }

  private checked(definition: unknown, type: 'STANDARD' | 'EXPRESS'): Program {
    if (typeof definition !== 'string') throw missing('definition');
    const { program, diagnostics } = checkDefinition(definition, type);
    const errors = diagnostics.filter(({ severity }) => severity === 'ERROR');
    if (errors.length === 0 && program) return program;
    const list = errors.map(({ code, message, location }) => `${code}: ${message} at ${location ?? null}`).join(', ');
    throw invalidDefinition(`Invalid State Machine Definition: '${list}'`);
  }
}
