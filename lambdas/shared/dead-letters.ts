/**
 * The consumer's own dead letters, for what the handler itself gives up: the message as it came, with the reason.
 *
 * 1. Sent first, then acknowledged: nothing is lost between the two, at worst it stands there twice.
 * 2. Where the event's meta could be read, a record with status 'rejected' follows, so that a trace shows the end. Its
 *    id is not the one that handling looks at: redriven after its cause was fixed, the same message is handled.
 *    The record is an aid: that it could not be written is logged and no more.
 * 3. A message that comes back from here carries our attributes, which a copy straight from the bus does not.
 */
import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';
import { contentHash } from '../../lib/contracts/envelope';
import { environment as variables } from '../../lib/contracts/environment';
import type { Consumer, Meta } from '../../lib/contracts/kit';
import { type IdempotencyRecord, rejectedRecordId } from '../../lib/contracts/record';
import { expiresAt } from './commit';
import * as env from './environment';
import { described, type Log } from './log';
import { patiently } from './patience';
import { toItem } from './rows';

export interface DeadLetter {
  sqs: SQSRecord;
  meta: Partial<Meta>;
  reason: string;
}

const longestReason = 1_000;

export async function sendToDeadLetters(consumer: Consumer, letter: DeadLetter, untilMs: number): Promise<void> {
  const url = env.variable(variables.deadLettersUrl);
  const { sqs, meta, reason } = letter;
  const attributes = { reason, consumer: consumer.id, eventId: meta.id, correlation: meta.correlation ?? meta.key };
  await patiently(untilMs, () =>
    env.sqs().send(
      new SendMessageCommand({
        QueueUrl: url,
        MessageBody: sqs.body,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes)
            .filter((entry): entry is [string, string] => Boolean(entry[1]))
            .map(([name, value]) => [name, { DataType: 'String', StringValue: sendable(value) }]),
        ),
        ...(url.endsWith('.fifo')
          ? {
              MessageGroupId: sqs.attributes.MessageGroupId ?? sendable(meta.key ?? 'unknown').slice(0, 128),
              MessageDeduplicationId: sqs.messageId,
            }
          : {}),
      }),
    ),
  );
}

/** Whether an operator has moved the message back from here (StartMessageMoveTask keeps attributes). */
export const wasRedriven = (consumer: Consumer, sqs: SQSRecord): boolean =>
  sqs.messageAttributes?.consumer?.stringValue === consumer.id;

/** `data` and `type` as far as they could be read; `meta` with at least an id. */
export async function recordRejection(
  consumer: Consumer,
  rejected: { meta: Partial<Meta>; type?: string; data?: unknown; reason: string },
  log: Log,
): Promise<void> {
  const { meta, type = 'unknown', data, reason } = rejected;
  if (!meta.id) return;
  const nowMs = env.now();
  const key = meta.key ?? keyIn(consumer, type, data) ?? meta.id;
  const sentAtMs = Date.parse(meta.time ?? '');
  const eventAtMs = Number.isFinite(sentAtMs) ? sentAtMs : nowMs;
  const record: IdempotencyRecord = {
    id: rejectedRecordId(consumer.id, meta.id),
    consumer: consumer.id,
    eventId: meta.id,
    type,
    hash: contentHash(type, data),
    status: 'rejected',
    correlation: meta.correlation ?? key,
    key,
    ...(meta.cause ? { cause: meta.cause } : {}),
    atMs: nowMs,
    eventAtMs,
    hop: Number.isInteger(meta.hop) ? meta.hop! : 0,
    reason,
    expiresAt: expiresAt(nowMs, nowMs),
  };
  try {
    await env
      .dynamodb()
      .send(new PutItemCommand({ TableName: env.variable(variables.recordTable), Item: toItem(record) }));
  } catch (error) {
    log.warn('a rejection is in the dead letters, but not in the records', described(error));
  }
}

/** The business key of an event whose data may be wrong elsewhere. */
function keyIn(consumer: Consumer, type: string, data: unknown): string | undefined {
  const keyField = consumer.on.find((event) => event.name === type)?.keyField;
  const value = keyField && typeof data === 'object' && data !== null ? (data as any)[keyField] : undefined;
  return typeof value === 'string' && value.length > 0 && value.length <= 128 ? value : undefined;
}

/** SQS refuses control characters in attributes, tab and line breaks excepted. Source: API_SendMessage, 'Message'. */
const sendable = (text: string): string => text.slice(0, longestReason).replace(/(?![\t\n\r])\p{C}/gu, '?');
