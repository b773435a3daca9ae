/** Lambda's operations on functions and mappings: everything that is answered at once and runs nothing. */
import type { Millis } from '../../ports';
import { Refusal } from '../refusal';
import type { Effect, Json } from '../service';
import { codeFrom, invalid, settingsChange, settingsFrom, within } from './configuration';
import type { MappingRegistry } from './mappings';
import type { FunctionRegistry } from './registry';

type Operation = (now: Millis, input: Json) => Json;

/** `act` takes what follows for environments: those of replaced or deleted code are discarded. */
export function controlPlane(
  functions: FunctionRegistry,
  mappings: MappingRegistry,
  accountConcurrency: number,
  act: (effects: Effect[]) => void,
): (now: Millis, operation: string, input: Json) => Json {
  const operations: Record<string, Operation> = {
    $replaceCode: (now, input) => {
      const { owner } = functions.find(input);
      if (typeof input.codeDir !== 'string') {
        throw invalid(`codeDir is ${input.codeDir}; give the folder of the new code.`);
      }
      act(owner.replace(now, { codeDir: input.codeDir, archive: undefined }));
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
        ...(owner.reserved !== undefined && { Concurrency: { ReservedConcurrentExecutions: owner.reserved } }),
      };
    },
    GetFunctionConfiguration: (_now, input) => {
      const { owner, version } = functions.find(input);
      return owner.configuration(version);
    },
    DeleteFunction: (now, input) => {
      const { owner } = functions.find(input);
      act(owner.replace(now, {}));
      functions.delete(owner.name);
      return {};
    },
    PutFunctionConcurrency: (_now, input) => {
      const { owner } = functions.find(input);
      owner.reserved = within(input, 'ReservedConcurrentExecutions', 0, accountConcurrency, 0);
      return { ReservedConcurrentExecutions: owner.reserved };
    },
    DeleteFunctionConcurrency: (_now, input) => {
      functions.find(input).owner.reserved = undefined;
      return {};
    },
    GetFunctionConcurrency: (_now, input) => {
      const { reserved } = functions.find(input).owner;
      return reserved === undefined ? {} : { ReservedConcurrentExecutions: reserved };
    },
    PutFunctionEventInvokeConfig: (now, input) => functions.putEventInvokeConfig(now, input),
    PublishVersion: (now, input) => {
      const { owner } = functions.find(input);
      return owner.configuration(owner.publish(now, input.Description));
    },
    ListVersionsByFunction: (_now, input) => {
      const { owner } = functions.find(input);
      return { Versions: [...owner.versions.keys()].map((version) => owner.configuration(version)) };
    },
    CreateAlias: (_now, input) => functions.createAlias(input),
    ListAliases: (_now, input) => {
      const { owner } = functions.find(input);
      return { Aliases: [...owner.aliases.keys()].map((name) => functions.alias(owner, name)) };
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
