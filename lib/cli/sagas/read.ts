/**
 * What is known of a saga's executions, through Step Functions' own API: which run, and what each asked and was answered.
 * Source: Step Functions API reference, GetExecutionHistory; a task's end leads back to its TaskScheduled by previousEventId.
 */
import type { ExecutionStatus, HistoryEvent } from '@aws-sdk/client-sfn';
import { sagas } from '../../contracts';
import type { Saga } from '../../contracts/saga';
import type { Aws } from '../aws';
import { CliError } from '../errors';

/** One ask: every attempt is one. */
export interface AskView {
  step: string;
  type: string;
  /** `meta.id`: attempts at a step have the same, except where the answer comes later. */
  id: string;
  /** ISO 8601. */
  at: string;
  /** waiting: for its answer. ended: somebody else's failure, or a cancel, ended its task. */
  outcome: 'waiting' | 'answered' | 'refused' | 'timed-out' | 'failed' | 'ended';
  endedAt?: string;
  /** answered: the answer's type. refused, failed: why. */
  answer?: string;
  reason?: string;
  data?: Record<string, unknown>;
}

export interface ExecutionView {
  /** Of its start event: 'bk-1001'. */
  key: string;
  saga: string;
  arn: string;
  status: ExecutionStatus;
  startedAt: string;
  stoppedAt?: string;
  /** done, undone: how it ended; undefined while it runs, or where it failed. */
  outcome?: 'done' | 'undone';
  /** undone: why. failed: the error. */
  reason?: string;
  /** `meta.id` of the event that started it. */
  startedBy?: string;
  correlation?: string;
}

/** The saga named so, or the only one. */
export function findSaga(name: string | undefined): Saga {
  const found = name === undefined ? (sagas.length === 1 ? sagas[0] : undefined) : sagas.find(({ id }) => id === name);
  if (found) return found;
  const ids = sagas.map(({ id }) => id).join(', ') || 'none';
  throw new CliError(
    name === undefined ? `Which saga? Name one with --saga: ${ids}.` : `There is no saga '${name}'. There are: ${ids}.`,
    2,
  );
}

const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();

async function machineArn(aws: Aws, saga: Saga): Promise<string> {
  const wanted = plain(`${saga.id}StateMachineArn`);
  const key = [...(await aws.outputs()).keys()].find((name) => plain(name) === wanted);
  return aws.output(key ?? `${saga.id} state machine`);
}

/** The newest first. */
export async function listExecutions(
  aws: Aws,
  saga: Saga,
  filter: { status?: ExecutionStatus; limit: number },
): Promise<ExecutionView[]> {
  const { paginateListExecutions } = await import('@aws-sdk/client-sfn');
  const client = await aws.states();
  const stateMachineArn = await machineArn(aws, saga);
  return aws.reach(async () => {
    const found: ExecutionView[] = [];
    for await (const page of paginateListExecutions({ client }, { stateMachineArn, statusFilter: filter.status })) {
      for (const one of page.executions ?? []) {
        found.push({
          key: one.name!,
          saga: saga.id,
          arn: one.executionArn!,
          status: one.status!,
          startedAt: one.startDate!.toISOString(),
          stoppedAt: one.stopDate?.toISOString(),
        });
        if (found.length === filter.limit) return found;
      }
    }
    return found;
  });
}

/** Undefined: no such execution (or none any more: Step Functions forgets one 90 days after its end). */
export async function readExecution(aws: Aws, saga: Saga, key: string): Promise<ExecutionView | undefined> {
  const { DescribeExecutionCommand } = await import('@aws-sdk/client-sfn');
  const executionArn = `${(await machineArn(aws, saga)).replace(':stateMachine:', ':execution:')}:${key}`;
  const client = await aws.states();
  try {
    const found = await aws.reach(() => client.send(new DescribeExecutionCommand({ executionArn })));
    const output = found.output ? JSON.parse(found.output) : undefined;
    const { meta } = found.input ? JSON.parse(found.input) : ({} as { meta?: { id: string; correlation: string } });
    return {
      key,
      saga: saga.id,
      arn: executionArn,
      status: found.status!,
      startedAt: found.startDate!.toISOString(),
      stoppedAt: found.stopDate?.toISOString(),
      outcome: output?.outcome,
      reason: output?.reason ?? (found.error ? `${found.error}: ${found.cause ?? ''}` : undefined),
      startedBy: meta?.id,
      correlation: meta?.correlation,
    };
  } catch (error) {
    if (['ExecutionDoesNotExist', 'InvalidArn'].includes((error as Error).name)) return undefined;
    throw error;
  }
}

/** Everything that the execution asked, in order. */
export async function readAsks(aws: Aws, { arn, status }: ExecutionView): Promise<AskView[]> {
  const { paginateGetExecutionHistory } = await import('@aws-sdk/client-sfn');
  const client = await aws.states();
  const events: HistoryEvent[] = [];
  await aws.reach(async () => {
    for await (const page of paginateGetExecutionHistory({ client }, { executionArn: arn, maxResults: 1000 })) {
      events.push(...(page.events ?? []));
    }
  });
  return asksIn(events, status === 'RUNNING');
}

/** Pure. A task that has no end in the history waits while the execution runs, unless a group around it has ended. */
export function asksIn(events: readonly HistoryEvent[], running: boolean): AskView[] {
  const byId = new Map(events.map((event) => [event.id!, event]));
  const asks = new Map<number, AskView>();
  const groupEnded = events.filter(({ type }) => type === 'ParallelStateFailed' || type === 'ParallelStateSucceeded');
  for (const event of events) {
    if (event.type !== 'TaskScheduled') continue;
    const entry = entryOf(event);
    if (!entry) continue;
    const { meta, data } = entry.Detail;
    const ended = !running || groupEnded.some(({ id }) => id! > event.id! && isInside(byId, event));
    asks.set(event.id!, {
      step: meta.reply?.step ?? '?',
      type: entry.DetailType,
      id: meta.id,
      at: event.timestamp!.toISOString(),
      outcome: ended ? 'ended' : 'waiting',
      data,
    });
  }
  for (const event of events) {
    if (!['TaskSucceeded', 'TaskFailed', 'TaskTimedOut'].includes(event.type!)) continue;
    const ask = asks.get(scheduledOf(byId, event) ?? 0);
    if (ask) Object.assign(ask, { endedAt: event.timestamp!.toISOString(), ...endOf(event) });
  }
  return [...asks.values()];
}

function endOf(event: HistoryEvent): Partial<AskView> {
  if (event.type === 'TaskSucceeded') {
    return { outcome: 'answered', answer: JSON.parse(event.taskSucceededEventDetails?.output ?? '{}').type };
  }
  const { error, cause } = event.taskFailedEventDetails ?? event.taskTimedOutEventDetails ?? {};
  if (event.type === 'TaskTimedOut') return { outcome: 'timed-out', reason: error };
  if (error === 'Saga.Refused' || error === 'Saga.Cancelled') return { outcome: 'refused', reason: cause };
  return { outcome: 'failed', reason: [error, cause].filter(Boolean).join(': ') };
}

function entryOf(event: HistoryEvent): { DetailType: string; Detail: { meta: any; data: any } } | undefined {
  try {
    const entry = JSON.parse(event.taskScheduledEventDetails?.parameters ?? '{}').Entries?.[0];
    return entry?.Detail?.meta ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** The event's own TaskScheduled. */
function scheduledOf(byId: Map<number, HistoryEvent>, event: HistoryEvent): number | undefined {
  for (let at: HistoryEvent | undefined = event; at; at = byId.get(at.previousEventId ?? 0)) {
    if (at.type === 'TaskScheduled') return at.id;
  }
  return undefined;
}

/** Whether it was scheduled within a Parallel state. */
function isInside(byId: Map<number, HistoryEvent>, event: HistoryEvent): boolean {
  for (let at: HistoryEvent | undefined = event; at; at = byId.get(at.previousEventId ?? 0)) {
    if (at.type === 'ParallelStateFailed' || at.type === 'ParallelStateExited') return false;
    if (at.type === 'ParallelStateStarted') return true;
  }
  return false;
}
