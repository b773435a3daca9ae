import { defaults } from '../../../../lib/local/services/queue/attributes';
import { readContent } from '../../../../lib/local/services/queue/message';
import { Queue } from '../../../../lib/local/services/queue/queue';
import { readReceive, receive } from '../../../../lib/local/services/queue/receive';
import { base, Sqs } from './support';

/** Source: SQS API reference, SendMessage, ReceiveMessage, DeleteMessage, ChangeMessageVisibility. */
describe('a message', () => {
  test('comes with the MD5 of its body and of its attributes', () => {
    const sqs = new Sqs();
    sqs.queue('q');
    const attributes = {
      raw: { DataType: 'Binary.png', BinaryValue: 'AQID' },
      order: { DataType: 'String', StringValue: '17' },
    };
    const sent = sqs.send('q', 'hello', {
      MessageAttributes: attributes,
      MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1' } },
    });
    // By hand: printf '\0\0\0\5order\0\0\0\6String\1\0\0\0\00217...' | md5sum
    expect(sent).toMatchObject({
      MD5OfMessageBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: '8201210b0acf03ef06e039bd6768022a',
      MD5OfMessageSystemAttributes: 'd6619b3d47b81d3fc72c0db005a70eda',
    });
    const [got] = sqs.receive('q', {
      MessageAttributeNames: ['ord.*'],
      MessageSystemAttributeNames: ['AWSTraceHeader'],
    });
    expect(got).toMatchObject({
      MessageId: sent.MessageId,
      MD5OfBody: '5d41402abc4b2a76b9719d911017c592',
      MD5OfMessageAttributes: 'b25a6080bc6350afa0d286947ae1c511',
      Attributes: { AWSTraceHeader: 'Root=1' },
    });
    expect(Object.keys(got.MessageAttributes)).toEqual(['order']);
  });

  test('is hidden while its receiver has time, then comes again with another handle', () => {
    const sqs = new Sqs();
    sqs.queue('q', { VisibilityTimeout: '30' });
    sqs.send('q', 'a');
    const [first] = sqs.receive('q', { AttributeNames: ['ApproximateReceiveCount'] });
    expect(sqs.counts('q')).toBe('0 1 0');
    sqs.pass(29.999);
    expect(sqs.bodies('q')).toEqual([]);
    sqs.pass(0.001);
    const [second] = sqs.receive('q', { AttributeNames: ['ApproximateReceiveCount'] });
    expect([first.Attributes, second.Attributes]).toEqual([
      { ApproximateReceiveCount: '1' },
      { ApproximateReceiveCount: '2' },
    ]);
    expect(second.ReceiptHandle).not.toBe(first.ReceiptHandle);
  });

  test('is kept when an outdated handle deletes it, gone when the latest does, also after its timeout', () => {
    const sqs = new Sqs();
    sqs.queue('q', { VisibilityTimeout: '1' });
    sqs.send('q', 'a');
    const [first] = sqs.receive('q');
    sqs.pass(1);
    const [second] = sqs.receive('q');
    sqs.delete('q', first);
    expect(sqs.counts('q')).toBe('0 1 0');
    sqs.pass(5);
    sqs.delete('q', second);
    sqs.delete('q', second);
    expect(sqs.counts('q')).toBe('0 0 0');
  });

  test('is hidden anew from the moment of a change; 0 shows it at once', () => {
    const sqs = new Sqs();
    sqs.queue('q', { VisibilityTimeout: '30' });
    sqs.send('q', 'a');
    const [{ ReceiptHandle }] = sqs.receive('q');
    const change = (VisibilityTimeout: number) => ({ QueueUrl: `${base}/q`, ReceiptHandle, VisibilityTimeout });
    sqs.pass(20);
    sqs.call('ChangeMessageVisibility', change(60));
    sqs.pass(59);
    expect(sqs.counts('q')).toBe('0 1 0');
    sqs.call('ChangeMessageVisibility', change(0));
    expect(sqs.counts('q')).toBe('1 0 0');
    // 12 hours counted from the receive.
    expect(sqs.refusal('ChangeMessageVisibility', change(43_200))).toContain('beyond the limit [43200 seconds]');
  });

  test('waits for its own delay, or else for its queue', () => {
    const sqs = new Sqs();
    sqs.queue('q', { DelaySeconds: '10' });
    sqs.send('q', 'queue');
    sqs.send('q', 'own', { DelaySeconds: 5 });
    sqs.send('q', 'none', { DelaySeconds: 0 });
    expect([sqs.counts('q'), sqs.bodies('q')]).toEqual(['1 0 2', ['none']]);
    sqs.pass(5);
    expect(sqs.bodies('q')).toEqual(['own']);
    sqs.pass(5);
    expect(sqs.bodies('q')).toEqual(['queue']);
  });

  test('is dropped, and said so, when it was kept as long as its queue keeps', () => {
    const sqs = new Sqs();
    sqs.queue('q', { MessageRetentionPeriod: '60' });
    const { MessageId } = sqs.send('q', 'old');
    sqs.pass(30);
    sqs.send('q', 'young');
    sqs.receive('q', { MaxNumberOfMessages: 1 });
    sqs.pass(30);
    expect(sqs.traces).toEqual([{ kind: 'expired', queue: 'q', messageId: MessageId, body: 'old' }]);
    expect(sqs.bodies('q')).toEqual(['young']);
  });
});

// A read that looked at all messages would need minutes, and the test's own limit would end it.
test('50,000 messages come back whole, in order, each once', () => {
  const sqs = new Sqs();
  sqs.queue('q');
  const QueueUrl = `${base}/q`;
  const ids = Array.from({ length: 10 }, (_, index) => `e${index}`);
  for (let sent = 0; sent < 50_000; sent += 10) {
    sqs.ask('SendMessageBatch', {
      QueueUrl,
      Entries: ids.map((Id, index) => ({ Id, MessageBody: `${sent + index}` })),
    });
  }
  expect(sqs.counts('q')).toBe('50000 0 0');
  const bodies: string[] = [];
  for (;;) {
    const messages = sqs.raw('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 }).Messages;
    if (!messages) break;
    for (const { Body } of messages) bodies.push(Body);
    const Entries = messages.map(({ ReceiptHandle }: any, index: number) => ({ Id: ids[index], ReceiptHandle }));
    sqs.raw('DeleteMessageBatch', { QueueUrl, Entries });
  }
  expect(bodies).toEqual(Array.from({ length: 50_000 }, (_, index) => `${index}`));
});

describe('what is refused', () => {
  const sqs = new Sqs();
  sqs.queue('q', { MaximumMessageSize: '1024' });
  sqs.queue('q.fifo', { FifoQueue: 'true' });
  const q = `${base}/q`;
  const send = (more: object) => ['SendMessage', { QueueUrl: q, MessageBody: 'x', ...more }] as const;
  const attribute = (name: string, value: object) => send({ MessageAttributes: { [name]: value } });
  const text = { DataType: 'String', StringValue: 'x' };

  test.each<[what: string, request: readonly [string, object], error: string]>([
    [
      'a queue that is not there',
      ['SendMessage', { QueueUrl: `${base}/none`, MessageBody: 'x' }],
      'AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.',
    ],
    [
      'another account',
      ['SendMessage', { QueueUrl: 'http://here:1/999999999999/q', MessageBody: 'x' }],
      'AWS.SimpleQueueService.NonExistentQueue: ',
    ],
    [
      'no queue',
      ['SendMessage', { MessageBody: 'x' }],
      'MissingParameter: The request must contain the parameter QueueUrl.',
    ],
    ['no body', send({ MessageBody: '' }), 'MissingParameter: The request must contain the parameter MessageBody.'],
    ['a control character', send({ MessageBody: 'a\u0007' }), 'AWS.SimpleQueueService.InvalidMessageContents: '],
    ['half a surrogate pair', send({ MessageBody: 'a\ud800' }), 'AWS.SimpleQueueService.InvalidMessageContents: '],
    [
      'too long a body',
      send({ MessageBody: 'x'.repeat(1025) }),
      'InvalidParameterValue: One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
    ],
    [
      'too much together: 1014 + 1 + 6 + 4',
      send({ MessageBody: 'x'.repeat(1014), MessageAttributes: { n: { DataType: 'String', StringValue: 'four' } } }),
      'InvalidParameterValue: ',
    ],
    [
      'too long a delay',
      send({ DelaySeconds: 901 }),
      'InvalidParameterValue: Value 901 for parameter DelaySeconds is invalid.',
    ],
    [
      'eleven attributes',
      send({ MessageAttributes: Object.fromEntries([...'abcdefghijk'].map((name) => [name, text])) }),
      'InvalidParameterValue: Number of message attributes [11] exceeds the allowed maximum [10].',
    ],
    ['a reserved attribute name', attribute('AWS.x', text), 'InvalidParameterValue: '],
    ['an unknown type', attribute('x', { DataType: 'Text', StringValue: 'x' }), 'InvalidParameterValue: '],
    ['an empty value', attribute('x', { DataType: 'String', StringValue: '' }), 'InvalidParameterValue: '],
    ['no number', attribute('x', { DataType: 'Number', StringValue: 'one' }), 'InvalidParameterValue: '],
    ['a deduplication id', send({ MessageDeduplicationId: 'd' }), 'InvalidParameterValue: '],
    ['an empty group', send({ MessageGroupId: '' }), 'InvalidParameterValue: '],
    [
      'eleven messages',
      ['ReceiveMessage', { QueueUrl: q, MaxNumberOfMessages: 11 }],
      'InvalidParameterValue: Value 11 for parameter MaxNumberOfMessages is invalid.',
    ],
    [
      'a minute of waiting',
      ['ReceiveMessage', { QueueUrl: q, WaitTimeSeconds: 60 }],
      'InvalidParameterValue: Value 60 for parameter WaitTimeSeconds is invalid.',
    ],
    [
      'a handle of nobody',
      ['DeleteMessage', { QueueUrl: q, ReceiptHandle: 'abc' }],
      'ReceiptHandleIsInvalid: The input receipt handle "abc" is not a valid receipt handle.',
    ],
    [
      'FIFO: no group',
      ['SendMessage', { QueueUrl: `${base}/q.fifo`, MessageBody: 'x', MessageDeduplicationId: 'd' }],
      'MissingParameter: The request must contain the parameter MessageGroupId.',
    ],
    [
      'FIFO: no deduplication id',
      ['SendMessage', { QueueUrl: `${base}/q.fifo`, MessageBody: 'x', MessageGroupId: 'g' }],
      'InvalidParameterValue: The queue should either have ContentBasedDeduplication enabled',
    ],
    [
      'FIFO: a delay of its own',
      [
        'SendMessage',
        {
          QueueUrl: `${base}/q.fifo`,
          MessageBody: 'x',
          MessageGroupId: 'g',
          MessageDeduplicationId: 'd',
          DelaySeconds: 1,
        },
      ],
      'InvalidParameterValue: ',
    ],
    ['an operation that is not there', ['Frobnicate', {}], 'UnknownOperationException: '],
  ])('%s', (_, [operation, input], error) => {
    expect(sqs.refusal(operation, input)).toContain(error);
    expect(sqs.counts('q')).toBe('0 0 0');
  });

  /** Source: SQS developer guide, "Queue quotas": standard queues answer OverLimit, FIFO queues with nothing. */
  test('the 120,001st message in flight', () => {
    for (const fifo of [false, true]) {
      const naming = { name: 'q', url: q, arn: 'arn', fifo, incarnation: '00', createdMs: 0 };
      const queue = new Queue(naming, defaults(fifo));
      for (const groupId of ['a', 'b']) queue.add(0, { ...readContent({ MessageBody: 'x' }), groupId }, groupId, 0);
      queue.counts['in-flight'] = 119_999;
      const take = () => receive(0, queue, '1', readReceive(queue, { MaxNumberOfMessages: 10 }), () => false).length;
      expect(take()).toBe(1);
      if (fifo) expect(take()).toBe(0);
      else expect(take).toThrow('OverLimit');
    }
  });
});
