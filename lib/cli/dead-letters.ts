/**
 * Looks into every dead-letter queue of the stacks without taking anything out: SQS has no peek, so messages are received,
 * never deleted, and made visible again at once. A look counts as a receive. Of a FIFO queue it shows ten messages a group.
 */
import type { Message } from '@aws-sdk/client-sqs';
import { events } from '../contracts';
import type { Aws } from './aws';
import { CliError } from './errors';

export interface DeadLetter {
  /** The stack output that names the queue, without its ending: 'DispatchReserveCapacity'. */
  queue: string;
  queueUrl: string;
  messageId: string;
  /** ISO 8601. */
  sentAt: string;
  /** Why it is here: RejectedError's reason, EventBridge's error, or that it was received too often. */
  reason: string;
  type?: string;
  source?: string;
  meta?: { id?: string; correlation?: string; key?: string; cause?: string; time?: string };
  data?: unknown;
  /** The message as it is. */
  body: string;
  attributes: Record<string, string>;
}

/** How long a message stays hidden from others if we die while we look. */
const lookSeconds = 30;

export async function readDeadLetters(aws: Aws, onlyQueue?: string): Promise<DeadLetter[]> {
  const outputs = await aws.outputs();
  const queues = [...outputs].filter(([key]) => /(DeadLetters|Undelivered|UnroutedEvents)Url$/.test(key));
  const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  const wanted = onlyQueue ? queues.filter(([key]) => plain(key).includes(plain(onlyQueue))) : queues;
  if (wanted.length === 0) {
    const names = queues.map(([key]) => key.replace(/(DeadLetters|Undelivered)?Url$/, ''));
    throw new CliError(`No dead-letter queue is named '${onlyQueue}'. There are: ${names.join(', ')}.`, 2);
  }
  const found = await Promise.all(
    wanted.map(([key, url]) => look(aws, key.replace(/(DeadLetters|Undelivered)?Url$/, ''), url)),
  );
  return found.flat().sort((a, b) => (a.sentAt < b.sentAt ? -1 : 1));
}

async function look(aws: Aws, queue: string, queueUrl: string): Promise<DeadLetter[]> {
  const { ReceiveMessageCommand, GetQueueAttributesCommand, ChangeMessageVisibilityBatchCommand } = await import(
    '@aws-sdk/client-sqs'
  );
  const client = await aws.sqs();
  return aws.reach(async () => {
    const { Attributes } = await client.send(
      new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ['ApproximateNumberOfMessages'] }),
    );
    if (Attributes?.ApproximateNumberOfMessages === '0') return [];
    const seen = new Map<string, DeadLetter>();
    const received: Message[] = [];
    // A queue is looked through until it shows nothing new.
    for (;;) {
      const { Messages = [] } = await client.send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: 10,
          VisibilityTimeout: lookSeconds,
          WaitTimeSeconds: 0,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      );
      received.push(...Messages);
      const fresh = Messages.filter((message) => !seen.has(message.MessageId!));
      if (fresh.length === 0) break;
      for (const message of fresh) seen.set(message.MessageId!, describe(queue, queueUrl, message));
    }
    for (let from = 0; from < received.length; from += 10) {
      await client.send(
        new ChangeMessageVisibilityBatchCommand({
          QueueUrl: queueUrl,
          Entries: received
            .slice(from, from + 10)
            .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle, VisibilityTimeout: 0 })),
        }),
      );
    }
    return [...seen.values()];
  });
}

function describe(queue: string, queueUrl: string, message: Message): DeadLetter {
  const attributes = Object.fromEntries(
    Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue ?? '']),
  );
  const event = parse(message.Body ?? '');
  const detail = event?.detail as { meta?: DeadLetter['meta']; data?: unknown } | undefined;
  const receives = message.Attributes?.ApproximateReceiveCount;
  return {
    queue,
    queueUrl,
    messageId: message.MessageId!,
    sentAt: new Date(Number(message.Attributes?.SentTimestamp ?? 0)).toISOString(),
    reason:
      attributes.reason ??
      attributes.ERROR_MESSAGE ??
      (queue === 'UnroutedEvents'
        ? unroutedReason(event)
        : `its consumer failed on every attempt (received ${receives} times in all)`),
    type: event?.['detail-type'] as string | undefined,
    source: event?.source as string | undefined,
    meta: typeof detail?.meta === 'object' && detail.meta !== null ? detail.meta : undefined,
    // An event without our envelope still shows what it is about.
    data: detail?.data ?? event?.detail,
    body: message.Body ?? '',
    attributes,
  };
}

/** No rule sends it to a consumer: its name is unknown, or known under another source. */
function unroutedReason(event: Record<string, unknown> | undefined): string {
  const { source, 'detail-type': type } = event ?? {};
  const named = events.find(({ name }) => name === type);
  if (!named) return `no event '${type}' is declared`;
  return `its source is '${source}'; ${named.name} comes from '${named.source}'`;
}

function parse(body: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(body);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
