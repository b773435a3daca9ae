import { DynamoDBClient, GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetQueueUrlCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { fail } from '../../../lib/local/services/service';
import { createWire, maxBodyBytes } from '../../../lib/local/wire';
import { crc32, crc32ByTable } from '../../../lib/local/wire/crc32';
import { type Harness, harness } from './support';

let wire: Harness;
beforeAll(async () => {
  wire = await harness();
});
afterAll(() => wire.close());

const failure = (promise: Promise<unknown>): Promise<any> =>
  promise.then(
    () => Promise.reject(new Error('it succeeded')),
    (error) => error,
  );

describe('the JSON protocols, spoken by the SDK', () => {
  test('SQS: input and output travel as they are, binary attributes as base64', async () => {
    const sqs = new SQSClient(wire.config);
    wire.answer({ output: { MessageId: 'm-1', MD5OfMessageBody: '900150983cd24fb0d6963f7d28e17f72' } });
    const sent = await sqs.send(
      new SendMessageCommand({
        QueueUrl: `${wire.endpoint}/123456789012/q`,
        MessageBody: 'abc',
        MessageAttributes: { b: { DataType: 'Binary', BinaryValue: Buffer.from('hi') } },
      }),
    );
    expect(sent.MessageId).toBe('m-1');
    expect(wire.calls).toEqual([
      {
        service: 'sqs',
        operation: 'SendMessage',
        input: {
          QueueUrl: `${wire.endpoint}/123456789012/q`,
          MessageBody: 'abc',
          MessageAttributes: { b: { DataType: 'Binary', BinaryValue: 'aGk=' } },
        },
      },
    ]);
    wire.answer({
      output: {
        Messages: [{ MessageId: 'm', ReceiptHandle: 'r', Body: 'abc', MD5OfBody: '900150983cd24fb0d6963f7d28e17f72' }],
      },
    });
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl: 'http://x/1/q', WaitTimeSeconds: 1 }));
    expect(received.Messages![0]!.Body).toBe('abc');
  });

  test('SQS: an error is known by its name, the older code travels in a header', async () => {
    wire.answer(
      fail('QueueDoesNotExist', 'The specified queue does not exist.', {
        queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
      }),
    );
    const error = await failure(new SQSClient(wire.config).send(new GetQueueUrlCommand({ QueueName: 'none' })));
    expect([error.name, error.message, error.$metadata.httpStatusCode]).toEqual([
      'QueueDoesNotExist',
      'The specified queue does not exist.',
      400,
    ]);
    const raw = await wire.raw('POST', '/', { 'x-amz-target': 'AmazonSQS.GetQueueUrl' }, '{}');
    expect(raw.headers['x-amzn-query-error']).toBe('AWS.SimpleQueueService.NonExistentQueue;Sender');
    expect(JSON.parse(raw.body)).toEqual({
      __type: 'com.amazonaws.sqs#QueueDoesNotExist',
      message: 'The specified queue does not exist.',
    });
  });

  test('DynamoDB: items, checksums and cancellation reasons', async () => {
    const dynamodb = new DynamoDBClient(wire.config);
    wire.answer({ output: { Item: { id: { S: 'a' }, n: { N: '1' }, b: { B: 'aGk=' } } } });
    const got = await dynamodb.send(new GetItemCommand({ TableName: 't', Key: { id: { S: 'a' } } }));
    expect(Buffer.from(got.Item!.b!.B!).toString()).toBe('hi');
    expect(wire.calls[0]).toEqual({
      service: 'dynamodb',
      operation: 'GetItem',
      input: { TableName: 't', Key: { id: { S: 'a' } } },
    });

    wire.answer(
      fail('TransactionCanceledException', 'Transaction cancelled', {
        members: {
          CancellationReasons: [{ Code: 'ConditionalCheckFailed', Item: { id: { S: 'old' } } }, { Code: 'None' }],
        },
      }),
    );
    const error = await failure(
      dynamodb.send(
        new TransactWriteItemsCommand({ TransactItems: [{ Delete: { TableName: 't', Key: { id: { S: 'a' } } } }] }),
      ),
    );
    expect(error.name).toBe('TransactionCanceledException');
    expect(error.CancellationReasons[0]).toMatchObject({ Code: 'ConditionalCheckFailed', Item: { id: { S: 'old' } } });

    wire.answer({ output: {} });
    const raw = await wire.raw('POST', '/', { 'x-amz-target': 'DynamoDB_20120810.ListTables' }, '{}');
    // CRC-32 of '{}', from `python3 -c "import zlib; print(zlib.crc32(b'{}'))"`.
    expect(raw.headers['x-amz-crc32']).toBe('2745614147');
    expect(raw.headers['content-type']).toBe('application/x-amz-json-1.0');
  });

  test('a status above 400 reaches the SDK, which then sees a server error', async () => {
    wire.answer(fail('InternalServerError', 'try again', { status: 500 }));
    const error = await failure(new DynamoDBClient(wire.config).send(new PutItemCommand({ TableName: 't', Item: {} })));
    expect([error.name, error.$fault, error.$metadata.httpStatusCode]).toEqual(['InternalServerError', 'server', 500]);
  });

  test('EventBridge: partial failures are an answer, not an error', async () => {
    wire.answer({
      output: {
        FailedEntryCount: 1,
        Entries: [{ EventId: 'e' }, { ErrorCode: 'InternalFailure', ErrorMessage: 'no' }],
      },
    });
    const Time = new Date('2026-11-24T09:00:00Z');
    const sent = await new EventBridgeClient(wire.config).send(
      new PutEventsCommand({ Entries: [{ Source: 's', DetailType: 'd', Detail: '{}', Time }, { Source: 's' }] }),
    );
    expect(sent.FailedEntryCount).toBe(1);
    expect(wire.calls[0]!.input.Entries[0]).toEqual({ Source: 's', DetailType: 'd', Detail: '{}', Time: 1795510800 });
  });
});

describe('the JSON protocols, misused', () => {
  test.each([
    ['{"a":', 'SerializationException'],
    ['[1]', 'SerializationException'],
    ['"text"', 'SerializationException'],
  ])('the body %s is %s and reaches no service', async (body, name) => {
    wire.answer({ output: {} });
    const raw = await wire.raw('POST', '/', { 'x-amz-target': 'AWSEvents.PutEvents' }, body);
    expect([raw.status, JSON.parse(raw.body).__type]).toEqual([400, name]);
    expect(wire.calls).toEqual([]);
  });

  test('an unknown target is refused by name', async () => {
    const raw = await wire.raw('POST', '/', { 'x-amz-target': 'TrentService.Encrypt' }, '{}');
    expect([raw.status, JSON.parse(raw.body)]).toEqual([
      400,
      { __type: 'UnknownOperationException', message: "The target 'TrentService.Encrypt' is not modelled here." },
    ]);
  });

  test('a service that throws is an internal failure without a trace of where', async () => {
    wire.answer(new Error('secret detail at file.ts:12'));
    const raw = await wire.raw('POST', '/', { 'x-amz-target': 'Logs_20140328.DescribeLogGroups' }, '{}');
    expect([raw.status, JSON.parse(raw.body).__type]).toEqual([500, 'InternalFailure']);
    expect(raw.body).not.toContain('secret');
  });

  test('without a server: a body above the limit is 413, and the origin reaches the services', async () => {
    const seen: unknown[] = [];
    const direct = createWire(async (_service, _operation, _input, origin) => {
      seen.push(origin);
      return { output: {} };
    });
    const headers = { 'x-amz-target': 'AmazonSQS.SendMessage' };
    const large = await direct.handle({ method: 'POST', path: '/', headers, body: Buffer.alloc(maxBodyBytes + 1) });
    expect([large.status, JSON.parse(large.body.toString()).__type]).toEqual([
      413,
      'com.amazonaws.sqs#RequestEntityTooLargeException',
    ]);
    const origin = { functionName: 'f', invocationId: 'i', index: 3 };
    const small = await direct.handle({ method: 'POST', path: '/', headers, body: Buffer.alloc(0) }, origin);
    expect([small.status, small.headers['x-amzn-requestid'], seen]).toEqual([
      200,
      '00000000-0000-4000-8000-000000000002',
      [origin],
    ]);
  });
});

test.each([
  ['', 0],
  ['123456789', 0xcbf43926],
])('CRC-32 of %p, by the table and as used', (text, expected) => {
  expect([crc32ByTable(Buffer.from(text)), crc32(Buffer.from(text))]).toEqual([expected, expected]);
});
