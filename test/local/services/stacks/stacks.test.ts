import type { Plan } from '../../../../lib/local/assembly';
import { seededRandom } from '../../../../lib/local/random';
import { createStacksService } from '../../../../lib/local/services/stacks';

const plan: Plan = {
  resources: [
    {
      stackName: 'State',
      logicalId: 'Bus',
      constructPath: 'State/Bus',
      type: 'AWS::Events::EventBus',
      identity: { ref: 'bus-1', attributes: {} },
      requests: [],
      phase: 0,
    },
    {
      stackName: 'Work',
      logicalId: 'Queue',
      constructPath: 'Work/Queue',
      type: 'AWS::SQS::Queue',
      identity: { ref: 'http://q', attributes: {} },
      requests: [],
      phase: 0,
    },
  ],
  outputs: [
    {
      stackName: 'State',
      outputs: [{ key: 'BusName', value: 'bus-1', exportName: 'State:Bus', description: 'the bus' }],
    },
    { stackName: 'Work', outputs: [{ key: 'Url', value: 'http://q' }] },
  ],
  observers: [],
  refusals: [],
  ignored: [],
  stacks: [
    { stackName: 'State', stackId: 'arn:state', template: { Description: 'memory', Resources: {} } },
    { stackName: 'Work', stackId: 'arn:work', template: { Resources: { Queue: { Type: 'AWS::SQS::Queue' } } } },
  ],
};
const service = createStacksService(
  { account: '1', region: 'us-east-1', endpoint: 'http://x', random: seededRandom('x') },
  plan,
  1795510800000,
);
const ask = (operation: string, input: object = {}) => service.apply(9e15, { operation, input, requestId: 'r' }).reply!;

test('all stacks, or one by name or id, with outputs and the time of construction', () => {
  expect(ask('DescribeStacks').output.Stacks.map((stack: any) => stack.StackName)).toEqual(['State', 'Work']);
  for (const StackName of ['State', 'arn:state']) {
    expect(ask('DescribeStacks', { StackName }).output.Stacks).toEqual([
      expect.objectContaining({
        StackName: 'State',
        StackId: 'arn:state',
        Description: 'memory',
        StackStatus: 'CREATE_COMPLETE',
        CreationTime: 1795510800,
        Outputs: [{ OutputKey: 'BusName', OutputValue: 'bus-1', Description: 'the bus', ExportName: 'State:Bus' }],
      }),
    ]);
  }
});

test('lists: by status, exports, resources', () => {
  expect(ask('ListStacks').output.StackSummaries).toHaveLength(2);
  expect(ask('ListStacks', { StackStatusFilter: ['CREATE_COMPLETE'] }).output.StackSummaries).toHaveLength(2);
  expect(ask('ListStacks', { StackStatusFilter: ['DELETE_COMPLETE'] }).output.StackSummaries).toEqual([]);
  expect(ask('ListExports').output.Exports).toEqual([
    { ExportingStackId: 'arn:state', Name: 'State:Bus', Value: 'bus-1' },
  ]);
  expect(ask('ListStackResources', { StackName: 'Work' }).output.StackResourceSummaries).toEqual([
    expect.objectContaining({
      LogicalResourceId: 'Queue',
      PhysicalResourceId: 'http://q',
      ResourceType: 'AWS::SQS::Queue',
      LastUpdatedTimestamp: 1795510800,
    }),
  ]);
  const byPhysicalId = ask('DescribeStackResources', { PhysicalResourceId: 'bus-1' }).output.StackResources;
  expect(byPhysicalId).toEqual([expect.objectContaining({ StackName: 'State', LogicalResourceId: 'Bus' })]);
  expect(
    ask('DescribeStackResources', { StackName: 'State', LogicalResourceId: 'None' }).output.StackResources,
  ).toEqual([]);
  expect(
    ask('DescribeStackResource', { StackName: 'Work', LogicalResourceId: 'Queue' }).output.StackResourceDetail
      .PhysicalResourceId,
  ).toBe('http://q');
});

test('a template as JSON text', () => {
  expect(JSON.parse(ask('GetTemplate', { StackName: 'Work' }).output.TemplateBody)).toEqual(plan.stacks[1]!.template);
});

test.each(['DescribeStacks', 'DescribeStackResources', 'ListStackResources', 'GetTemplate', 'DescribeStackResource'])(
  '%s of an unknown stack',
  (operation) => {
    expect(ask(operation, { StackName: 'None' }).error).toEqual({
      name: 'ValidationError',
      message: 'Stack with id None does not exist',
    });
  },
);

test.each(['CreateStack', 'constructor'])('%s is not modelled', (operation) => {
  expect(ask(operation).error!.name).toBe('UnknownOperationException');
});
