/** AWS::SNS::*, from template to delivery. Source: CloudFormation template reference, "Amazon SNS". */
import { loadAssembly, type Plan, planResources } from '../../../../lib/local/assembly';
import { resourceTypes as queueTypes } from '../../../../lib/local/services/queue';
import { resourceTypes } from '../../../../lib/local/services/topic';
import { updateOf } from '../../../../lib/local/updates';
import { assembly, removeFolders } from '../../assembly/support';
import { arnOf, queueArn, Sns } from './support';

afterAll(removeFolders);

const topic = (Properties: object) => ({ Type: 'AWS::SNS::Topic', Properties });
const subscription = (Properties: object) => ({ Type: 'AWS::SNS::Subscription', Properties });
const plan = (Resources: object, allowUnmodelled = false): Plan =>
  planResources(
    loadAssembly(assembly({ One: { template: { Resources } } })),
    { ...queueTypes, ...resourceTypes },
    { account: '123456789012', region: 'eu-west-1', endpoint: 'http://here:1', allowUnmodelled },
  );
const made = ({ resources }: Plan): Sns => {
  const sns = new Sns();
  for (const { requests } of resources)
    for (const { service, operation, input } of requests) if (service === 'sns') sns.call(operation, input);
  return sns;
};

const Orders = topic({ TopicName: 'orders', DisplayName: 'Orders', Tags: [{ Key: 'team', Value: 'red' }] });
const Q = { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'q' } };
const Sub = subscription({
  TopicArn: { Ref: 'Orders' },
  Protocol: 'sqs',
  Endpoint: { 'Fn::GetAtt': ['Q', 'Arn'] },
  RawMessageDelivery: true,
  FilterPolicy: { kind: ['a'] },
  RedrivePolicy: { deadLetterTargetArn: queueArn('dead') },
});

test('a topic, its subscription and its policy', () => {
  const Policy = {
    Type: 'AWS::SNS::TopicPolicy',
    Properties: { Topics: [{ Ref: 'Orders' }], PolicyDocument: { Statement: [] } },
  };
  // The subscription comes before its topic in the template.
  const planned = plan({ Sub, Policy, Orders, Q });
  const sns = made(planned);
  const { Attributes } = sns.call('GetTopicAttributes', { TopicArn: arnOf('orders') });
  expect(Attributes).toMatchObject({ DisplayName: 'Orders', Policy: '{"Statement":[]}', SubscriptionsConfirmed: '1' });
  const SubscriptionArn = planned.resources.find(({ logicalId }) => logicalId === 'Sub')!.identity.ref;
  expect(SubscriptionArn).toMatch(/^arn:aws:sns:eu-west-1:123456789012:orders:[0-9a-f-]{36}$/);
  expect(sns.call('GetSubscriptionAttributes', { SubscriptionArn }).Attributes).toMatchObject({
    Endpoint: queueArn('q'),
    RawMessageDelivery: 'true',
    FilterPolicy: '{"kind":["a"]}',
  });
  for (const StringValue of ['a', 'b']) {
    const MessageAttributes = { kind: { DataType: 'String', StringValue } };
    sns.call('Publish', { TopicArn: arnOf('orders'), Message: StringValue, MessageAttributes });
  }
  expect(sns.sent.map(({ MessageBody }) => MessageBody)).toEqual(['a']);
});

test('a FIFO topic without a name gets one that ends as it must, and subscriptions may stand in the topic', () => {
  const planned = plan({
    Lane: topic({ FifoTopic: true, Subscription: [{ Protocol: 'sqs', Endpoint: queueArn('q.fifo') }] }),
  });
  const [{ identity }] = planned.resources as [Plan['resources'][0]];
  expect(identity.attributes.TopicName).toMatch(/^One-Lane-[A-Z0-9]{12}\.fifo$/);
  expect(made(planned).call('ListSubscriptions', {}).Subscriptions).toMatchObject([
    { Protocol: 'sqs', Endpoint: queueArn('q.fifo'), TopicArn: identity.ref },
  ]);
});

test('a mail address is accepted and waits; a telephone is refused with its construct, or left out', () => {
  const to = (Protocol: string, Endpoint: string): object =>
    subscription({ TopicArn: { Ref: 'Orders' }, Protocol, Endpoint });
  const mailed = made(plan({ Orders, Sub: to('email', 'a@b.example') }));
  expect(mailed.call('ListSubscriptions', {}).Subscriptions[0].SubscriptionArn).toBe('PendingConfirmation');
  const phoned = { Orders, Sub: to('sms', '+4912345678') };
  expect(() => plan(phoned)).toThrow(
    /Sub \(AWS::SNS::Subscription, Sub in stack One\)\n +deliveries by sms are not modelled/,
  );
  expect(made(plan(phoned, true)).call('ListSubscriptions', {}).Subscriptions).toEqual([]);
});

test.each([
  ['an archive', topic({ FifoTopic: true, ArchivePolicy: { MessageRetentionPeriod: 1 } }), 'ArchivePolicy'],
  [
    'a replay',
    subscription({ TopicArn: arnOf('orders'), Protocol: 'sqs', Endpoint: queueArn('q'), ReplayPolicy: {} }),
    'ReplayPolicy',
  ],
])('refused: %s', (_, resource, property) => {
  expect(() => plan({ Orders, Thing: resource })).toThrow(`${property}: the property is not modelled`);
});

// Source: CloudFormation template reference, "Update requires" of each property.
test.each<[string, object, object, string[] | undefined]>([
  ['a display name', Orders, topic({ TopicName: 'orders', DisplayName: 'New' }), ['$PutTopic']],
  ['a FIFO topic', Orders, topic({ TopicName: 'orders', FifoTopic: true }), undefined],
  ['another name', Orders, topic({ TopicName: 'other' }), undefined],
  [
    'a subscription in the topic that is gone',
    topic({ TopicName: 'orders', Subscription: [{ Protocol: 'sqs', Endpoint: queueArn('q') }] }),
    topic({ TopicName: 'orders' }),
    ['$PutTopic', 'Unsubscribe'],
  ],
  ['a filter', Sub, { ...Sub, Properties: { ...Sub.Properties, FilterPolicy: { kind: ['b'] } } }, ['$PutSubscription']],
  ['another endpoint', Sub, { ...Sub, Properties: { ...Sub.Properties, Endpoint: queueArn('r') } }, undefined],
])('changed in place, or not: %s', (_, before, after, operations) => {
  const planned = (Thing: object) =>
    plan({ Orders, Q, Thing }).resources.find(({ logicalId }) => logicalId === 'Thing')!;
  const update = updateOf(planned(before).requests, planned(after));
  expect(update?.map(({ operation }) => operation)).toEqual(operations);
});

test('made again, it says what the template says now, and nothing else', () => {
  const sns = made(plan({ Orders, Q, Sub }));
  const next = plan({
    Orders: topic({ TopicName: 'orders' }),
    Q,
    Sub: subscription({ ...Sub.Properties, FilterPolicy: undefined }),
  });
  for (const { requests } of next.resources)
    for (const { service, operation, input } of requests) if (service === 'sns') sns.call(operation, input);
  expect(sns.call('GetTopicAttributes', { TopicArn: arnOf('orders') }).Attributes.DisplayName).toBe('');
  expect(sns.call('ListTagsForResource', { ResourceArn: arnOf('orders') }).Tags).toEqual([]);
  const { Subscriptions } = sns.call('ListSubscriptions', {});
  expect(Subscriptions).toHaveLength(1);
  const { SubscriptionArn } = Subscriptions[0];
  expect(sns.call('GetSubscriptionAttributes', { SubscriptionArn }).Attributes).not.toHaveProperty('FilterPolicy');
});
