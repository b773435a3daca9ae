/**
 * From templates to what must be created: every resource is named first, then every property is resolved.
 *
 * 1. References need no order: an identity is made when it is first asked for. Where naming a resource needs the name
 *    of one that needs the first, `property` gives undefined.
 * 2. All that cannot run here is collected and thrown as one RefusedError; with `allowUnmodelled` it is listed instead.
 * 3. `resources` are in creation order: phase, then stack order, then DependsOn, then the template's order.
 */
import { seededRandom } from '../random';
import type { IdentifyContext, Identity, ResourceType, ResourceTypes } from '../services/resource-type';
import type { Json } from '../services/service';
import { dynamicValue, type FindEntry } from './dynamic';
import { type Refusal, RefusedError } from './errors';
import { asText, evaluate, IntrinsicError, type Scope } from './intrinsics';
import type { Assembly, Stack, TemplateResource } from './load';
import { uniqueName } from './names';
import { inDependsOnOrder } from './order';
import type { Plan, PlanContext, PlannedResource, StackOutput } from './plan';
import { judgeProperties, whyNotTransformed, whyUnmodelled } from './refuse';
import { stackArn, stackScope } from './scope';

interface Entry {
  stack: Stack;
  scope: Scope;
  logicalId: string;
  resource: TemplateResource;
  identity?: Identity | 'naming';
}

export class Planner {
  private readonly refusals: Refusal[] = [];
  private readonly ignored: Plan['ignored'] = [];
  private readonly scopes = new Map<Stack, Scope>();
  private readonly entries = new Map<Stack, Map<string, Entry>>();
  private exports: Map<string, { stack: Stack; key: string }> | undefined;

  constructor(
    private readonly assembly: Assembly,
    private readonly resourceTypes: ResourceTypes,
    private readonly context: PlanContext,
  ) {}

  plan(): Plan {
    for (const stack of this.assembly.stacks) this.open(stack);
    this.exports = this.collectExports();
    for (const entries of this.entries.values()) for (const entry of entries.values()) this.identify(entry);
    const resources = this.assembly.stacks
      .flatMap((stack) =>
        inDependsOnOrder(
          this.entries.get(stack)!,
          (logicalId) => Object.hasOwn(stack.template.Resources, logicalId),
          (entry, why) => this.refuse(entry, 'DependsOn', why),
        ),
      )
      .map((entry) => this.create(entry))
      .sort((left, right) => left.phase - right.phase);
    const outputs = this.assembly.stacks.map((stack) => ({ stackName: stack.name, outputs: this.outputs(stack) }));
    if (this.refusals.length > 0 && !this.context.allowUnmodelled) throw new RefusedError(this.refusals);
    return {
      resources,
      outputs,
      observers: resources.filter(({ observes }) => observes !== undefined),
      refusals: this.refusals,
      ignored: this.ignored,
      stacks: this.assembly.stacks.map(({ name, template }) => ({
        stackName: name,
        stackId: stackArn(this.context.account, this.context.region, name),
        template,
      })),
    };
  }

  private open(stack: Stack): void {
    const { account, region, parameters = {} } = this.context;
    const given: Record<string, string> = {};
    for (const [name, value] of Object.entries(parameters)) if (!name.includes(':')) given[name] = value;
    for (const [name, value] of Object.entries(parameters)) {
      if (name.startsWith(`${stack.name}:`)) given[name.slice(stack.name.length + 1)] = value;
    }
    const entries = new Map<string, Entry>();
    const scope = stackScope(stack, {
      account,
      region,
      parameters: given,
      resource: (logicalId) => {
        const entry = entries.get(logicalId);
        return entry && this.identify(entry);
      },
      getAtt: (logicalId, attribute) => this.getAtt(entries, stack, logicalId, attribute),
      importValue: (exportName) => this.importValue(exportName),
      stackOutput: (stackName, outputName) => this.stackOutput(stackName, outputName),
      dynamic: (service, key) => dynamicValue(service, key, (type, matches) => this.entryOf(type, matches)),
    });
    this.scopes.set(stack, scope);
    this.entries.set(stack, entries);
    for (const why of whyNotTransformed(stack.template.Transform)) {
      const [at, what] = [stack.name, 'Transform'];
      this.refusals.push({ stack: at, constructPath: at, logicalId: what, type: what, why });
    }
    for (const rule of Object.keys(stack.template.Rules ?? {})) {
      const why =
        'rules check parameters before a deployment (CDK: the version of the bootstrap stack); nothing is deployed here';
      this.ignored.push({ stackName: stack.name, logicalId: rule, why });
    }
    for (const [logicalId, resource] of Object.entries(stack.template.Resources)) {
      const entry: Entry = { stack, scope, logicalId, resource };
      const present = () => resource.Condition === undefined || scope.condition(resource.Condition);
      if (this.attempt(entry, 'Condition', present) !== false) entries.set(logicalId, entry);
    }
  }

  private type({ resource: { Type } }: Entry): ResourceType | undefined {
    return this.resourceTypes[Type.startsWith('Custom::') ? 'AWS::CloudFormation::CustomResource' : Type];
  }

  private identify(entry: Entry): Identity {
    if (entry.identity === 'naming') {
      throw new IntrinsicError(`the name of '${entry.logicalId}' depends on itself`);
    }
    if (entry.identity) return entry.identity;
    const { stack, logicalId, resource, scope } = entry;
    const type = this.type(entry);
    const fallback: Identity = { ref: uniqueName(stack.name, logicalId), attributes: {} };
    if (!type) {
      this.refuse(entry, undefined, whyUnmodelled(resource.Type));
      entry.identity = fallback;
      return fallback;
    }
    const context: IdentifyContext = {
      stackName: stack.name,
      logicalId,
      account: this.context.account,
      region: this.context.region,
      endpoint: this.context.endpoint,
      property: (name) => {
        try {
          return evaluate(resource.Properties?.[name], scope);
        } catch (error) {
          // Told when the property is resolved for creation.
          if (error instanceof IntrinsicError) return undefined;
          throw error;
        }
      },
      uniqueName: (options) => uniqueName(stack.name, logicalId, options),
    };
    entry.identity = 'naming';
    entry.identity = this.attempt(entry, undefined, () => type.identify(context)) ?? fallback;
    return entry.identity;
  }

  private create(entry: Entry): PlannedResource {
    const { stack, logicalId, resource, scope } = entry;
    const type = this.type(entry);
    const planned: PlannedResource = {
      stackName: stack.name,
      logicalId,
      constructPath: stack.constructPath(logicalId),
      type: resource.Type,
      identity: this.identify(entry),
      requests: [],
      phase: type?.phase ?? 1,
      observes: type ? type.observes : 'not modelled; left out because unmodelled resources are allowed',
    };
    if (!type) return planned;
    const props: Record<string, Json> = {};
    for (const [name, value] of Object.entries(resource.Properties ?? {})) {
      const resolved = this.attempt(entry, name, () => evaluate(value, scope));
      if (resolved !== undefined) props[name] = resolved;
    }
    const verdicts = judgeProperties(type, props);
    for (const property of verdicts.refused) {
      this.refuse(entry, property, `the property is not modelled; modelled: ${type.modelled.join(', ') || 'none'}`);
    }
    for (const { property, reason } of verdicts.ignored) {
      this.ignored.push({ stackName: stack.name, logicalId, property, why: reason });
    }
    const requests = this.attempt(entry, undefined, () =>
      type.create({
        logicalId,
        stackName: stack.name,
        constructPath: planned.constructPath,
        account: this.context.account,
        region: this.context.region,
        props,
        identity: planned.identity,
        stored: this.stored(entry, props),
        assetDir: this.assembly.assetDir,
      }),
    );
    return { ...planned, requests: requests ?? [] };
  }

  private stored(entry: Entry, props: Json): string | undefined {
    const random = seededRandom(`${this.context.seed ?? ''} ${entry.stack.name}/${entry.logicalId}`);
    return this.type(entry)?.stored?.({ props, random });
  }

  private outputs(stack: Stack): StackOutput[] {
    const scope = this.scopes.get(stack)!;
    const outputs: StackOutput[] = [];
    for (const [key, output] of Object.entries(stack.template.Outputs ?? {})) {
      const entry = { stack, logicalId: key, resource: { Type: 'Output' } };
      const resolved = this.attempt(entry, undefined, (): StackOutput | undefined => {
        if (output.Condition !== undefined && !scope.condition(output.Condition)) return undefined;
        return {
          key,
          value: asText(evaluate(output.Value, scope)),
          exportName: output.Export ? asText(evaluate(output.Export.Name, scope)) : undefined,
          description: output.Description,
        };
      });
      if (resolved) outputs.push(resolved);
    }
    return outputs;
  }

  private getAtt(entries: Map<string, Entry>, stack: Stack, logicalId: string, attribute: string): Json {
    const entry = entries.get(logicalId);
    if (!entry) throw new IntrinsicError(`Fn::GetAtt: the stack has no resource '${logicalId}'`);
    const { attributes, anyAttribute } = this.identify(entry);
    if (anyAttribute) return anyAttribute(attribute);
    if (Object.hasOwn(attributes, attribute)) return attributes[attribute];
    // Refused already; a value lets the rest be judged too.
    if (!this.type(entry)) return `${uniqueName(stack.name, logicalId)}-${attribute}`;
    throw new IntrinsicError(
      `the attribute ${attribute} of ${logicalId} (${entry.resource.Type}) is not modelled; modelled: ${Object.keys(attributes).join(', ') || 'none'}`,
    );
  }

  private importValue(exportName: string): Json {
    const found = this.exports?.get(exportName);
    if (!found) throw new IntrinsicError(`Fn::ImportValue: no stack of this assembly exports '${exportName}'`);
    return evaluate(found.stack.template.Outputs![found.key].Value, this.scopes.get(found.stack)!);
  }

  private collectExports(): Map<string, { stack: Stack; key: string }> {
    const exports = new Map<string, { stack: Stack; key: string }>();
    for (const stack of this.assembly.stacks) {
      const scope = this.scopes.get(stack)!;
      for (const [key, output] of Object.entries(stack.template.Outputs ?? {})) {
        if (!output.Export) continue;
        const entry = { stack, logicalId: key, resource: { Type: 'Output' } };
        this.attempt(entry, 'Export', () => {
          if (output.Condition !== undefined && !scope.condition(output.Condition)) return;
          const name = asText(evaluate(output.Export.Name, scope));
          const other = exports.get(name);
          if (other) throw new IntrinsicError(`the stack ${other.stack.name} exports '${name}' as well`);
          exports.set(name, { stack, key });
        });
      }
    }
    return exports;
  }

  private stackOutput(stackName: string, outputName: string): Json {
    const stack = this.assembly.stacks.find(({ name }) => name === stackName);
    const output = stack?.template.Outputs?.[outputName];
    if (!stack || !output)
      throw new IntrinsicError(`Fn::GetStackOutput: this assembly has no output ${stackName}.${outputName}`);
    return evaluate(output.Value, this.scopes.get(stack)!);
  }

  /** Names of entries are read early: a value may be asked for before anything is created. */
  private entryOf(type: string, matches: Parameters<FindEntry>[1]): ReturnType<FindEntry> {
    for (const entries of this.entries.values()) {
      for (const entry of entries.values()) {
        const { Type, Properties = {} } = entry.resource;
        if (Type !== type || !matches({ name: evaluate(Properties.Name, entry.scope), ref: this.identify(entry).ref }))
          continue;
        return { value: this.stored(entry, evaluate(Properties, entry.scope)) };
      }
    }
    return undefined;
  }

  /** What goes wrong with one resource or output is a refusal, so that the others are judged too. */
  private attempt<Result>(
    entry: Pick<Entry, 'stack' | 'logicalId' | 'resource'>,
    property: string | undefined,
    work: () => Result,
  ): Result | undefined {
    try {
      return work();
    } catch (error) {
      this.refuse(entry, property, (error as Error).message);
      return undefined;
    }
  }

  private refuse(
    { stack, logicalId, resource }: Pick<Entry, 'stack' | 'logicalId' | 'resource'>,
    property: string | undefined,
    why: string,
  ): void {
    const constructPath = stack.constructPath(logicalId);
    this.refusals.push({ stack: stack.name, constructPath, logicalId, type: resource.Type, property, why });
  }
}
