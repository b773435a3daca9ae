/** How a message of a batch fails: for good, to the dead letters; for now, by being redelivered. */
import type { SQSBatchItemFailure, SQSEvent } from 'aws-lambda';
import type { Consumer } from '../../lib/contracts/kit';
import { recordRejection, sendToDeadLetters } from './dead-letters';
import { messageOf, nameOf } from './errors';
import { type Counter, described, type Log } from './log';
import type { Message, Unreadable } from './message';
import type { Deadlines } from './patience';

export interface Failing {
  consumer: Consumer;
  deadlines: Deadlines;
  counter: Counter;
  log: Log;
}

export function refuseOtherThanBatch(consumer: Consumer, event: SQSEvent): void {
  if (Array.isArray(event?.Records)) return;
  throw new TypeError(
    `${consumer.id} takes the messages of a queue, { Records: [ ... ] }; it was given ${JSON.stringify(event)?.slice(0, 80)}. 'baton invoke ${consumer.id} --event @file' wraps an event so`,
  );
}

export const failureOf = ({ sqs }: Message | Unreadable): SQSBatchItemFailure => ({ itemIdentifier: sqs.messageId });

/** To the dead letters, then acknowledged. */
export async function reject(work: Failing, message: Message | Unreadable, error: unknown): Promise<boolean> {
  const { consumer, counter, deadlines } = work;
  const { sqs } = message;
  const { meta, type, data } = message.event ?? message;
  const reason = nameOf(error) === 'RejectedError' ? messageOf(error) : `${nameOf(error)}: ${messageOf(error)}`;
  const log = work.log.for(meta, { messageId: sqs.messageId });
  try {
    await sendToDeadLetters(consumer, { sqs, meta, reason }, deadlines.publishByMs);
  } catch (failure) {
    log.error('a rejected message could not be sent to the dead letters', { reason, ...described(failure) });
    return false;
  }
  await recordRejection(consumer, { meta, type, data, reason }, log);
  counter.count('rejected');
  log.error('rejected', { type, reason });
  return true;
}

export function redeliver(work: Failing, message: Message | Unreadable, error: unknown): boolean {
  const { meta, type } = message.event ?? message;
  work.log
    .for(meta, { messageId: message.sqs.messageId })
    .error('failed: will be redelivered', { type, ...described(error) });
  return false;
}
