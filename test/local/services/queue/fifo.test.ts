import { base, Sqs } from './support';

/** Source: SQS developer guide, "FIFO delivery logic", "Exactly-once processing", "High throughput for FIFO queues". */
function fifo(attributes: object = {}): Sqs {
  const sqs = new Sqs();
  sqs.queue('q.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true', VisibilityTimeout: '30', ...attributes });
  return sqs;
}
const group = (id: string, dedup?: string) => ({
  MessageGroupId: id,
  ...(dedup ? { MessageDeduplicationId: dedup } : {}),
});

describe('order', () => {
  test('one receive takes as many of a group as it may, then the next group', () => {
    const sqs = fifo();
    for (const [body, id] of [
      ['a1', 'a'],
      ['b1', 'b'],
      ['a2', 'a'],
      ['a3', 'a'],
      ['c1', 'c'],
    ] as const)
      sqs.send('q.fifo', body, group(id));
    expect(sqs.bodies('q.fifo', { MaxNumberOfMessages: 2 })).toEqual(['a1', 'a2']);
    expect(sqs.bodies('q.fifo')).toEqual(['b1', 'c1']);
    expect(sqs.bodies('q.fifo')).toEqual([]);
  });

  test('a group is locked until all of it that is in flight is deleted or visible', () => {
    const sqs = fifo();
    for (const body of ['a1', 'a2', 'a3']) sqs.send('q.fifo', body, group('a'));
    const [first, second] = sqs.receive('q.fifo', { MaxNumberOfMessages: 2 });
    sqs.delete('q.fifo', first);
    expect(sqs.bodies('q.fifo')).toEqual([]);
    sqs.call('ChangeMessageVisibility', {
      QueueUrl: `${base}/q.fifo`,
      ReceiptHandle: second.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    expect(sqs.bodies('q.fifo')).toEqual(['a2', 'a3']);
    sqs.pass(30);
    expect(sqs.bodies('q.fifo')).toEqual(['a2', 'a3']);
  });

  test('a group is locked by a later message too', () => {
    const sqs = fifo();
    for (const body of ['a1', 'a2']) sqs.send('q.fifo', body, group('a'));
    const [{ ReceiptHandle }, later] = sqs.receive('q.fifo');
    sqs.call('ChangeMessageVisibility', { QueueUrl: `${base}/q.fifo`, ReceiptHandle, VisibilityTimeout: 0 });
    expect([sqs.counts('q.fifo'), sqs.bodies('q.fifo')]).toEqual(['1 1 0', []]);
    sqs.delete('q.fifo', later);
    expect(sqs.bodies('q.fifo')).toEqual(['a1']);
  });

  test('a message that is not yet visible holds up those behind it', () => {
    const sqs = fifo();
    sqs.call('SetQueueAttributes', { QueueUrl: `${base}/q.fifo`, Attributes: { DelaySeconds: '10' } });
    sqs.send('q.fifo', 'a1', group('a'));
    sqs.pass(5);
    sqs.send('q.fifo', 'a2', group('a'));
    sqs.pass(5);
    expect(sqs.bodies('q.fifo')).toEqual(['a1']);
    sqs.pass(30);
    expect(sqs.bodies('q.fifo')).toEqual(['a1', 'a2']);
  });

  test('a new delay of the queue holds for messages that wait already', () => {
    const sqs = fifo({ DelaySeconds: '100' });
    sqs.send('q.fifo', 'a1', group('a'));
    sqs.call('SetQueueAttributes', { QueueUrl: `${base}/q.fifo`, Attributes: { DelaySeconds: '2' } });
    sqs.pass(2);
    expect(sqs.bodies('q.fifo')).toEqual(['a1']);
  });

  test('a handle is worth nothing after its timeout', () => {
    const sqs = fifo();
    sqs.send('q.fifo', 'a1', group('a'));
    const [{ ReceiptHandle }] = sqs.receive('q.fifo');
    sqs.pass(30);
    expect(sqs.refusal('DeleteMessage', { QueueUrl: `${base}/q.fifo`, ReceiptHandle })).toBe(
      `InvalidParameterValue: Value ${ReceiptHandle} for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.`,
    );
  });

  test('20,000 in one group, deleted one by one, come in order, each once', () => {
    const sqs = fifo();
    const QueueUrl = `${base}/q.fifo`;
    for (let sent = 0; sent < 20_000; sent++)
      sqs.raw('SendMessage', { QueueUrl, MessageBody: `${sent}`, ...group('a') });
    const bodies: string[] = [];
    for (let received = 0; received < 20_000; received++) {
      const [{ Body, ReceiptHandle }] = sqs.raw('ReceiveMessage', { QueueUrl }).Messages;
      bodies.push(Body);
      sqs.raw('DeleteMessage', { QueueUrl, ReceiptHandle });
    }
    expect(bodies).toEqual(Array.from({ length: 20_000 }, (_, index) => `${index}`));
  });
});

describe('deduplication', () => {
  test('the same id within five minutes is answered as the first was, and not queued; after that it is new', () => {
    const sqs = fifo();
    const first = sqs.send('q.fifo', 'one', group('a', 'd'));
    sqs.delete('q.fifo', sqs.receive('q.fifo')[0]);
    sqs.pass(299);
    expect(sqs.send('q.fifo', 'two', group('b', 'd'))).toMatchObject({
      MessageId: first.MessageId,
      SequenceNumber: first.SequenceNumber,
    });
    expect(sqs.counts('q.fifo')).toBe('0 0 0');
    sqs.pass(1);
    expect(sqs.send('q.fifo', 'three', group('a', 'd')).MessageId).not.toBe(first.MessageId);
  });

  test('the content stands in for the id: SHA-256 of the body alone', () => {
    const sqs = fifo();
    sqs.send('q.fifo', 'hello', group('a'));
    sqs.send('q.fifo', 'hello', { ...group('b'), MessageAttributes: { n: { DataType: 'String', StringValue: 'x' } } });
    const [only, ...more] = sqs.receive('q.fifo', { AttributeNames: ['MessageDeduplicationId'] });
    expect(only.Attributes.MessageDeduplicationId).toBe(
      '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
    );
    expect(more).toEqual([]);
  });

  test('scope messageGroup: groups do not know each other', () => {
    const sqs = fifo({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
    sqs.send('q.fifo', 'hello', group('a'));
    sqs.send('q.fifo', 'hello', group('b'));
    sqs.send('q.fifo', 'hello', group('a'));
    expect(sqs.counts('q.fifo')).toBe('2 0 0');
  });

  test('a receive attempt that is repeated gets the same messages, as long as nothing happened to them', () => {
    const sqs = fifo();
    sqs.send('q.fifo', 'a1', group('a'));
    sqs.send('q.fifo', 'a2', group('a'));
    const attempt = { ReceiveRequestAttemptId: 'attempt', AttributeNames: ['ApproximateReceiveCount'] };
    const first = sqs.receive('q.fifo', attempt);
    sqs.pass(20);
    expect(sqs.receive('q.fifo', attempt)).toEqual(first);
    sqs.pass(20);
    expect(sqs.counts('q.fifo')).toBe('0 2 0');
    sqs.pass(10);
    expect(sqs.bodies('q.fifo')).toEqual(['a1', 'a2']);
    expect(sqs.receive('q.fifo', attempt)).toEqual([]);
  });
});
