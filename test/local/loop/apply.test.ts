/** Another synthesis in the place of the one that runs: what `baton local --watch` does with a changed stack. */
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { assembly, removeFolders } from '../assembly/support';

afterAll(removeFolders);

const queue = (Properties: object = {}, more: object = {}) => ({ Type: 'AWS::SQS::Queue', Properties, ...more });
const table = (key: string) => ({
  Type: 'AWS::DynamoDB::Table',
  Properties: {
    TableName: 'kept',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: key, KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: key, AttributeType: 'S' }],
  },
});
const of = (Resources: object, Outputs: object = {}): string => assembly({ App: { template: { Resources, Outputs } } });

let run: LocalRun;
afterEach(() => run.stop());

const begin = async (Resources: object): Promise<void> => {
  run = await startLocal({ assemblyDir: of(Resources), port: 0 });
};
const now = (service: 'sqs' | 'cloudformation' | 'dynamodb', operation: string, input: object): any => {
  const { output, error } = run.world.requestNow(service, operation, input);
  if (error) throw new Error(error.name);
  return output;
};
const urlOf = (name: string): string => `${run.endpoint}/123456789012/${name}`;
const queues = (): string[] =>
  (now('sqs', 'ListQueues', {}).QueueUrls ?? []).map((url: string) => url.split('/').at(-1)).sort();

test('what is new is made, what differs is changed, what is gone is taken away; the rest keeps its state', async () => {
  await begin({ A: queue({ QueueName: 'a' }), B: queue({ QueueName: 'b' }), Gone: queue({ QueueName: 'gone' }) });
  now('sqs', 'SendMessage', { QueueUrl: urlOf('a'), MessageBody: 'still here' });
  now('sqs', 'SendMessage', { QueueUrl: urlOf('b'), MessageBody: 'here too' });
  const applied = await run.apply(
    of(
      {
        A: queue({ QueueName: 'a' }),
        B: queue({ QueueName: 'b', VisibilityTimeout: 7 }),
        C: queue({ QueueName: 'c' }),
      },
      { New: { Value: { Ref: 'C' } } },
    ),
  );
  expect(applied).toMatchObject({
    added: ['C (AWS::SQS::Queue)'],
    changed: ['B (AWS::SQS::Queue)'],
    removed: ['Gone (AWS::SQS::Queue)'],
    kept: [],
  });
  expect(queues()).toEqual(['a', 'b', 'c']);
  const attributes = { QueueUrl: urlOf('b'), AttributeNames: ['All'] };
  expect(now('sqs', 'GetQueueAttributes', attributes).Attributes).toMatchObject({
    VisibilityTimeout: '7',
    ApproximateNumberOfMessages: '1',
  });
  expect(now('sqs', 'ReceiveMessage', { QueueUrl: urlOf('a') }).Messages[0].Body).toBe('still here');
  // CloudFormation shows the stack as it is now.
  const { Stacks } = now('cloudformation', 'DescribeStacks', { StackName: 'App' });
  expect(Stacks[0].Outputs).toEqual([{ OutputKey: 'New', OutputValue: urlOf('c') }]);
  // The same again changes nothing.
  const again = { A: queue({ QueueName: 'a' }), B: queue({ QueueName: 'b', VisibilityTimeout: 7 }) };
  expect(await run.apply(of({ ...again, C: queue({ QueueName: 'c' }) }))).toMatchObject({
    added: [],
    changed: [],
    removed: [],
  });
});

test('a change that is not possible in place is named, and nothing is changed', async () => {
  await begin({ T: table('id') });
  now('dynamodb', 'PutItem', { TableName: 'kept', Item: { id: { S: '1' } } });
  await expect(run.apply(of({ T: table('other'), New: queue({ QueueName: 'new' }) }))).rejects.toThrow(
    /T \(AWS::DynamoDB::Table\).*cannot be changed in place\. Nothing was changed\. End baton local and start it again/,
  );
  expect(queues()).toEqual([]);
  expect(now('dynamodb', 'Scan', { TableName: 'kept' }).Count).toBe(1);
});

test('what cannot be planned is refused by name, and what ran before goes on', async () => {
  await begin({ A: queue({ QueueName: 'a' }) });
  await expect(run.apply(of({ Odd: { Type: 'AWS::EC2::Instance' } }))).rejects.toThrow(/Odd \(AWS::EC2::Instance/);
  expect(queues()).toEqual(['a']);
});

test('what the templates retain stays, and is said', async () => {
  await begin({ A: queue({ QueueName: 'a' }, { DeletionPolicy: 'Retain' }), B: queue({ QueueName: 'b' }) });
  const { removed, kept } = await run.apply(of({ B: queue({ QueueName: 'b' }) }));
  expect(removed).toEqual([]);
  expect(kept).toEqual([{ resource: 'A (AWS::SQS::Queue)', why: 'its DeletionPolicy retains it' }]);
  expect(queues()).toEqual(['a', 'b']);
});

test('a resource that only moved in the tree keeps its name and its state', async () => {
  await begin({ A: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'g' } }, Q: queue({ QueueName: 'q' }) });
  now('sqs', 'SendMessage', { QueueUrl: urlOf('q'), MessageBody: 'one' });
  const { removed, kept } = await run.apply(
    of({ A: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: 'g' } }, Moved: queue({ QueueName: 'q' }) }),
  );
  expect(removed).toEqual([]);
  expect(kept).toEqual([{ resource: 'Q (AWS::SQS::Queue)', why: 'another resource has its name now' }]);
  expect(now('sqs', 'ReceiveMessage', { QueueUrl: urlOf('q') }).Messages[0].Body).toBe('one');
});

test('a changed state machine: its version and alias go with it, and what runs stays on the old definition', async () => {
  const definition = (seconds: number, Result: string) => ({
    StartAt: 'Wait',
    States: { Wait: { Type: 'Wait', Seconds: seconds, Next: 'Say' }, Say: { Type: 'Pass', Result, End: true } },
  });
  const resources = (seconds: number, result: string) => ({
    Machine: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        StateMachineName: 'm',
        Definition: definition(seconds, result),
        RoleArn: 'arn:aws:iam::123456789012:role/r',
      },
    },
    Version: {
      Type: 'AWS::StepFunctions::StateMachineVersion',
      Properties: {
        StateMachineArn: { Ref: 'Machine' },
        StateMachineRevisionId: { 'Fn::GetAtt': ['Machine', 'StateMachineRevisionId'] },
      },
    },
    Alias: {
      Type: 'AWS::StepFunctions::StateMachineAlias',
      Properties: { Name: 'live', RoutingConfiguration: [{ StateMachineVersionArn: { Ref: 'Version' }, Weight: 100 }] },
    },
  });
  const states = (operation: string, input: object): any => run.world.requestNow('states', operation, input).output;
  const stateMachineArn = 'arn:aws:states:us-east-1:123456789012:stateMachine:m:live';
  await begin(resources(1, 'old'));
  const { executionArn } = states('StartExecution', { stateMachineArn });
  const applied = await run.apply(of(resources(0, 'new')));
  expect(applied.changed.sort()).toEqual([
    'Machine (AWS::StepFunctions::StateMachine)',
    'Version (AWS::StepFunctions::StateMachineVersion)',
  ]);
  const later = states('StartExecution', { stateMachineArn });
  expect(states('DescribeExecution', { executionArn: later.executionArn }).output).toBe('"new"');
  while (states('DescribeExecution', { executionArn }).status === 'RUNNING') {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(states('DescribeExecution', { executionArn }).output).toBe('"old"');
});
