/**
 * How long an invocation goes on trying (T5): until near its deadline, with jitter, so that contenders spread out; and
 * how often: who contends for a row soon has it, but a service that refuses is asked ever more rarely, so that its outage
 * does not become a storm of ours.
 * What is left of the time is divided, so that a decision that was committed can still be published.
 */
import * as env from './environment';
import { isTransient, messageOf, NotNowError, nameOf } from './errors';

/** Moments of one invocation, epoch milliseconds. */
export interface Deadlines {
  /** Outside calls end before this. */
  callByMs: number;
  /** Decisions are tried again, and claims completed, before this. */
  commitByMs: number;
  /** Owed events are sent again before this. */
  publishByMs: number;
  /** Lambda kills the invocation. */
  endMs: number;
}

/** `remainingMs`: what Lambda's context says at the start of the invocation. */
export function deadlines(remainingMs: number): Deadlines {
  const endMs = env.now() + remainingMs;
  const reserveMs = Math.min(3_000, Math.max(500, 0.15 * remainingMs));
  return {
    callByMs: endMs - 2 * reserveMs,
    commitByMs: endMs - reserveMs,
    publishByMs: endMs - reserveMs / 3,
    endMs,
  };
}

/** The limit of a pause, in ms: `first`, then twice as much each time, up to `longest`. */
interface Pace {
  first: number;
  longest: number;
}

/** Others write the same rows: each has its turn within milliseconds. */
export const contended: Pace = { first: 20, longest: 1_000 };

/** A service throttles, fails, or cannot be reached. */
export const refused: Pace = { first: 100, longest: 5_000 };

/** Pauses before the next attempt ('full jitter': anything from nothing to the limit); false: no time is left. */
export async function pause(attempt: number, untilMs: number, pace: Pace): Promise<boolean> {
  const limit = Math.min(pace.longest, pace.first * 2 ** attempt);
  const ms = Math.ceil(env.random() * limit);
  if (env.now() + ms >= untilMs) return false;
  await env.sleep(ms);
  return true;
}

/** Does `work`, again and again while it fails for a passing reason and time is left. */
export async function patiently<Result>(untilMs: number, work: () => Promise<Result>): Promise<Result> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error)) throw error;
      if (!(await pause(attempt, untilMs, refused))) {
        throw new NotNowError(`${nameOf(error)} until near the deadline: ${messageOf(error)}`, { cause: error });
      }
    }
  }
}
