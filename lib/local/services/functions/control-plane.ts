/** Lambda's operations on functions and mappings: everything that is answered at once and runs nothing. */
import type { Millis } from '../../ports';
import { Refusal } from '../refusal';
import type { Effect, Json } from '../service';
import { createAlias, deleteAlias, shownAlias, updateAlias } from './aliases';
import { mostUnzippedBytes, mostZippedBytes } from './archive';
import { codeFrom, conflict, invalid, settingsChange, settingsFrom, within } from './configuration';
import type { LambdaFunction } from './function';
import { invokeConfigOf, listInvokeConfigs, putInvokeConfig, shownInvokeConfig } from './invoke-config';
import type { MappingRegistry } from './mappings';
import { addPermission, getPolicy, removePermission } from './policies';
import type { FunctionRegistry } from './registry';

/** What an account must keep for functions that reserve nothing. */
const leastUnreserved = 100;

type Operation = (now: Millis, input: Json) => Json;

/** `act` takes what follows for environments: those of replaced or deleted code are discarded. */
export function controlPlane(
  functions: FunctionRegistry,
  mappings: MappingRegistry,
  accountConcurrency: number,
  newId: () => string,
  act: (effects: Effect[]) => void,
): (now: Millis, operation: string, input: Json) => Json {
  /** What functions share that reserve nothing; `besides`: as if that one reserved nothing. */
  const unreserved = (besides?: LambdaFunction): number => {
    let left = accountConcurrency;
    for (const owner of functions.all()) if (owner !== besides) left -= owner.reserved ?? 0;
    return left;
  };
  const tagged = ({ Resource }: Json): LambdaFunction => {
    if (!/^arn:aws:lambda:[^:]+:\d+:function:[^:]+$/.test(String(Resource))) {
      throw invalid(`Resource is '${Resource}'; allowed: the ARN of a function, without version or alias.`);
    }
    return functions.find({ FunctionName: Resource }).owner;
  };
  const operations: Record<string, Operation> = {
    // Where a function's code is, as $replaceCode takes it: `codeDir`, or '' and `archive`.
    $code: (_now, input) => {
      const { codeDir, archive } = functions.find(input).owner.settings();
      return { codeDir, ...(archive && { archive }) };
    },
    $replaceCode: (now, input) => {
      const { owner } = functions.find(input);
      if (typeof input.codeDir !== 'string') {
        throw invalid(`codeDir is ${input.codeDir}; give the folder of the new code.`);
      }
      act(owner.replace(now, { codeDir: input.codeDir, archive: input.archive }));
      return owner.configuration();
    },
    // A changed template: settings and code at once, as CreateFunction takes them.
    $replace: (now, input) => {
      const { owner } = functions.find(input);
      act(owner.replace(now, settingsFrom(input)));
      return owner.configuration();
    },
    CreateFunction: (now, input) => functions.create(now, input),
    UpdateFunctionCode: (now, input) => {
      const owner = functions.latest(input);
      const { Architectures, DryRun, Publish } = input;
      const code = codeFrom(owner.name, input, 'UpdateFunctionCode');
      if (DryRun) return owner.configuration();
      act(owner.replace(now, { ...code, ...(Architectures && { architectures: Architectures }) }));
      return owner.configuration(Publish ? owner.publish(now) : '$LATEST');
    },
    UpdateFunctionConfiguration: (now, input) => {
      const owner = functions.latest(input);
      act(owner.replace(now, settingsChange({ ...input, FunctionName: owner.name }, owner.settings())));
      return owner.configuration();
    },
    ListFunctions: (_now, input) => functions.list(input),
    GetFunction: (_now, input) => {
      const { owner, version } = functions.find(input);
      return {
        Configuration: owner.configuration(version),
        Code: { RepositoryType: 'S3', ...locationOf(owner.settings(version)) },
        ...(owner.tags.size > 0 && { Tags: Object.fromEntries(owner.tags) }),
        ...(owner.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: owner.reserved } }),
      };
    },
    GetFunctionConfiguration: (_now, input) => {
      const { owner, version } = functions.find(input);
      return owner.configuration(version);
    },
    DeleteFunction: (now, input) => {
      const { owner, qualifier } = functions.find(input);
      if (qualifier === undefined || qualifier === '$LATEST') {
        act(owner.replace(now, {}));
        for (const version of [...owner.versions.keys()]) if (version !== '$LATEST') act(owner.drop(version));
        functions.delete(owner);
        return {};
      }
      const alias = [...owner.aliases].find(([, { version, second }]) =>
        [version, second?.version].includes(qualifier),
      );
      if (alias) throw conflict(`Version ${qualifier} of ${owner.name} is what the alias ${alias[0]} points to.`);
      act(owner.drop(qualifier));
      return {};
    },
    PutFunctionConcurrency: (_now, input) => {
      const { owner } = functions.find(input);
      const wanted = within(input, 'ReservedConcurrentExecutions', 0, accountConcurrency, 0);
      if (wanted > 0 && unreserved(owner) - wanted < leastUnreserved && accountConcurrency > leastUnreserved) {
        throw invalid(
          "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below " +
            `its minimum value of [${leastUnreserved}].`,
        );
      }
      owner.reserved = wanted;
      return { ReservedConcurrentExecutions: wanted };
    },
    DeleteFunctionConcurrency: (_now, input) => {
      functions.find(input).owner.reserved = undefined;
      return {};
    },
    GetFunctionConcurrency: (_now, input) => {
      const { reserved } = functions.find(input).owner;
      return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
    },
    PutFunctionEventInvokeConfig: (now, input) => putInvokeConfig(now, functions.find(input), input),
    UpdateFunctionEventInvokeConfig: (now, input) => {
      const target = functions.find(input);
      return putInvokeConfig(now, target, input, invokeConfigOf(target));
    },
    GetFunctionEventInvokeConfig: (_now, input) => shownInvokeConfig(functions.find(input)),
    ListFunctionEventInvokeConfigs: (_now, input) => listInvokeConfigs(functions.find(input)),
    DeleteFunctionEventInvokeConfig: (_now, input) => {
      const target = functions.find(input);
      invokeConfigOf(target);
      target.owner.asyncConfigs.delete(target.qualifier ?? '$LATEST');
      return {};
    },
    PublishVersion: (now, input) => {
      const { owner } = functions.find(input);
      return owner.configuration(owner.publish(now, input.Description));
    },
    ListVersionsByFunction: (_now, input) => {
      const { owner } = functions.find(input);
      return { Versions: [...owner.versions.keys()].map((version) => owner.configuration(version)) };
    },
    CreateAlias: (_now, input) => createAlias(functions.find(input).owner, input, newId),
    UpdateAlias: (_now, input) => updateAlias(functions.find(input).owner, input, newId),
    DeleteAlias: (_now, input) => deleteAlias(functions.find(input).owner, input),
    GetAlias: (_now, input) => shownAlias(functions.find(input).owner, input.Name),
    ListAliases: (_now, input) => {
      const { owner } = functions.find(input);
      const names = [...owner.aliases.keys()].filter(
        (name) => !input.FunctionVersion || owner.aliases.get(name)!.version === input.FunctionVersion,
      );
      return { Aliases: names.map((name) => shownAlias(owner, name)) };
    },
    AddPermission: (_now, input) => addPermission(functions.find(input), input, newId),
    RemovePermission: (_now, input) => removePermission(functions.find(input), input, newId),
    GetPolicy: (_now, input) => getPolicy(functions.find(input)),
    TagResource: (_now, input) => {
      const { tags } = tagged(input);
      for (const [key, value] of Object.entries(input.Tags ?? {})) tags.set(key, String(value));
      return {};
    },
    UntagResource: (_now, input) => {
      const { tags } = tagged(input);
      for (const key of input.TagKeys ?? []) tags.delete(key);
      return {};
    },
    ListTags: (_now, input) => ({ Tags: Object.fromEntries(tagged(input).tags) }),
    GetAccountSettings: () => {
      const all = [...functions.all()];
      const size = all.reduce((sum, owner) => sum + (owner.settings().archive?.bytes.length ?? 0), 0);
      return {
        AccountLimit: {
          TotalCodeSize: 80_530_636_800,
          CodeSizeUnzipped: mostUnzippedBytes,
          CodeSizeZipped: mostZippedBytes,
          ConcurrentExecutions: accountConcurrency,
          UnreservedConcurrentExecutions: unreserved(),
        },
        AccountUsage: { TotalCodeSize: size, FunctionCount: all.length },
      };
    },
    CreateEventSourceMapping: (now, input) => mappings.create(now, input),
    ListEventSourceMappings: (_now, input) => mappings.list(input),
    GetEventSourceMapping: (_now, input) => mappings.shown(mappings.find(input.UUID)),
    UpdateEventSourceMapping: (now, input) => mappings.update(now, input, act),
    DeleteEventSourceMapping: (_now, input) => mappings.delete(input.UUID),
  };
  return (now, operation, input) => {
    const act = Object.hasOwn(operations, operation) ? operations[operation] : undefined;
    if (act) return act(now, input);
    throw new Refusal({ name: 'UnknownOperationException', message: `Lambda's ${operation} is not modelled here.` });
  };
}

/** AWS gives a signed address of the archive; here an asset's folder, and nothing of what was uploaded. */
const locationOf = ({ codeDir }: { codeDir: string }): Json => (codeDir ? { Location: `file://${codeDir}` } : {});
