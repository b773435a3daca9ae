/** When a world is at rest: seen as soon as it is so, however short its bursts of work are, and never before. */
import { VirtualWorld } from '../../lib/local/virtual';
import { runSeed } from '../../lib/sim';
import { assembly, removeFolders } from './assembly/support';

afterAll(removeFolders);

const second = 1_000;
const minute = 60 * second;
const busArn = 'arn:aws:events:us-east-1:123456789012:event-bus/default';

const template = {
  Resources: {
    Ticks: { Type: 'AWS::SQS::Queue' },
    Clock: {
      Type: 'AWS::Events::Rule',
      Properties: {
        ScheduleExpression: 'rate(1 minute)',
        Targets: [{ Id: 't', Arn: { 'Fn::GetAtt': ['Ticks', 'Arn'] } }],
      },
    },
    Sold: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['shop'] },
        Targets: [{ Id: 't', Arn: { 'Fn::GetAtt': ['Ticks', 'Arn'] } }],
      },
    },
    All: { Type: 'AWS::Events::Archive', Properties: { ArchiveName: 'all', SourceArn: busArn } },
    Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: {} } },
    Later: {
      Type: 'AWS::StepFunctions::StateMachine',
      Properties: {
        RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
        DefinitionString: {
          'Fn::Sub': JSON.stringify({
            StartAt: 'Wait',
            States: {
              Wait: { Type: 'Wait', Seconds: 60, Next: 'Say' },
              Say: {
                Type: 'Task',
                Resource: 'arn:aws:states:::sqs:sendMessage',
                // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own.
                Parameters: { QueueUrl: '${Ticks}', MessageBody: 'later' },
                End: true,
              },
            },
          }),
        },
      },
    },
  },
  Outputs: { BusName: { Value: 'default' }, MachineArn: { Value: { Ref: 'Later' } } },
};
const folder = () => assembly({ App: { template } });

// Found by the simulator (seed first-17): bursts shorter than the time between two looks were seen only as they began.
test('work that comes every minute and is done in milliseconds is seen at rest', async () => {
  const world = new VirtualWorld({ assemblyDir: folder(), latency: () => 1 });
  const startedMs = world.time.now();
  await world.pass(minute);
  expect(world.quiet()).toBe(false);
  expect(await world.settle(2 * 60 * minute)).toBe('quiet');
  expect(world.time.now() - startedMs).toBeLessThan(minute + second);
  await world.stop();
});

test('a replay that has events left to send is no rest', async () => {
  const world = new VirtualWorld({ assemblyDir: folder() });
  const startedMs = world.time.now();
  for (let sold = 0; sold < 5; sold++) {
    world.now('events', 'PutEvents', { Entries: [{ Source: 'shop', DetailType: 'Sold', Detail: '{}' }] });
    await world.pass(minute);
  }
  world.now('events', 'StartReplay', {
    ReplayName: 'again',
    EventSourceArn: 'arn:aws:events:us-east-1:123456789012:archive/all',
    EventStartTime: startedMs / 1000,
    EventEndTime: world.time.now() / 1000,
    Destination: { Arn: busArn },
  });
  expect(await world.settle()).toBe('quiet');
  expect(world.trace.filter(({ kind, replay }) => kind === 'published' && replay)).toHaveLength(5);
  await world.stop();
});

test('an execution that wakes in the last moment is given the time to do what it woke for', async () => {
  const result = await runSeed({
    assembly: folder(),
    workload: {
      name: 'one that waits a minute',
      run: async (app) => {
        await app.request('states', 'StartExecution', { stateMachineArn: app.output('MachineArn'), input: '{}' });
      },
    },
    properties: [],
    seed: '1',
    faults: [],
    disturbMinutes: 0,
    calmMinutes: 0,
    quietWithinMinutes: 1,
  });
  expect([result.verdict, result.unquiet, result.violations]).toEqual(['passed', undefined, []]);
});
