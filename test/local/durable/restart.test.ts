/** What is there afterwards, service by service: from the journal after a kill, from snapshots after a clean stop. */
import { arnOf, begin, type Durable, newFolder, startMs, urlOf } from './support';

const bodies = (reply: any): string[] => (reply.Messages ?? []).map(({ Body }: any) => Body);
const receive = (durable: Durable, queue: string, more = {}): any =>
  durable.now('sqs', 'ReceiveMessage', { QueueUrl: urlOf(queue), MaxNumberOfMessages: 10, ...more });

describe.each([
  ['killed', 'kill'],
  ['stopped', 'stop'],
] as const)('%s and begun again:', (_what, end) => {
  async function restarted(dir: string, durable: Durable, laterMs = 0): Promise<Durable> {
    const atMs = durable.time.now() + laterMs;
    await durable[end]();
    return begin(dir, { atMs });
  }

  test('a message in flight stays in flight, and comes back when its time is over', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '30' } });
    durable.now('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' });
    durable.now('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'late', DelaySeconds: 60 });
    receive(durable, 'q');
    durable = await restarted(dir, durable, 10_000);
    expect(durable.holds).toEqual([[2, 'message']]);
    expect(bodies(receive(durable, 'q'))).toEqual([]);
    await durable.pass(20_001);
    const [{ Body, ReceiptHandle }] = receive(durable, 'q').Messages;
    expect(Body).toBe('one');
    durable = await restarted(dir, durable);
    // A receipt of an earlier process is as good as any.
    durable.now('sqs', 'DeleteMessage', { QueueUrl: urlOf('q'), ReceiptHandle });
    await durable.pass(60_000);
    expect(bodies(receive(durable, 'q'))).toEqual(['late']);
    await durable.kill();
  });

  test('a FIFO queue knows what it has seen, and keeps the order of its groups', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } });
    const send = (n: number): void =>
      durable.now('sqs', 'SendMessage', {
        QueueUrl: urlOf('q.fifo'),
        MessageBody: String(n),
        MessageGroupId: 'g',
        MessageDeduplicationId: String(n),
      });
    send(1);
    send(2);
    durable = await restarted(dir, durable, 60_000);
    send(2);
    send(3);
    expect(bodies(receive(durable, 'q.fifo', { MaxNumberOfMessages: 1 }))).toEqual(['1']);
    durable = await restarted(dir, durable);
    // The group is locked by the message in flight.
    expect(bodies(receive(durable, 'q.fifo'))).toEqual([]);
    await durable.pass(30_001);
    expect(bodies(receive(durable, 'q.fifo'))).toEqual(['1', '2', '3']);
    await durable.kill();
  });

  test('topics, their subscriptions and what a FIFO topic has taken; parameters and secrets', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q.fifo', Attributes: { FifoQueue: 'true' } });
    const { TopicArn } = durable.now('sns', 'CreateTopic', { Name: 't.fifo', Attributes: { FifoTopic: 'true' } });
    const Attributes = { RawMessageDelivery: 'true' };
    durable.now('sns', 'Subscribe', { TopicArn, Protocol: 'sqs', Endpoint: arnOf('q.fifo'), Attributes });
    const publish = (Message: string) =>
      durable.ask('sns', 'Publish', { TopicArn, Message, MessageGroupId: 'g', MessageDeduplicationId: Message });
    const first = await publish('one');
    await durable.ask('ssm', 'PutParameter', { Name: '/p', Value: 'v', Type: 'String' });
    await durable.ask('secretsmanager', 'CreateSecret', { Name: 's', SecretString: 'hush' });
    await durable.kill();
    durable = await begin(dir);
    expect(await publish('one')).toEqual(first);
    await publish('two');
    const { Messages } = durable.now('sqs', 'ReceiveMessage', { QueueUrl: urlOf('q.fifo'), MaxNumberOfMessages: 10 });
    expect(Messages.map(({ Body }: any) => Body)).toEqual(['one', 'two']);
    expect(durable.now('ssm', 'GetParameter', { Name: '/p' }).Parameter.Value).toBe('v');
    expect(durable.now('secretsmanager', 'GetSecretValue', { SecretId: 's' }).SecretString).toBe('hush');
    await durable.kill();
  });

  test('who waited for a message is gone: the next one is not in flight for nobody', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
    void durable.ask('sqs', 'ReceiveMessage', { QueueUrl: urlOf('q'), WaitTimeSeconds: 20 });
    durable = await restarted(dir, durable);
    durable.now('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' });
    expect(bodies(receive(durable, 'q'))).toEqual(['one']);
    await durable.kill();
  });

  test('items, conditions and transaction tokens', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('dynamodb', 'CreateTable', {
      TableName: 'sums',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    });
    const transaction = {
      ClientRequestToken: 'token',
      TransactItems: [
        {
          Update: {
            TableName: 'sums',
            Key: { id: { S: 'sum' } },
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
      ],
    };
    durable.now('dynamodb', 'TransactWriteItems', transaction);
    durable = await restarted(dir, durable, 60_000);
    durable.now('dynamodb', 'TransactWriteItems', transaction);
    const read = { TableName: 'sums', Key: { id: { S: 'sum' } } };
    expect(durable.now('dynamodb', 'GetItem', read).Item).toEqual({ id: { S: 'sum' }, n: { N: '1' } });
    await durable.kill();
  });

  test('schedules that came due while nobody ran fire at once, in order, once each', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
    for (const [name, minute] of [
      ['second', 2],
      ['first', 1],
      ['later', 30],
    ] as const) {
      durable.now('scheduler', 'CreateSchedule', {
        Name: name,
        ScheduleExpression: `at(${new Date(startMs + minute * 60_000).toISOString().slice(0, 19)})`,
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { Arn: arnOf('q'), RoleArn: 'arn:aws:iam::123456789012:role/r', Input: name },
      });
    }
    durable = await restarted(dir, durable, 600_000);
    await durable.pass(1);
    expect(bodies(receive(durable, 'q', { VisibilityTimeout: 7200 }))).toEqual(['first', 'second']);
    durable = await restarted(dir, durable);
    await durable.pass(3_600_000);
    expect(bodies(receive(durable, 'q'))).toEqual(['later']);
    await durable.kill();
  });

  test('an execution goes on where it was, and its token is good', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
    const { stateMachineArn } = durable.now('states', 'CreateStateMachine', {
      name: 'm',
      roleArn: 'arn:aws:iam::123456789012:role/r',
      definition: JSON.stringify({
        StartAt: 'Wait',
        States: {
          Wait: { Type: 'Wait', Seconds: 60, Next: 'Ask' },
          Ask: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
            Parameters: { QueueUrl: urlOf('q'), MessageBody: { 'token.$': '$$.Task.Token' } },
            End: true,
          },
        },
      }),
    });
    const { executionArn } = durable.now('states', 'StartExecution', { stateMachineArn, name: 'e' });
    durable = await restarted(dir, durable, 59_000);
    expect(durable.holds).toEqual([[1, 'running execution']]);
    await durable.pass(1001);
    const [body] = bodies(receive(durable, 'q'));
    durable = await restarted(dir, durable);
    durable.now('states', 'SendTaskSuccess', { taskToken: JSON.parse(body!).token, output: '{"ok":true}' });
    const { status, output, startDate } = durable.now('states', 'DescribeExecution', { executionArn });
    expect({ status, output, startDate }).toEqual({
      status: 'SUCCEEDED',
      output: '{"ok":true}',
      startDate: startMs / 1000,
    });
    const { events } = durable.now('states', 'GetExecutionHistory', { executionArn });
    expect(events.map(({ type }: any) => type)).toEqual([
      'ExecutionStarted',
      'WaitStateEntered',
      'WaitStateExited',
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskSucceeded',
      'TaskStateExited',
      'ExecutionSucceeded',
    ]);
    await durable.kill();
  });

  test('archives, replays, buses and rules', async () => {
    const dir = newFolder();
    let durable = await begin(dir);
    durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
    const { EventBusArn } = durable.now('events', 'CreateEventBus', { Name: 'b' });
    const { ArchiveArn } = durable.now('events', 'CreateArchive', { ArchiveName: 'a', EventSourceArn: EventBusArn });
    durable.now('events', 'PutRule', { Name: 'r', EventBusName: 'b', EventPattern: '{"source":["s"]}' });
    const target = { Id: 'q', Arn: arnOf('q'), InputPath: '$.detail.n' };
    durable.now('events', 'PutTargets', { Rule: 'r', EventBusName: 'b', Targets: [target] });
    durable = await restarted(dir, durable);
    for (const n of [1, 2])
      durable.now('events', 'PutEvents', {
        Entries: [{ EventBusName: 'b', Source: 's', DetailType: 'd', Detail: JSON.stringify({ n }) }],
      });
    expect(bodies(receive(durable, 'q', { VisibilityTimeout: 7200 })).sort()).toEqual(['1', '2']);
    durable.now('events', 'StartReplay', {
      ReplayName: 'again',
      EventSourceArn: ArchiveArn,
      EventStartTime: startMs / 1000 - 60,
      EventEndTime: startMs / 1000 + 60,
      Destination: { Arn: EventBusArn },
    });
    durable = await restarted(dir, durable, 3_600_000);
    expect(durable.holds).toEqual([
      [2, 'message'],
      [2, 'archived event'],
    ]);
    await durable.pass(60_000);
    expect(durable.now('events', 'DescribeReplay', { ReplayName: 'again' }).State).toBe('COMPLETED');
    expect(bodies(receive(durable, 'q')).sort()).toEqual(['1', '2']);
    await durable.kill();
  });

  describe('a function that was running has crashed', () => {
    async function withFunction(dir: string): Promise<Durable> {
      const durable = await begin(dir);
      durable.now('sqs', 'CreateQueue', { QueueName: 'q', Attributes: { VisibilityTimeout: '60' } });
      durable.now('lambda', 'CreateFunction', {
        FunctionName: 'f',
        Runtime: 'nodejs24.x',
        Handler: 'index.handler',
        Timeout: 10,
        Role: 'arn:aws:iam::123456789012:role/r',
        Code: { $dir: '/code' },
      });
      return durable;
    }
    const succeed = ({ started }: Durable): void => {
      const { invocation, done } = started.at(-1)!;
      const { invocationId, environmentId } = invocation;
      done({ invocationId, environmentId, payload: '{}', reusable: true });
    };

    test('its batch comes again when the visibility timeout is over', async () => {
      const dir = newFolder();
      let durable = await withFunction(dir);
      durable.now('lambda', 'CreateEventSourceMapping', {
        FunctionName: 'f',
        EventSourceArn: arnOf('q'),
        BatchSize: 1,
      });
      durable.now('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' });
      await durable.pass(1);
      expect(durable.started).toHaveLength(1);
      durable = await restarted(dir, durable, 5000);
      await durable.pass(54_000);
      expect(durable.started).toHaveLength(0);
      await durable.pass(3000);
      expect(durable.started.map(({ invocation }) => JSON.parse(invocation.payload).Records[0].body)).toEqual(['one']);
      succeed(durable);
      await durable.pass(1);
      durable = await restarted(dir, durable);
      expect(durable.holds).toEqual([]);
      await durable.kill();
    });

    test('an asynchronous invocation is tried again', async () => {
      const dir = newFolder();
      let durable = await withFunction(dir);
      const Payload = Buffer.from('{"n":1}').toString('base64');
      durable.now('lambda', 'Invoke', { FunctionName: 'f', InvocationType: 'Event', Payload });
      await durable.safe();
      expect(durable.started).toHaveLength(1);
      durable = await restarted(dir, durable);
      expect(durable.started).toHaveLength(0);
      await durable.pass(60_001);
      expect(durable.started.map(({ invocation }) => invocation.payload)).toEqual(['{"n":1}']);
      await durable.kill();
    });

    test('a task fails as when the function had ended its process, and its Retry sees that', async () => {
      const dir = newFolder();
      let durable = await withFunction(dir);
      const { stateMachineArn } = durable.now('states', 'CreateStateMachine', {
        name: 'm',
        roleArn: 'arn:aws:iam::123456789012:role/r',
        definition: JSON.stringify({
          StartAt: 'Call',
          States: {
            Call: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke',
              Parameters: { FunctionName: 'f', Payload: {} },
              Retry: [{ ErrorEquals: ['Runtime.ExitError'], MaxAttempts: 1, IntervalSeconds: 1 }],
              End: true,
            },
          },
        }),
      });
      const { executionArn } = durable.now('states', 'StartExecution', { stateMachineArn, name: 'e' });
      await durable.safe();
      expect(durable.started).toHaveLength(1);
      durable = await restarted(dir, durable);
      await durable.pass(1001);
      expect(durable.started).toHaveLength(1);
      durable = await restarted(dir, durable);
      const { status, error } = durable.now('states', 'DescribeExecution', { executionArn });
      expect({ status, error }).toEqual({ status: 'FAILED', error: 'Runtime.ExitError' });
      await durable.kill();
    });
  });
});

test('nothing leaves before it is safe', async () => {
  const durable = await begin(newFolder());
  durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
  let answered = false;
  const answer = durable.ask('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' }).then((reply) => {
    answered = true;
    return reply;
  });
  // It has been done; the disk has not answered.
  expect(bodies(receive(durable, 'q'))).toEqual(['one']);
  await Promise.resolve();
  expect(answered).toBe(false);
  expect((await answer).output.MessageId).toMatch(/^[0-9a-f-]{36}$/);
  await durable.kill();
});

test('where nothing can be written, nothing is acknowledged', async () => {
  const failures: string[] = [];
  const dir = newFolder();
  const durable = await begin(dir, { failed: (error) => failures.push(error.message) });
  durable.now('sqs', 'CreateQueue', { QueueName: 'q' });
  await durable.safe();
  await durable.breakDisk();
  let answered = false;
  void durable.ask('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' }).then(() => (answered = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toEqual(['Database is not open']);
  expect(answered).toBe(false);
  const again = await begin(dir);
  expect(again.holds).toEqual([]);
  await again.kill();
});
