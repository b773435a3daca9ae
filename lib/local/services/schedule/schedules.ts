/** A schedule's definition: what may be asked for, with what AWS fills in. Source: Scheduler API, CreateSchedule. */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { constraint, missing, validation } from './errors';
import { parseExpression, type Timing } from './expression';
import { checkTarget } from './targets';

/** What CreateSchedule and UpdateSchedule set; members as in the API, absent ones left out. */
export interface Definition {
  content: Json;
  timing: Timing;
  startMs?: Millis;
  endMs?: Millis;
  windowMs: Millis;
}

const defaultRetry = { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 };

export function demandName(member: string, value: unknown): string {
  if (value === undefined || value === null) throw missing(member);
  if (typeof value !== 'string' || !/^[0-9a-zA-Z-_.]+$/.test(value)) {
    throw constraint(member, value, 'satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$');
  }
  if (value.length > 64) throw constraint(member, value, 'have length less than or equal to 64');
  return value;
}

/** Throws ValidationException. */
export function readDefinition(input: Json): Definition {
  const expression = input.ScheduleExpression;
  if (!expression) throw missing('scheduleExpression');
  const zone = input.ScheduleExpressionTimezone ?? 'UTC';
  const timing = parseExpression(expression, zone);
  const State = oneOf('state', input.State ?? 'ENABLED', ['ENABLED', 'DISABLED']);
  const ActionAfterCompletion = oneOf('actionAfterCompletion', input.ActionAfterCompletion ?? 'NONE', [
    'NONE',
    'DELETE',
  ]);
  checkTarget(input.Target);
  const given = input.Target.RetryPolicy ?? {};
  const RetryPolicy = {
    MaximumEventAgeInSeconds: given.MaximumEventAgeInSeconds ?? defaultRetry.MaximumEventAgeInSeconds,
    MaximumRetryAttempts: given.MaximumRetryAttempts ?? defaultRetry.MaximumRetryAttempts,
  };
  between('target.retryPolicy.maximumEventAgeInSeconds', RetryPolicy.MaximumEventAgeInSeconds, 60, 86_400);
  between('target.retryPolicy.maximumRetryAttempts', RetryPolicy.MaximumRetryAttempts, 0, 185);
  const startMs = dateMs('startDate', input.StartDate);
  const endMs = dateMs('endDate', input.EndDate);
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    throw validation('The EndDate must be later than the StartDate.');
  }
  const content: Json = {
    ScheduleExpression: expression,
    ScheduleExpressionTimezone: zone,
    StartDate: input.StartDate ?? undefined,
    EndDate: input.EndDate ?? undefined,
    Description: input.Description ?? undefined,
    KmsKeyArn: input.KmsKeyArn ?? undefined,
    FlexibleTimeWindow: input.FlexibleTimeWindow,
    State,
    ActionAfterCompletion,
    Target: { ...input.Target, RetryPolicy },
  };
  for (const name of Object.keys(content)) if (content[name] === undefined) delete content[name];
  return { content, timing, startMs, endMs, windowMs: windowMs(input.FlexibleTimeWindow) };
}

function windowMs(window: Json): Millis {
  if (!window) throw missing('flexibleTimeWindow');
  const mode = oneOf('flexibleTimeWindow.mode', window.Mode, ['OFF', 'FLEXIBLE']);
  const minutes = window.MaximumWindowInMinutes ?? undefined;
  if (mode === 'OFF') {
    if (minutes !== undefined) {
      throw validation('MaximumWindowInMinutes must not be given when FlexibleTimeWindow.Mode is OFF.');
    }
    return 0;
  }
  if (minutes === undefined)
    throw validation('MaximumWindowInMinutes is required when FlexibleTimeWindow.Mode is FLEXIBLE.');
  between('flexibleTimeWindow.maximumWindowInMinutes', minutes, 1, 1440);
  return minutes * 60_000;
}

function oneOf(member: string, value: unknown, allowed: string[]): string {
  if (value === undefined || value === null) throw missing(member);
  if (!allowed.includes(value as string)) {
    throw constraint(member, value, `satisfy enum value set: [${allowed.join(', ')}]`);
  }
  return value as string;
}

function between(member: string, value: unknown, lowest: number, highest: number): void {
  if (!Number.isInteger(value)) throw validation(`${member} must be an integer; it is ${String(value)}.`);
  if ((value as number) < lowest) throw constraint(member, value, `have value greater than or equal to ${lowest}`);
  if ((value as number) > highest) throw constraint(member, value, `have value less than or equal to ${highest}`);
}

/** Epoch seconds, as the wire carries dates; templates hold ISO 8601. */
function dateMs(member: string, value: unknown): Millis | undefined {
  if (value === undefined || value === null) return undefined;
  const ms = typeof value === 'number' ? value * 1000 : Date.parse(String(value));
  if (!Number.isFinite(ms)) throw validation(`${member} must be a date; it is '${String(value)}'.`);
  return ms;
}
