/**
 * AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy.
 * Source: CloudFormation template reference, "Amazon SNS".
 */
import { createHash } from 'node:crypto';
import type { CreateContext, CreateRequest, IdentifyContext, Identity, ResourceTypes } from '../resource-type';
import type { Json } from '../service';
import { whyNotDelivered } from './subscriptions';

/** Properties that are attributes of the same name. */
const topicAttributes = [
  ...['ContentBasedDeduplication', 'DeliveryPolicy', 'DisplayName', 'FifoThroughputScope', 'FifoTopic'],
  ...['KmsMasterKeyId', 'SignatureVersion', 'TracingConfig'],
];
const subscriptionAttributes = [
  ...['DeliveryPolicy', 'FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'],
];

export const resourceTypes: ResourceTypes = {
  'AWS::SNS::Topic': {
    modelled: [...topicAttributes, 'Subscription', 'Tags', 'TopicName'],
    ignored: {
      DataProtectionPolicy: 'nothing looks for personal data in messages here',
      DeliveryStatusLogging: 'the trace shows every delivery',
      MaximumMessageSize: 'messages may be as large as SNS allows',
    },
    phase: 0,
    identify: (context) => {
      const suffix = String(context.property('FifoTopic') ?? 'false') === 'true' ? '.fifo' : '';
      const name = context.property('TopicName') ?? context.uniqueName({ maxLength: 256, suffix });
      const arn = `arn:aws:sns:${context.region}:${context.account}:${name}`;
      return { ref: arn, attributes: { TopicArn: arn, TopicName: name } };
    },
    create: (context) => {
      const { identity, props } = context;
      const topic: CreateRequest = {
        service: 'sns',
        operation: '$PutTopic',
        input: {
          Name: identity.attributes.TopicName,
          Attributes: attributesFrom(props, topicAttributes),
          Tags: props.Tags ?? [],
        },
      };
      const subscriptions = (props.Subscription ?? []).map((one: Json, index: number) =>
        subscription(`${identity.ref}:${uuidOf(context, `/${index}`)}`, { ...one, TopicArn: identity.ref }),
      );
      return [topic, ...subscriptions];
    },
  },
  'AWS::SNS::Subscription': {
    modelled: [...subscriptionAttributes, 'Endpoint', 'Protocol', 'TopicArn'],
    ignored: {
      Region: 'there is one region here',
      SubscriptionRoleArn: 'permissions are not enforced here',
    },
    phase: 2,
    identify: (context) => {
      const topicArn = context.property('TopicArn') ?? `arn:aws:sns:${context.region}:${context.account}:unknown`;
      return named(`${topicArn}:${uuidOf(context)}`);
    },
    create: ({ identity, props }) => [subscription(identity.ref, props)],
  },
  'AWS::SNS::TopicPolicy': {
    modelled: ['PolicyDocument', 'Topics'],
    phase: 1,
    identify: ({ uniqueName }) => {
      const id = uniqueName();
      return { ref: id, attributes: { Id: id } };
    },
    create: ({ props }) =>
      props.Topics.map((TopicArn: string) => ({
        service: 'sns',
        operation: 'SetTopicAttributes',
        input: { TopicArn, AttributeName: 'Policy', AttributeValue: text(props.PolicyDocument) },
      })),
  },
};

const named = (arn: string): Identity => ({ ref: arn, attributes: { Arn: arn } });

/** Refused while planning, so that the sentence has the construct's path. */
function subscription($arn: string, props: Json): CreateRequest {
  const why = whyNotDelivered(props.Protocol);
  if (why) throw new Error(why.replace('Protocol Reason: ', ''));
  const { TopicArn, Protocol, Endpoint } = props;
  const Attributes = attributesFrom(props, subscriptionAttributes);
  return { service: 'sns', operation: '$PutSubscription', input: { $arn, TopicArn, Protocol, Endpoint, Attributes } };
}

const attributesFrom = (props: Json, names: string[]): Record<string, string> =>
  Object.fromEntries(
    names
      .filter((name) => props[name] !== undefined && !(name === 'FifoTopic' && String(props[name]) === 'false'))
      .map((name) => [name, text(props[name])]),
  );

const text = (value: Json): string => (typeof value === 'object' ? JSON.stringify(value) : String(value));

/** The same from start to start. */
function uuidOf({ stackName, logicalId }: IdentifyContext | CreateContext, more = ''): string {
  const hex = createHash('sha256').update(`${stackName}/${logicalId}${more}`).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, `8${hex.slice(17, 20)}`, hex.slice(20, 32)].join(
    '-',
  );
}
