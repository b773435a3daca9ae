/**
 * Publish and PublishBatch: what is checked, what a FIFO topic remembers, who gets the message.
 *
 * 1. A FIFO topic takes a deduplication id once in 5 minutes (by group where its throughput scope is MessageGroup): who publishes
 *    it again gets the first one's answer, and nobody gets the message.
 * 2. A batch is refused as a whole for what is wrong with one of its entries, as recorded from AWS.
 * Source: SNS API reference, Publish, PublishBatch; developer guide, "Message deduplication for FIFO topics",
 * "High throughput FIFO topics"; texts as recorded from AWS.
 */
import type { Millis, Random } from '../../ports';
import type { Json } from '../service';
import { batchError, invalid } from './errors';
import { type Content, mostBytes, readContent, sizeOf } from './message';
import { hashOf, type Published } from './notification';
import type { Topic } from './topics';

const rememberedMs = 5 * 60_000;
const entriesPerBatch = 10;

interface Answer {
  MessageId: string;
  SequenceNumber?: string;
}

export class Publisher {
  /** By topic, scope and deduplication id; the oldest come first. */
  private readonly taken = new Map<string, { atMs: Millis; answer: Answer }>();
  private published = 0;

  constructor(
    private readonly random: Random,
    private readonly deliver: (now: Millis, topic: Topic, message: Published) => void,
  ) {}

  publish(now: Millis, topic: Topic, input: Json): Answer {
    return this.take(now, topic, checked(topic, input));
  }

  publishBatch(now: Millis, topic: Topic, entries: Json[]): Json {
    checkBatch(entries);
    const messages = entries.map((entry, index) =>
      checked(topic, entry, `publishBatchRequestEntries.${index + 1}.member.`),
    );
    return {
      Successful: messages.map((message, index) => ({ Id: entries[index].Id, ...this.take(now, topic, message) })),
      Failed: [],
    };
  }

  private take(now: Millis, topic: Topic, content: Content): Answer {
    if (!topic.fifo) {
      const message: Published = { ...content, id: this.random.uuid(), atMs: now };
      this.deliver(now, topic, message);
      return { MessageId: message.id };
    }
    for (const [key, { atMs }] of this.taken) {
      if (now < atMs + rememberedMs) break;
      this.taken.delete(key);
    }
    const dedupId = content.dedupId ?? hashOf(content.bodies.default!);
    const byGroup = topic.attributes.FifoThroughputScope === 'MessageGroup';
    const key = JSON.stringify([topic.arn, byGroup ? content.groupId : '', dedupId]);
    const earlier = this.taken.get(key);
    if (earlier) return earlier.answer;
    const sequenceNumber = `1${String(++this.published).padStart(16, '0')}000`;
    const message: Published = { ...content, dedupId, sequenceNumber, id: this.random.uuid(), atMs: now };
    const answer = { MessageId: message.id, SequenceNumber: sequenceNumber };
    this.taken.set(key, { atMs: now, answer });
    this.deliver(now, topic, message);
    return answer;
  }

  /** What a topic remembers goes with it. */
  forget({ arn }: Topic): void {
    for (const key of this.taken.keys()) if (JSON.parse(key)[0] === arn) this.taken.delete(key);
  }
}

function checked(topic: Topic, input: Json, at = ''): Content {
  const content = readContent(input, at);
  if (topic.fifo) {
    if (content.groupId === undefined) throw invalid('The MessageGroupId parameter is required for FIFO topics');
    if (content.dedupId === undefined && topic.attributes.ContentBasedDeduplication !== 'true')
      throw invalid(
        'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
      );
  } else if (content.dedupId !== undefined) {
    throw invalid(
      'MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    );
  }
  return content;
}

function checkBatch(entries: Json): void {
  if (!Array.isArray(entries) || entries.length === 0)
    throw batchError('EmptyBatchRequest', 'The batch request does not contain any entries.');
  if (entries.length > entriesPerBatch)
    throw batchError('TooManyEntriesInBatchRequest', 'The batch request contains more entries than permissible.');
  const ids = entries.map(({ Id }) => Id);
  if (new Set(ids).size < ids.length)
    throw batchError('BatchEntryIdsNotDistinct', 'Two or more batch entries in the request have the same Id.');
  for (const id of ids) {
    if (String(id ?? '').length > 80)
      throw batchError('InvalidBatchEntryId', `The Id of a batch entry in the batch request is too long: ${id}`);
    if (!/^[\w-]+$/.test(String(id ?? '')))
      throw batchError(
        'InvalidBatchEntryId',
        `The Id of a batch entry in the batch request contains an impermissible character: ${id}`,
      );
  }
  const total = entries.reduce((sum, entry) => sum + sizeOf(entry.Message, entry.MessageAttributes), 0);
  if (total > mostBytes)
    throw batchError(
      'BatchRequestTooLong',
      'The length of all the batch messages put together is more than the limit.',
    );
}
