/** State machines among the other services: what they ask really happens, and what happens is what they are told. */
import type { Plan } from '../../../../lib/local/assembly';
import { type Crossing, type FaultDecision, noFaults } from '../../../../lib/local/ports';
import { seededRandom } from '../../../../lib/local/random';
import { createServices } from '../../../../lib/local/services';
import type { Json, ServiceName } from '../../../../lib/local/services/service';
import { VirtualTime } from '../../../../lib/local/virtual-time';
import { World } from '../../../../lib/local/world';
import { only, role } from './harness';

const place = { account: '123456789012', region: 'us-east-1', endpoint: 'http://local' };
const empty = { stacks: [], resources: [], outputs: [], observers: [], refusals: [] } as unknown as Plan;

class Town {
  readonly time: VirtualTime;
  readonly world: World;
  private made = 0;

  constructor(decide: (crossing: Crossing) => FaultDecision | undefined = noFaults.decide) {
    const random = seededRandom('town');
    this.time = new VirtualTime(Date.UTC(2026, 0, 1), random);
    this.world = new World({
      scheduler: this.time,
      random,
      trace: { record: () => {} },
      faults: { decide },
      services: createServices({ ...place, random }, empty, this.time.now()),
      latency: () => 5,
    });
  }

  now(service: ServiceName, operation: string, input: Json = {}): Json {
    const { output, error } = this.world.requestNow(service, operation, input);
    if (error) throw new Error(`${error.name}: ${error.message}`);
    return output;
  }

  start(definition: Json, input: Json = {}): string {
    const machine = { name: `m${this.made++}`, roleArn: role, definition: JSON.stringify(definition) };
    const { stateMachineArn } = this.now('states', 'CreateStateMachine', machine);
    return this.now('states', 'StartExecution', { stateMachineArn, input: JSON.stringify(input) }).executionArn;
  }

  async pass(ms: number): Promise<void> {
    await this.time.run({ untilMs: this.time.now() + ms });
  }

  ran(executionArn: string): Json {
    return this.now('states', 'DescribeExecution', { executionArn });
  }
}

const resource = (name: string, more: Json): Json =>
  only({ Type: 'Task', Resource: `arn:aws:states:::${name}`, ...more });
const table = {
  TableName: 'orders',
  KeySchema: [{ AttributeName: 'p', KeyType: 'HASH' }],
  AttributeDefinitions: [{ AttributeName: 'p', AttributeType: 'S' }],
  BillingMode: 'PAY_PER_REQUEST',
};

test('a message with a token, answered by who received it', async () => {
  const town = new Town();
  const { QueueUrl } = town.now('sqs', 'CreateQueue', { QueueName: 'q' });
  const MessageBody = { 'order.$': '$.order', 'token.$': '$$.Task.Token' };
  const arn = town.start(resource('sqs:sendMessage.waitForTaskToken', { Parameters: { QueueUrl, MessageBody } }), {
    order: 7,
  });
  await town.pass(60_000);
  expect(town.ran(arn).status).toBe('RUNNING');
  const [message] = town.now('sqs', 'ReceiveMessage', { QueueUrl }).Messages;
  const { order, token } = JSON.parse(message.Body);
  expect(order).toBe(7);
  town.now('states', 'SendTaskSuccess', { taskToken: token, output: '"packed"' });
  expect(town.ran(arn)).toMatchObject({ status: 'SUCCEEDED', output: '"packed"' });
});

test('a conditional put: done once, and the second time the failure that DynamoDB names', async () => {
  const town = new Town();
  town.now('dynamodb', 'CreateTable', table);
  await town.pass(60_000);
  const put = resource('dynamodb:putItem', {
    Parameters: { TableName: 'orders', Item: { p: { 'S.$': '$.id' } }, ConditionExpression: 'attribute_not_exists(p)' },
  });
  const first = town.start(put, { id: 'a' });
  await town.pass(100);
  const second = town.start(put, { id: 'a' });
  await town.pass(100);
  expect(town.ran(first).status).toBe('SUCCEEDED');
  expect(town.ran(second)).toMatchObject({ status: 'FAILED', error: 'DynamoDB.ConditionalCheckFailedException' });
  expect(town.now('dynamodb', 'GetItem', { TableName: 'orders', Key: { p: { S: 'a' } } }).Item).toEqual({
    p: { S: 'a' },
  });
});

test('an event that a rule turns into another execution', async () => {
  const town = new Town();
  const definition = JSON.stringify(only({ Type: 'Pass', InputPath: '$.detail' }));
  const { stateMachineArn } = town.now('states', 'CreateStateMachine', { name: 'target', roleArn: role, definition });
  town.now('events', 'PutRule', { Name: 'r', EventPattern: '{"source":["shop"]}' });
  town.now('events', 'PutTargets', { Rule: 'r', Targets: [{ Id: '1', Arn: stateMachineArn, RoleArn: role }] });
  const Entries = [{ Source: 'shop', DetailType: 'Sold', Detail: { 'n.$': '$.n' } }];
  town.start(resource('events:putEvents', { Parameters: { Entries } }), { n: 3 });
  await town.pass(1000);
  const [execution] = town.now('states', 'ListExecutions', { stateMachineArn }).executions;
  expect(town.ran(execution.executionArn).output).toBe('{"n":3}');
});

test('startExecution.sync:2 waits for the other, through the world', async () => {
  const town = new Town();
  const definition = JSON.stringify(only({ Type: 'Wait', Seconds: 30 }));
  const { stateMachineArn } = town.now('states', 'CreateStateMachine', { name: 'inner', roleArn: role, definition });
  const Parameters = { StateMachineArn: stateMachineArn, 'Input.$': '$' };
  const arn = town.start(resource('states:startExecution.sync:2', { Parameters, OutputPath: '$.Output' }), { a: 1 });
  await town.pass(29_000);
  expect(town.ran(arn).status).toBe('RUNNING');
  await town.pass(2_000);
  expect(town.ran(arn).output).toBe('{"a":1}');
});

test('a throttled call is retried; a lost answer ends with the time limit', async () => {
  let throttled = 0;
  const town = new Town((crossing) => {
    if (crossing.at !== 'call' || crossing.from !== 'states') return undefined;
    if (crossing.operation === 'GetItem') return { do: 'lose' };
    return throttled++ < 2 ? { do: 'fail-before', error: 'ThrottlingException', status: 400 } : undefined;
  });
  town.now('dynamodb', 'CreateTable', table);
  await town.pass(60_000);
  const Retry = [{ ErrorEquals: ['DynamoDB.ThrottlingException'] }];
  const put = town.start(
    resource('dynamodb:putItem', { Parameters: { TableName: 'orders', Item: { p: { S: 'a' } } }, Retry }),
  );
  const get = town.start(
    resource('dynamodb:getItem', { Parameters: { TableName: 'orders', Key: { p: { S: 'a' } } }, TimeoutSeconds: 20 }),
  );
  await town.pass(10_000);
  expect([town.ran(put).status, town.ran(get).status, throttled]).toEqual(['SUCCEEDED', 'RUNNING', 3]);
  await town.pass(10_000);
  expect(town.ran(get)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
  expect(town.world.bugs).toEqual([]);
});
