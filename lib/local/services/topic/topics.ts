/**
 * All topics: made, found, configured, deleted.
 *
 * 1. Creating what is there gives its ARN, unless attributes or tags that are given differ from its own.
 * 2. A topic is FIFO for good, and then its name ends in '.fifo'; no other name does.
 * Not modelled: archives and replays of messages (ArchivePolicy is refused), data protection, delivery status logs (kept only).
 * Source: SNS API reference, CreateTopic, SetTopicAttributes, GetTopicAttributes; answers and texts as recorded from AWS.
 */
import type { Json, ServiceOptions } from '../service';
import { demandArn, invalid, notFound, resourceNotFound } from './errors';

export interface Topic {
  name: string;
  arn: string;
  fifo: boolean;
  /** As given. */
  attributes: Record<string, string>;
  tags: Map<string, string>;
  /** Of this topic's life; GetTopicAttributes shows how many were ended. */
  subscriptionsDeleted: number;
}

const feedback = ['Application', 'Firehose', 'HTTP', 'Lambda', 'SQS'].flatMap((protocol) =>
  ['SuccessFeedbackRoleArn', 'SuccessFeedbackSampleRate', 'FailureFeedbackRoleArn'].map((name) => `${protocol}${name}`),
);
const settable = new Set([
  ...['DisplayName', 'Policy', 'DeliveryPolicy', 'KmsMasterKeyId', 'SignatureVersion', 'TracingConfig'],
  ...['ContentBasedDeduplication', 'FifoThroughputScope'],
  ...feedback,
]);
const ofFifoOnly = ['ContentBasedDeduplication', 'FifoThroughputScope'];

export class Topics {
  private readonly byName = new Map<string, Topic>();

  constructor(private readonly options: ServiceOptions) {}

  all(): Iterable<Topic> {
    return this.byName.values();
  }

  create({ Name, Attributes = {}, Tags = [] }: Json): Topic {
    const given = Object.fromEntries(Object.entries(Attributes).map(([name, value]) => [name, String(value)]));
    const fifo = given.FifoTopic === 'true';
    if (typeof Name !== 'string' || Name.length > 256 || !(fifo ? /^[\w-]+\.fifo$/ : /^[\w-]+$/).test(Name))
      throw invalid('Topic Name');
    const tags = tagsOf(Tags);
    const existing = this.byName.get(Name);
    if (existing) {
      const own = this.attributesOf(existing);
      if (
        Object.entries(given).some(([name, value]) => (own[name] ?? '') !== value && !(name === 'FifoTopic' && !fifo))
      )
        throw invalid('Attributes Reason: Topic already exists with different attributes');
      if ([...tags].some(([key, value]) => existing.tags.get(key) !== value))
        throw invalid('Tags Reason: Topic already exists with different tags');
      return existing;
    }
    const { region, account } = this.options;
    const arn = `arn:aws:sns:${region}:${account}:${Name}`;
    const topic: Topic = { name: Name, arn, fifo, attributes: {}, tags, subscriptionsDeleted: 0 };
    for (const [name, value] of Object.entries(given)) {
      if (name !== 'FifoTopic') set(topic, name, value, 'Attributes Reason: ');
    }
    this.byName.set(Name, topic);
    return topic;
  }

  /** For templates: made, or made to say what is given and nothing else. */
  put(input: Json): Topic {
    const existing = this.byName.get(input.Name);
    if (!existing) return this.create(input);
    existing.attributes = {};
    for (const [name, value] of Object.entries(input.Attributes ?? {}))
      if (name !== 'FifoTopic') set(existing, name, String(value), 'Attributes Reason: ');
    existing.tags = tagsOf(input.Tags ?? []);
    return existing;
  }

  /** Throws NotFound, or InvalidParameter for what is no ARN of a topic here. */
  get(arn: unknown, parameter = 'TopicArn'): Topic {
    const [, , service, region, account, name, ...more] = demandArn(parameter, arn).split(':');
    if (service !== 'sns' || region !== this.options.region || account !== this.options.account || more.length > 0)
      throw invalid(parameter);
    const topic = this.byName.get(name!);
    if (!topic) throw notFound('Topic');
    return topic;
  }

  /** As operations on tags name it. */
  resource(arn: unknown): Topic {
    for (const topic of this.byName.values()) if (topic.arn === arn) return topic;
    throw resourceNotFound();
  }

  /** False: there was none, which is no error. */
  delete(arn: unknown): Topic | undefined {
    const name = demandArn('TopicArn', arn).split(':')[5]!;
    const topic = this.byName.get(name);
    if (topic?.arn !== arn) return undefined;
    this.byName.delete(name);
    return topic;
  }

  set(topic: Topic, { AttributeName, AttributeValue }: Json): void {
    set(topic, AttributeName, AttributeValue === undefined ? '' : String(AttributeValue), '');
  }

  attributesOf({ arn, fifo, attributes }: Topic): Record<string, string> {
    return {
      TopicArn: arn,
      Owner: this.options.account,
      DisplayName: '',
      Policy: defaultPolicy(arn, this.options.account),
      EffectiveDeliveryPolicy: attributes.DeliveryPolicy || defaultDelivery,
      ...(fifo && { FifoTopic: 'true', ContentBasedDeduplication: 'false' }),
      ...attributes,
    };
  }
}

/** `before` stands before a reason: the two operations word it differently. */
function set(topic: Topic, name: string, value: string, before: string): void {
  if (name === 'ArchivePolicy')
    throw invalid(`${before}ArchivePolicy: archives of messages are not modelled by the local runtime`);
  if (!settable.has(name) || (!topic.fifo && ofFifoOnly.includes(name))) throw invalid(`${before}AttributeName`);
  const allowed = allowedValues[name];
  if (allowed && !allowed.includes(value))
    throw invalid(`${before}${name}: Invalid value [${value}]. Must be ${allowed.join(' or ')}.`);
  if (['Policy', 'DeliveryPolicy'].includes(name) && value !== '') demandJson(name, value, before);
  if (value === '' && name !== 'DisplayName') delete topic.attributes[name];
  else topic.attributes[name] = value;
}

const allowedValues: Record<string, string[]> = {
  ContentBasedDeduplication: ['true', 'false'],
  FifoThroughputScope: ['Topic', 'MessageGroup'],
  SignatureVersion: ['1', '2'],
  TracingConfig: ['PassThrough', 'Active'],
};

function demandJson(name: string, text: string, before: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalid(`${before}${name}: failed to parse JSON.`);
  }
}

export function tagsOf(list: Json[]): Map<string, string> {
  const tags = new Map<string, string>(list.map(({ Key, Value }) => [Key, Value ?? '']));
  if (tags.size < list.length) throw invalid('Duplicated keys are not allowed.');
  return tags;
}

/** Shown where nothing was set; it is not enforced. */
const defaultPolicy = (arn: string, account: string): string =>
  JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: [
          ...['GetTopicAttributes', 'SetTopicAttributes', 'AddPermission', 'RemovePermission', 'DeleteTopic'],
          ...['Subscribe', 'ListSubscriptionsByTopic', 'Publish'],
        ].map((action) => `SNS:${action}`),
        Resource: arn,
        Condition: { StringEquals: { 'AWS:SourceOwner': account } },
      },
    ],
  });

const defaultDelivery = JSON.stringify({
  http: {
    defaultHealthyRetryPolicy: {
      minDelayTarget: 20,
      maxDelayTarget: 20,
      numRetries: 3,
      numMaxDelayRetries: 0,
      numNoDelayRetries: 0,
      numMinDelayRetries: 0,
      backoffFunction: 'linear',
    },
    disableSubscriptionOverrides: false,
    defaultRequestPolicy: { headerContentType: 'text/plain; charset=UTF-8' },
  },
});
