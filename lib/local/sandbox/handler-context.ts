/** The context object that a handler gets. Source: docs.aws.amazon.com/lambda/latest/dg/nodejs-context.html */
import type { Invocation } from '../services/service';
import type { RealmTools } from './prelude';

export type Callback = (error?: unknown, result?: unknown) => void;

export interface HandlerContext {
  /** A handler may set it to false: then its callback answers at once. */
  callbackWaitsForEmptyEventLoop: boolean;
  [member: string]: unknown;
}

export function handlerContext(
  tools: RealmTools,
  invocation: Invocation,
  logStreamName: string,
  callback: Callback,
  now: () => number,
): HandlerContext {
  const { environment: spec } = invocation;
  return Object.assign(tools.object(), {
    callbackWaitsForEmptyEventLoop: true,
    functionName: spec.functionName,
    functionVersion: spec.version,
    invokedFunctionArn: invocation.functionArn,
    memoryLimitInMB: String(spec.memoryMb),
    awsRequestId: invocation.requestId,
    logGroupName: spec.logGroupName,
    logStreamName,
    getRemainingTimeInMillis: () => Math.max(0, invocation.deadlineMs - now()),
    done: callback,
    succeed: (result: unknown) => callback(undefined, result),
    fail: (error: unknown) => callback(error ?? 'handled'),
  });
}
