/** An app of two stacks, as people write them with CDK: what crosses stacks, mappings, conditions, FIFO, a stream. */
import { App, CfnCondition, CfnMapping, CfnOutput, CfnParameter, Duration, Fn, NestedStack, Stack } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { ApiDestination, Authorization, Connection, EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Code, Function as Fun, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { CfnPipe } from 'aws-cdk-lib/aws-pipes';
import { type CfnQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { SecretValue } from 'aws-cdk-lib/core';
import { RefusedError } from '../../../lib/local/assembly';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { folder, removeFolders } from '../assembly/support';

let run: LocalRun | undefined;
afterEach(async () => {
  await run?.stop();
  run = undefined;
});
afterAll(removeFolders);

/** Two functions: one writes an order into the table, one sends what the table's stream says to a queue. */
const code = `
const { DynamoDBClient, PutItemCommand } = require('@aws-sdk/client-dynamodb');
const { SQSClient, SendMessageCommand } = require('@aws-sdk/client-sqs');
exports.work = async ({ Records }) => {
  for (const { body, attributes } of Records) {
    const { detail } = JSON.parse(body);
    const Item = { id: { S: detail.id }, batch: { N: process.env.BATCH }, group: { S: attributes.MessageGroupId } };
    await new DynamoDBClient({}).send(new PutItemCommand({ TableName: process.env.TABLE, Item }));
  }
};
exports.audit = async ({ Records }) => {
  for (const { eventName, dynamodb } of Records) {
    const MessageBody = JSON.stringify([eventName, dynamodb.NewImage]);
    await new SQSClient({}).send(new SendMessageCommand({ QueueUrl: process.env.AUDITED, MessageBody }));
  }
};`;

function synthesized(more: (stack: Stack) => void = () => {}): string {
  const outdir = folder({});
  const app = new App({ outdir, analyticsReporting: false, context: { 'aws:cdk:enable-path-metadata': true } });
  const base = new Stack(app, 'Base');
  const bus = new EventBus(base, 'Bus');
  const table = new Table(base, 'Orders', {
    partitionKey: { name: 'id', type: AttributeType.STRING },
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
  });
  const shop = new Stack(app, 'Shop');
  const stage = new CfnParameter(shop, 'Stage', { default: 'dev' });
  const sizes = new CfnMapping(shop, 'Sizes', { mapping: { dev: { batch: 5 }, prod: { batch: 50 } } });
  const isProd = new CfnCondition(shop, 'IsProd', { expression: Fn.conditionEquals(stage.valueAsString, 'prod') });
  const only = new Queue(shop, 'OnlyInProd');
  (only.node.defaultChild as CfnQueue).cfnOptions.condition = isProd;
  const work = new Queue(shop, 'Work', { fifo: true, contentBasedDeduplication: true });
  const audited = new Queue(shop, 'Audited');
  new Rule(shop, 'Placed', {
    eventBus: bus,
    eventPattern: { source: ['shop'], detailType: ['Placed'] },
    targets: [new SqsQueue(work, { messageGroupId: 'orders' })],
  });
  const asset = Code.fromAsset(folder({ 'index.js': code }));
  const fn = (id: string, handler: string, environment: Record<string, string>): Fun =>
    new Fun(shop, id, {
      runtime: Runtime.NODEJS_22_X,
      handler,
      code: asset,
      environment,
      timeout: Duration.seconds(20),
    });
  const batch = sizes.findInMap(stage.valueAsString, 'batch');
  fn('Worker', 'index.work', { TABLE: table.tableName, BATCH: batch }).addEventSource(new SqsEventSource(work));
  fn('Audit', 'index.audit', { AUDITED: audited.queueUrl }).addEventSource(
    new DynamoEventSource(table, { startingPosition: StartingPosition.TRIM_HORIZON, retryAttempts: 2 }),
  );
  new CfnOutput(shop, 'AuditedUrl', { value: audited.queueUrl });
  new CfnOutput(shop, 'BusName', { value: bus.eventBusName });
  more(shop);
  app.synth();
  return outdir;
}

const ask = async (service: any, operation: string, input: object): Promise<any> => {
  const { output, error } = await run!.world.request(service, operation, input);
  if (error) throw new Error(`${operation}: ${error.name}: ${error.message}`);
  return output;
};
const output = (key: string): string =>
  run!.plan.outputs.flatMap(({ outputs }) => outputs).find((one) => one.key === key)!.value;

test.each([
  ['dev', '5', 2],
  ['prod', '50', 3],
])(
  'stage %s: an event goes from bus to FIFO lane, table, stream and queue, over two stacks',
  async (stage, batch, queues) => {
    run = await startLocal({ assemblyDir: synthesized(), port: 0, parameters: { Stage: stage } });
    expect((await ask('sqs', 'ListQueues', {})).QueueUrls).toHaveLength(queues);
    await ask('events', 'PutEvents', {
      Entries: [{ EventBusName: output('BusName'), Source: 'shop', DetailType: 'Placed', Detail: '{"id":"o-1"}' }],
    });
    const { Messages } = await ask('sqs', 'ReceiveMessage', { QueueUrl: output('AuditedUrl'), WaitTimeSeconds: 20 });
    expect(JSON.parse(Messages[0].Body)).toEqual([
      'INSERT',
      { id: { S: 'o-1' }, batch: { N: batch }, group: { S: 'orders' } },
    ]);
    expect(run.world.bugs).toEqual([]);
  },
);

/** What nobody models, each with the sentence that names it. */
const unmodelled = (stack: Stack): void => {
  new CfnPipe(stack, 'Pipe', { roleArn: 'arn:aws:iam::123456789012:role/r', source: 'a', target: 'b' });
  const connection = new Connection(stack, 'Hook', {
    authorization: Authorization.apiKey('x-key', SecretValue.unsafePlainText('k')),
  });
  new ApiDestination(stack, 'Partner', { connection, endpoint: 'https://partner.example' });
  new Queue(new NestedStack(stack, 'Nested'), 'Inner');
  const inner = new Queue(stack, 'Odd');
  (inner.node.defaultChild as CfnQueue).addPropertyOverride('Colour', 'red');
};

test('what is not modelled is refused at once: stack, construct, type, property and what to do instead', async () => {
  const refused = await startLocal({ assemblyDir: synthesized(unmodelled), port: 0 }).then(
    () => undefined,
    (error) => error,
  );
  expect(refused).toBeInstanceOf(RefusedError);
  const { message } = refused;
  for (const expected of [
    /^5 things in this app cannot run here:/,
    /Shop\/Pipe \(AWS::Pipes::Pipe, Pipe in stack Shop\)\n +EventBridge Pipes are not modelled/,
    /Shop\/Hook\/Connection \(AWS::Events::Connection, \w+ in stack Shop\)\n +API destinations are not modelled/,
    /Shop\/Partner\/ApiDestination \(AWS::Events::ApiDestination, \w+ in stack Shop\)\n +API destinations are not modelled/,
    /\(AWS::CloudFormation::Stack, \w+ in stack Shop\)\n +nested stacks are not modelled/,
    /Shop\/Odd \(AWS::SQS::Queue, \w+ in stack Shop\)\n +.*Colour/,
  ])
    expect(message).toMatch(expected);
});

test('--allow-unmodelled runs the rest, and lists the same', async () => {
  run = await startLocal({ assemblyDir: synthesized(unmodelled), port: 0, allowUnmodelled: true });
  expect(run.plan.refusals.map(({ type, property }) => [type, property])).toEqual(
    expect.arrayContaining([
      ['AWS::Pipes::Pipe', undefined],
      ['AWS::Events::Connection', undefined],
      ['AWS::Events::ApiDestination', undefined],
      ['AWS::CloudFormation::Stack', undefined],
      ['AWS::SQS::Queue', 'Colour'],
    ]),
  );
  expect(run.plan.refusals).toHaveLength(5);
  // Work, Audited and Odd.
  expect((await ask('sqs', 'ListQueues', {})).QueueUrls).toHaveLength(3);
});
