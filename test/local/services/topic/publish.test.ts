/**
 * What is published, what is refused, and how a queue and a function get it. Source: SNS API reference, Publish, PublishBatch;
 * developer guide, "Parsing message formats", "FIFO topics"; answers and texts as recorded from AWS in tests/aws/services/sns of
 * localstack/localstack (Apache-2.0).
 */
import type { Json } from '../../../../lib/local/services/service';
import { arnOf, functionArn, queueArn, Sns } from './support';

let sns: Sns;
beforeEach(() => {
  sns = new Sns();
});

const attributes = {
  store: { DataType: 'String', StringValue: 'Köln' },
  bytes: { DataType: 'Binary', BinaryValue: 'AgME' },
};

test('a queue gets the envelope, or the message itself with its attributes', () => {
  const TopicArn = sns.topic('orders');
  const arn = sns.subscribe(TopicArn, queueArn('plain'));
  sns.subscribe(TopicArn, queueArn('raw'), { RawMessageDelivery: 'true' });
  const { MessageId } = sns.call('Publish', {
    TopicArn,
    Message: 'Hello "you"',
    Subject: 'Greeting',
    MessageAttributes: attributes,
  });
  const [plain, raw] = sns.sent;
  expect(plain).toEqual({ QueueUrl: 'http://here:1/123456789012/plain', MessageBody: expect.any(String) });
  expect(Object.entries(JSON.parse(plain.MessageBody))).toEqual([
    ['Type', 'Notification'],
    ['MessageId', MessageId],
    ['TopicArn', TopicArn],
    ['Subject', 'Greeting'],
    ['Message', 'Hello "you"'],
    ['Timestamp', '2026-11-24T09:00:00.000Z'],
    ['SignatureVersion', '1'],
    ['Signature', expect.any(String)],
    ['SigningCertURL', expect.stringMatching(/^https:\/\/sns\.eu-west-1\.amazonaws\.com\/SimpleNotificationService-/)],
    ['UnsubscribeURL', `https://sns.eu-west-1.amazonaws.com/?Action=Unsubscribe&SubscriptionArn=${arn}`],
    ['MessageAttributes', { store: { Type: 'String', Value: 'Köln' }, bytes: { Type: 'Binary', Value: 'AgME' } }],
  ]);
  expect(plain.MessageBody).toMatch(/^\{\n {2}"Type" : "Notification",\n {2}"MessageId" : /);
  expect(raw).toEqual({
    QueueUrl: 'http://here:1/123456789012/raw',
    MessageBody: 'Hello "you"',
    MessageAttributes: attributes,
  });
});

test('a function gets an event', () => {
  const TopicArn = sns.topic('orders');
  const arn = sns.subscribe(TopicArn, functionArn('f'));
  const { MessageId } = sns.call('Publish', { TargetArn: TopicArn, Message: 'm', MessageAttributes: attributes });
  expect(sns.calls[0]).toMatchObject({
    to: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: functionArn('f'), InvocationType: 'Event' },
  });
  expect(JSON.parse(Buffer.from(sns.calls[0]!.input.Payload, 'base64').toString())).toEqual({
    Records: [
      {
        EventSource: 'aws:sns',
        EventVersion: '1.0',
        EventSubscriptionArn: arn,
        Sns: {
          Type: 'Notification',
          MessageId,
          TopicArn,
          Subject: null,
          Message: 'm',
          Timestamp: '2026-11-24T09:00:00.000Z',
          SignatureVersion: '1',
          Signature: expect.any(String),
          SigningCertUrl: expect.any(String),
          UnsubscribeUrl: expect.any(String),
          MessageAttributes: { store: { Type: 'String', Value: 'Köln' }, bytes: { Type: 'Binary', Value: 'AgME' } },
        },
      },
    ],
  });
});

test('a message by protocol', () => {
  const TopicArn = sns.topic('orders');
  sns.subscribe(TopicArn, queueArn('q'), { RawMessageDelivery: 'true' });
  const Message = JSON.stringify({ default: 'all', sqs: 'queues', lambda: 7 });
  sns.call('Publish', { TopicArn, Message, MessageStructure: 'json' });
  sns.call('Publish', { TopicArn, Message: '{"default":"all"}', MessageStructure: 'json' });
  expect(sns.sent.map(({ MessageBody }) => MessageBody)).toEqual(['queues', 'all']);
});

test('a standard topic passes a group on: fair queues', () => {
  const TopicArn = sns.topic('orders');
  sns.subscribe(TopicArn, queueArn('q'));
  sns.call('Publish', { TopicArn, Message: 'm', MessageGroupId: 'g' });
  expect(sns.sent[0]).toMatchObject({ MessageGroupId: 'g' });
  expect(sns.sent[0]).not.toHaveProperty('MessageDeduplicationId');
});

describe('a FIFO topic', () => {
  const hash = '532eaabd9574880dbf76b9b8cc00832c20a6ec113d682299550d7a6e0f345e25';
  const publish = (input: Json): Json =>
    sns.call('Publish', { TopicArn: arnOf('lane.fifo'), MessageGroupId: 'g', Message: 'Test', ...input });

  test('gives a FIFO queue group and deduplication id, and a standard one neither', () => {
    sns.topic('lane.fifo', { ContentBasedDeduplication: 'true' });
    sns.subscribe(arnOf('lane.fifo'), queueArn('q.fifo'));
    sns.subscribe(arnOf('lane.fifo'), queueArn('q'), { RawMessageDelivery: 'true' });
    const { SequenceNumber } = publish({});
    expect(SequenceNumber).toBe('10000000000000001000');
    const [fifo, standard] = sns.sent;
    // The SHA-256 of 'Test', as recorded.
    expect(fifo).toMatchObject({ MessageGroupId: 'g', MessageDeduplicationId: hash });
    const body = JSON.parse(fifo.MessageBody);
    expect(body).toMatchObject({ SequenceNumber, Message: 'Test' });
    expect(body).not.toHaveProperty('Signature');
    expect(standard).toEqual({ QueueUrl: 'http://here:1/123456789012/q', MessageBody: 'Test' });
  });

  test('takes an id once in five minutes and answers as it did', () => {
    sns.topic('lane.fifo');
    sns.subscribe(arnOf('lane.fifo'), queueArn('q.fifo'));
    const first = publish({ MessageDeduplicationId: 'd' });
    expect(publish({ MessageDeduplicationId: 'd', MessageGroupId: 'other', Message: 'another' })).toEqual(first);
    sns.pass(299_999);
    expect(publish({ MessageDeduplicationId: 'd' })).toEqual(first);
    expect(sns.calls).toHaveLength(1);
    sns.pass(1);
    expect(publish({ MessageDeduplicationId: 'd' })).not.toEqual(first);
    expect(sns.calls).toHaveLength(2);
  });

  test('with the throughput scope MessageGroup, once a group', () => {
    sns.topic('lane.fifo', { FifoThroughputScope: 'MessageGroup' });
    sns.subscribe(arnOf('lane.fifo'), queueArn('q.fifo'));
    for (const MessageGroupId of ['g', 'h', 'g']) publish({ MessageDeduplicationId: 'd', MessageGroupId });
    expect(sns.sent.map(({ MessageGroupId }) => MessageGroupId)).toEqual(['g', 'h']);
  });

  test('that is made again remembers nothing', () => {
    for (let n = 0; n < 2; n++) {
      sns.topic('lane.fifo');
      sns.subscribe(arnOf('lane.fifo'), queueArn('q.fifo'));
      publish({ MessageDeduplicationId: 'd' });
      sns.call('DeleteTopic', { TopicArn: arnOf('lane.fifo') });
    }
    expect(sns.calls).toHaveLength(2);
  });

  test.each<[string, Json, Json, string]>([
    [
      'a message without group',
      {},
      { MessageGroupId: undefined },
      'The MessageGroupId parameter is required for FIFO topics',
    ],
    [
      'a message without id',
      {},
      {},
      'The topic should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly',
    ],
  ])('refuses %s', (_, attributesOfTopic, input, said) => {
    sns.topic('lane.fifo', attributesOfTopic);
    expect(() => publish(input)).toThrow(said);
  });
});

test.each<[string, Json, string]>([
  ['an empty message', { Message: '' }, 'InvalidParameter: Invalid parameter: Empty message'],
  ['an empty subject', { Subject: '' }, 'InvalidParameter: Invalid parameter: Subject'],
  // Source: API Publish, Subject.
  ['a subject of two lines', { Subject: 'a\nb' }, 'InvalidParameter: Invalid parameter: Subject'],
  ['too long a message', { Message: 'x'.repeat(262_145) }, 'InvalidParameter: Invalid parameter: Message too long'],
  [
    'too long with its attributes',
    { Message: 'x'.repeat(262_140), MessageAttributes: { a: { DataType: 'String', StringValue: 'b' } } },
    'InvalidParameter: Invalid parameter: Message too long',
  ],
  [
    'a structure that is no JSON',
    { Message: 'x', MessageStructure: 'json' },
    'InvalidParameter: Invalid parameter: Message Structure - JSON message body failed to parse',
  ],
  [
    'a structure without default',
    { Message: '{"default":1}', MessageStructure: 'json' },
    'InvalidParameter: Invalid parameter: Message Structure - No default entry in JSON message body',
  ],
  [
    'a deduplication id',
    { MessageDeduplicationId: 'd' },
    'InvalidParameter: Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
  ],
  ['a topic that is not there', { TopicArn: arnOf('none') }, 'NotFound: Topic does not exist'],
  [
    'a topic by its name',
    { TopicArn: 'a:b' },
    'InvalidParameter: Invalid parameter: TopicArn Reason: An ARN must have at least 6 elements, not 2',
  ],
  [
    'an endpoint of mobile push',
    { TopicArn: undefined, TargetArn: 'arn:aws:sns:eu-west-1:123456789012:endpoint/APNS/a/b' },
    'InvalidParameter: Invalid parameter: TargetArn Reason: No endpoint found for the target arn specified',
  ],
  // Ours.
  [
    'a text message',
    { TopicArn: undefined, PhoneNumber: '+4912345678' },
    'InvalidParameter: Invalid parameter: PhoneNumber Reason: text messages are not modelled by the local runtime; publish to a topic',
  ],
])('refused: %s', (_, input, said) => {
  const TopicArn = sns.topic('orders');
  expect(sns.refusal('Publish', { TopicArn, Message: 'm', ...input })).toBe(said);
});

test('a message of exactly 256 KiB is taken', () => {
  const TopicArn = sns.topic('orders');
  const attribute = { a: { DataType: 'String', StringValue: 'b' } };
  sns.call('Publish', { TopicArn, Message: 'x'.repeat(262_144 - 8), MessageAttributes: attribute });
});

test.each<[string, string, Json, string]>([
  [
    'a name with a strange sign',
    'a^b',
    {},
    "Invalid non-alphanumeric character '#x5E' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.",
  ],
  ['a name that begins with a dot', '.a', {}, "Invalid message attribute name starting with character '.' was found."],
  ['a name that ends in a dot', 'a.', {}, "Invalid message attribute name ending with character '.' was found."],
  ['a name with two dots', 'a..b', {}, "Message attribute name can not have successive '.' character."],
  ['a long name', 'a'.repeat(257), {}, 'Length of message attribute name must be less than 256 bytes.'],
  [
    'another type',
    'attr1',
    { DataType: 'Stringprefixed', StringValue: 'x' },
    "The message attribute 'attr1' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.",
  ],
  [
    'no value',
    'attr1',
    { DataType: 'String' },
    "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'.",
  ],
  [
    'an empty value',
    'attr1',
    { DataType: 'Binary', BinaryValue: '' },
    "The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'Binary'.",
  ],
  [
    'bytes as a number',
    'attr1',
    { DataType: 'Number', BinaryValue: 'AgME' },
    "The message attribute 'attr1' with type 'Number' must use field 'String'.",
  ],
  [
    'text as bytes',
    'attr1',
    { DataType: 'Binary', StringValue: 'x' },
    "The message attribute 'attr1' with type 'Binary' must use field 'Binary'.",
  ],
])('refused: an attribute with %s', (_, name, value, said) => {
  const TopicArn = sns.topic('orders');
  const MessageAttributes = { [name]: value };
  expect(sns.refusal('Publish', { TopicArn, Message: 'm', MessageAttributes })).toBe(`ParameterValueInvalid: ${said}`);
});

test('an attribute without a type is told where it stands', () => {
  const TopicArn = sns.topic('orders');
  const message = { Message: 'm', MessageAttributes: { attr1: { StringValue: 'x' } } };
  const said = (at: string): string =>
    `ValidationError: 1 validation error detected: Value null at '${at}' failed to satisfy constraint: Member must not be null`;
  expect(sns.refusal('Publish', { TopicArn, ...message })).toBe(said('messageAttributes.attr1.member.dataType'));
  expect(sns.refusal('PublishBatch', { TopicArn, PublishBatchRequestEntries: [{ Id: '1', ...message }] })).toBe(
    said('publishBatchRequestEntries.1.member.messageAttributes.attr1.member.dataType'),
  );
});

describe('a batch', () => {
  const batch = (entries: Json[]): [string, Json] => [
    'PublishBatch',
    { TopicArn: arnOf('orders'), PublishBatchRequestEntries: entries },
  ];
  const entry = (Id: unknown, Message = 'm'): Json => ({ Id, Message });

  test('is answered entry by entry', () => {
    sns.topic('orders');
    sns.subscribe(arnOf('orders'), queueArn('q'), { RawMessageDelivery: 'true' });
    const { Successful, Failed } = sns.call(...batch([entry('a', 'one'), entry('b', 'two')]));
    expect(Successful).toEqual([
      { Id: 'a', MessageId: expect.any(String) },
      { Id: 'b', MessageId: expect.any(String) },
    ]);
    expect(Failed).toEqual([]);
    expect(sns.sent.map(({ MessageBody }) => MessageBody)).toEqual(['one', 'two']);
  });

  test.each<[string, Json[], string]>([
    ['none', [], 'EmptyBatchRequest'],
    [
      'eleven',
      Array.from({ length: 11 }, (_, n) => entry(String(n))),
      'TooManyEntriesInBatchRequest: The batch request contains more entries than permissible.',
    ],
    [
      'two of one id',
      [entry('1'), entry('1')],
      'BatchEntryIdsNotDistinct: Two or more batch entries in the request have the same Id.',
    ],
    [
      'a strange id',
      [entry('message.id')],
      'InvalidBatchEntryId: The Id of a batch entry in the batch request contains an impermissible character: message.id',
    ],
    [
      'a long id',
      [entry('a'.repeat(81))],
      `InvalidBatchEntryId: The Id of a batch entry in the batch request is too long: ${'a'.repeat(81)}`,
    ],
    ['too much in all', [entry('1', 'x'.repeat(140_000)), entry('2', 'x'.repeat(140_000))], 'BatchRequestTooLong'],
    ['one that is wrong', [entry('1'), entry('2', '')], 'InvalidParameter: Invalid parameter: Empty message'],
  ])('is refused as a whole: %s', (_, entries, said) => {
    sns.topic('orders');
    sns.subscribe(arnOf('orders'), queueArn('q'));
    expect(sns.refusal(...batch(entries))).toContain(said);
    expect(sns.calls).toEqual([]);
  });
});

test('an operation that is not modelled is refused by name', () => {
  expect(sns.refusal('CreatePlatformApplication', {})).toBe(
    "UnknownOperationException: SNS's CreatePlatformApplication is not modelled by the local runtime.",
  );
});
