/**
 * Claims: an outside call is asked for by one owner at a time, and its result is written down by nobody else.
 *
 * C1 A lease ends when the invocation's deadline and the longest flight of a call are over: then no call can still land.
 * C2 A claim is released only on proof that the call was not executed (`executed: 'no'` on the error). Any other
 *    failure, a missing answer included, keeps it.
 * C3 A dead owner's claim is taken over (`retry`) only while the gateway remembers our key for the whole new lease,
 *    counted from the first call; else it is parked. A takeover asks the very request of the first call.
 * C6 Claimed and parked records do not expire.
 *
 * While its owner lives and the gateway remembers our key (`retry`), an unknown answer is asked for again at once, a few
 * times: the same request under the same key.
 * A released claim stays as a record without `firstCallAtMs`: nothing was executed, so it is as good as none. Where an
 * earlier call may have been executed, proof about a later one releases nothing: only the lease ends.
 * A parked record is left to a person, who deletes it when the gateway shows that nothing was executed (condition:
 * status = 'parked') and redrives the dead letter.
 */

import { delivery } from '../../lib/contracts/delivery';
import { derivedId } from '../../lib/contracts/envelope';
import { invariant } from '../../lib/contracts/invariant';
import type { Consumer, OutsideEffect } from '../../lib/contracts/kit';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import { recordBase, shardOf } from './commit';
import * as env from './environment';
import { NotNowError, RejectedError } from './errors';
import type { Message } from './message';

/** What `perform` is given beside the request. */
export interface CallOptions {
  /** The idempotency key: the same for every attempt of this consumer at this event. */
  key: string;
  /**
   * Aborted at the deadline. What is begun after it is nobody's: an environment that is frozen with a call under way goes
   * on with it when it is thawed, after the lease. So pass it on, and look at it between two calls.
   */
  signal: AbortSignal;
  /** Epoch milliseconds; an answer after it is not waited for. */
  deadline: number;
}

export type Perform = (request: any, options: CallOptions) => Promise<unknown>;

/** No ordinal of an emitted event. */
const callOrdinal = -1;
export const callKey = (consumer: Consumer, eventId: string): string => derivedId(consumer.id, eventId, callOrdinal);

export function outsideOf(consumer: Consumer): OutsideEffect {
  invariant(consumer.outside, `${consumer.id} meets a claim, but declares no \`outside\``);
  return consumer.outside;
}

/** The claim of a new owner; `before` is the claim that it replaces. */
export function claimOf(
  consumer: Consumer,
  message: Message,
  request: unknown,
  endMs: number,
  before?: IdempotencyRecord,
): IdempotencyRecord {
  const nowMs = env.now();
  const text = JSON.stringify(request);
  invariant(text !== undefined, `${consumer.id} asks nothing (undefined); a request is plain JSON`);
  if (Buffer.byteLength(text) > delivery.maxOwedBytes) {
    throw new RejectedError(
      `${consumer.id} would ask ${Buffer.byteLength(text)} bytes; a claim holds ${delivery.maxOwedBytes}. Ask by claim check`,
    );
  }
  return {
    ...recordBase(consumer, message, nowMs),
    status: 'claimed',
    owner: env.uuid(),
    leaseUntilMs: leaseEnd(consumer, endMs),
    attempt: (before?.attempt ?? 0) + 1,
    firstCallAtMs: before?.firstCallAtMs ?? nowMs,
    request: text,
    // The sweeper watches claims: one whose owner died and whose message is gone is reported.
    unpaid: shardOf(message.record.id),
  };
}

/** C1. `endMs`: when Lambda kills the invocation. */
export const leaseEnd = (consumer: Consumer, endMs: number): number =>
  Math.ceil(endMs) + outsideOf(consumer).flightSeconds * 1000;

/** C3. */
export function mayTakeOver(consumer: Consumer, record: IdempotencyRecord, endMs: number): boolean {
  const { ifOwnerDied, gatewayRemembersSeconds } = outsideOf(consumer);
  return ifOwnerDied === 'retry' && leaseEnd(consumer, endMs) <= record.firstCallAtMs! + gatewayRemembersSeconds * 1000;
}

/** How often a living owner asks, if answers get lost. */
export const callsAtMost = 3;

/** The gateway's error says that the call was not executed; only this exact value is proof (C2). */
export const isProofOfNothing = (error: unknown): boolean =>
  (error as { executed?: unknown } | undefined)?.executed === 'no';

/** After proof that the last call was not executed; `unknown`: an earlier one may have been, by whatever owner. */
export function released(claim: IdempotencyRecord, unknown: boolean): IdempotencyRecord {
  const ended = { ...claim, leaseUntilMs: env.now() };
  if (unknown) return ended;
  const { firstCallAtMs: _never, request: _nothing, unpaid: _unwatched, ...free } = ended;
  return free;
}

export function parked(claim: IdempotencyRecord, reason: string): IdempotencyRecord {
  const { unpaid: _unwatched, ...rest } = claim;
  return { ...rest, status: 'parked', atMs: env.now(), reason };
}

export function parkReason(consumer: Consumer, claim: IdempotencyRecord): string {
  const { gateway, ifOwnerDied, gatewayRemembersSeconds } = outsideOf(consumer);
  const since = new Date(claim.firstCallAtMs!).toISOString();
  const why =
    ifOwnerDied === 'park'
      ? 'the declaration leaves that to a person'
      : `the ${gateway} remembers a key for ${gatewayRemembersSeconds} s, too short to ask once more`;
  return `parked: the ${gateway} was asked at ${since} (attempt ${claim.attempt}) and its answer is unknown; ${why}. Look it up there: business key ${claim.key}, idempotency key ${callKey(consumer, claim.eventId)} where the adapter uses ours. If it was executed, write down the result by hand; if not, delete the record ${claim.id} and redrive`;
}

/** Calls, and does not wait longer than until the deadline; after it the answer is as unknown as a lost one. */
export async function call(
  perform: Perform,
  claim: IdempotencyRecord,
  key: string,
  deadline: number,
): Promise<unknown> {
  const controller = new AbortController();
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = env.after(Math.max(0, deadline - env.now()), () => {
      reject(new NotNowError('the outside call has not answered by the deadline; whether it was executed is unknown'));
      controller.abort();
    });
  });
  try {
    const answer = (async () => perform(JSON.parse(claim.request!), { key, signal: controller.signal, deadline }))();
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}
