import { arnOf, base, Sqs } from './support';

/** Source: SQS developer guide, "Using dead-letter queues"; API StartMessageMoveTask, ListMessageMoveTasks. */
const redrive = (deadLetters: string, maxReceiveCount: number) => ({
  RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf(deadLetters), maxReceiveCount }),
});

function pair(max: number, attributes: object = {}, ofDeadLetters: object = {}, suffix = ''): Sqs {
  const sqs = new Sqs();
  const fifo = suffix ? { FifoQueue: 'true', ContentBasedDeduplication: 'true' } : {};
  sqs.queue(`dead${suffix}`, { ...fifo, ...ofDeadLetters });
  sqs.queue(`q${suffix}`, { ...fifo, VisibilityTimeout: '10', ...redrive(`dead${suffix}`, max), ...attributes });
  return sqs;
}

describe('redrive', () => {
  test('a message is moved when it would be received once too often, not before', () => {
    const sqs = pair(2);
    const { MessageId } = sqs.send('q', 'poison');
    sqs.receive('q');
    sqs.pass(10);
    sqs.receive('q');
    sqs.pass(60);
    expect([sqs.counts('q'), sqs.counts('dead'), sqs.traces]).toEqual(['1 0 0', '0 0 0', []]);
    sqs.send('q', 'healthy');
    expect(sqs.bodies('q')).toEqual(['healthy']);
    expect(sqs.traces).toEqual([
      { kind: 'dead-lettered', queue: 'q', deadLetters: 'dead', messageId: MessageId, receiveCount: 2, body: 'poison' },
    ]);
    const [dead] = sqs.receive('dead', { AttributeNames: ['ApproximateReceiveCount', 'DeadLetterQueueSourceArn'] });
    expect(dead).toMatchObject({ MessageId, Body: 'poison' });
    expect(dead.Attributes).toEqual({ ApproximateReceiveCount: '3', DeadLetterQueueSourceArn: arnOf('q') });
  });

  test('a waiting receiver of the dead letters gets it', () => {
    const sqs = pair(1);
    sqs.send('q', 'poison');
    sqs.receive('q');
    const waiting = sqs.ask('ReceiveMessage', { QueueUrl: `${base}/dead`, WaitTimeSeconds: 20 });
    sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q`, WaitTimeSeconds: 20 });
    sqs.pass(9.999);
    expect(sqs.replies.get(waiting)).toBeUndefined();
    sqs.pass(0.001);
    expect(sqs.replies.get(waiting)?.output.Messages[0].Body).toBe('poison');
  });

  test('its time counts on in a standard queue of dead letters', () => {
    const sqs = pair(1, {}, { MessageRetentionPeriod: '100' });
    sqs.send('q', 'poison');
    sqs.receive('q');
    sqs.pass(90);
    expect(sqs.bodies('q')).toEqual([]);
    expect(sqs.counts('dead')).toBe('1 0 0');
    sqs.pass(10);
    expect(sqs.counts('dead')).toBe('0 0 0');
  });

  test('and begins anew in a FIFO one, which keeps the group', () => {
    const sqs = pair(1, {}, { MessageRetentionPeriod: '100' }, '.fifo');
    for (const body of ['a1', 'a2']) sqs.send('q.fifo', body, { MessageGroupId: 'a' });
    sqs.receive('q.fifo', { MaxNumberOfMessages: 1 });
    sqs.pass(90);
    expect(sqs.bodies('q.fifo')).toEqual(['a2']);
    sqs.pass(99);
    const [dead] = sqs.receive('dead.fifo', { AttributeNames: ['MessageGroupId'] });
    expect([dead.Body, dead.Attributes.MessageGroupId]).toEqual(['a1', 'a']);
  });

  test('without its target a message is received as before', () => {
    const sqs = pair(1);
    sqs.send('q', 'poison');
    sqs.receive('q');
    sqs.call('DeleteQueue', { QueueUrl: `${base}/dead` });
    sqs.pass(10);
    expect(sqs.bodies('q')).toEqual(['poison']);
  });

  test.each<[what: string, queue: string, attributes: object, error: string]>([
    ['a target that is not there', 'q', redrive('none', 3), 'Dead letter target does not exist.'],
    ['another type of queue', 'q', redrive('q.fifo', 3), 'must be same type of queue as the source'],
    ['itself', 'q', redrive('q', 3), 'its own dead letter target'],
    [
      'no number',
      'q',
      { RedrivePolicy: `{"deadLetterTargetArn":"${arnOf('dead')}","maxReceiveCount":"x"}` },
      'valid values are from 1 to 1000 both inclusive.',
    ],
    ['a thousand and one', 'q', redrive('dead', 1001), 'valid values are from 1 to 1000 both inclusive.'],
    ['a target that allows nobody', 'q', redrive('closed', 3), 'does not allow'],
    ['a target that allows another', 'q', redrive('picky', 3), 'does not allow'],
    [
      'a permission that is none',
      'dead',
      { RedriveAllowPolicy: '{"redrivePermission":"maybe"}' },
      'redrivePermission must be',
    ],
  ])('refused: %s', (_, queue, Attributes, error) => {
    const sqs = pair(3);
    sqs.queue('q.fifo', { FifoQueue: 'true' });
    sqs.queue('closed', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
    sqs.queue('picky', {
      RedriveAllowPolicy: `{"redrivePermission":"byQueue","sourceQueueArns":["${arnOf('other')}"]}`,
    });
    expect(sqs.refusal('SetQueueAttributes', { QueueUrl: `${base}/${queue}`, Attributes })).toContain(error);
  });

  test('the sources of a queue of dead letters are listed', () => {
    const sqs = pair(3);
    expect(sqs.call('ListDeadLetterSourceQueues', { QueueUrl: `${base}/dead` })).toEqual({ queueUrls: [`${base}/q`] });
  });
});

describe('moving dead letters back', () => {
  function withDeadLetters(count: number): Sqs {
    const sqs = pair(1, { VisibilityTimeout: '1' });
    for (let index = 0; index < count; index++) sqs.send('q', `m${index}`);
    sqs.receive('q');
    sqs.pass(1);
    sqs.receive('q');
    expect(sqs.counts('dead')).toBe(`${count} 0 0`);
    return sqs;
  }
  const task = (sqs: Sqs) => sqs.call('ListMessageMoveTasks', { SourceArn: arnOf('dead') }).Results[0];

  test('to where they came from, at a rate, as new messages', () => {
    const sqs = withDeadLetters(3);
    const before = sqs.now;
    const { TaskHandle } = sqs.call('StartMessageMoveTask', {
      SourceArn: arnOf('dead'),
      MaxNumberOfMessagesPerSecond: 1,
    });
    sqs.pass(2);
    expect([sqs.counts('q'), sqs.counts('dead')]).toEqual(['2 0 0', '1 0 0']);
    expect(task(sqs)).toEqual({
      TaskHandle,
      Status: 'RUNNING',
      SourceArn: arnOf('dead'),
      MaxNumberOfMessagesPerSecond: 1,
      ApproximateNumberOfMessagesMoved: 2,
      ApproximateNumberOfMessagesToMove: 3,
      StartedTimestamp: before,
    });
    sqs.pass(1);
    expect(task(sqs)).toMatchObject({ Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 });
    const [first] = sqs.receive('q', { AttributeNames: ['All'] });
    expect(first.Attributes).toMatchObject({ ApproximateReceiveCount: '1', SentTimestamp: String(before + 1000) });
  });

  test('one task at a time; a cancelled one stops', () => {
    const sqs = withDeadLetters(3);
    sqs.queue('elsewhere');
    const start = { SourceArn: arnOf('dead'), DestinationArn: arnOf('elsewhere'), MaxNumberOfMessagesPerSecond: 1 };
    const { TaskHandle } = sqs.call('StartMessageMoveTask', start);
    expect(sqs.refusal('StartMessageMoveTask', start)).toContain(
      'InvalidParameterValue: There is already a task running.',
    );
    sqs.pass(1);
    expect(sqs.call('CancelMessageMoveTask', { TaskHandle })).toEqual({ ApproximateNumberOfMessagesMoved: 1 });
    sqs.pass(10);
    expect([sqs.counts('elsewhere'), task(sqs).Status]).toEqual(['1 0 0', 'CANCELLED']);
    expect(sqs.refusal('CancelMessageMoveTask', { TaskHandle })).toContain('UnsupportedOperation: ');
  });

  test('a message whose queue is gone stays, and the task says so', () => {
    const sqs = withDeadLetters(1);
    sqs.queue('other', redrive('dead', 5));
    sqs.call('DeleteQueue', { QueueUrl: `${base}/q` });
    sqs.call('StartMessageMoveTask', { SourceArn: arnOf('dead') });
    sqs.pass(1);
    expect([sqs.counts('dead'), task(sqs).Status]).toEqual(['1 0 0', 'FAILED']);
  });

  test('only from a queue of dead letters', () => {
    const sqs = withDeadLetters(1);
    const from = (SourceArn: string) => sqs.refusal('StartMessageMoveTask', { SourceArn });
    expect(from(arnOf('q'))).toBe('InvalidParameterValue: Source queue must be configured as a Dead Letter Queue.');
    expect(from(arnOf('none'))).toContain('ResourceNotFoundException: ');
  });
});
