/**
 * One message, from the record to the commit: steps 2 and 3 of PROTOCOL, and the claim protocol around them.
 * Throws what keeps the message (it is redelivered), or RejectedError (it goes to the dead letters).
 */
import type { Consumer } from '../../lib/contracts/kit';
import type { IdempotencyRecord, OwedEvent } from '../../lib/contracts/record';
import { controlSteps } from '../../lib/contracts/saga';
import {
  call,
  callKey,
  callsAtMost,
  claimOf,
  isProofOfNothing,
  mayTakeOver,
  type Perform,
  parked,
  parkReason,
  released,
} from './claim';
import { type AnyOutcome, answersAgain, type Commit, commitOf, type Hold, recordWrite, rowsOf } from './commit';
import { sendToDeadLetters, wasRedriven } from './dead-letters';
import * as env from './environment';
import { NotNowError, RejectedError } from './errors';
import { type Known, transact } from './idempotency';
import { type Counter, described, type Log } from './log';
import { type Message, refuseOld } from './message';
import { contended, type Deadlines, pause, refused } from './patience';
import { dataOf, type Place, toItem } from './rows';

/** How a consumer decides, without the types of its declaration; those are in consume.ts. */
export interface Decisions {
  decide: (event: any, state: any, ...rest: any[]) => AnyOutcome;
  call?: {
    ask: (event: any, state: any, moment: { now: number }) => AnyOutcome | AnyAsk;
    perform: Perform;
  };
}

interface AnyAsk {
  ask: unknown;
  write?: AnyOutcome['write'];
}

export interface Work {
  consumer: Consumer;
  decisions: Decisions;
  known: Known;
  deadlines: Deadlines;
  counter: Counter;
  log: Log;
}

/** A committed record whose events are to be published; `again`: answers for whoever asked once more (S1). */
export interface Debt {
  place: Place;
  record: IdempotencyRecord;
  again: OwedEvent[];
}

export async function handle(work: Work, message: Message): Promise<Debt | undefined> {
  const { consumer, known, decisions } = work;
  /** Claims that this invocation has written, or may have: the answer to a write can be lost. By owner. */
  const ours = new Map<string, Claimed>();
  for (let attempt = 0; ; attempt++) {
    const record = known.record(message.record);
    if (record) {
      refuseOtherContent(message, record);
      if (record.status === 'handled') return duplicate(work, message, record); // T1
      if (record.status === 'parked') return stillParked(work, message, record);
      const own = ours.get(record.owner!);
      if (own) return callAndComplete(work, message, own);
      refuseLiveClaim(record);
    } else {
      refuseOld(message.event.meta); // T4
    }
    if (record?.firstCallAtMs !== undefined) {
      if (!mayTakeOver(consumer, record, work.deadlines.endMs)) return park(work, message, record); // C3
      const claimed = claimFor(work, message, JSON.parse(record.request!), record);
      ours.set(claimed.claim.owner!, claimed);
      if (await take(work, message, claimed, { items: [], after: [] })) return callAndComplete(work, message, claimed);
    } else {
      const nowMs = env.now();
      const moment = { now: nowMs };
      const state = stateOf(work, message);
      const decided = decisions.call
        ? decisions.call.ask(message.event, state, moment)
        : decisions.decide(message.event, state, moment);
      if (isAsk(decided)) {
        const claimed = claimFor(work, message, decided.ask, record);
        ours.set(claimed.claim.owner!, claimed);
        // T2: the request was made from these rows.
        const rows = rowsOf(consumer, message, (place) => known.item(place), decided.write);
        if (await take(work, message, claimed, rows)) return callAndComplete(work, message, claimed);
      } else {
        const hold = record && { owner: record.owner! };
        const commit = commitOf(consumer, message, (place) => known.item(place), decided, nowMs, hold);
        if (await committed(work, message, commit)) return handled(work, message, commit, decided);
      }
    }
    await again(work, message, attempt);
  }
}

/** T6, and across batches: an id means one content, whatever became of it. */
function refuseOtherContent(message: Message, record: IdempotencyRecord): void {
  if (record.hash === message.hash) return;
  throw new RejectedError(
    `event id ${message.event.meta.id} was seen with other content (${record.type}, ${new Date(record.atMs).toISOString()}); an id means one event. Publish this one under its own id`,
  );
}

/** C4: a copy waits at its own cost. */
function refuseLiveClaim({ leaseUntilMs }: IdempotencyRecord): void {
  if (leaseUntilMs! <= env.now()) return;
  throw new NotNowError(
    `the event is claimed until ${new Date(leaseUntilMs!).toISOString()}, for an outside call that may be under way`,
  );
}

function duplicate({ counter, log }: Work, message: Message, record: IdempotencyRecord): Debt | undefined {
  counter.count('duplicate');
  const owes = record.unpaid !== undefined && record.owed !== undefined;
  const again = answersAgain(record, message.event.meta.reply);
  const answers = again.map(({ type, id }) => ({ type, id }));
  log
    .for(message.event.meta)
    .info('handled before', { type: message.event.type, owes, ...(answers[0] ? { answers } : {}) });
  return owes || answers[0] ? { place: message.record, record, again } : undefined;
}

function stateOf({ consumer, known }: Work, message: Message): Record<string, unknown> {
  const state: Record<string, unknown> = {};
  for (const name of Object.keys(consumer.state)) state[name] = undefined;
  for (const { name, place } of message.rows) state[name] = dataOf(known.item(place));
  return state;
}

const isAsk = (decided: AnyOutcome | AnyAsk): decided is AnyAsk => (decided as { ask?: unknown }).ask !== undefined;

/** True: done. False: what was known is outdated; the record is known now where it came back. */
async function committed(work: Work, message: Message, commit: Commit): Promise<boolean> {
  const { known, counter, log } = work;
  const result = await transact(commit.items);
  if (result.done) {
    known.set(message.record, toItem(commit.record));
    for (const [place, item] of commit.after) known.set(place, item);
    return true;
  }
  counter.count('conflict');
  if ('conflict' in result) {
    known.outdated(message.record);
    log.for(message.event.meta).info('decided on outdated state', { conflict: result.conflict });
    return false;
  }
  if (result.record) known.set(message.record, result.record);
  else known.outdated(message.record);
  log.for(message.event.meta).info('somebody else has the record', { status: result.record?.status?.S });
  return false;
}

function handled(work: Work, message: Message, commit: Commit, outcome: AnyOutcome): Debt | undefined {
  const { record } = commit;
  work.counter.count('handled');
  if (message.event.meta.reply?.step === controlSteps.park) work.counter.count('sagaParked');
  work.log.for(message.event.meta).info('handled', {
    type: message.event.type,
    wrote: Object.keys(outcome.write ?? {}),
    emitted: (record.owed ?? []).map(({ type, id }) => ({ type, id })),
    note: outcome.note,
  });
  return record.owed ? { place: message.record, record, again: [] } : undefined;
}

/** T5: waits with jitter, and reads the record and the rows again; at once where the record came back already. */
async function again(work: Work, message: Message, attempt: number): Promise<void> {
  const { commitByMs } = work.deadlines;
  if (!work.known.isOutdated(message.record)) return;
  if (!(await pause(attempt, commitByMs, contended))) {
    throw new NotNowError(
      `no commit in ${attempt + 1} attempts until near the deadline: too many contend for its rows`,
    );
  }
  await work.known.read([message.record, ...message.rows.map(({ place }) => place)], commitByMs);
}

/** A claim of this invocation, and the one that it replaces, whose owner died or released it. */
interface Claimed {
  claim: IdempotencyRecord;
  before?: IdempotencyRecord;
}

function claimFor(work: Work, message: Message, request: unknown, before?: IdempotencyRecord): Claimed {
  const { consumer, deadlines } = work;
  if (env.now() >= deadlines.callByMs) {
    throw new NotNowError('too little of the invocation is left for an outside call and its result');
  }
  return { claim: claimOf(consumer, message, request, deadlines.endMs, before), before };
}

async function take(work: Work, message: Message, { claim, before }: Claimed, rows: Pick<Commit, 'items' | 'after'>) {
  const write = recordWrite(message.record, claim, before && { owner: before.owner! });
  return committed(work, message, { items: [write, ...rows.items], record: claim, after: rows.after });
}

async function callAndComplete(work: Work, message: Message, { claim, before }: Claimed): Promise<Debt | undefined> {
  const { consumer, decisions, known, log } = work;
  if (before) log.for(message.event.meta).warn('takes over a claim', { attempt: claim.attempt });
  const answer = await answerTo(work, message, claim, before?.firstCallAtMs !== undefined);
  const hold: Hold = { owner: claim.owner! };
  // C5: decided again with the same answer, as often as it takes; never called again.
  for (let attempt = 0; ; attempt++) {
    const nowMs = env.now();
    const outcome = decisions.decide(message.event, stateOf(work, message), answer, { now: nowMs });
    const commit = commitOf(consumer, message, (place) => known.item(place), outcome, nowMs, hold);
    if (await committed(work, message, commit)) return handled(work, message, commit, outcome);
    await again(work, message, attempt);
    const record = known.record(message.record);
    if (record?.status === 'handled') return duplicate(work, message, record);
    if (record?.status !== 'claimed' || record.owner !== claim.owner) {
      throw new NotNowError('the claim is no longer ours; its new owner learns the same result with the same key');
    }
  }
}

/** `unknown`: an earlier owner's call may have been executed. */
async function answerTo(work: Work, message: Message, claim: IdempotencyRecord, unknown: boolean): Promise<unknown> {
  const { consumer, decisions, deadlines, log } = work;
  const key = callKey(consumer, message.event.meta.id);
  let mayBeDone = unknown;
  for (let calls = 1; ; calls++) {
    try {
      return await call(decisions.call!.perform, claim, key, deadlines.callByMs);
    } catch (error) {
      if (isProofOfNothing(error)) {
        await release(work, message, claim, mayBeDone);
        throw error;
      }
      mayBeDone = true;
      const mayAskAgain = calls < callsAtMost && mayTakeOver(consumer, claim, deadlines.endMs);
      if (!mayAskAgain || !(await pause(calls, deadlines.callByMs, refused))) throw error;
      log.for(message.event.meta).warn('the answer is unknown: asks again under the same key', described(error));
    }
  }
}

/** C2. Where releasing fails, the claim lasts until its lease is over, which is always safe. */
async function release(work: Work, message: Message, claim: IdempotencyRecord, unknown: boolean): Promise<void> {
  try {
    await transact([recordWrite(message.record, released(claim, unknown), { owner: claim.owner! })]);
  } catch (error) {
    work.log.for(message.event.meta).warn('a claim could not be released', described(error));
  }
}

/** Dead letter first, then the record: a crash between the two leaves a message too many, never one too few. */
async function park(work: Work, message: Message, record: IdempotencyRecord): Promise<undefined> {
  const { consumer, deadlines, counter, log } = work;
  const reason = parkReason(consumer, record);
  await sendToDeadLetters(consumer, { sqs: message.sqs, meta: message.event.meta, reason }, deadlines.publishByMs);
  const next = parked(record, reason);
  const items = [recordWrite(message.record, next, { owner: record.owner! })];
  if (!(await committed(work, message, { items, record: next, after: [] }))) {
    throw new NotNowError('a claim changed while it was being parked');
  }
  counter.count('parked');
  log.for(message.event.meta).error('parked: left to a person', { reason });
  return undefined;
}

/**
 * A copy of a parked message brings nothing new: its record and the dead letter are there, so it is acknowledged. One
 * that was redriven without the record being released goes back to the dead letters: it is the only one left.
 */
async function stillParked(work: Work, message: Message, record: IdempotencyRecord): Promise<undefined> {
  const { consumer, deadlines, counter, log } = work;
  const reason = record.reason ?? 'parked';
  if (wasRedriven(consumer, message.sqs)) {
    await sendToDeadLetters(consumer, { sqs: message.sqs, meta: message.event.meta, reason }, deadlines.publishByMs);
  }
  counter.count('duplicate');
  log.for(message.event.meta).warn('still parked', { reason });
  return undefined;
}
