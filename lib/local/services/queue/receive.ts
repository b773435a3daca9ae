/**
 * ReceiveMessage, and what a receiver then does with a message: delete it, or change how long it stays hidden.
 * Source: API ReceiveMessage, DeleteMessage, ChangeMessageVisibility; texts as recorded from AWS.
 */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { invalidParameter, invalidValue, missing, overLimit } from './errors';
import { type Message, md5OfAttributes, selectAttributes } from './message';
import type { Queue } from './queue';
import { readReceipt, receiptHandle } from './receipt';

const visibilityLimitSeconds = 43_200;
/** Standard queues answer OverLimit above it, FIFO queues give nothing. Source: SQS developer guide, "Queue quotas". */
const inFlightLimit = 120_000;

export interface Receive {
  max: number;
  visibilityMs: Millis | undefined;
  waitMs: Millis;
  messageAttributes: string[];
  systemAttributes: string[];
  attemptId?: string;
  /** Who may be told to stop waiting; a poller of Lambda. */
  waiter?: string;
  /** Say of each message until when it is hidden: for pollers of Lambda, who know it. */
  tellsHidden: boolean;
}

export function readReceive(queue: Queue, input: Json): Receive {
  const max = input.MaxNumberOfMessages ?? 1;
  if (!within(max, 1, 10)) {
    throw invalidValue('MaxNumberOfMessages', max, 'Must be between 1 and 10, if provided.');
  }
  const wait = input.WaitTimeSeconds ?? queue.duration('ReceiveMessageWaitTimeSeconds') / 1000;
  if (!within(wait, 0, 20)) throw invalidValue('WaitTimeSeconds', wait, 'Must be >= 0 and <= 20, if provided.');
  const visibility = input.VisibilityTimeout ?? undefined;
  if (visibility !== undefined) demandVisibility(visibility);
  return {
    max: Number(max),
    waitMs: Number(input.$wait?.seconds ?? wait) * 1000,
    waiter: input.$wait?.waiter,
    tellsHidden: input.$tellHidden === true,
    visibilityMs: visibility === undefined ? undefined : Number(visibility) * 1000,
    messageAttributes: input.MessageAttributeNames ?? [],
    systemAttributes: [...(input.AttributeNames ?? []), ...(input.MessageSystemAttributeNames ?? [])],
    attemptId: input.ReceiveRequestAttemptId ?? undefined,
  };
}

/** What the receiver gets now; nothing is an empty list. */
export function receive(
  now: Millis,
  queue: Queue,
  account: string,
  request: Receive,
  deadLetter: (message: Message) => boolean,
): Json[] {
  const visibilityMs = request.visibilityMs ?? queue.duration('VisibilityTimeout');
  const { fifo } = queue.naming;
  const again = fifo && request.attemptId ? queue.attempted(now, request.attemptId) : undefined;
  if (again) {
    for (const message of again) queue.hideFor(message, now, visibilityMs);
    return again.map((message) => render(queue, message, account, request, now + visibilityMs));
  }
  const room = inFlightLimit - queue.counts['in-flight'];
  if (room <= 0 && !fifo) throw overLimit(`Too many messages in flight: at most ${inFlightLimit}.`);
  const messages = queue.receive(now, Math.min(request.max, room), visibilityMs, deadLetter);
  if (fifo && request.attemptId && messages.length > 0) queue.rememberAttempt(now, request.attemptId, messages);
  return messages.map((message) => render(queue, message, account, request, now + visibilityMs));
}

function render(queue: Queue, message: Message, account: string, request: Receive, hiddenUntil: Millis): Json {
  const all: Record<string, string | undefined> = {
    SenderId: account,
    ApproximateFirstReceiveTimestamp: String(message.firstReceivedMs),
    ApproximateReceiveCount: String(message.receivedElsewhere + message.receiveCount),
    SentTimestamp: String(message.enqueuedMs),
    SequenceNumber: message.sequenceNumber,
    MessageDeduplicationId: message.dedupId,
    MessageGroupId: message.groupId,
    AWSTraceHeader: message.systemAttributes.AWSTraceHeader?.StringValue,
    DeadLetterQueueSourceArn: message.deadLetterSource,
  };
  const wanted = request.systemAttributes;
  const system = Object.entries(all).filter(
    ([name, value]) => value !== undefined && (wanted.includes('All') || wanted.includes(name)),
  );
  const attributes = selectAttributes(message.attributes, request.messageAttributes);
  const md5 = md5OfAttributes(attributes);
  return {
    MessageId: message.id,
    ReceiptHandle: receiptHandle(queue, message),
    MD5OfBody: message.bodyMd5,
    Body: message.body,
    ...(system.length > 0 ? { Attributes: Object.fromEntries(system) } : {}),
    ...(md5 ? { MD5OfMessageAttributes: md5, MessageAttributes: attributes } : {}),
    ...(request.tellsHidden ? { $hiddenUntil: hiddenUntil } : {}),
  };
}

/**
 * A standard queue accepts an outdated handle and keeps the message; a FIFO queue refuses a handle whose visibility
 * timeout has ended. A message that is gone is deleted already.
 */
export function deleteMessage(queue: Queue, input: Json): Json {
  if (!input.ReceiptHandle) throw missing('ReceiptHandle');
  const { message, latest } = readReceipt(queue, input.ReceiptHandle);
  if (!message) return {};
  if (queue.naming.fifo && !(latest && message.place === 'in-flight')) {
    throw invalidValue('ReceiptHandle', input.ReceiptHandle, 'The receipt handle has expired.');
  }
  if (latest) queue.remove(message);
  return {};
}

/** Accepted after the timeout has ended too, as long as nobody received the message again. */
export function changeVisibility(now: Millis, queue: Queue, input: Json): Json {
  if (!input.ReceiptHandle) throw missing('ReceiptHandle');
  if (input.VisibilityTimeout === undefined || input.VisibilityTimeout === null) throw missing('VisibilityTimeout');
  demandVisibility(input.VisibilityTimeout);
  const { message, latest } = readReceipt(queue, input.ReceiptHandle);
  if (!message || !latest || (queue.naming.fifo && message.place !== 'in-flight')) {
    throw invalidValue(
      'ReceiptHandle',
      input.ReceiptHandle,
      'Message does not exist or is not available for visibility timeout change.',
    );
  }
  const ms = Number(input.VisibilityTimeout) * 1000;
  if (now + ms > (message.lastReceivedMs ?? now) + visibilityLimitSeconds * 1000) {
    throw invalidParameter(
      `Value ${input.VisibilityTimeout} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the message is beyond the limit [${visibilityLimitSeconds} seconds].`,
    );
  }
  if (ms > 0 || message.place === 'in-flight') queue.hideFor(message, now, ms);
  return {};
}

function demandVisibility(value: Json): void {
  if (!within(value, 0, visibilityLimitSeconds)) {
    throw invalidValue('VisibilityTimeout', value, `Must be between 0 and ${visibilityLimitSeconds}, if provided.`);
  }
}

function within(value: Json, lowest: number, highest: number): boolean {
  const number = Number(value);
  return Number.isInteger(number) && number >= lowest && number <= highest;
}
