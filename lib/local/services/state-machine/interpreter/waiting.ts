/** Wait: until when. Source: Amazon States Language, "Wait State"; texts of failures as Step Functions gives them. */
import type { Json } from '../../service';
import { evaluationFailure, runtimeFailure } from '../failure';
import { textOf } from '../json';
import { fillExpressions } from '../query/expression-values';
import { expressionIn } from '../query/jsonata';
import { readWhole } from '../query/path-values';
import { timestampMs } from '../timestamp';
import type { StateContext } from './context';

/** As long as a signed 32-bit number of seconds reaches. */
const longestSeconds = 2 ** 31 - 1;

/** Epoch milliseconds at which the wait ends. */
export function wakeTime(context: StateContext, effective: Json): number {
  const { now } = context.engine;
  const ms = instant(context, effective, now);
  if (ms - now > longestSeconds * 1000) throw runtimeFailure('Wait state delay is too long.');
  return ms;
}

function instant(context: StateContext, effective: Json, now: number): number {
  const { Seconds, SecondsPath, Timestamp, TimestampPath } = context.state;
  if (context.jsonata) {
    if (Seconds !== undefined) return now + evaluatedSeconds(context, Seconds) * 1000;
    const value = fillExpressions(Timestamp, 'Timestamp', context.expressions());
    const ms = timestampMs(value);
    if (ms !== undefined) return ms;
    const message = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${shown(value)}`;
    throw evaluationFailure(message, 'Timestamp', true);
  }
  if (Seconds !== undefined) return now + Seconds * 1000;
  if (SecondsPath !== undefined) {
    const value = readWhole(SecondsPath, context.paths(effective));
    if (!Number.isInteger(value)) {
      throw runtimeFailure(
        `The SecondsPath parameter cannot be parsed as a long value: ${SecondsPath} == ${shown(value)}`,
      );
    }
    if (value < 0)
      throw runtimeFailure(`The SecondsPath parameter references a negative value: ${SecondsPath} == ${value}`);
    return now + value * 1000;
  }
  const value = TimestampPath === undefined ? Timestamp : readWhole(TimestampPath, context.paths(effective));
  const ms = timestampMs(value);
  if (ms !== undefined) return ms;
  throw runtimeFailure(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${TimestampPath} == ${shown(value)}`,
  );
}

function evaluatedSeconds(context: StateContext, seconds: Json): number {
  const value = fillExpressions(seconds, 'Seconds', context.expressions());
  if (Number.isInteger(value) && value >= 0) return value;
  const expression = typeof seconds === 'string' ? expressionIn(seconds) : textOf(seconds);
  throw evaluationFailure(
    `The JSONata expression '${expression}' specified for the field 'Seconds' returned an unexpected result type. Expected a non-negative integer, but was: ${shown(value)}`,
    'Seconds',
  );
}

const shown = (value: Json): string => (typeof value === 'string' ? value : textOf(value));
