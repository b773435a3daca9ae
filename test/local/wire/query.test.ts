import { CloudFormationClient, DescribeStacksCommand, ListStackResourcesCommand } from '@aws-sdk/client-cloudformation';
import { fail } from '../../../lib/local/services/service';
import { type Harness, harness } from './support';

let wire: Harness;
beforeAll(async () => {
  wire = await harness();
});
afterAll(() => wire.close());

const credential = (service: string) => ({
  'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
  authorization: `AWS4-HMAC-SHA256 Credential=any/20261124/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
});

describe('the Query protocol, spoken by the SDK', () => {
  test('CloudFormation: lists of structures, timestamps, escaping', async () => {
    wire.answer({
      output: {
        Stacks: [
          {
            StackName: 'One',
            StackStatus: 'CREATE_COMPLETE',
            CreationTime: 1795510800.25,
            Outputs: [{ OutputKey: 'Url', OutputValue: 'http://x/?a=1&b=<2>' }],
          },
        ],
      },
    });
    const { Stacks } = await new CloudFormationClient(wire.config).send(
      new DescribeStacksCommand({ StackName: 'One' }),
    );
    expect(wire.calls).toEqual([
      { service: 'cloudformation', operation: 'DescribeStacks', input: { StackName: 'One' } },
    ]);
    expect(Stacks![0]).toMatchObject({
      StackName: 'One',
      CreationTime: new Date('2026-11-24T09:00:00.250Z'),
      Outputs: [{ OutputKey: 'Url', OutputValue: 'http://x/?a=1&b=<2>' }],
    });
    wire.answer({ output: { StackResourceSummaries: [] } });
    const listed = await new CloudFormationClient(wire.config).send(
      new ListStackResourcesCommand({ StackName: 'One' }),
    );
    expect(listed.StackResourceSummaries).toEqual([]);
  });

  test('CloudFormation: an error is known by its name', async () => {
    wire.answer(fail('ValidationError', 'Stack with id <None> does not exist'));
    await expect(
      new CloudFormationClient(wire.config).send(new DescribeStacksCommand({ StackName: 'None' })),
    ).rejects.toMatchObject({
      name: 'ValidationError',
      message: 'Stack with id <None> does not exist',
    });
  });
});

describe('the Query protocol, as older clients speak it to SQS', () => {
  test('flattened lists and maps of the input', async () => {
    wire.answer({ output: { MD5OfMessageBody: 'd', MessageId: 'm' } });
    const body =
      'Action=SendMessage&Version=2012-11-05&QueueUrl=http%3A%2F%2Fx%2F1%2Fq&MessageBody=a+b%26c&DelaySeconds=5' +
      '&MessageAttribute.1.Name=one&MessageAttribute.1.Value.DataType=String&MessageAttribute.1.Value.StringValue=x' +
      '&MessageAttribute.2.Name=__proto__&MessageAttribute.2.Value.DataType=Binary&MessageAttribute.2.Value.BinaryValue=aGk%3D';
    const raw = await wire.raw('POST', '/', credential('sqs'), body);
    const { input } = wire.calls[0]!;
    expect(input).toMatchObject({ QueueUrl: 'http://x/1/q', MessageBody: 'a b&c', DelaySeconds: 5 });
    expect(Object.entries(input.MessageAttributes)).toEqual([
      ['one', { DataType: 'String', StringValue: 'x' }],
      ['__proto__', { DataType: 'Binary', BinaryValue: 'aGk=' }],
    ]);
    expect(raw.body).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<SendMessageResponse xmlns="http://queue.amazonaws.com/doc/2012-11-05/">' +
        `<SendMessageResult><MD5OfMessageBody>d</MD5OfMessageBody><MessageId>m</MessageId></SendMessageResult>` +
        `<ResponseMetadata><RequestId>${raw.headers['x-amzn-requestid']}</RequestId></ResponseMetadata></SendMessageResponse>`,
    );
  });

  test('batches, lists of names in any order, and the queue from the path alone', async () => {
    await wire.raw(
      'POST',
      '/123456789012/orders',
      credential('sqs'),
      'Action=DeleteMessageBatch&DeleteMessageBatchRequestEntry.2.Id=b&DeleteMessageBatchRequestEntry.2.ReceiptHandle=rb&DeleteMessageBatchRequestEntry.1.Id=a&DeleteMessageBatchRequestEntry.1.ReceiptHandle=ra',
    );
    expect(wire.calls.at(-1)).toEqual({
      service: 'sqs',
      operation: 'DeleteMessageBatch',
      input: {
        QueueUrl: '/123456789012/orders',
        Entries: [
          { Id: 'a', ReceiptHandle: 'ra' },
          { Id: 'b', ReceiptHandle: 'rb' },
        ],
      },
    });
    await wire.raw('GET', '/?Action=GetQueueAttributes&Version=2012-11-05&QueueUrl=u&AttributeName.1=All', {});
    expect(wire.calls.at(-1)!.input).toEqual({ QueueUrl: 'u', AttributeNames: ['All'] });
  });

  test('flattened maps and lists of the output; a carriage return survives', async () => {
    wire.answer({ output: { Messages: [{ MessageId: 'm', Body: 'a\r\n<b>', Attributes: { SentTimestamp: '1' } }] } });
    const raw = await wire.raw(
      'POST',
      '/',
      credential('sqs'),
      'Action=ReceiveMessage&QueueUrl=u&MaxNumberOfMessages=1',
    );
    expect(raw.body).toContain(
      '<ReceiveMessageResult><Message><MessageId>m</MessageId><Body>a&#13;\n&lt;b&gt;</Body>' +
        '<Attribute><Name>SentTimestamp</Name><Value>1</Value></Attribute></Message></ReceiveMessageResult>',
    );
  });

  test('errors carry the older code', async () => {
    wire.answer(fail('QueueDoesNotExist', 'none', { queryCode: 'AWS.SimpleQueueService.NonExistentQueue' }));
    const raw = await wire.raw('POST', '/', credential('sqs'), 'Action=GetQueueUrl&QueueName=none');
    expect(raw.status).toBe(400);
    expect(raw.body).toContain(
      '<Error><Type>Sender</Type><Code>AWS.SimpleQueueService.NonExistentQueue</Code><Message>none</Message></Error>',
    );
  });
});

describe('the Query protocol without shapes', () => {
  test('STS by its host, SNS and CloudWatch by their version', async () => {
    wire.answer({ output: { Account: '123456789012', Arn: 'arn:x' } });
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const raw = await wire.raw(
      'POST',
      '/',
      { ...form, host: 'sts.amazonaws.com' },
      'Action=GetCallerIdentity&Version=2011-06-15',
    );
    expect(raw.body).toContain(
      '<GetCallerIdentityResult><Account>123456789012</Account><Arn>arn:x</Arn></GetCallerIdentityResult>',
    );
    await wire.raw(
      'POST',
      '/',
      form,
      'Action=Publish&Version=2010-03-31&Message=hi&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.StringValue=x',
    );
    await wire.raw(
      'POST',
      '/',
      form,
      'Action=PutMetricData&Version=2010-08-01&MetricData.member.1.MetricName=a&MetricData.member.2.MetricName=b',
    );
    expect(wire.calls.map(({ service, input }) => [service, input])).toEqual([
      ['sts', {}],
      ['sns', { Message: 'hi', MessageAttributes: { a: { StringValue: 'x' } } }],
      ['cloudwatch', { MetricData: [{ MetricName: 'a' }, { MetricName: 'b' }] }],
    ]);
  });

  test('lists of the output are members', async () => {
    wire.answer({ output: { Topics: [{ TopicArn: 'a' }, { TopicArn: 'b' }] } });
    const raw = await wire.raw('POST', '/', credential('sns'), 'Action=ListTopics');
    expect(raw.body).toContain(
      '<Topics><member><TopicArn>a</TopicArn></member><member><TopicArn>b</TopicArn></member></Topics>',
    );
  });
});

describe('the Query protocol, misused', () => {
  test('an operation that the API does not have reaches no service', async () => {
    wire.answer({ output: {} });
    const raw = await wire.raw('POST', '/', credential('sqs'), 'Action=LaunchRocket');
    expect([raw.status, wire.calls]).toEqual([400, []]);
    expect(raw.body).toContain('<Code>InvalidAction</Code><Message>sqs LaunchRocket is not modelled here.</Message>');
  });

  test('an operation that the service does not model is InvalidAction too', async () => {
    wire.answer(fail('UnknownOperationException', 'not modelled'));
    expect((await wire.raw('POST', '/', credential('cloudformation'), 'Action=CreateStack')).body).toContain(
      '<Code>InvalidAction</Code>',
    );
  });

  test('a service that nobody models', async () => {
    const raw = await wire.raw('POST', '/', credential('iam'), 'Action=ListRoles');
    expect([raw.status, raw.body]).toEqual([
      400,
      expect.stringContaining("<Code>InvalidAction</Code><Message>The service 'iam' is not modelled here.</Message>"),
    ]);
  });

  test('a name with a thousand levels', async () => {
    const raw = await wire.raw('POST', '/', credential('sns'), `Action=Publish&${'a.'.repeat(1000)}b=1`);
    expect([raw.status, raw.body]).toEqual([400, expect.stringContaining('MalformedQueryString')]);
  });
});
