/**
 * What an execution writes to its log group: its history, as far as the level goes.
 *
 * Differs: AWS shares a stream among executions; here each has its own, named by machine, day and execution.
 * Source: Step Functions developer guide, "Using CloudWatch Logs to log execution history in Step Functions" (levels,
 * members of a record); API reference, LoggingConfiguration.
 */
import type { Millis } from '../../../ports';
import type { Effect, Json } from '../../service';
import type { MachineSnapshot } from './execution';
import type { HistoryEvent } from './history';

export interface ExecutionLog {
  group: string;
  stream: string;
  level: 'ALL' | 'ERROR' | 'FATAL';
  /** Inputs and outputs too. */
  data: boolean;
  executionArn: string;
  /** Counted for Standard executions only. */
  redrives?: number;
}

const fatal = new Set(['ExecutionAborted', 'ExecutionFailed', 'ExecutionTimedOut']);
/** Failed, aborted, timed out, could not be started: of executions, states, iterations and tasks. */
const erroneous = /(Failed|Aborted|TimedOut)$/;
const isError = (type: string): boolean => erroneous.test(type) || type === 'FailStateEntered';

/** undefined where the machine logs nothing. */
export function executionLog(machine: MachineSnapshot, executionArn: string, now: Millis): ExecutionLog | undefined {
  const { level, includeExecutionData, destinations } = machine.logging ?? {};
  const arn: string | undefined = destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn;
  if (!arn || level === undefined || level === 'OFF') return undefined;
  const [, group] = arn.split(':log-group:');
  const day = new Date(now).toISOString().slice(0, 10);
  return {
    group: group!.replace(/:\*$/, ''),
    stream: `states/${machine.name}/${day}/${executionArn.split(':').slice(7).join('/')}`,
    level,
    data: includeExecutionData === true,
    executionArn,
    ...(machine.type === 'STANDARD' ? { redrives: 0 } : {}),
  };
}

/** The request that writes the event; what one act writes to a stream goes there in one. */
export function writeLog(
  log: ExecutionLog,
  event: HistoryEvent,
  details: Record<string, Json> | undefined,
  effects: Effect[],
): void {
  const line = logLine(log, event, details);
  if (line === undefined) return;
  const last = effects.at(-1);
  if (last?.kind === 'call' && last.to === 'logs' && last.input.logStreamName === log.stream) {
    last.input.messages.push(line);
    return;
  }
  const input = { logGroupName: log.group, logStreamName: log.stream, messages: [line] };
  effects.push({ kind: 'call', to: 'logs', operation: '$append', input });
}

/** undefined where the level leaves the event out. */
function logLine(
  log: ExecutionLog,
  { id, type, previousEventId, timestamp }: HistoryEvent,
  details: Record<string, Json> | undefined,
): string | undefined {
  if (type === 'ExecutionRedriven' && log.redrives !== undefined) log.redrives++;
  if (log.level === 'FATAL' && !fatal.has(type)) return undefined;
  if (log.level === 'ERROR' && !isError(type)) return undefined;
  const [shown] = Object.values(details ?? {});
  return JSON.stringify({
    id: String(id),
    type,
    details: log.data ? shown : withoutData(shown),
    ...(log.redrives !== undefined ? { redrive_count: String(log.redrives) } : {}),
    previous_event_id: String(previousEventId),
    event_timestamp: String(Math.round(timestamp * 1000)),
    execution_arn: log.executionArn,
  });
}

const data = new Set(['input', 'inputDetails', 'output', 'outputDetails', 'parameters', 'assignedVariables']);

function withoutData(details: Json): Json {
  if (details === undefined) return undefined;
  return Object.fromEntries(Object.entries(details).filter(([name]) => !data.has(name)));
}
