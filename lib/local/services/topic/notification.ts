/**
 * What a subscriber gets: the message itself (raw), its envelope, or the event of a function.
 *
 * 1. A raw delivery to a queue carries the message attributes as the queue's own; SQS takes ten.
 * 2. A FIFO topic gives a FIFO queue the group and the deduplication id, a standard one neither; a standard topic passes a
 *    group on (fair queues).
 * Differs: nothing is signed: Signature is no signature, and the URLs lead nowhere.
 * Source: SNS developer guide, "Parsing message formats", "Raw message delivery", "Message deduplication for FIFO topics";
 * Lambda developer guide, "Using Lambda with Amazon SNS"; members and their order as recorded from AWS.
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../ports';
import type { Json, ServiceName, ServiceOptions } from '../service';
import type { Content, MessageAttributes } from './message';
import type { Subscription } from './subscriptions';
import type { Topic } from './topics';

export interface Published extends Content {
  id: string;
  atMs: Millis;
  /** FIFO topics only. */
  sequenceNumber?: string;
}

export interface Call {
  to: ServiceName;
  operation: string;
  input: Json;
}

type Place = Pick<ServiceOptions, 'endpoint' | 'region'>;

export function callFor(place: Place, topic: Topic, message: Published, subscription: Subscription): Call {
  const { protocol, endpoint } = subscription;
  if (protocol === 'lambda') {
    const event = JSON.stringify(eventOf(place, topic, message, subscription));
    return {
      to: 'lambda',
      operation: 'Invoke',
      input: { FunctionName: endpoint, InvocationType: 'Event', Payload: Buffer.from(event).toString('base64') },
    };
  }
  return sendTo(endpoint, place, topic, message, subscription);
}

/** What could not be delivered: as a queue would have got it, also where a function was meant to. */
export const deadLetterFor = (place: Place, topic: Topic, message: Published, subscription: Subscription): Call =>
  sendTo(subscription.deadLetterArn!, place, topic, message, subscription);

function sendTo(arn: string, place: Place, topic: Topic, message: Published, subscription: Subscription): Call {
  const [, , , , account, name] = arn.split(':');
  const { attributes, groupId, dedupId } = message;
  const body = bodyFor(message, 'sqs');
  const fifo = name!.endsWith('.fifo');
  return {
    to: 'sqs',
    operation: 'SendMessage',
    input: {
      QueueUrl: `${place.endpoint}/${account}/${name}`,
      MessageBody: subscription.raw ? body : envelope(place, topic, message, subscription, body),
      ...(subscription.raw && Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
      ...(groupId !== undefined && topic.fifo === fifo && { MessageGroupId: groupId }),
      ...(fifo && { MessageDeduplicationId: dedupId ?? hashOf(body) }),
    },
  };
}

export const bodyFor = ({ bodies }: Content, protocol: string): string => bodies[protocol] ?? bodies.default!;

export const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

const unsigned = Buffer.from('The local runtime signs nothing.').toString('base64');

const urls = ({ region }: Place, { arn }: Subscription): { certificate: string; unsubscribe: string } => ({
  certificate: `https://sns.${region}.amazonaws.com/SimpleNotificationService-unsigned.pem`,
  unsubscribe: `https://sns.${region}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`,
});

/** Written as AWS writes it: a member a line. */
function envelope(place: Place, topic: Topic, message: Published, subscription: Subscription, body: string): string {
  const { certificate, unsubscribe } = urls(place, subscription);
  const members: Record<string, Json> = {
    Type: 'Notification',
    MessageId: message.id,
    SequenceNumber: message.sequenceNumber,
    TopicArn: topic.arn,
    Subject: message.subject,
    Message: body,
    Timestamp: new Date(message.atMs).toISOString(),
    ...(!topic.fifo && {
      SignatureVersion: topic.attributes.SignatureVersion ?? '1',
      Signature: unsigned,
      SigningCertURL: certificate,
    }),
    UnsubscribeURL: unsubscribe,
  };
  const lines = Object.entries(members)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `  ${JSON.stringify(name)} : ${JSON.stringify(value)}`);
  const attributes = Object.entries(shown(message.attributes)).map(
    ([name, value]) => `    ${JSON.stringify(name)} : ${JSON.stringify(value)}`,
  );
  if (attributes.length > 0) lines.push(`  "MessageAttributes" : {\n${attributes.join(',\n')}\n  }`);
  return `{\n${lines.join(',\n')}\n}`;
}

function eventOf(place: Place, topic: Topic, message: Published, subscription: Subscription): Json {
  const { certificate, unsubscribe } = urls(place, subscription);
  return {
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: 'Notification',
          MessageId: message.id,
          TopicArn: topic.arn,
          Subject: message.subject ?? null,
          Message: bodyFor(message, 'lambda'),
          Timestamp: new Date(message.atMs).toISOString(),
          SignatureVersion: '1',
          Signature: unsigned,
          SigningCertUrl: certificate,
          UnsubscribeUrl: unsubscribe,
          MessageAttributes: shown(message.attributes),
        },
      },
    ],
  };
}

const shown = (attributes: MessageAttributes): Json =>
  Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
      name,
      { Type: DataType, Value: BinaryValue ?? StringValue },
    ]),
  );
