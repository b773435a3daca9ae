/**
 * The delivery protocol around a decision: `export const handler = consume(declaration, { read, decide })`.
 *
 * A handler says which rows an event needs and which pure function decides. Reading, deciding again on conflict,
 * committing once, publishing what is owed, dead letters and acknowledging are here; a handler has no place to forget
 * them. The rules (T1-T6, C1-C6) are named where they are kept: handle.ts, commit.ts, claim.ts, publish.ts, batch.ts.
 *
 * 1. The answer is a partial batch response, always: one message's failure redelivers that message alone.
 * 2. Steps in order: decide and commit every message, then publish what all of them owe, then mark it paid, then
 *    acknowledge. A crash anywhere is made good by redelivery or by the sweeper.
 */
import middy from '@middy/core';
import type { Context, SQSBatchItemFailure, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ReadEvent } from '../../lib/contracts/envelope';
import { type Consumer, ContractError, type RowKey } from '../../lib/contracts/kit';
import type { AskOutside, Decide, EventFor, KeysOf, Settle } from '../../lib/contracts/outcome';
import { inLanes, inOrder, lanesOf } from './batch';
import type { CallOptions } from './claim';
import { isRejection } from './errors';
import { failureOf, redeliver, refuseOtherThanBatch, reject } from './failures';
import { type Debt, type Decisions, handle, type Work } from './handle';
import { clearUnpaid, Known } from './idempotency';
import { type Counter, createCounter, createLog, described, type Log } from './log';
import { type Message, readMessage, type Unreadable } from './message';
import { deadlines } from './patience';
import { publish } from './publish';

/** A consumer whose effects are table writes and events. */
export interface Handling<C extends Consumer> {
  /** The keys of the rows that an event needs, by the names of the declaration's `state`. Pure. */
  read: (event: EventFor<C>) => KeysOf<C>;
  decide: Decide<C>;
  call?: undefined;
}

/** A consumer with an outside effect: the call lies between two pure functions. */
export interface OutsideHandling<C extends Consumer, Request, Answer> {
  read: (event: EventFor<C>) => KeysOf<C>;
  call: {
    ask: AskOutside<C, Request>;
    /**
     * The adapter. Answers whatever the gateway definitely said, refusals included. Throws where that is unknown; an
     * error with `executed: 'no'` is proof that nothing was executed, and only that gives the claim up (C2).
     * Hands `options.signal` on to whatever it calls: after the deadline nothing may be begun or tried again (C1).
     */
    perform: (request: Request, options: CallOptions) => Promise<Answer>;
  };
  decide: Settle<C, Answer>;
}

export type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

export function consume<C extends Consumer, Request, Answer>(
  consumer: C,
  handling: OutsideHandling<NoInfer<C>, Request, Answer>,
): Handler;
// Last, since the compiler explains why the last one does not fit.
export function consume<C extends Consumer>(consumer: C, handling: Handling<NoInfer<C>>): Handler;
export function consume(consumer: Consumer, handling: Decisions & { read: (event: any) => any }): Handler {
  if (Boolean(consumer.outside) !== Boolean(handling.call)) {
    throw new ContractError(
      consumer.outside
        ? `${consumer.id} declares an outside effect (${consumer.outside.gateway}); its handler needs \`call\``
        : `${consumer.id} declares no outside effect; its handler must not have \`call\`, or declare \`outside\``,
    );
  }
  const log = createLog(consumer.id);
  const counter = createCounter(consumer.id);
  const work = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => ({
    batchItemFailures: await handleBatch(consumer, handling, event, context, { log, counter }),
  });
  return handlerOf(work, counter);
}

/** What a batch is worked on by, as Lambda calls it; what it counted is written at its end. */
export function handlerOf(work: Handler, counter: Counter): Handler {
  // Lambda's own limit counts, and lambdas/shared/patience.ts stays below it; middy's earlier one would cut work off.
  return middy(work, { timeoutEarlyInMillis: 0 })
    .after(() => counter.flush())
    .onError(() => counter.flush()) as unknown as Handler;
}

async function handleBatch(
  consumer: Consumer,
  handling: Decisions & { read: (event: ReadEvent) => Record<string, RowKey | undefined> },
  event: SQSEvent,
  context: Context,
  { log, counter }: { log: Log; counter: Counter },
): Promise<SQSBatchItemFailure[]> {
  refuseOtherThanBatch(consumer, event);
  const known = new Known();
  const work: Work = {
    consumer,
    decisions: handling,
    known,
    deadlines: deadlines(context.getRemainingTimeInMillis()),
    counter,
    log,
  };
  const messages = event.Records.map((sqs) => readMessage(consumer, handling.read, sqs));
  try {
    await known.read(messages.flatMap(placesOf), work.deadlines.commitByMs);
  } catch (error) {
    log.error('a batch could not be read', { messages: messages.length, ...described(error) });
    return messages.map(failureOf);
  }
  const debts = new Map<Message | Unreadable, Debt>();
  const one = async (message: Message | Unreadable): Promise<boolean> => {
    try {
      if (!message.event) throw message.error;
      const debt = await handle(work, message);
      if (debt) debts.set(message, debt);
      return true;
    } catch (error) {
      return isRejection(error) ? reject(work, message, error) : redeliver(work, message, error);
    }
  };
  const failed = consumer.ordered
    ? await inOrder(messages, one)
    : await inLanes(
        lanesOf(messages, (message) => [
          message.sqs.messageId,
          ...placesOf(message).map(({ table, id }) => `${table}\n${id}`),
        ]),
        one,
      );
  const unpaid = await payAll(work, debts);
  const first = consumer.ordered ? messages.findIndex((message) => unpaid.has(message)) : -1;
  return messages
    .filter((message, index) => failed.includes(message) || unpaid.has(message) || (first >= 0 && index > first))
    .map(failureOf);
}

const placesOf = (message: Message | Unreadable) =>
  message.event ? [message.record, ...message.rows.map(({ place }) => place)] : [];

/** Steps 4 and 5 for the whole batch; answers the messages whose debts remain. */
async function payAll(work: Work, debts: ReadonlyMap<Message | Unreadable, Debt>): Promise<Set<Message | Unreadable>> {
  const { deadlines, counter, log } = work;
  // Copies of an event in one batch owe the same, once.
  const owing = new Map(
    [...debts.values()].filter(({ record }) => record.unpaid !== undefined).map((debt) => [debt.record.id, debt]),
  );
  const again = new Map([...debts.values()].flatMap((debt) => debt.again).map((event) => [event.id, event]));
  const unpublished = await publish(
    [...[...owing.values()].flatMap(({ record }) => record.owed ?? []), ...again.values()],
    deadlines.publishByMs,
    log,
  );
  const open = new Set<string>();
  await Promise.all(
    [...owing.values()].map(async ({ place, record }) => {
      try {
        if (!record.owed!.some((event) => unpublished.has(event))) {
          return await clearUnpaid(place, record, deadlines.publishByMs);
        }
      } catch (error) {
        log.warn('published, but not marked as paid', { record: record.id, ...described(error) });
      }
      open.add(record.id);
    }),
  );
  const unsaid = new Set([...again.values()].filter((event) => unpublished.has(event)).map(({ id }) => id));
  const unpaid = new Set(
    [...debts.keys()].filter((message) => {
      const debt = debts.get(message)!;
      return open.has(debt.record.id) || debt.again.some(({ id }) => unsaid.has(id));
    }),
  );
  if (unpaid.size > 0) counter.count('unpaid', unpaid.size);
  return unpaid;
}
