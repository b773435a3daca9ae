/**
 * Parameters and their versions.
 *
 * 1. A name that is a path begins with a slash; without one it is a single word. 'x' and '/x' are two parameters.
 * 2. The newest version is what a name means; ':3' names a version, ':label' what carries that label.
 * 3. Of 100 versions the oldest goes with the next, unless it has a label.
 * Source: Systems Manager API reference, PutParameter, GetParameter, LabelParameterVersion; user guide, "Parameter Store".
 */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { constraint, parameterError, parameterNotFound, validation } from './errors';

export interface Version {
  version: number;
  value: string;
  type: string;
  description?: string;
  allowedPattern?: string;
  dataType: string;
  tier: string;
  keyId?: string;
  policies?: string;
  modifiedMs: Millis;
  labels: Set<string>;
}

export interface Parameter {
  name: string;
  arn: string;
  /** The last is the newest. */
  versions: Version[];
  tags: Map<string, string>;
}

const types = ['String', 'StringList', 'SecureString'];
const bytesByTier: Record<string, number> = { Standard: 4096, Advanced: 8192 };
const mostVersions = 100;
const mostLabels = 10;
const mostLevels = 15;

export class Parameters {
  private readonly byName = new Map<string, Parameter>();

  constructor(private readonly options: ServiceOptions) {}

  /** By name, as AWS lists them. */
  all(): Parameter[] {
    return [...this.byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  find(nameOrArn: string): Parameter | undefined {
    const [, path] = /^arn:[^:]+:ssm:[^:]+:\d{12}:parameter\/(.+)$/.exec(nameOrArn) ?? [];
    if (path === undefined) return this.byName.get(nameOrArn);
    return this.byName.get(path) ?? this.byName.get(`/${path}`);
  }

  get(nameOrArn: unknown): Parameter {
    const parameter = this.find(String(nameOrArn));
    if (!parameter) throw parameterNotFound();
    return parameter;
  }

  put(now: Millis, input: Json): Version {
    const { Name, Value, Overwrite } = input;
    demandName(Name);
    const existing = this.byName.get(Name);
    if (existing && !Overwrite) {
      throw parameterError(
        'ParameterAlreadyExists',
        'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
      );
    }
    const before = existing?.versions.at(-1);
    const made = versionFrom(now, input, before);
    const parameter: Parameter = existing ?? { name: Name, arn: this.arn(Name), versions: [], tags: new Map() };
    if (existing && input.Tags?.length)
      throw validation(
        'Invalid request: tags and overwrite can not be used together. To create a parameter with tags, please remove overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.',
      );
    for (const { Key, Value: tag } of input.Tags ?? []) parameter.tags.set(Key, tag);
    if (parameter.versions.length >= mostVersions) {
      if (parameter.versions[0]!.labels.size > 0) {
        throw parameterError(
          'ParameterMaxVersionLimitExceeded',
          `You attempted to create a new version of ${Name} by calling the PutParameter API with the overwrite flag. Version ${parameter.versions[0]!.version}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another version of the parameter, and try again.`,
        );
      }
      parameter.versions.shift();
    }
    if (Value === '') throw constraint('value', '', 'have length greater than or equal to 1');
    parameter.versions.push(made);
    this.byName.set(Name, parameter);
    return made;
  }

  delete(name: unknown): void {
    this.byName.delete(this.get(name).name);
  }

  /** What 'name', 'name:3', 'name:label' or an ARN with either means. */
  version(given: unknown): { parameter: Parameter; version: Version; selector?: string } {
    const [, base, selector] = /^((?:arn:[^:]+:ssm:[^:]*:\d{12}:)?[^:]+)(:[^:]+)?$/.exec(String(given)) ?? [];
    if (base === undefined) throw validation(`Invalid parameter name: ${given}.`);
    const parameter = this.get(base);
    if (selector === undefined) return { parameter, version: parameter.versions.at(-1)! };
    const which = selector.slice(1);
    const version = parameter.versions.find((one) =>
      /^\d+$/.test(which) ? one.version === Number(which) : one.labels.has(which),
    );
    if (!version) {
      const what = /^\d+$/.test(which) ? 'version' : 'label';
      throw parameterError(
        'ParameterVersionNotFound',
        `Systems Manager could not find ${what} ${which} of ${parameter.name}.`,
      );
    }
    return { parameter, version, selector };
  }

  label({ Name, ParameterVersion, Labels = [] }: Json): Json {
    const parameter = this.get(Name);
    const target = this.numbered(parameter, ParameterVersion);
    const isFit = (label: string): boolean => /^[A-Za-z_.-][\w.-]{0,99}$/.test(label) && !/^(aws|ssm)/i.test(label);
    const fit: string[] = Labels.filter(isFit);
    const added = fit.filter((label) => !target.labels.has(label));
    if (target.labels.size + added.length > mostLabels) {
      throw parameterError(
        'ParameterVersionLabelLimitExceeded',
        `An error occurred (ParameterVersionLabelLimitExceeded) when calling the LabelParameterVersion operation: A parameter version can have maximum ${mostLabels} labels.Move one or more labels to another version and try again.`,
      );
    }
    // A label is on one version at a time.
    for (const label of fit) {
      for (const { labels } of parameter.versions) labels.delete(label);
      target.labels.add(label);
    }
    return { InvalidLabels: Labels.filter((label: string) => !isFit(label)), ParameterVersion: target.version };
  }

  unlabel({ Name, ParameterVersion, Labels = [] }: Json): Json {
    const { labels } = this.numbered(this.get(Name), ParameterVersion);
    const RemovedLabels = Labels.filter((label: string) => labels.delete(label));
    return { RemovedLabels, InvalidLabels: Labels.filter((label: string) => !RemovedLabels.includes(label)) };
  }

  private numbered({ name, versions }: Parameter, version: Json): Version {
    const found = version === undefined ? versions.at(-1) : versions.find((one) => one.version === version);
    if (found) return found;
    throw parameterError('ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}.`);
  }

  private arn(name: string): string {
    const { region, account } = this.options;
    return `arn:aws:ssm:${region}:${account}:parameter${name.startsWith('/') ? '' : '/'}${name}`;
  }
}

/** Source: API PutParameter, Name. */
function demandName(name: unknown): void {
  if (typeof name !== 'string') throw constraint('name', 'null', 'not be null');
  if (name.length < 1 || name.length > 1011) throw validation('Parameter name must be 1 to 1011 characters long.');
  if (name.includes('/') && !name.startsWith('/')) throw validation('Parameter name must be a fully qualified name.');
  if (!/^[\w./-]+$/.test(name) || /\/\/|\/$/.test(name))
    throw validation(
      'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
    );
  if (/^\/?(aws|ssm)/i.test(name))
    throw parameterError(
      /^\/?aws/i.test(name) ? 'AccessDeniedException' : 'ValidationException',
      `Parameter name: can't be prefixed with "aws" or "ssm" (case-insensitive); it is '${name}'.`,
    );
  if (name.split('/').filter(Boolean).length > mostLevels)
    throw parameterError(
      'HierarchyLevelLimitExceededException',
      `A hierarchy can have a maximum of ${mostLevels} levels; ${name} has more.`,
    );
}

function versionFrom(now: Millis, input: Json, before: Version | undefined): Version {
  const { Value, AllowedPattern, DataType = 'text' } = input;
  const type = input.Type ?? before?.type;
  if (type === undefined) throw validation('A parameter type is required when you create a parameter.');
  if (!types.includes(type)) throw constraint('type', type, `satisfy enum value set: [${types.join(', ')}]`);
  if (before && before.type !== type)
    throw parameterError(
      'HierarchyTypeMismatchException',
      `Parameter Store doesn't support changing a parameter type; it is ${before.type}.`,
    );
  if (typeof Value !== 'string') throw constraint('value', 'null', 'not be null');
  if (DataType !== 'text' && DataType !== 'aws:ec2:image')
    throw validation(`The data type ${DataType} is not modelled by the local runtime; modelled: text, aws:ec2:image.`);
  const bytes = Buffer.byteLength(Value);
  const wanted = input.Tier ?? before?.tier ?? 'Standard';
  // Intelligent tiering takes the larger tier where the value needs it.
  const tier = wanted === 'Intelligent-Tiering' ? (bytes > bytesByTier.Standard! ? 'Advanced' : 'Standard') : wanted;
  const most = bytesByTier[tier];
  if (most === undefined)
    throw constraint('tier', tier, 'satisfy enum value set: [Standard, Intelligent-Tiering, Advanced]');
  if (bytes > most) {
    throw validation(
      tier === 'Standard'
        ? 'Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html'
        : 'Advanced tier parameters support a maximum parameter value of 8192 characters.',
    );
  }
  if (AllowedPattern !== undefined && !matchesPattern(AllowedPattern, Value))
    throw parameterError(
      'ParameterPatternMismatchException',
      `Parameter value, cannot be validated against allowedPattern: ${AllowedPattern}`,
    );
  return {
    version: (before?.version ?? 0) + 1,
    value: Value,
    type,
    description: input.Description ?? before?.description,
    allowedPattern: AllowedPattern,
    dataType: DataType,
    tier,
    keyId: type === 'SecureString' ? (input.KeyId ?? before?.keyId ?? 'alias/aws/ssm') : undefined,
    policies: input.Policies,
    modifiedMs: now,
    labels: new Set(),
  };
}

function matchesPattern(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern).test(value);
  } catch {
    throw parameterError('InvalidAllowedPatternException', `The allowed pattern ${pattern} is no regular expression.`);
  }
}
