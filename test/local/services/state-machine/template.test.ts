/**
 * A saga's state machine from a template that aws-cdk-lib makes: it asks by event with a task token, in parallel, with
 * time limits; it is versioned, reached by its alias from a rule, stopped in the middle, and logs its history.
 */
import { App, CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  CfnStateMachineAlias,
  CfnStateMachineVersion,
  DefinitionBody,
  LogLevel,
  QueryLanguage,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { Json } from '../../../../lib/local/services/service';
import { VirtualWorld } from '../../../../lib/local/virtual';
import { folder, removeFolders } from '../../assembly/support';

afterAll(removeFolders);

/** Asks for `what` and waits for the answer. */
const ask = (what: string, bus: string, more: Json = {}): Json => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::events:putEvents.waitForTaskToken',
  Arguments: {
    Entries: [
      {
        EventBusName: bus,
        Source: 'saga',
        DetailType: what,
        Detail: {
          order: '{% $states.context.Execution.Input.order %}',
          token: '{% $states.context.Task.Token %}',
          attempt: '{% $states.context.State.RetryCount %}',
        },
      },
    ],
  },
  TimeoutSeconds: 60,
  Assign: { last: '{% $states.result.by %}' },
  Output: '{% $states.result %}',
  ...more,
});

const retried = (next: Json): Json => ({
  Retry: [{ ErrorEquals: ['States.Timeout'], IntervalSeconds: 1, MaxAttempts: 1 }],
  ...next,
});

/** A branch whose refusal is an answer and not a failure. */
const branch = (what: string, bus: string, more: Json = {}): Json => ({
  StartAt: what,
  States: {
    [what]: ask(what, bus, {
      Catch: [
        {
          ErrorEquals: ['States.ALL'],
          Assign: { refusal: '{% $states.errorOutput.Error %}' },
          Output: { refused: what, why: '{% $states.errorOutput.Cause %}' },
          Next: `${what} refused`,
        },
      ],
      End: true,
      ...more,
    }),
    [`${what} refused`]: {
      Type: 'Pass',
      Output: '{% $merge([$states.input, {"name": $refusal}]) %}',
      End: true,
    },
  },
});

const saga = (bus: string): Json => ({
  QueryLanguage: 'JSONata',
  StartAt: 'Reserve',
  States: {
    Reserve: {
      Type: 'Parallel',
      Branches: [
        branch('capacity', bus, retried({})),
        {
          StartAt: 'Money',
          States: {
            Money: {
              Type: 'Parallel',
              Branches: [branch('payment', bus), branch('label', bus, { HeartbeatSeconds: 20 })],
              Output: '{% {"payment": $states.result[0], "label": $states.result[1]} %}',
              End: true,
            },
          },
        },
      ],
      Assign: { reserved: '{% $states.result %}' },
      Output: '{% $states.result %}',
      End: true,
    },
  },
});

class Town extends VirtualWorld {
  private readonly asked: Json[] = [];

  /** The questions since the last look, by what they ask. */
  questions(): Record<string, Json> {
    const QueueUrl = this.output('AskedIs');
    for (;;) {
      const { Messages } = this.now('sqs', 'ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10 });
      if (!Messages?.length) break;
      for (const { Body, ReceiptHandle } of Messages) {
        this.asked.push(JSON.parse(Body));
        this.now('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle });
      }
    }
    return Object.fromEntries(this.asked.splice(0).map((event) => [event['detail-type'], event.detail]));
  }

  answer(taskToken: string, output: Json): void {
    this.now('states', 'SendTaskSuccess', { taskToken, output: JSON.stringify(output) });
  }

  async begin(order: number): Promise<string> {
    const Detail = JSON.stringify({ order });
    this.now('events', 'PutEvents', {
      Entries: [{ EventBusName: this.output('BusIs'), Source: 'shop', DetailType: 'Ordered', Detail }],
    });
    await this.pass(1000);
    const [newest] = this.now('states', 'ListExecutions', { stateMachineArn: this.output('MachineIs') }).executions;
    return newest.executionArn;
  }

  ran(executionArn: string): Json {
    const { output, ...rest } = this.now('states', 'DescribeExecution', { executionArn });
    return { ...rest, ...(output !== undefined ? { output: JSON.parse(output) } : {}) };
  }

  /** What the log group holds. */
  logged(): Json[] {
    const { events } = this.now('logs', 'FilterLogEvents', { logGroupName: this.output('LogsIs') });
    return events.map(({ message }: Json) => JSON.parse(message));
  }
}

let town: Town;
beforeEach(() => {
  const outdir = folder({});
  const app = new App({ outdir, analyticsReporting: false });
  const stack = new Stack(app, 'Saga');
  const bus = new EventBus(stack, 'Bus');
  const asked = new Queue(stack, 'Asked');
  new Rule(stack, 'Asks', { eventBus: bus, eventPattern: { source: ['saga'] }, targets: [new SqsQueue(asked)] });
  const logs = new LogGroup(stack, 'Logs');
  const machine = new StateMachine(stack, 'Machine', {
    definitionBody: DefinitionBody.fromString(JSON.stringify(saga(bus.eventBusName))),
    queryLanguage: QueryLanguage.JSONATA,
    timeout: Duration.hours(1),
    logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: true },
    tracingEnabled: true,
  });
  machine.addToRolePolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }));
  const version = new CfnStateMachineVersion(stack, 'Version', {
    stateMachineArn: machine.stateMachineArn,
    stateMachineRevisionId: machine.stateMachineRevisionId,
  });
  const alias = new CfnStateMachineAlias(stack, 'Alias', {
    name: 'live',
    routingConfiguration: [{ stateMachineVersionArn: version.attrArn, weight: 100 }],
  });
  const invoker = new Role(stack, 'Invoker', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
  new Rule(stack, 'Start', {
    eventBus: bus,
    eventPattern: { source: ['shop'] },
    targets: [
      {
        bind: () => ({
          arn: alias.attrArn,
          role: invoker,
          input: RuleTargetInput.fromEventPath('$.detail'),
        }),
      },
    ],
  });
  for (const [name, value] of Object.entries({
    Asked: asked.queueUrl,
    Machine: machine.stateMachineArn,
    Bus: bus.eventBusName,
    Alias: alias.attrArn,
    Version: version.attrArn,
    Logs: logs.logGroupName,
  }))
    new CfnOutput(stack, `${name}Out`, { value }).overrideLogicalId(`${name}Is`);
  app.synth();
  town = new Town({ assemblyDir: outdir });
});
afterEach(() => town.stop());

test('an event starts it by its alias with the detail alone; nested branches are answered by event', async () => {
  const arn = await town.begin(7);
  expect(town.ran(arn)).toMatchObject({
    status: 'RUNNING',
    input: '{"order":7}',
    stateMachineAliasArn: town.output('AliasIs'),
    stateMachineVersionArn: town.output('VersionIs'),
  });
  const { capacity, payment, label } = town.questions();
  expect([capacity.order, payment.attempt]).toEqual([7, 0]);
  expect(new Set([capacity.token, payment.token, label.token]).size).toBe(3);
  for (const [by, { token }] of Object.entries({ capacity, payment, label })) town.answer(token, { by });
  expect(town.ran(arn)).toMatchObject({
    status: 'SUCCEEDED',
    output: [{ by: 'capacity' }, { payment: { by: 'payment' }, label: { by: 'label' } }],
  });
  await town.pass(1000);
  const { events } = town.now('states', 'GetExecutionHistory', { executionArn: arn, maxResults: 1000 });
  const logged = town.logged().sort((a, b) => a.id - b.id);
  expect(logged.map(({ type }) => type)).toEqual(events.map(({ type }: Json) => type));
  expect(logged[0]).toEqual({
    id: '1',
    type: 'ExecutionStarted',
    details: expect.objectContaining({ input: '{"order":7}', roleArn: expect.any(String) }),
    redrive_count: '0',
    previous_event_id: '0',
    event_timestamp: String(events[0].timestamp * 1000),
    execution_arn: arn,
  });
  expect(logged.at(-1).details.output).toBe(town.now('states', 'DescribeExecution', { executionArn: arn }).output);
});

test('a refusal is caught in its branch, with what it assigned; a heartbeat keeps a slow one', async () => {
  const arn = await town.begin(8);
  const { capacity, payment, label } = town.questions();
  town.now('states', 'SendTaskFailure', { taskToken: payment.token, error: 'Declined', cause: 'no funds' });
  town.answer(capacity.token, { by: 'c' });
  for (let beat = 0; beat < 2; beat++) {
    await town.pass(15_000);
    town.now('states', 'SendTaskHeartbeat', { taskToken: label.token });
  }
  await town.pass(15_000);
  town.answer(label.token, { by: 'l' });
  expect(town.ran(arn)).toMatchObject({
    status: 'SUCCEEDED',
    output: [{ by: 'c' }, { payment: { refused: 'payment', why: 'no funds', name: 'Declined' }, label: { by: 'l' } }],
  });
});

test('a step that times out is asked again with a new token; the old one is worth nothing', async () => {
  const arn = await town.begin(9);
  const first = town.questions();
  for (const what of ['payment', 'label']) town.answer(first[what].token, { by: what });
  await town.pass(62_000);
  const { capacity } = town.questions();
  expect(capacity.attempt).toBe(1);
  expect(capacity.token).not.toBe(first.capacity.token);
  expect(() => town.answer(first.capacity.token, {})).toThrow(/TaskTimedOut|Task Timed Out/);
  town.answer(capacity.token, { by: 'late' });
  expect(town.ran(arn)).toMatchObject({ status: 'SUCCEEDED', output: [{ by: 'late' }, {}] });
});

test('it is stopped with all its branches, and no token works any more', async () => {
  const arn = await town.begin(10);
  const { capacity, payment, label } = town.questions();
  town.now('states', 'StopExecution', { executionArn: arn, error: 'Cancelled', cause: 'by the customer' });
  expect(town.ran(arn)).toMatchObject({ status: 'ABORTED', error: 'Cancelled', cause: 'by the customer' });
  for (const { token } of [capacity, payment, label]) expect(() => town.answer(token, {})).toThrow(/Task Timed Out/);
  await town.pass(120_000);
  expect(town.questions()).toEqual({});
  expect(town.world.bugs).toEqual([]);
});
