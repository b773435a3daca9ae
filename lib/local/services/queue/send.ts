/** SendMessage and SendMessageBatch. Source: API SendMessage; SQS developer guide, "FIFO queues"; texts as recorded. */
import { createHash } from 'node:crypto';
import type { Millis, Random } from '../../ports';
import type { Json } from '../service';
import { maximumMessageBytes } from './attributes';
import { answerEach, demandTotal, readEntries } from './batch';
import { invalidParameter, invalidValue, missing } from './errors';
import { type Content, md5OfAttributes, readContent, sizeOf } from './message';
import type { Queue } from './queue';

export function send(now: Millis, random: Random, queue: Queue, input: Json): Json {
  const content = readContent(input);
  const limit = Number(queue.attributes.MaximumMessageSize);
  if (content.sizeBytes > limit) {
    throw invalidParameter(`One or more parameters are invalid. Reason: Message must be shorter than ${limit} bytes.`);
  }
  const delayMs = readDelay(queue, input.DelaySeconds);
  const digests = {
    MD5OfMessageBody: content.bodyMd5,
    MD5OfMessageAttributes: md5OfAttributes(content.attributes),
    MD5OfMessageSystemAttributes: md5OfAttributes(content.systemAttributes),
  };
  if (!queue.naming.fifo) {
    if (content.dedupId !== undefined) throw notForThisType('MessageDeduplicationId', content.dedupId);
    const message = queue.add(now, content, random.uuid(), delayMs);
    return { MessageId: message.id, ...digests };
  }
  demandFifoIds(queue, content);
  const earlier = queue.duplicateOf(now, content);
  if (earlier) return { MessageId: earlier.messageId, SequenceNumber: earlier.sequenceNumber, ...digests };
  const message = queue.add(now, content, random.uuid(), delayMs);
  queue.rememberSent(now, message);
  return { MessageId: message.id, SequenceNumber: message.sequenceNumber, ...digests };
}

export function sendBatch(now: Millis, random: Random, queue: Queue, input: Json): Json {
  const entries = readEntries(input, 'SendMessageBatchRequestEntry');
  demandTotal(
    entries.reduce((sum, entry) => sum + sizeOf(entry.MessageBody, entry.MessageAttributes), 0),
    maximumMessageBytes,
  );
  // As recorded: a missing group refuses the batch, not the entry, and by another name than a single send.
  if (queue.naming.fifo && entries.some(({ MessageGroupId }) => MessageGroupId === undefined))
    throw invalidParameter(missing('MessageGroupId').error.message);
  return answerEach(entries, (entry) => send(now, random, queue, entry));
}

function readDelay(queue: Queue, given: Json): Millis {
  const own = queue.duration('DelaySeconds');
  if (given === undefined || given === null) return own;
  const seconds = Number(given);
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > 900) {
    throw invalidValue('DelaySeconds', given, 'DelaySeconds must be >= 0 and <= 900.');
  }
  if (!queue.naming.fifo) return seconds * 1000;
  if (seconds > 0) throw notForThisType('DelaySeconds', given);
  return own;
}

const notForThisType = (parameter: string, value: Json): Error =>
  invalidValue(parameter, value, 'The request include parameter that is not valid for this queue type.');

function demandFifoIds(queue: Queue, content: Content): void {
  if (content.groupId === undefined) throw missing('MessageGroupId');
  if (content.dedupId !== undefined) return;
  if (queue.attributes.ContentBasedDeduplication !== 'true') {
    throw invalidParameter(
      'The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    );
  }
  content.dedupId = createHash('sha256').update(content.body).digest('hex');
}
