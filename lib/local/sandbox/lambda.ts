/**
 * What a function sees of Lambda, equal in both runtimes (sandbox and worker threads): variables, the error objects,
 * the lines of its log. Not modelled: the JSON log format's system events (platform.start ...), X-Ray ids.
 */
import { createHash } from 'node:crypto';
import { format, inspect, types } from 'node:util';
import type { Millis } from '../ports';
import type { EnvironmentSpec, Finished, Invocation } from '../services/service';

/** One line of a function's log, as CloudWatch Logs would hold it. */
export interface FunctionLog {
  at: Millis;
  functionName: string;
  logGroupName: string;
  logStreamName: string;
  /** Undefined for lines of module code, before the first invocation. */
  invocationId?: string;
  requestId?: string;
  message: string;
}

/**
 * The variables that Lambda sets, then the function's own.
 * Source: docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (defined runtime variables).
 */
export function environmentVariables(
  spec: EnvironmentSpec,
  more: { taskRoot: string; logStreamName: string; region: string },
): Record<string, string> {
  return {
    _HANDLER: spec.handler,
    AWS_REGION: more.region,
    AWS_DEFAULT_REGION: more.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_nodejs${process.versions.node.split('.')[0]}.x`,
    AWS_LAMBDA_FUNCTION_NAME: spec.functionName,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroupName,
    AWS_LAMBDA_LOG_STREAM_NAME: more.logStreamName,
    AWS_ACCESS_KEY_ID: 'ASIALOCALLOCALLOCAL0',
    AWS_SECRET_ACCESS_KEY: 'local',
    AWS_SESSION_TOKEN: 'local',
    // The warning would speak of this machine's Node, not of the runtime that the function is deployed to.
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    LAMBDA_TASK_ROOT: more.taskRoot,
    LAMBDA_RUNTIME_DIR: '/var/runtime',
    LANG: 'en_US.UTF-8',
    PATH: '/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin',
    TZ: ':UTC',
    ...spec.variables,
  };
}

/** e.g. '2026/11/24/[$LATEST]0f3c...': one stream for each environment. */
export function logStreamName(spec: EnvironmentSpec, environmentId: string, bornAt: Millis): string {
  const day = new Date(bornAt).toISOString().slice(0, 10).replaceAll('-', '/');
  return `${day}/[${spec.version}]${createHash('md5').update(environmentId).digest('hex')}`;
}

/** arn:aws:lambda:<region>:... */
export const regionOf = (functionArn: string): string => functionArn.split(':')[3] || 'us-east-1';

export type Level = 'TRACE' | 'DEBUG' | 'INFO' | 'WARN' | 'ERROR' | 'FATAL';

/** What console.log becomes. Source: AWS's Node.js runtime interface client, text format. */
export function consoleLine(at: Millis, requestId: string | undefined, level: Level, text: string): string {
  return `${new Date(at).toISOString()}\t${requestId}\t${level}\t${text}`;
}

/** The same with LogFormat JSON: one value stays as it is, several are formatted as text. */
export function jsonLogLine(at: Millis, requestId: string | undefined, level: Level, parts: unknown[]): string {
  const [first] = parts;
  const error = parts.find((part) => types.isNativeError(part)) as Error | undefined;
  return JSON.stringify({
    timestamp: new Date(at).toISOString(),
    level,
    requestId,
    ...(error && { errorType: error.name, errorMessage: error.message, stackTrace: String(error.stack).split('\n') }),
    message: parts.length === 1 && !error ? first : format(...parts),
  });
}

export interface LambdaError {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

/** A thrown value as Lambda shows it to the caller. Works for errors of other realms, which are no `instanceof Error`. */
export function errorPayload(thrown: unknown): LambdaError {
  if (typeof thrown === 'object' && thrown !== null && 'message' in thrown && 'stack' in thrown) {
    const error = thrown as Error;
    return {
      errorType: String(error.name || 'Error'),
      errorMessage: String(error.message),
      trace: String(error.stack ?? '').split('\n'),
    };
  }
  return { errorType: typeof thrown, errorMessage: typeof thrown === 'string' ? thrown : inspect(thrown), trace: [] };
}

/** The line that Lambda writes for an error that a handler threw. */
export function invokeErrorLine(at: Millis, requestId: string, error: LambdaError): string {
  const shown = { errorType: error.errorType, errorMessage: error.errorMessage, stack: error.trace };
  return consoleLine(at, requestId, 'ERROR', `Invoke Error \t${JSON.stringify(shown)}`);
}

export function timeoutPayload(invocation: Invocation, at: Millis): LambdaError {
  const seconds = invocation.environment.timeoutSeconds.toFixed(2);
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `${new Date(at).toISOString()} ${invocation.requestId} Task timed out after ${seconds} seconds`,
  };
}

/** `how`: 'exit status 1' or 'signal: killed'. */
export function exitPayload(invocation: Invocation, how: string): LambdaError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${invocation.requestId} Error: Runtime exited with error: ${how}`,
  };
}

export function finished(
  invocation: Invocation,
  how: { functionError?: Finished['functionError']; payload: string; reusable: boolean; logTail: string },
): Finished {
  return { invocationId: invocation.invocationId, environmentId: invocation.environmentId, ...how };
}

/** What Invoke gives back with LogType Tail: the last 4 KB. */
export function logTail(lines: string[]): string {
  const text = `${lines.join('\n')}\n`;
  return text.length <= 4096 ? text : Buffer.from(text).subarray(-4096).toString();
}

export const startLine = (invocation: Invocation): string =>
  `START RequestId: ${invocation.requestId} Version: ${invocation.environment.version}`;

/** END and REPORT; memory is not measured, so it is not reported. */
export function endLines(invocation: Invocation, durationMs: number, status?: string): string[] {
  const { requestId, environment } = invocation;
  return [
    `END RequestId: ${requestId}`,
    `REPORT RequestId: ${requestId}\tDuration: ${durationMs.toFixed(2)} ms\tBilled Duration: ${Math.ceil(durationMs)} ms\t` +
      `Memory Size: ${environment.memoryMb} MB${status ? `\tStatus: ${status}` : ''}`,
  ];
}

/** 'src/index.handler' -> file without extension, and the path of names to the function. */
export function parseHandler(handler: string): { file: string; names: string[] } {
  const slash = handler.lastIndexOf('/') + 1;
  const dot = handler.indexOf('.', slash);
  if (dot <= slash || dot === handler.length - 1) {
    throw new Error(`The handler '${handler}' is not of the form 'file.function', e.g. 'index.handler'.`);
  }
  return { file: handler.slice(0, dot), names: handler.slice(dot + 1).split('.') };
}
