/**
 * `rate(5 minutes)` and `cron(0 12 * * ? *)` of rules, in UTC, to the minute.
 * Source: User Guide, "Schedule expressions": 1 minute is singular, more are plural; cron has six fields, and one of
 * day-of-month and day-of-week must be `?`.
 */
import { Cron } from 'croner';
import type { Millis } from '../../ports';
import { remade } from '../kept';
import { invalidParameter } from './errors';

export interface Schedule {
  /** The first moment after `ms`, undefined when there is none any more. */
  after(ms: Millis): Millis | undefined;
}

const unitMs: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Throws AWS's refusal. `createdMs` is where a rate starts to count. */
export const parseSchedule = remade('events.schedule', (text: string, createdMs: Millis): Schedule => {
  const rate = /^rate\(\s*(\d+)\s+(minute|hour|day)(s?)\s*\)$/.exec(text);
  if (rate) {
    const [, count, unit, plural] = rate;
    const number = Number(count);
    if (number < 1 || (number === 1) === (plural === 's')) throw invalidParameter('ScheduleExpression');
    const period = number * unitMs[unit!]!;
    return { after: (ms) => createdMs + (Math.floor(Math.max(0, ms - createdMs) / period) + 1) * period };
  }
  const cron = /^cron\((.+)\)$/.exec(text)?.[1]?.trim().split(/\s+/);
  if (cron?.length !== 6) throw invalidParameter('ScheduleExpression');
  if ((cron[2] === '?') === (cron[4] === '?')) throw invalidParameter('ScheduleExpression');
  try {
    const times = new Cron(`0 ${cron.join(' ').replaceAll('?', '*')}`, {
      timezone: 'UTC',
      alternativeWeekdays: true,
      sloppyRanges: true,
      paused: true,
    });
    return { after: (ms) => times.nextRun(new Date(ms))?.getTime() };
  } catch {
    throw invalidParameter('ScheduleExpression');
  }
});
