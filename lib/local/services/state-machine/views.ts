/** Executions as the API shows them. Source: Step Functions API reference; developer guide, "Redriving executions". */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import type { Execution } from './interpreter/execution';

const redrivableMs = 14 * 86_400_000;

export const defined = (members: Record<string, Json>): Record<string, Json> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

export function summary({ arn, name, machine, status, startMs, stopMs, redrives, redriveMs }: Execution): Json {
  return {
    executionArn: arn,
    stateMachineArn: machine.arn,
    name,
    status,
    startDate: startMs / 1000,
    ...(stopMs !== undefined ? { stopDate: stopMs / 1000 } : {}),
    ...defined({ stateMachineVersionArn: machine.versionArn, stateMachineAliasArn: machine.aliasArn }),
    redriveCount: redrives,
    ...(redriveMs !== undefined ? { redriveDate: redriveMs / 1000 } : {}),
  };
}

export function described(execution: Execution, now: Millis): Json {
  const why = whyNotRedrivable(execution, now);
  return {
    ...summary(execution),
    input: execution.inputText,
    inputDetails: { included: true },
    ...(execution.outputText !== undefined ? { output: execution.outputText, outputDetails: { included: true } } : {}),
    ...defined({ error: execution.error, cause: execution.cause, traceHeader: execution.traceHeader }),
    redriveStatus: why ? 'NOT_REDRIVABLE' : 'REDRIVABLE',
    ...(why ? { redriveStatusReason: why } : {}),
  };
}

export function syncAnswer(execution: Execution): Json {
  const { status, startMs, stopMs, outputText, inputText, error, traceHeader, machine } = execution;
  const durationMs = stopMs! - startMs;
  return {
    executionArn: execution.arn,
    stateMachineArn: machine.arn,
    name: execution.name,
    status,
    startDate: startMs / 1000,
    stopDate: stopMs! / 1000,
    input: inputText,
    inputDetails: { included: true },
    ...(outputText !== undefined ? { output: outputText, outputDetails: { included: true } } : {}),
    ...defined({ error, cause: execution.cause, traceHeader }),
    billingDetails: {
      billedMemoryUsedInMB: 64,
      billedDurationInMilliseconds: Math.max(100, Math.ceil(durationMs / 100) * 100),
    },
  };
}

export function whyNotRedrivable(
  { status, stopMs, machine, failedAt, history }: Execution,
  now: Millis,
): string | undefined {
  if (machine.type === 'EXPRESS') return 'Express executions are not redrivable';
  if (status === 'RUNNING') return 'Execution is RUNNING and cannot be redriven';
  if (status === 'SUCCEEDED') return 'Execution is SUCCEEDED and cannot be redriven';
  if (history.length >= 24_999 || !failedAt) return 'Execution history event limit exceeded';
  if (now - stopMs! > redrivableMs) return 'Execution redrive period exceeded';
  return undefined;
}
