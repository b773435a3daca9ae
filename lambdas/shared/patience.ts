/**
 * How long an invocation goes on trying (T5): until near its deadline, with jitter, so that contenders spread out.
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

const firstPauseMs = 20;
const longestPauseMs = 1_000;

/** Pauses before the next attempt ('full jitter': anything from nothing to a growing limit); false: no time is left. */
export async function pause(attempt: number, untilMs: number): Promise<boolean> {
  const limit = Math.min(longestPauseMs, firstPauseMs * 2 ** attempt);
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
      if (!(await pause(attempt, untilMs))) {
        throw new NotNowError(`${nameOf(error)} until near the deadline: ${messageOf(error)}`, { cause: error });
      }
    }
  }
}
