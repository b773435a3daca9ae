/** Retries, dead letters and order. Source: SNS developer guide, "Amazon SNS message delivery retries", "dead-letter queues". */
import { fail } from '../../../../lib/local/services/service';
import { arnOf, functionArn, queueArn, Sns } from './support';

let sns: Sns;
beforeEach(() => {
  sns = new Sns();
  sns.topic('orders');
});
const redrive = { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('dead') }) };
const publish = (Message = 'm', more = {}): unknown =>
  sns.call('Publish', { TopicArn: arnOf('orders'), Message, ...more });
const gone = fail('QueueDoesNotExist', 'The specified queue does not exist.');
const busy = fail('ServiceUnavailable', 'Try again.', { status: 503 });

test('a subscriber that is gone is not asked again: the dead letters get what it would have got', () => {
  sns.subscribe(arnOf('orders'), queueArn('q'), { ...redrive, RawMessageDelivery: 'true' });
  sns.answer = ({ input }) => (input.QueueUrl.endsWith('/q') ? gone : { output: {} });
  publish('text', { MessageAttributes: { a: { DataType: 'Number', StringValue: '111' } } });
  expect(sns.sent).toEqual([
    expect.objectContaining({ QueueUrl: 'http://here:1/123456789012/q' }),
    {
      QueueUrl: 'http://here:1/123456789012/dead',
      MessageBody: 'text',
      MessageAttributes: { a: { DataType: 'Number', StringValue: '111' } },
    },
  ]);
  expect(sns.traces).toEqual([expect.objectContaining({ kind: 'topic-dead-lettered', topic: 'orders', attempts: 1 })]);
});

test("a function's dead letter is the envelope of a queue", () => {
  sns.subscribe(arnOf('orders'), functionArn('f'), redrive);
  sns.answer = ({ to }) =>
    to === 'lambda' ? fail('ResourceNotFoundException', 'Function not found', { status: 404 }) : { output: {} };
  publish('text');
  expect(JSON.parse(sns.sent[0].MessageBody)).toMatchObject({ Type: 'Notification', Message: 'text' });
});

test('without dead letters it is dropped, and the trace says why', () => {
  sns.subscribe(arnOf('orders'), queueArn('q'));
  sns.answer = () => gone;
  publish();
  expect(sns.traces).toEqual([
    expect.objectContaining({
      kind: 'topic-dropped',
      reason: 'QueueDoesNotExist: The specified queue does not exist.',
    }),
  ]);
});

test('what may pass is tried again: at once, after a second, with growing delays, every 20 seconds', () => {
  sns.subscribe(arnOf('orders'), queueArn('q'));
  const at: number[] = [];
  const began = sns.now;
  sns.answer = () => {
    at.push((sns.now - began) / 1000);
    return busy;
  };
  publish();
  sns.pass(200_000);
  expect(at.slice(0, 18)).toEqual([0, 0, 0, 0, 1, 2, 3, 5, 9, 17, 33, 53, 73, 93, 113, 133, 153, 173]);
  sns.answer = () => ({ output: {} });
  sns.pass(20_000);
  expect(sns.kinds().at(-1)).toBe('topic-delivered');
  expect(sns.call('$pending', {})).toEqual({ pending: 0 });
});

test.each([
  ['throttling', fail('ThrottlingException', 'Rate exceeded')],
  ['a broken connection', fail('network', 'socket hang up')],
  ['a function without concurrency', fail('TooManyRequestsException', 'Rate Exceeded.', { status: 429 })],
])('%s passes', (_, reply) => {
  sns.subscribe(arnOf('orders'), queueArn('q'));
  let asked = 0;
  sns.answer = () => (++asked < 3 ? reply : { output: {} });
  publish();
  expect(sns.kinds()).toEqual(['topic-delivery-retry', 'topic-delivery-retry', 'topic-delivered']);
});

test('silence is an error after 30 seconds; an answer that comes later changes nothing', () => {
  sns.subscribe(arnOf('orders'), queueArn('q'));
  sns.answer = () => undefined;
  publish();
  sns.pass(29_999);
  expect(sns.calls).toHaveLength(1);
  sns.pass(1);
  expect(sns.calls).toHaveLength(2);
  sns.reply(sns.calls[0]!, { output: {} });
  expect(sns.call('$pending', {})).toEqual({ pending: 1 });
  sns.reply(sns.calls[1]!, { output: {} });
  expect(sns.call('$pending', {})).toEqual({ pending: 0 });
});

test('retries end after 23 days: 100,015 of them', () => {
  sns.subscribe(arnOf('orders'), queueArn('q'), redrive);
  let attempts = 0;
  sns.answer = ({ input }) => {
    if (input.QueueUrl.endsWith('/dead')) return { output: {} };
    attempts++;
    return busy;
  };
  publish();
  sns.pass(24 * 86_400_000);
  expect(attempts).toBe(100_016);
  expect(sns.kinds().at(-1)).toBe('topic-dead-lettered');
});

test('who unsubscribes gets nothing more', () => {
  const SubscriptionArn = sns.subscribe(arnOf('orders'), queueArn('q'));
  sns.answer = () => busy;
  publish();
  const before = sns.calls.length;
  sns.call('Unsubscribe', { SubscriptionArn });
  sns.pass(60_000);
  expect(sns.calls).toHaveLength(before);
  expect(sns.traces.at(-1)).toMatchObject({ kind: 'topic-dropped', reason: 'the subscription is gone' });
});

test('the order of a group is kept: the next waits for the one before, other groups do not', () => {
  const TopicArn = sns.topic('lane.fifo', { ContentBasedDeduplication: 'true' });
  sns.subscribe(TopicArn, queueArn('q.fifo'), { RawMessageDelivery: 'true' });
  sns.answer = ({ input }) => (input.MessageBody === 'a1' ? busy : { output: {} });
  for (const [MessageGroupId, Message] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['b', 'b1'],
  ])
    sns.call('Publish', { TopicArn, MessageGroupId, Message });
  const arrived = (): string[] => [...new Set(sns.sent.map(({ MessageBody }) => MessageBody))];
  expect(arrived()).toEqual(['a1', 'b1']);
  sns.answer = () => ({ output: {} });
  sns.pass(1000);
  expect(arrived()).toEqual(['a1', 'b1', 'a2']);
  expect(sns.call('$pending', {})).toEqual({ pending: 0 });
});
