/** What a function is: validated input of CreateFunction -> record -> AWS's FunctionConfiguration. */
import { Refusal } from '../refusal';
import type { EnvironmentSpec, Json } from '../service';

export const invalid = (message: string): Refusal => new Refusal({ name: 'InvalidParameterValueException', message });
export const notFound = (message: string): Refusal =>
  new Refusal({ name: 'ResourceNotFoundException', message, status: 404, members: { Type: 'User', Message: message } });
export const conflict = (message: string): Refusal =>
  new Refusal({ name: 'ResourceConflictException', message, status: 409, members: { Type: 'User', Message: message } });

/** One version's settings; '$LATEST' can change, a published one cannot. */
export interface Settings {
  codeDir: string;
  handler: string;
  runtime: string;
  role: string;
  description: string;
  memoryMb: number;
  timeoutSeconds: number;
  variables: Record<string, string>;
  architectures: string[];
  tracing: string;
  logGroupName: string;
  logFormat: string;
  deadLetterArn?: string;
}

/** Reads CreateFunction's input. Code comes as { '$dir': folder } from an asset; archives and images are refused. */
export function settingsFrom(input: Json): Settings {
  const name = input.FunctionName;
  const codeDir = input.Code?.$dir;
  if (typeof codeDir !== 'string') {
    throw invalid(
      `The code of ${name} is given by ${Object.keys(input.Code ?? {}).join(', ') || 'nothing'}; only code from an asset of the ` +
        'assembly is modelled (no ZipFile, no S3 object of your own, no image). Deploy it with the app.',
    );
  }
  if ((input.PackageType ?? 'Zip') !== 'Zip')
    throw invalid(`${name}: PackageType Image is not modelled; allowed: Zip.`);
  const runtime = input.Runtime ?? '';
  if (!/^nodejs\d+\.x$/.test(runtime)) {
    throw invalid(`${name}: the runtime '${runtime}' is not modelled; allowed: nodejs<version>.x.`);
  }
  if (typeof input.Handler !== 'string') throw invalid(`${name}: Handler is missing, e.g. 'index.handler'.`);
  return {
    codeDir,
    runtime,
    handler: input.Handler,
    role: input.Role ?? '',
    description: input.Description ?? '',
    memoryMb: within(input, 'MemorySize', 128, 10_240, 128),
    timeoutSeconds: within(input, 'Timeout', 1, 900, 3),
    variables: Object.fromEntries(
      Object.entries(input.Environment?.Variables ?? {}).map(([key, value]) => [key, String(value)]),
    ),
    architectures: input.Architectures ?? ['x86_64'],
    tracing: input.TracingConfig?.Mode ?? 'PassThrough',
    logGroupName: input.LoggingConfig?.LogGroup ?? `/aws/lambda/${name}`,
    logFormat: input.LoggingConfig?.LogFormat ?? 'Text',
    deadLetterArn: input.DeadLetterConfig?.TargetArn,
  };
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
    handler: settings.handler,
    memoryMb: settings.memoryMb,
    timeoutSeconds: settings.timeoutSeconds,
    variables: { ...json, ...settings.variables },
    logGroupName: settings.logGroupName,
  };
}

/** AWS's FunctionConfiguration; CodeSize and CodeSha256 are left out, since no archive is made. */
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
    State: 'Active',
    LastUpdateStatus: 'Successful',
    PackageType: 'Zip',
    Architectures: settings.architectures,
    EphemeralStorage: { Size: 512 },
    LoggingConfig: { LogFormat: settings.logFormat, LogGroup: settings.logGroupName },
    ...(settings.deadLetterArn && { DeadLetterConfig: { TargetArn: settings.deadLetterArn } }),
  };
}
