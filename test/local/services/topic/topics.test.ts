/**
 * Topics: what is made, shown, changed and refused. Source: SNS API reference; answers and texts as recorded from AWS in
 * tests/aws/services/sns of localstack/localstack (Apache-2.0), unless a row says otherwise.
 */
import type { Json } from '../../../../lib/local/services/service';
import { arnOf, queueArn, Sns } from './support';

let sns: Sns;
beforeEach(() => {
  sns = new Sns();
});

const attributes = (TopicArn: string): Json => sns.call('GetTopicAttributes', { TopicArn }).Attributes;

test('a topic is made, listed, found again by the same call, and deleted twice', () => {
  expect(sns.topic('orders')).toBe(arnOf('orders'));
  expect(sns.topic('orders')).toBe(arnOf('orders'));
  expect(sns.call('ListTopics', {})).toEqual({ Topics: [{ TopicArn: arnOf('orders') }] });
  expect(attributes(arnOf('orders'))).toMatchObject({
    TopicArn: arnOf('orders'),
    Owner: '123456789012',
    DisplayName: '',
    SubscriptionsConfirmed: '0',
    SubscriptionsPending: '0',
    SubscriptionsDeleted: '0',
  });
  expect(attributes(arnOf('orders'))).not.toHaveProperty('FifoTopic');
  expect(JSON.parse(attributes(arnOf('orders')).Policy).Statement[0].Condition).toEqual({
    StringEquals: { 'AWS:SourceOwner': '123456789012' },
  });
  sns.call('DeleteTopic', { TopicArn: arnOf('orders') });
  sns.call('DeleteTopic', { TopicArn: arnOf('orders') });
  expect(sns.call('ListTopics', {})).toEqual({ Topics: [] });
});

test('a FIFO topic says so, and what it was given', () => {
  const arn = sns.topic('lane.fifo', { ContentBasedDeduplication: 'true', DisplayName: 'Lane', SignatureVersion: '2' });
  expect(attributes(arn)).toMatchObject({
    FifoTopic: 'true',
    ContentBasedDeduplication: 'true',
    DisplayName: 'Lane',
    SignatureVersion: '2',
  });
  sns.call('SetTopicAttributes', {
    TopicArn: arn,
    AttributeName: 'ContentBasedDeduplication',
    AttributeValue: 'false',
  });
  expect(attributes(arn).ContentBasedDeduplication).toBe('false');
});

test('a hundred topics are a page', () => {
  for (let n = 0; n < 101; n++) sns.topic(`t${n}`);
  const first = sns.call('ListTopics', {});
  expect(first.Topics).toHaveLength(100);
  expect(sns.call('ListTopics', { NextToken: first.NextToken })).toEqual({ Topics: [{ TopicArn: arnOf('t100') }] });
});

test.each<[string, Json]>([
  ['no name', { Name: '' }],
  ['one of 257 characters', { Name: 'x'.repeat(257) }],
  ['a sign that no name has', { Name: 'a b' }],
  ['.fifo without the attribute', { Name: 'a.fifo' }],
  ['the attribute without .fifo', { Name: 'a', Attributes: { FifoTopic: 'true' } }],
])('a name is refused: %s', (_, input) => {
  expect(sns.refusal('CreateTopic', input)).toBe('InvalidParameter: Invalid parameter: Topic Name');
});

test.each<[string, string, Json, string]>([
  [
    'made again, otherwise',
    'CreateTopic',
    { Name: 'orders', Attributes: { DisplayName: 'Other' } },
    'InvalidParameter: Invalid parameter: Attributes Reason: Topic already exists with different attributes',
  ],
  [
    'made again, with more tags',
    'CreateTopic',
    { Name: 'orders', Tags: [{ Key: 'a', Value: 'b' }] },
    'InvalidParameter: Invalid parameter: Tags Reason: Topic already exists with different tags',
  ],
  ['that is not there', 'GetTopicAttributes', { TopicArn: arnOf('none') }, 'NotFound: Topic does not exist'],
  [
    'that is no ARN',
    'GetTopicAttributes',
    { TopicArn: 'orders' },
    'InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 1',
  ],
  [
    'of another region',
    'DeleteTopic',
    { TopicArn: 'orders:x' },
    'InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2',
  ],
  [
    'of another region',
    'GetTopicAttributes',
    { TopicArn: arnOf('orders').replace('eu-west-1', 'us-east-1') },
    'InvalidParameter: Invalid parameter: TopicArn',
  ],
  [
    'a FIFO attribute set later',
    'SetTopicAttributes',
    { TopicArn: arnOf('orders'), AttributeName: 'FifoTopic', AttributeValue: 'true' },
    'InvalidParameter: Invalid parameter: AttributeName',
  ],
  [
    'an archive, which is not modelled',
    'SetTopicAttributes',
    { TopicArn: arnOf('orders'), AttributeName: 'ArchivePolicy', AttributeValue: '{}' },
    'InvalidParameter: Invalid parameter: ArchivePolicy: archives of messages are not modelled by the local runtime',
  ],
  [
    'tags that name a key twice',
    'TagResource',
    {
      ResourceArn: arnOf('orders'),
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
    },
    'InvalidParameter: Invalid parameter: Duplicated keys are not allowed.',
  ],
  [
    'tags of nothing',
    'ListTagsForResource',
    { ResourceArn: arnOf('none') },
    'ResourceNotFound: Resource does not exist',
  ],
  [
    'a permission twice',
    'AddPermission',
    { TopicArn: arnOf('orders'), Label: '__default_statement_ID', AWSAccountId: ['1'], ActionName: ['Publish'] },
    'InvalidParameter: Invalid parameter: Statement already exists',
  ],
  [
    'a permission that SNS has not',
    'AddPermission',
    { TopicArn: arnOf('orders'), Label: 'l', AWSAccountId: ['1'], ActionName: ['Fly'] },
    'InvalidParameter: Invalid parameter: Policy statement action out of service scope!',
  ],
])('refused: a topic %s', (_what, operation, input, said) => {
  sns.topic('orders');
  expect(sns.refusal(operation, input)).toBe(said);
});

test('tags come and go', () => {
  const ResourceArn = sns.topic('orders');
  const tags = (): Json => sns.call('ListTagsForResource', { ResourceArn }).Tags;
  sns.call('TagResource', {
    ResourceArn,
    Tags: [
      { Key: 'k1', Value: 'v1' },
      { Key: 'k2', Value: 'v2' },
    ],
  });
  sns.call('UntagResource', { ResourceArn, TagKeys: ['k1'] });
  sns.call('TagResource', { ResourceArn, Tags: [{ Key: 'k2', Value: 'v2b' }] });
  expect(tags()).toEqual([{ Key: 'k2', Value: 'v2b' }]);
});

test('permissions are statements of the policy', () => {
  const TopicArn = sns.topic('orders');
  sns.call('AddPermission', { TopicArn, Label: 'l', AWSAccountId: ['222222222222'], ActionName: ['Publish'] });
  const statements = (): Json[] => JSON.parse(attributes(TopicArn).Policy).Statement;
  expect(statements()[1]).toEqual({
    Sid: 'l',
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    Action: 'SNS:Publish',
    Resource: TopicArn,
  });
  sns.call('RemovePermission', { TopicArn, Label: 'l' });
  expect(statements()).toHaveLength(1);
});

test('a topic counts its subscriptions, and takes them with it', () => {
  const arn = sns.topic('orders');
  const gone = sns.subscribe(arn, queueArn('a'));
  sns.subscribe(arn, queueArn('b'));
  sns.call('Subscribe', { TopicArn: arn, Protocol: 'email', Endpoint: 'a@b.example' });
  sns.call('Unsubscribe', { SubscriptionArn: gone });
  expect(attributes(arn)).toMatchObject({
    SubscriptionsConfirmed: '1',
    SubscriptionsPending: '1',
    SubscriptionsDeleted: '1',
  });
  sns.call('DeleteTopic', { TopicArn: arn });
  expect(sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
});
