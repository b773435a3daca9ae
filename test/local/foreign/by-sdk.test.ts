/** What clients make through the SDK works as what a template makes: the same rules, targets, mappings and schedules. */
import { CreateTableCommand, DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  CreateArchiveCommand,
  CreateEventBusCommand,
  EventBridgeClient,
  ListReplaysCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  StartReplayCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateEventSourceMappingCommand, CreateFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateScheduleCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { CreateQueueCommand, GetQueueAttributesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { strToU8, zipSync } from 'fflate';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { folder, removeFolders } from '../assembly/support';

let run: LocalRun;
let clients: ReturnType<typeof clientsAt>;
beforeAll(async () => {
  const manifest = {
    version: '38.0.1',
    artifacts: {
      Bare: {
        type: 'aws:cloudformation:stack',
        environment: 'aws://unknown-account/unknown-region',
        properties: { templateFile: 'bare.json' },
      },
    },
  };
  const bare = { Resources: { Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } } } };
  const assemblyDir = folder({ 'manifest.json': JSON.stringify(manifest), 'bare.json': JSON.stringify(bare) });
  run = await startLocal({ assemblyDir, port: 0 });
  clients = clientsAt(run.endpoint);
});
afterAll(async () => {
  await run.stop();
  removeFolders();
});

const RoleArn = 'arn:aws:iam::123456789012:role/any';
const EventPattern = JSON.stringify({ source: ['shop'] });
const clientsAt = (endpoint: string) => {
  const at = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'x' } };
  return {
    events: new EventBridgeClient(at),
    sqs: new SQSClient(at),
    lambda: new LambdaClient(at),
    dynamodb: new DynamoDBClient(at),
    scheduler: new SchedulerClient(at),
    states: new SFNClient(at),
  };
};

async function queue(QueueName: string): Promise<{ QueueUrl: string; arn: string }> {
  const { QueueUrl } = await clients.sqs.send(new CreateQueueCommand({ QueueName }));
  const attributes = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return { QueueUrl: QueueUrl!, arn: (await clients.sqs.send(attributes)).Attributes!.QueueArn! };
}
async function bodyFrom(QueueUrl: string): Promise<any> {
  const { Messages } = await clients.sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 20 }));
  return JSON.parse(Messages![0]!.Body!);
}
async function rule(EventBusName: string, Targets: { Id: string; Arn: string; RoleArn?: string }[]): Promise<string> {
  const { RuleArn } = await clients.events.send(new PutRuleCommand({ Name: 'orders', EventBusName, EventPattern }));
  const { FailedEntryCount } = await clients.events.send(
    new PutTargetsCommand({ Rule: 'orders', EventBusName, Targets }),
  );
  expect(FailedEntryCount).toBe(0);
  return RuleArn!;
}
async function publish(EventBusName: string, detail: object): Promise<void> {
  const entry = { EventBusName, Source: 'shop', DetailType: 'Placed', Detail: JSON.stringify(detail) };
  expect((await clients.events.send(new PutEventsCommand({ Entries: [entry] }))).FailedEntryCount).toBe(0);
}

test('bus, rule, queue, mapping, function from a zip, table: an event ends as an item', async () => {
  const { arn } = await queue('work');
  await clients.dynamodb.send(
    new CreateTableCommand({
      TableName: 'Orders',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
  const source = `
    const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
    exports.handler = async ({ Records }) => {
      for (const { body } of Records)
        await new DynamoDBClient({}).send(
          new PutItemCommand({ TableName: 'Orders', Item: { id: { S: JSON.parse(body).detail.id } } }));
    };`;
  await clients.lambda.send(
    new CreateFunctionCommand({
      FunctionName: 'worker',
      Runtime: 'nodejs22.x',
      Role: RoleArn,
      Handler: 'index.handler',
      Timeout: 20,
      Code: { ZipFile: zipSync({ 'index.js': strToU8(source) }) },
    }),
  );
  await clients.lambda.send(new CreateEventSourceMappingCommand({ FunctionName: 'worker', EventSourceArn: arn }));
  await clients.events.send(new CreateEventBusCommand({ Name: 'shop' }));
  await rule('shop', [{ Id: 'work', Arn: arn }]);
  await publish('shop', { id: 'o-1' });
  const read = new GetItemCommand({ TableName: 'Orders', Key: { id: { S: 'o-1' } } });
  const until = Date.now() + 30_000;
  let item: object | undefined;
  while (!item && Date.now() < until) ({ Item: item } = await clients.dynamodb.send(read));
  expect(item).toEqual({ id: { S: 'o-1' } });
});

test('an archive keeps, a replay brings again, with its name on the event', async () => {
  const { QueueUrl, arn } = await queue('replayed');
  const { EventBusArn } = await clients.events.send(new CreateEventBusCommand({ Name: 'kept' }));
  const { ArchiveArn } = await clients.events.send(
    new CreateArchiveCommand({ ArchiveName: 'all', EventSourceArn: EventBusArn, EventPattern }),
  );
  await publish('kept', { id: 'o-2' });
  const ruleArn = await rule('kept', [{ Id: 'replayed', Arn: arn }]);
  await clients.events.send(
    new StartReplayCommand({
      ReplayName: 'again',
      EventSourceArn: ArchiveArn,
      EventStartTime: new Date(Date.now() - 3_600_000),
      EventEndTime: new Date(Date.now() + 60_000),
      Destination: { Arn: EventBusArn, FilterArns: [ruleArn] },
    }),
  );
  expect(await bodyFrom(QueueUrl)).toMatchObject({ detail: { id: 'o-2' }, 'replay-name': 'again' });
  expect((await clients.events.send(new ListReplaysCommand({}))).Replays).toMatchObject([{ ReplayName: 'again' }]);
});

test('a rule starts a state machine, whose execution has the event', async () => {
  const { stateMachineArn } = await clients.states.send(
    new CreateStateMachineCommand({
      name: 'orders',
      roleArn: RoleArn,
      definition: JSON.stringify({
        StartAt: 'Take',
        States: { Take: { Type: 'Pass', InputPath: '$.detail', End: true } },
      }),
    }),
  );
  await clients.events.send(new CreateEventBusCommand({ Name: 'machines' }));
  await rule('machines', [{ Id: 'machine', Arn: stateMachineArn!, RoleArn }]);
  await publish('machines', { id: 'o-3' });
  const { executions } = await clients.states.send(new ListExecutionsCommand({ stateMachineArn }));
  const [execution] = executions!;
  const described = await clients.states.send(new DescribeExecutionCommand({ executionArn: execution!.executionArn }));
  expect([described.status, described.output]).toEqual(['SUCCEEDED', '{"id":"o-3"}']);
});

test('a schedule of Scheduler sends to a queue', async () => {
  const { QueueUrl, arn } = await queue('due');
  await clients.scheduler.send(
    new CreateScheduleCommand({
      Name: 'once',
      ScheduleExpression: `at(${new Date(Date.now() + 1_000).toISOString().slice(0, 19)})`,
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: { Arn: arn, RoleArn, Input: '{"id":"o-4"}' },
    }),
  );
  expect(await bodyFrom(QueueUrl)).toEqual({ id: 'o-4' });
});
