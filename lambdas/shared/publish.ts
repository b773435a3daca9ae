/**
 * Pays what records owe (PROTOCOL, step 4): PutEvents for what is due, EventBridge Scheduler for what is due later.
 *
 * 1. The entries of a whole batch share calls: at most 10 entries and less than 1 MB each.
 * 2. Every entry's result is looked at; only failed entries are sent again, with jitter, until near the deadline. Why one
 *    failed is logged once: an outage would say the same at each attempt.
 * 3. A schedule is named by its event's id: creating it again is refused (ConflictException), so it was created before.
 *    One that has fired is gone, and its due time has passed: then the event is published at once, with the same id.
 *
 * Source: API_PutEvents; EventBridge Scheduler, API_CreateSchedule.
 */
import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { CreateScheduleCommand } from '@aws-sdk/client-scheduler';
import { environment as variables } from '../../lib/contracts/environment';
import type { OwedEvent } from '../../lib/contracts/record';
import * as env from './environment';
import { messageOf, nameOf } from './errors';
import { described, type Log } from './log';
import { pause, refused } from './patience';
import { entryBytes, wireBytesLimit } from './sizes';

const entriesPerCall = 10;

/** Publishes or schedules every event; answers those that could not be, in the time that was left. */
export async function publish(owed: readonly OwedEvent[], untilMs: number, log: Log): Promise<Set<OwedEvent>> {
  const later = owed.filter((event) => event.dueAtMs !== undefined && event.dueAtMs > env.now());
  const due = owed.filter((event) => !later.includes(event));
  const unpaid = await Promise.all([putAll(due, untilMs, log), ...later.map((event) => schedule(event, untilMs, log))]);
  return new Set(unpaid.flat());
}

async function putAll(owed: OwedEvent[], untilMs: number, log: Log): Promise<OwedEvent[]> {
  let rest = owed;
  const hopeless: OwedEvent[] = [];
  const said = new Map<OwedEvent, string>();
  for (let attempt = 0; rest.length > 0; attempt++) {
    if (attempt > 0 && !(await pause(attempt, untilMs, refused))) break;
    const failed: OwedEvent[] = [];
    for (const entries of inCalls(rest)) {
      const errors = await put(entries);
      entries.forEach((event, index) => {
        const error = errors[index];
        if (!error) return;
        if (said.get(event) !== error.errorName)
          log.warn('an event was not published', { published: event.id, type: event.type, ...error, attempt });
        said.set(event, error.errorName);
        (isPermanent(error.errorName) ? hopeless : failed).push(event);
      });
    }
    rest = failed;
  }
  return [...hopeless, ...rest];
}

type Failure = { errorName: string; error: string } | undefined;

/** One call; the failure of each entry, or undefined. A call that fails as a whole fails for each entry. */
async function put(owed: OwedEvent[]): Promise<Failure[]> {
  try {
    const { Entries } = await env.events().send(
      new PutEventsCommand({
        Entries: owed.map((event) => ({
          EventBusName: env.variable(variables.busName),
          Source: event.source,
          DetailType: event.type,
          Detail: event.detail,
        })),
      }),
    );
    return owed.map((_, index) => {
      const result = Entries?.[index];
      if (result?.EventId && !result.ErrorCode) return undefined;
      return { errorName: result?.ErrorCode ?? 'NoResult', error: result?.ErrorMessage ?? 'the entry has no result' };
    });
  } catch (error) {
    return owed.map(() => ({ errorName: nameOf(error), error: messageOf(error) }));
  }
}

function inCalls(owed: OwedEvent[]): OwedEvent[][] {
  const calls: OwedEvent[][] = [];
  let bytes = 0;
  for (const event of owed) {
    const size = entryBytes(event);
    const last = calls.at(-1);
    if (last && last.length < entriesPerCall && bytes + size < wireBytesLimit) {
      last.push(event);
      bytes += size;
    } else {
      calls.push([event]);
      bytes = size;
    }
  }
  return calls;
}

async function schedule(event: OwedEvent, untilMs: number, log: Log): Promise<OwedEvent[]> {
  for (let attempt = 0; ; attempt++) {
    try {
      await env.scheduler().send(
        new CreateScheduleCommand({
          Name: event.id,
          GroupName: env.variable(variables.scheduleGroup),
          ScheduleExpression: `at(${wholeSecond(event.dueAtMs!)})`,
          ScheduleExpressionTimezone: 'UTC',
          FlexibleTimeWindow: { Mode: 'OFF' },
          ActionAfterCompletion: 'DELETE',
          Target: {
            Arn: env.variable(variables.busArn),
            RoleArn: env.variable(variables.scheduleRoleArn),
            EventBridgeParameters: { Source: event.source, DetailType: event.type },
            Input: event.detail,
            DeadLetterConfig: { Arn: env.variable(variables.scheduleDeadLettersArn) },
          },
        }),
      );
      return [];
    } catch (error) {
      if (nameOf(error) === 'ConflictException') return [];
      log.warn('an event was not scheduled', { published: event.id, type: event.type, ...described(error), attempt });
      if (isPermanent(nameOf(error)) || !(await pause(attempt, untilMs, refused))) return [event];
    }
  }
}

/** '2026-11-24T06:26:31': schedules know whole seconds; never before the due time. */
const wholeSecond = (ms: number): string => new Date(Math.ceil(ms / 1000) * 1000).toISOString().slice(0, 19);

/** Sending the same again in a second would fail the same way; a redelivery or the sweeper tries again much later. */
const isPermanent = (errorName: string): boolean =>
  /^(InvalidArgument|MalformedDetail|Validation|AccessDenied|NotAuthorized|ResourceNotFound|Invariant)/.test(errorName);
