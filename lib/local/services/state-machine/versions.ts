/**
 * Versions of state machines, and aliases that route to them.
 *
 * 1. An alias routes to one or two versions of one machine, with weights that make 100.
 * 2. A version that an alias routes to is not deleted.
 * Source: Step Functions API reference; developer guide, "Managing continuous deployments".
 */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { conflict, notFound, validation } from './errors';
import { page } from './page';
import { type Alias, checkArn, demandName, type Registry, split } from './registry';

export class Versions {
  constructor(private readonly registry: Registry) {}

  publish(now: Millis, input: Json): Json {
    const { machine } = this.registry.parse(input.stateMachineArn, true);
    if (input.revisionId !== undefined && input.revisionId !== machine.settings.revisionId) {
      throw conflict(
        `Failed to publish the State Machine version for revision ${input.revisionId}. The current State Machine revision is ${machine.settings.revisionId}.`,
      );
    }
    const version = this.registry.publish(now, machine, input.description);
    return {
      creationDate: version.createdMs / 1000,
      stateMachineVersionArn: this.registry.versionArn(machine, version),
    };
  }

  /** The version resource of a template. */
  publishOfTemplate(now: Millis, input: Json): Json {
    const { machine } = this.registry.parse(input.stateMachineArn, true);
    this.registry.republish(now, machine, input.description);
    return {};
  }

  versions(input: Json): Json {
    const { machine } = this.registry.parse(input.stateMachineArn, true);
    const found = [...machine.versions.values()].reverse().map((version) => ({
      stateMachineVersionArn: this.registry.versionArn(machine, version),
      creationDate: version.createdMs / 1000,
    }));
    return page(found, input, 'stateMachineVersions');
  }

  deleteVersion(arn: unknown): Json {
    checkArn(arn);
    const [machineArn, number] = split(String(arn));
    if (number === undefined || !/^\d+$/.test(number)) throw validation(`'${arn}' is the ARN of no version.`);
    const machine = this.registry.machines.get(machineArn);
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
    const { machine } = this.registry.parse(routing[0]!.stateMachineVersionArn);
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
    this.registry.machines.get(split(arn)[0])?.aliases.delete(name);
    return {};
  }

  aliases(input: Json): Json {
    const { machine, qualifier } = this.registry.parse(input.stateMachineArn);
    const found = [...machine.aliases.values()]
      .filter(
        ({ routing }) =>
          qualifier === undefined || routing.some((one) => one.stateMachineVersionArn === input.stateMachineArn),
      )
      .map(({ arn, createdMs }) => ({ stateMachineAliasArn: arn, creationDate: createdMs / 1000 }));
    return page(found, input, 'stateMachineAliases');
  }

  private alias(arn: unknown): Alias {
    checkArn(arn);
    const [machineArn, name] = split(String(arn));
    const alias = this.registry.machines.get(machineArn)?.aliases.get(name ?? '');
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
      const { machine, qualifier } = this.registry.parse(stateMachineVersionArn);
      if (qualifier === undefined) throw validation(`'${stateMachineVersionArn}' is the ARN of no version.`);
      this.registry.version(machine, qualifier);
      return machine.arn;
    });
    if (new Set(owners).size > 1) throw validation('Both versions of an alias belong to one state machine.');
    return given.map(({ stateMachineVersionArn, weight }: Json) => ({ stateMachineVersionArn, weight }));
  }
}
