import { resourceTypes } from '../../../../lib/local/services/queue';
import { arnOf, base, Sqs } from './support';

/** Source: SQS API reference, CreateQueue, SetQueueAttributes, ListQueues, PurgeQueue, DeleteQueue, TagQueue, AddPermission. */
describe('queues', () => {
  test('the same name and attributes give the same queue; others are refused', () => {
    const sqs = new Sqs();
    expect(sqs.queue('q', { DelaySeconds: '5' })).toBe('http://here:1/123456789012/q');
    expect(sqs.queue('q', { DelaySeconds: '5' })).toBe(`${base}/q`);
    expect(sqs.queue('q')).toBe(`${base}/q`);
    expect(sqs.refusal('CreateQueue', { QueueName: 'q', Attributes: { DelaySeconds: '6' } })).toBe(
      'QueueAlreadyExists: A queue already exists with the same name and a different value for attribute DelaySeconds',
    );
  });

  test('attributes are what was said, or the default', () => {
    const sqs = new Sqs();
    sqs.queue('q.fifo', { FifoQueue: 'true', VisibilityTimeout: '60', KmsMasterKeyId: 'alias/aws/sqs' });
    const read = (...AttributeNames: string[]) =>
      sqs.call('GetQueueAttributes', { QueueUrl: 'https://elsewhere/123456789012/q.fifo', AttributeNames }).Attributes;
    expect(read('All')).toEqual({
      QueueArn: arnOf('q.fifo'),
      CreatedTimestamp: '1000',
      LastModifiedTimestamp: '1000',
      ApproximateNumberOfMessages: '0',
      ApproximateNumberOfMessagesNotVisible: '0',
      ApproximateNumberOfMessagesDelayed: '0',
      DelaySeconds: '0',
      MaximumMessageSize: '1048576',
      MessageRetentionPeriod: '345600',
      ReceiveMessageWaitTimeSeconds: '0',
      VisibilityTimeout: '60',
      FifoQueue: 'true',
      ContentBasedDeduplication: 'false',
      DeduplicationScope: 'queue',
      FifoThroughputLimit: 'perQueue',
      KmsMasterKeyId: 'alias/aws/sqs',
      SqsManagedSseEnabled: 'false',
    });
    sqs.now += 5000;
    const set = (Attributes: object) => sqs.call('SetQueueAttributes', { QueueUrl: `${base}/q.fifo`, Attributes });
    set({ Policy: '{"Version":"2012-10-17"}', VisibilityTimeout: 7 });
    expect(read('Policy', 'VisibilityTimeout', 'LastModifiedTimestamp')).toEqual({
      Policy: '{"Version":"2012-10-17"}',
      VisibilityTimeout: '7',
      LastModifiedTimestamp: '1005',
    });
    set({ Policy: '' });
    expect(read('Policy')).toBeUndefined();
  });

  test.each<[attributes: object, error: string]>([
    [{ VisibilityTimeout: '43201' }, 'InvalidAttributeValue: Invalid value for the parameter VisibilityTimeout.'],
    [{ DelaySeconds: '-1' }, 'InvalidAttributeValue: Invalid value for the parameter DelaySeconds.'],
    [{ MessageRetentionPeriod: '59' }, 'InvalidAttributeValue: '],
    [{ MaximumMessageSize: '1048577' }, 'InvalidAttributeValue: '],
    [{ Policy: 'text' }, 'InvalidAttributeValue: '],
    [{ Colour: 'red' }, 'InvalidAttributeName: Unknown Attribute Colour.'],
    [{ ContentBasedDeduplication: 'true' }, 'InvalidAttributeName: Unknown Attribute ContentBasedDeduplication.'],
    [{ QueueArn: 'x' }, 'InvalidAttributeName: '],
  ])('refused: %j', (Attributes, error) => {
    const sqs = new Sqs();
    expect(sqs.refusal('CreateQueue', { QueueName: 'q', Attributes })).toContain(error);
    sqs.queue('q');
    expect(sqs.refusal('SetQueueAttributes', { QueueUrl: `${base}/q`, Attributes })).toContain(error);
  });

  test('refused: names, a FIFO queue without high-throughput scope, a change of type', () => {
    const sqs = new Sqs();
    const create = (QueueName: string, Attributes: object = {}) =>
      sqs.refusal('CreateQueue', { QueueName, Attributes });
    expect(create('a.b')).toContain(
      'InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores.',
    );
    expect(create('q.fifo')).toContain('InvalidParameterValue: ');
    expect(create('q', { FifoQueue: 'true' })).toContain('must end with .fifo suffix');
    expect(create('q'.repeat(81))).toContain('1 to 80 in length');
    expect(create('q.fifo', { FifoQueue: 'true', FifoThroughputLimit: 'perMessageGroupId' })).toContain(
      'InvalidAttributeValue: ',
    );
    sqs.queue('q.fifo', { FifoQueue: 'true' });
    expect(sqs.refusal('SetQueueAttributes', { QueueUrl: `${base}/q.fifo`, Attributes: { FifoQueue: 'false' } })).toBe(
      'InvalidAttributeValue: Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.',
    );
  });

  test('are listed by prefix and page, found by name, and gone when deleted', () => {
    const sqs = new Sqs();
    for (const name of ['a-1', 'a-2', 'a-3', 'b']) sqs.queue(name);
    const list = (input: object) => sqs.call('ListQueues', input);
    const { NextToken, ...first } = list({ QueueNamePrefix: 'a', MaxResults: 2 });
    expect(first).toEqual({ QueueUrls: [`${base}/a-1`, `${base}/a-2`] });
    expect(list({ QueueNamePrefix: 'a', MaxResults: 2, NextToken })).toEqual({ QueueUrls: [`${base}/a-3`] });
    expect(sqs.call('GetQueueUrl', { QueueName: 'b' })).toEqual({ QueueUrl: `${base}/b` });
    sqs.call('DeleteQueue', { QueueUrl: `${base}/b` });
    expect(sqs.refusal('GetQueueUrl', { QueueName: 'b' })).toContain('NonExistentQueue');
    expect(sqs.refusal('CreateQueue', { QueueName: 'b' })).toContain('QueueDeletedRecently: You must wait 60 seconds');
    sqs.pass(60);
    expect(sqs.queue('b')).toBe(`${base}/b`);
  });

  test('purging takes everything, in flight and delayed too, once a minute', () => {
    const sqs = new Sqs();
    sqs.queue('q');
    for (const body of ['a', 'b']) sqs.send('q', body);
    sqs.send('q', 'c', { DelaySeconds: 5 });
    const [held] = sqs.receive('q', { MaxNumberOfMessages: 1 });
    expect(sqs.counts('q')).toBe('1 1 1');
    sqs.call('PurgeQueue', { QueueUrl: `${base}/q` });
    sqs.send('q', 'd');
    sqs.delete('q', held);
    sqs.pass(40);
    expect([sqs.counts('q'), sqs.bodies('q')]).toEqual(['1 0 0', ['d']]);
    expect(sqs.refusal('PurgeQueue', { QueueUrl: `${base}/q` })).toBe(
      'AWS.SimpleQueueService.PurgeQueueInProgress: Only one PurgeQueue operation on q is allowed every 60 seconds.',
    );
    sqs.pass(20);
    sqs.call('PurgeQueue', { QueueUrl: `${base}/q` });
  });

  test('carry tags and permissions', () => {
    const sqs = new Sqs();
    sqs.call('CreateQueue', { QueueName: 'q', tags: { a: '1', b: '2' } });
    const QueueUrl = `${base}/q`;
    sqs.call('TagQueue', { QueueUrl, Tags: { b: '3', c: '' } });
    sqs.call('UntagQueue', { QueueUrl, TagKeys: ['a'] });
    expect(sqs.call('ListQueueTags', { QueueUrl })).toEqual({ Tags: { b: '3', c: '' } });
    sqs.call('AddPermission', {
      QueueUrl,
      Label: 'l',
      AWSAccountIds: ['111122223333'],
      Actions: ['SendMessage', 'ReceiveMessage'],
    });
    const policy = () => sqs.call('GetQueueAttributes', { QueueUrl, AttributeNames: ['Policy'] }).Attributes?.Policy;
    expect(JSON.parse(policy()).Statement).toEqual([
      {
        Sid: 'l',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: ['SQS:SendMessage', 'SQS:ReceiveMessage'],
        Resource: arnOf('q'),
      },
    ]);
    sqs.call('RemovePermission', { QueueUrl, Label: 'l' });
    expect(policy()).toBeUndefined();
  });
});

describe('waiting receivers', () => {
  const wait = (sqs: Sqs, seconds: number, more: object = {}) =>
    sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q`, WaitTimeSeconds: seconds, ...more });
  const bodies = (sqs: Sqs, id: string) => sqs.replies.get(id)?.output?.Messages?.map(({ Body }: any) => Body);

  test('get what comes, in the order in which they came, or nothing at the end of their time', () => {
    const sqs = new Sqs();
    sqs.queue('q');
    const [first, second, third] = [wait(sqs, 20), wait(sqs, 20), wait(sqs, 5)];
    sqs.pass(4.999);
    expect([first, second, third].map((id) => sqs.replies.get(id))).toEqual([undefined, undefined, undefined]);
    sqs.pass(0.001);
    expect(sqs.replies.get(third)).toEqual({ output: {} });
    sqs.send('q', 'a');
    expect([bodies(sqs, first), sqs.replies.get(second)]).toEqual([['a'], undefined]);
    sqs.send('q', 'b');
    expect(bodies(sqs, second)).toEqual(['b']);
    expect(sqs.wakeAt).toBe(sqs.now + 345_600_000);
  });

  test('are woken by delays, timeouts, changes of visibility and the end of the queue', () => {
    const sqs = new Sqs();
    sqs.queue('q', { ReceiveMessageWaitTimeSeconds: '20', VisibilityTimeout: '3' });
    sqs.send('q', 'a', { DelaySeconds: 2 });
    const delayed = sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q` });
    sqs.pass(2);
    expect(bodies(sqs, delayed)).toEqual(['a']);
    const timedOut = sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q` });
    sqs.pass(3);
    expect(bodies(sqs, timedOut)).toEqual(['a']);
    const shown = sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q` });
    const { ReceiptHandle } = sqs.replies.get(timedOut)!.output.Messages[0];
    sqs.call('ChangeMessageVisibility', { QueueUrl: `${base}/q`, ReceiptHandle, VisibilityTimeout: 0 });
    expect(bodies(sqs, shown)).toEqual(['a']);
    const left = sqs.ask('ReceiveMessage', { QueueUrl: `${base}/q` });
    sqs.call('DeleteQueue', { QueueUrl: `${base}/q` });
    expect(sqs.replies.get(left)?.error?.name).toBe('QueueDoesNotExist');
  });
});

describe('batches', () => {
  const sqs = new Sqs();
  sqs.queue('q', { MaximumMessageSize: '1024' });
  sqs.queue('big');
  sqs.queue('q.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' });
  const send = (Entries: object[], queue = 'q') =>
    ['SendMessageBatch', { QueueUrl: `${base}/${queue}`, Entries }] as const;
  const entry = (Id: string, more: object = {}) => ({ Id, MessageBody: 'x', ...more });

  test.each<[what: string, request: readonly [string, object], error: string]>([
    ['no entry', send([]), 'AWS.SimpleQueueService.EmptyBatchRequest: '],
    [
      'eleven entries',
      send([...'abcdefghijk'].map((id) => entry(id))),
      'AWS.SimpleQueueService.TooManyEntriesInBatchRequest: Maximum number of entries per request are 10. You have sent 11.',
    ],
    ['an id twice', send([entry('a'), entry('a')]), 'AWS.SimpleQueueService.BatchEntryIdsNotDistinct: Id a repeated.'],
    ['a bad id', send([entry('a b')]), 'AWS.SimpleQueueService.InvalidBatchEntryId: '],
    [
      'too much together',
      send([entry('a', { MessageBody: 'x'.repeat(1_048_000) }), entry('b', { MessageBody: 'x'.repeat(1000) })], 'big'),
      'AWS.SimpleQueueService.BatchRequestTooLong: Batch requests cannot be longer than 1048576 bytes. You have sent 1049000 bytes.',
    ],
    [
      'FIFO: an entry without group',
      send([entry('a', { MessageGroupId: 'g' }), entry('b')], 'q.fifo'),
      'InvalidParameterValue: The request must contain the parameter MessageGroupId.',
    ],
  ])('refused whole: %s', (_, [operation, input], error) => {
    expect(sqs.refusal(operation, input)).toContain(error);
    expect([sqs.counts('q'), sqs.counts('big'), sqs.counts('q.fifo')]).toEqual(['0 0 0', '0 0 0', '0 0 0']);
  });

  test('entries fail on their own', () => {
    const { Successful, Failed } = sqs.call(...send([entry('good'), entry('long', { MessageBody: 'x'.repeat(1025) })]));
    expect(Successful).toEqual([
      { Id: 'good', MessageId: expect.any(String), MD5OfMessageBody: '9dd4e461268c8034f5c8564e155c67a6' },
    ]);
    expect(Failed).toEqual([
      {
        Id: 'long',
        SenderFault: true,
        Code: 'InvalidParameterValue',
        Message: 'One or more parameters are invalid. Reason: Message must be shorter than 1024 bytes.',
      },
    ]);
    const [{ ReceiptHandle }] = sqs.receive('q');
    const handles = [
      { Id: 'a', ReceiptHandle, VisibilityTimeout: 0 },
      { Id: 'b', ReceiptHandle: 'none', VisibilityTimeout: 0 },
    ];
    for (const operation of ['ChangeMessageVisibilityBatch', 'DeleteMessageBatch']) {
      const answer = sqs.call(operation, { QueueUrl: `${base}/q`, Entries: handles });
      expect(answer.Successful).toEqual([{ Id: 'a' }]);
      expect(answer.Failed).toMatchObject([{ Id: 'b', SenderFault: true, Code: 'ReceiptHandleIsInvalid' }]);
    }
    expect(sqs.counts('q')).toBe('0 0 0');
  });
});

/** Source: CloudFormation template reference, AWS::SQS::Queue, "Return values". */
test('resources of a template', () => {
  const type = resourceTypes['AWS::SQS::Queue']!;
  const place = {
    account: '123456789012',
    region: 'eu-west-1',
    endpoint: 'http://here:1',
    stackName: 'S',
    logicalId: 'Q',
  };
  const props = {
    FifoQueue: true,
    VisibilityTimeout: 60,
    RedrivePolicy: { deadLetterTargetArn: arnOf('later.fifo'), maxReceiveCount: 5 },
    Tags: [{ Key: 'a', Value: '1' }],
  };
  const identity = type.identify({
    ...place,
    property: (name) => (props as any)[name],
    uniqueName: ({ suffix } = {}) => `S-Q-1${suffix}`,
  });
  expect(identity).toEqual({
    ref: `${base}/S-Q-1.fifo`,
    attributes: { Arn: arnOf('S-Q-1.fifo'), QueueName: 'S-Q-1.fifo', QueueUrl: `${base}/S-Q-1.fifo` },
  });
  const context = { ...place, props, identity, constructPath: 'S/Q', assetDir: () => undefined };
  const sqs = new Sqs();
  const policy = resourceTypes['AWS::SQS::QueuePolicy']!;
  const policyProps = { Queues: [identity.ref], PolicyDocument: { Version: '2012-10-17', Statement: [] } };
  for (const { operation, input } of [...type.create(context), ...policy.create({ ...context, props: policyProps })])
    sqs.call(operation, input);
  const { Attributes } = sqs.call('GetQueueAttributes', { QueueUrl: identity.ref, AttributeNames: ['All'] });
  expect(Attributes).toMatchObject({
    FifoQueue: 'true',
    VisibilityTimeout: '60',
    RedrivePolicy: `{"deadLetterTargetArn":"${arnOf('later.fifo')}","maxReceiveCount":5}`,
    Policy: '{"Version":"2012-10-17","Statement":[]}',
  });
  expect(sqs.call('ListQueueTags', { QueueUrl: identity.ref })).toEqual({ Tags: { a: '1' } });
});
