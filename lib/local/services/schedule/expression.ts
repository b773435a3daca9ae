/**
 * When a schedule is due: at(), rate() and cron() in an IANA time zone.
 *
 * 1. A rate counts from its start date, or from its creation, and is due there for the first time.
 * 2. cron has six fields: minutes, hours, day of month, month, day of week (1 = Sunday), year; one of the two days is '?'.
 * 3. A local time that daylight saving skips is skipped; one that comes twice is due once.
 * 4. Start and end dates do not touch at().
 * Source: Scheduler user guide, "Schedule types"; refusals as recorded from AWS. at() in the past is due at once: the
 * guide says neither that nor the contrary.
 */
import { Cron } from 'croner';
import type { Millis } from '../../ports';
import { remade } from '../kept';
import { validation } from './errors';

export interface Timing {
  /** Runs once: nothing follows its first occurrence. */
  once: boolean;
  /** The first occurrence for a schedule that begins at `fromMs`. */
  first(fromMs: Millis): Millis | undefined;
  /** The first occurrence after `afterMs`, itself one. */
  next(afterMs: Millis): Millis | undefined;
}

const unitMs: Record<string, Millis> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/** Throws ValidationException. */
export const parseExpression = remade('scheduler.expression', (text: string, timeZone: string): Timing => {
  demandTimeZone(timeZone);
  const invalid = validation(`Invalid Schedule Expression ${text}.`);
  const at = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\)$/.exec(text)?.[1];
  if (at) return once(at, timeZone, invalid);
  const rate = /^rate\((\d+) (minute|hour|day)s?\)$/.exec(text);
  if (rate) {
    const periodMs = Number(rate[1]) * unitMs[rate[2]!]!;
    if (periodMs === 0) throw invalid;
    return { once: false, first: (fromMs) => fromMs, next: (afterMs) => afterMs + periodMs };
  }
  const fields = /^cron\(([^()]+)\)$/.exec(text)?.[1]?.split(' ');
  if (fields?.length !== 6 || (fields[2] === '?') === (fields[4] === '?')) throw invalid;
  return recurring(fields, timeZone, invalid);
});

function once(localTime: string, timeZone: string, invalid: Error): Timing {
  let dueMs: Millis | undefined;
  try {
    dueMs = new Cron(localTime, { timezone: timeZone }).nextRun(new Date(0))?.getTime();
  } catch {
    throw invalid;
  }
  if (dueMs === undefined) throw invalid;
  return { once: true, first: () => dueMs, next: () => undefined };
}

function recurring(fields: string[], timeZone: string, invalid: Error): Timing {
  let cron: Cron;
  const pattern = `0 ${fields.map((field) => (field === '?' ? '*' : field)).join(' ')}`;
  try {
    cron = new Cron(pattern, { timezone: timeZone, alternativeWeekdays: true, sloppyRanges: true });
  } catch {
    throw invalid;
  }
  const next = (afterMs: Millis): Millis | undefined => {
    for (let from = new Date(afterMs); ; ) {
      const found = cron.nextRun(from);
      if (!found) return undefined;
      // croner moves a skipped local time to the next one that exists.
      if (cron.match(found)) return found.getTime();
      from = found;
    }
  };
  return { once: false, first: (fromMs) => next(fromMs - 1), next };
}

/** Names that were found to be right: asking Intl costs more than all else of a schedule. */
const knownTimeZones = new Set(['UTC']);

function demandTimeZone(timeZone: string): void {
  if (knownTimeZones.has(timeZone)) return;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    knownTimeZones.add(timeZone);
  } catch {
    throw validation(`Invalid time zone ${timeZone}: an IANA name such as 'Europe/Berlin' is needed.`);
  }
}
