/**
 * Subscriptions. Source: SNS API reference, Subscribe, SetSubscriptionAttributes; answers and texts as recorded from AWS in
 * tests/aws/services/sns of localstack/localstack (Apache-2.0), unless a row says otherwise.
 */
import type { Json } from '../../../../lib/local/services/service';
import { arnOf, functionArn, queueArn, Sns } from './support';

let sns: Sns;
beforeEach(() => {
  sns = new Sns();
  sns.topic('orders');
  sns.topic('lane.fifo');
});
const attributes = (SubscriptionArn: string): Json =>
  sns.call('GetSubscriptionAttributes', { SubscriptionArn }).Attributes;

test('a queue is subscribed and confirmed at once', () => {
  const arn = sns.subscribe(arnOf('orders'), queueArn('q'), { RawMessageDelivery: 'true' });
  expect(arn).toMatch(/^arn:aws:sns:eu-west-1:123456789012:orders:[0-9a-f-]{36}$/);
  expect(attributes(arn)).toEqual({
    SubscriptionArn: arn,
    TopicArn: arnOf('orders'),
    Protocol: 'sqs',
    Endpoint: queueArn('q'),
    Owner: '123456789012',
    PendingConfirmation: 'false',
    ConfirmationWasAuthenticated: 'true',
    SubscriptionPrincipal: 'arn:aws:iam::123456789012:root',
    RawMessageDelivery: 'true',
  });
  const listed = { SubscriptionArn: arn, Owner: '123456789012', Protocol: 'sqs', Endpoint: queueArn('q') };
  const Subscriptions = [{ ...listed, TopicArn: arnOf('orders') }];
  expect(sns.call('ListSubscriptionsByTopic', { TopicArn: arnOf('orders') })).toEqual({ Subscriptions });
  expect(sns.call('ListSubscriptions', {})).toEqual({ Subscriptions });
  sns.call('Unsubscribe', { SubscriptionArn: arn });
  sns.call('Unsubscribe', { SubscriptionArn: arn });
  expect(sns.call('ListSubscriptions', {})).toEqual({ Subscriptions: [] });
});

test('the same endpoint is subscribed once; what it does not say stays', () => {
  const arn = sns.subscribe(arnOf('orders'), queueArn('q'), { RawMessageDelivery: 'true' });
  expect(sns.subscribe(arnOf('orders'), queueArn('q'), { RawMessageDelivery: 'True' })).toBe(arn);
  expect(sns.subscribe(arnOf('orders'), queueArn('q'))).toBe(arn);
  expect(
    sns.refusal('Subscribe', {
      TopicArn: arnOf('orders'),
      Protocol: 'sqs',
      Endpoint: queueArn('q'),
      Attributes: { RawMessageDelivery: 'false' },
    }),
  ).toBe(
    'InvalidParameter: Invalid parameter: Attributes Reason: Subscription already exists with different attributes',
  );
});

test('attributes are set, shown and taken away', () => {
  const arn = sns.subscribe(arnOf('orders'), functionArn('f'));
  const set = (AttributeName: string, AttributeValue: string): Json =>
    sns.call('SetSubscriptionAttributes', { SubscriptionArn: arn, AttributeName, AttributeValue });
  expect(attributes(arn)).not.toHaveProperty('FilterPolicyScope');
  set('FilterPolicy', '{"kind":["a"]}');
  expect(attributes(arn)).toMatchObject({ FilterPolicy: '{"kind":["a"]}', FilterPolicyScope: 'MessageAttributes' });
  set('FilterPolicyScope', 'MessageBody');
  expect(attributes(arn).FilterPolicyScope).toBe('MessageBody');
  set('FilterPolicy', '{}');
  expect(attributes(arn)).not.toHaveProperty('FilterPolicy');
  const policy = JSON.stringify({ deadLetterTargetArn: queueArn('dead') });
  set('RedrivePolicy', policy);
  expect(attributes(arn).RedrivePolicy).toBe(policy);
  set('RedrivePolicy', '');
  expect(attributes(arn)).not.toHaveProperty('RedrivePolicy');
});

// Ours: AWS accepts these as well and waits for whoever reads the mail or answers the request.
test.each([
  ['email', 'a@b.example'],
  ['email-json', 'a@b.example'],
  ['http', 'http://b.example/x'],
  ['https', 'https://b.example/x'],
])('%s waits for a confirmation that never comes, and gets nothing', (Protocol, Endpoint) => {
  const given = { TopicArn: arnOf('orders'), Protocol, Endpoint };
  expect(sns.call('Subscribe', given).SubscriptionArn).toBe('pending confirmation');
  const arn = sns.call('Subscribe', { ...given, ReturnSubscriptionArn: true }).SubscriptionArn;
  expect(attributes(arn)).toMatchObject({ PendingConfirmation: 'true', ConfirmationWasAuthenticated: 'false' });
  expect(sns.call('ListSubscriptions', {}).Subscriptions[0].SubscriptionArn).toBe('PendingConfirmation');
  sns.call('Publish', { TopicArn: arnOf('orders'), Message: 'm' });
  expect(sns.calls).toEqual([]);
});

const subscribing = (Protocol: unknown, Endpoint: unknown, Attributes: Json = {}, topic = 'orders'): [string, Json] => [
  'Subscribe',
  { TopicArn: arnOf(topic), Protocol, Endpoint, Attributes },
];
const setting = (AttributeName: string, AttributeValue: string): [string, Json] => [
  'SetSubscriptionAttributes',
  { AttributeName, AttributeValue },
];

test.each<[string, [string, Json], string | RegExp]>([
  [
    'a protocol that SNS has not',
    subscribing('pigeon', 'loft'),
    'Invalid parameter: Amazon SNS does not support this protocol string: pigeon',
  ],
  // Ours.
  [
    'text messages, by name',
    subscribing('sms', '+4912345678'),
    /deliveries by sms are not modelled.*modelled: sqs, lambda/,
  ],
  ['mobile push, by name', subscribing('application', 'arn:x'), /deliveries by application are not modelled/],
  ['Firehose, by name', subscribing('firehose', 'arn:x'), /deliveries by firehose are not modelled/],
  ['a queue by its URL', subscribing('sqs', 'http://here:1/1/q'), 'Invalid parameter: SQS endpoint ARN'],
  ['a function that is none', subscribing('lambda', queueArn('q')), 'Invalid parameter: Lambda endpoint ARN'],
  [
    'https by http',
    subscribing('https', 'http://b.example'),
    'Invalid parameter: Endpoint must match the specified protocol',
  ],
  [
    'a FIFO queue of a standard topic',
    subscribing('sqs', queueArn('q.fifo')),
    'Invalid parameter: Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics',
  ],
  ['a function of a FIFO topic', subscribing('lambda', functionArn('f'), {}, 'lane.fifo'), /Please use FIFO SQS queue/],
  ['a topic that is not there', subscribing('sqs', queueArn('q'), {}, 'none'), 'Topic does not exist'],
  [
    'a wrong value at once',
    subscribing('sqs', queueArn('q'), { RawMessageDelivery: 'wrongvalue' }),
    'Invalid parameter: Attributes Reason: RawMessageDelivery: Invalid value [wrongvalue]. Must be true or false.',
  ],
  [
    'a wrong value later',
    setting('RawMessageDelivery', ''),
    'Invalid parameter: RawMessageDelivery: Invalid value []. Must be true or false.',
  ],
  ['an unknown attribute', setting('Colour', 'red'), 'Invalid parameter: AttributeName'],
  [
    'an unknown scope',
    setting('FilterPolicyScope', 'RandomValue'),
    'Invalid parameter: FilterPolicyScope: Invalid value [RandomValue]. Please use either MessageBody or MessageAttributes',
  ],
  [
    'dead letters that are no queue',
    setting('RedrivePolicy', '{"deadLetterTargetArn":"fake"}'),
    'Invalid parameter: RedrivePolicy: deadLetterTargetArn is an invalid arn',
  ],
  [
    'dead letters that are no JSON',
    setting('RedrivePolicy', '{inv'),
    /^Invalid parameter: RedrivePolicy: failed to parse JSON\./,
  ],
  [
    'standard dead letters of a FIFO subscription',
    subscribing(
      'sqs',
      queueArn('q.fifo'),
      { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead') }) },
      'lane.fifo',
    ),
    'Invalid parameter: Attributes Reason: RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.',
  ],
  // Ours.
  ['a replay', setting('ReplayPolicy', '{}'), /ReplayPolicy: replays of messages are not modelled/],
])('refused: %s', (_, [operation, input], said) => {
  const SubscriptionArn = sns.subscribe(arnOf('orders'), queueArn('own'));
  const { error } = sns.ask(operation, operation === 'Subscribe' ? input : { SubscriptionArn, ...input });
  if (said instanceof RegExp) expect(error?.message).toMatch(said);
  else expect(error?.message).toBe(said);
});

test.each<[string, unknown, string]>([
  ['no ARN', 'x', 'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1'],
  [
    'half an ARN',
    'arn:aws:sns:r:1',
    'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 5',
  ],
  ['a topic', arnOf('orders'), 'Invalid parameter: SubscriptionId'],
  ['nothing', '', 'Invalid parameter: SubscriptionArn Reason: no value for required parameter'],
])('Unsubscribe refuses %s', (_, SubscriptionArn, said) => {
  expect(sns.refusal('Unsubscribe', { SubscriptionArn })).toBe(`InvalidParameter: ${said}`);
});

test('what is gone is not found', () => {
  const SubscriptionArn = `${arnOf('orders')}:00000000-0000-4000-8000-000000000000`;
  for (const operation of ['GetSubscriptionAttributes', 'SetSubscriptionAttributes'])
    expect(sns.refusal(operation, { SubscriptionArn })).toBe('NotFound: Subscription does not exist');
});
