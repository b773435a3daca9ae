/** What a function is: validated input of CreateFunction -> record -> AWS's FunctionConfiguration. */
import { Refusal } from '../refusal';
import type { Archive, EnvironmentSpec, Json } from '../service';
import { archiveOf } from './archive';

export const invalid = (message: string): Refusal => new Refusal({ name: 'InvalidParameterValueException', message });
export const notFound = (message: string): Refusal =>
  new Refusal({ name: 'ResourceNotFoundException', message, status: 404, members: { Type: 'User', Message: message } });
export const conflict = (message: string): Refusal =>
  new Refusal({ name: 'ResourceConflictException', message, status: 409, members: { Type: 'User', Message: message } });

export const staleRevision = (): Refusal =>
  new Refusal({
    name: 'PreconditionFailedException',
    message:
      'The RevisionId provided does not match the latest RevisionId. Call the GetFunction/GetAlias API to retrieve the latest Revision ID',
    status: 412,
  });

/** One version's settings; '$LATEST' can change, a published one cannot. */
export interface Settings extends Code {
  handler: string;
  runtime: string;
  role: string;
  description: string;
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, string>;
  architectures: string[];
  tracing: string;
  ephemeralStorageMb: number;
  logGroupName: string;
  logFormat: string;
  deadLetterArn?: string;
}

/** Where a version's code is: in the folder of an asset, or in an archive that was uploaded. */
export interface Code {
  codeDir: string;
  archive?: Archive;
}

/** Reads the code of CreateFunction ({ ZipFile } or, of an asset, { '$dir' }). What lies in S3 was fetched before. */
export function codeFrom(name: string, code: Json, operation: string): Code {
  if (typeof code?.$dir === 'string') return { codeDir: code.$dir, archive: undefined };
  if (code?.ImageUri !== undefined)
    throw invalid(`${name}: images are not modelled; allowed: ZipFile, S3Bucket and S3Key.`);
  if (typeof code?.ZipFile !== 'string') throw invalid('Please provide a source for function code.');
  return { codeDir: '', archive: archiveOf(Buffer.from(code.ZipFile, 'base64'), operation) };
}

/** Reads CreateFunction's input. */
export function settingsFrom(input: Json): Settings {
  const name = input.FunctionName;
  const runtime = input.Runtime ?? '';
  if (typeof input.Handler !== 'string' || runtime === '') {
    throw invalid('Runtime and Handler are mandatory parameters for functions created with deployment packages.');
  }
  const settings: Settings = {
    ...codeFrom(name, input.Code, 'CreateFunction'),
    runtime,
    handler: input.Handler,
    role: '',
    description: '',
    memoryMb: 128,
    timeoutSeconds: 3,
    variables: {},
    architectures: input.Architectures ?? ['x86_64'],
    tracing: 'PassThrough',
    ephemeralStorageMb: 512,
    logGroupName: `/aws/lambda/${name}`,
    logFormat: 'Text',
  };
  return { ...settings, ...settingsChange(input, settings) };
}

/** Members that change how a function runs, and are not modelled: the reason in words. */
const refusedMembers: Record<string, string> = {
  Layers: 'layers are not modelled; put what they hold into the package',
  FileSystemConfigs: 'file systems are not modelled',
  ImageConfig: 'images are not modelled',
  DurableConfig: 'durable functions are not modelled',
  CapacityProviderConfig: 'capacity providers are not modelled',
};

/** Reads what UpdateFunctionConfiguration says, over what there was; what it leaves out stays. */
export function settingsChange(input: Json, was: Settings): Partial<Settings> {
  const name = input.FunctionName;
  for (const [member, reason] of Object.entries(refusedMembers)) {
    const given = input[member];
    if (given !== undefined && Object.keys(given ?? {}).length > 0)
      throw invalid(`${name}: ${member} is given; ${reason}.`);
  }
  if ((input.PackageType ?? 'Zip') !== 'Zip')
    throw invalid(`${name}: PackageType ${input.PackageType} is not modelled; allowed: Zip.`);
  const runtime = input.Runtime ?? was.runtime;
  if (!/^nodejs\d+\.x$/.test(runtime)) {
    throw invalid(`${name}: the runtime '${runtime}' is not modelled; allowed: nodejs<version>.x.`);
  }
  return {
    runtime,
    handler: input.Handler ?? was.handler,
    role: input.Role ?? was.role,
    description: input.Description ?? was.description,
    memoryMb: within(input, 'MemorySize', 128, 10_240, was.memoryMb),
    timeoutSeconds: within(input, 'Timeout', 1, 900, was.timeoutSeconds),
    variables: input.Environment ? variablesFrom(input.Environment.Variables ?? {}) : was.variables,
    tracing: input.TracingConfig?.Mode ?? was.tracing,
    ephemeralStorageMb: within(input.EphemeralStorage ?? {}, 'Size', 512, 10_240, was.ephemeralStorageMb),
    logGroupName: input.LoggingConfig?.LogGroup ?? was.logGroupName,
    logFormat: input.LoggingConfig?.LogFormat ?? was.logFormat,
    deadLetterArn: input.DeadLetterConfig ? input.DeadLetterConfig.TargetArn || undefined : was.deadLetterArn,
  };
}

/** Source: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (reserved variables; 4 KB in all). */
const reservedVariables =
  /^(_HANDLER|_X_AMZN_TRACE_ID|AWS_(DEFAULT_)?REGION|AWS_EXECUTION_ENV|AWS_LAMBDA_(FUNCTION_(NAME|MEMORY_SIZE|VERSION)|INITIALIZATION_TYPE|LOG_(GROUP|STREAM)_NAME|RUNTIME_API)|AWS_ACCESS_KEY(_ID)?|AWS_SECRET_(ACCESS_)?KEY|AWS_SESSION_TOKEN|LAMBDA_(TASK_ROOT|RUNTIME_DIR))$/;
const mostVariableBytes = 4096;

function variablesFrom(given: Json): Record<string, string> {
  const head =
    'Lambda was unable to configure your environment variables because the environment variables you have provided';
  const variables = Object.fromEntries(Object.entries(given).map(([key, value]) => [key, String(value)]));
  const reserved = Object.keys(variables).filter((key) => reservedVariables.test(key));
  if (reserved.length > 0) {
    throw invalid(
      `${head} contains reserved keys that are currently not supported for modification. ` +
        `Reserved keys used in this request: ${reserved.join(', ')}`,
    );
  }
  const text = JSON.stringify(variables);
  if (Buffer.byteLength(text) > mostVariableBytes)
    throw invalid(`${head} exceeded the 4KB limit. String measured: ${text}`);
  return variables;
}

export function within(input: Json, property: string, least: number, most: number, otherwise: number): number {
  const value = input[property] === undefined ? otherwise : Number(input[property]);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw invalid(`${property} is ${input[property]}; allowed: whole numbers from ${least} to ${most}.`);
}

export function environmentSpec(name: string, arn: string, version: string, settings: Settings): EnvironmentSpec {
  const json: Record<string, string> = settings.logFormat === 'JSON' ? { AWS_LAMBDA_LOG_FORMAT: 'JSON' } : {};
  return {
    functionName: name,
    functionArn: arn,
    version,
    codeDir: settings.codeDir,
    ...(settings.archive && { archive: settings.archive }),
    handler: settings.handler,
    memoryMb: settings.memoryMb,
    timeoutSeconds: settings.timeoutSeconds,
    variables: { ...json, ...settings.variables },
    logGroupName: settings.logGroupName,
  };
}

/** AWS's FunctionConfiguration. Of an asset no archive is made: it has neither CodeSize nor CodeSha256. */
export function configurationOf(
  name: string,
  arn: string,
  version: string,
  settings: Settings,
  lastModifiedMs: number,
  revisionId: string,
): Json {
  return {
    FunctionName: name,
    FunctionArn: arn,
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: new Date(lastModifiedMs).toISOString().replace('Z', '+0000'),
    Version: version,
    Environment: { Variables: settings.variables },
    TracingConfig: { Mode: settings.tracing },
    RevisionId: revisionId,
    ...(settings.archive && { CodeSize: settings.archive.bytes.length, CodeSha256: settings.archive.sha256 }),
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: settings.architectures,
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    LoggingConfig: { LogFormat: settings.logFormat, LogGroup: settings.logGroupName },
    ...(settings.deadLetterArn && { DeadLetterConfig: { TargetArn: settings.deadLetterArn } }),
  };
}
