/**
 * SSM Parameter Store: parameters by name and path, with their versions and labels.
 *
 * Modelled: every operation below. Not modelled: all else of Systems Manager; policies of parameters (kept, they do
 * nothing: nothing expires), encryption: a SecureString that is read without decryption is a text that stands for it.
 * Source: Systems Manager API reference.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { constraint, parameterError } from './errors';
import { below, filtered, page } from './listing';
import { type Parameter, Parameters, type Version } from './parameters';

const byPathAtMost = 10;
const listedAtMost = 50;
const namesAtMost = 10;

export function createParameterService(options: ServiceOptions): Service {
  return new ParameterService(options);
}

class ParameterService implements Service {
  readonly name = 'ssm';
  private readonly parameters: Parameters;

  constructor(private readonly options: ServiceOptions) {
    this.parameters = new Parameters(options);
  }

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (act) return act(now, input ?? {});
      const message = `Systems Manager's ${operation} is not modelled by the local runtime: only Parameter Store is.`;
      throw new Refusal({ name: 'UnknownOperationException', message });
    });
    return { reply };
  }

  wake(): Outcome {
    return {};
  }

  holds(): [number, string][] {
    return [[this.parameters.all().length, 'parameter']];
  }

  private tagged({ ResourceType, ResourceId }: Json): Parameter {
    if (ResourceType !== 'Parameter')
      throw parameterError(
        'InvalidResourceType',
        `${ResourceType} is not modelled by the local runtime; modelled: Parameter.`,
      );
    const parameter = this.parameters.find(String(ResourceId));
    if (!parameter)
      throw parameterError(
        'InvalidResourceId',
        'The resource ID is not valid. Verify that you entered the correct ID and try again.',
      );
    return parameter;
  }

  private readonly operations: Record<string, (now: Millis, input: Json) => Json> = {
    PutParameter: (now, input) => {
      const { version, tier } = this.parameters.put(now, input);
      return { Version: version, Tier: tier };
    },
    // For templates: what is there gets another version where it says something else.
    $PutParameter: (now, { Tags, ...input }) => {
      const { version, tier } = this.parameters.put(now, { ...input, Overwrite: true });
      const { tags } = this.parameters.get(input.Name);
      tags.clear();
      for (const { Key, Value } of Tags) tags.set(Key, Value);
      return { Version: version, Tier: tier };
    },
    GetParameter: (_now, { Name, WithDecryption }) => {
      if (Name === undefined) throw constraint('name', 'null', 'not be null');
      const { parameter, version, selector } = this.parameters.version(Name);
      return { Parameter: shown(parameter, version, WithDecryption, selector) };
    },
    GetParameters: (_now, { Names, WithDecryption }) => {
      demandNames(Names);
      const Parameters: Json[] = [];
      const InvalidParameters: string[] = [];
      for (const name of new Set<string>(Names)) {
        try {
          const { parameter, version, selector } = this.parameters.version(name);
          Parameters.push(shown(parameter, version, WithDecryption, selector));
        } catch (error) {
          if (!(error instanceof Refusal)) throw error;
          InvalidParameters.push(name);
        }
      }
      return { Parameters, InvalidParameters };
    },
    GetParametersByPath: (_now, input) => {
      const found = filtered(
        below(this.parameters.all(), input.Path, Boolean(input.Recursive)),
        input.ParameterFilters,
        true,
      );
      const { items, NextToken } = page(found, input, byPathAtMost);
      return { Parameters: items.map((one) => shown(one, one.versions.at(-1)!, input.WithDecryption)), NextToken };
    },
    GetParameterHistory: (_now, input) => {
      const parameter = this.parameters.get(input.Name);
      const { items, NextToken } = page(parameter.versions, input, listedAtMost);
      const Parameters = items.map((version) => ({
        ...this.metadata(parameter, version),
        ARN: undefined,
        Value: textOf(parameter, version, input.WithDecryption),
        Labels: [...version.labels],
      }));
      return { Parameters, NextToken };
    },
    DescribeParameters: (_now, input) => {
      const older = (input.Filters ?? []).map(({ Key, Values }: Json) => ({ Key, Values, Option: 'Equals' }));
      const found = filtered(this.parameters.all(), [...older, ...(input.ParameterFilters ?? [])]);
      const { items, NextToken } = page(found, input, listedAtMost);
      return { Parameters: items.map((one) => this.metadata(one, one.versions.at(-1)!)), NextToken };
    },
    DeleteParameter: (_now, { Name }) => {
      this.parameters.delete(Name);
      return {};
    },
    DeleteParameters: (_now, { Names }) => {
      demandNames(Names);
      const there: string[] = Names.filter((name: string) => this.parameters.find(name));
      for (const name of there) this.parameters.delete(name);
      return { DeletedParameters: there, InvalidParameters: Names.filter((name: string) => !there.includes(name)) };
    },
    LabelParameterVersion: (_now, input) => this.parameters.label(input),
    UnlabelParameterVersion: (_now, input) => this.parameters.unlabel(input),
    AddTagsToResource: (_now, input) => {
      const { tags } = this.tagged(input);
      for (const { Key, Value } of input.Tags ?? []) tags.set(Key, Value);
      return {};
    },
    RemoveTagsFromResource: (_now, input) => {
      const { tags } = this.tagged(input);
      for (const key of input.TagKeys ?? []) tags.delete(key);
      return {};
    },
    ListTagsForResource: (_now, input) => ({
      TagList: [...this.tagged(input).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
  };

  private metadata({ name, arn }: Parameter, version: Version): Json {
    return {
      Name: name,
      ARN: arn,
      Type: version.type,
      KeyId: version.keyId,
      LastModifiedDate: version.modifiedMs / 1000,
      LastModifiedUser: `arn:aws:iam::${this.options.account}:root`,
      Description: version.description,
      AllowedPattern: version.allowedPattern,
      Version: version.version,
      Tier: version.tier,
      Policies: [],
      DataType: version.dataType,
    };
  }
}

function demandNames(names: Json): void {
  if (!Array.isArray(names) || names.length === 0 || names.length > namesAtMost)
    throw constraint('names', `[${names ?? ''}]`, `have length between 1 and ${namesAtMost}`);
}

const shown = (parameter: Parameter, version: Version, decrypted: Json, selector?: string): Json => ({
  Name: parameter.name,
  Type: version.type,
  Value: textOf(parameter, version, decrypted),
  Version: version.version,
  Selector: selector,
  LastModifiedDate: version.modifiedMs / 1000,
  ARN: parameter.arn,
  DataType: version.dataType,
});

/** AWS gives the ciphertext in base64; here it is a digest, out of which nobody gets the value either. */
function textOf({ arn }: Parameter, { type, value, version }: Version, decrypted: Json): string {
  if (type !== 'SecureString' || decrypted) return value;
  return createHash('sha256').update(`${arn}:${version}:${value}`).digest('base64');
}
