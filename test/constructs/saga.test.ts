/** What the Saga construct makes of a declaration, without the app: machine, version, alias, role, alarms, conductor's rights. */
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readSettings } from '../../lib/config';
import { Alarms } from '../../lib/constructs/alarms';
import { consuming, type SharedArns } from '../../lib/constructs/permissions';
import { Saga } from '../../lib/constructs/saga';
import { SagaAlarms } from '../../lib/constructs/saga-alarms';
import { consumer } from '../../lib/contracts/kit';
import { bookTrip } from '../support/saga-fixture';

const control = consumer({
  owner: 'trip',
  name: 'control-trip',
  does: 'Hears of parked trips.',
  on: [bookTrip.park.parked],
  emits: [],
  state: {},
  timeoutSeconds: 10,
  ifDeadLettered: 'A parked trip cannot be resumed. Fix the cause, redrive.',
});

function build(removal = 'retain') {
  const app = new App({ analyticsReporting: false });
  const stack = new Stack(app, 'Memory');
  const settings = readSettings((key) => (key === 'removal' ? removal : undefined), {});
  const eventBus = new EventBus(stack, 'Bus');
  const saga = new Saga(stack, 'Saga', { settings, declaration: bookTrip, eventBus });
  const alarms = new Alarms(stack, 'Alarms', {});
  const watch = (consumers = [control]) =>
    new SagaAlarms(stack, 'Watch', { declaration: bookTrip, machine: saga.machine, consumers, alarms });
  return { app, stack, saga, watch };
}

/** The only resource of a type, with its logical id. */
function only(template: Template, type: string): any {
  const found = Object.entries(template.findResources(type));
  expect(found.map(([id]) => id)).toHaveLength(1);
  return { id: found[0]![0], ...found[0]![1] };
}

const machineType = 'AWS::StepFunctions::StateMachine';

describe('the state machine', () => {
  const template = Template.fromStack(build().stack);
  const machine = only(template, machineType);

  test('is a Standard one in JSONata, which learns the name of the bus from the template', () => {
    expect(machine.Properties.StateMachineType).toBe('STANDARD');
    const definition = JSON.parse(machine.Properties.DefinitionString);
    expect(definition.QueryLanguage).toBe('JSONata');
    // biome-ignore lint/suspicious/noTemplateCurlyInString: what CloudFormation substitutes.
    expect(JSON.stringify(definition)).toContain('"EventBusName":"${BusName}"');
    expect(machine.Properties.DefinitionSubstitutions).toEqual({ BusName: { Ref: expect.stringMatching(/^Bus/) } });
  });

  test('logs where it was, never the data: tokens would be in it', () => {
    const logs = only(template, 'AWS::Logs::LogGroup');
    expect(logs.Properties.RetentionInDays).toBe(14);
    expect(machine.Properties.LoggingConfiguration).toEqual({
      Level: 'ALL',
      IncludeExecutionData: false,
      Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': [logs.id, 'Arn'] } } }],
    });
    expect(machine.Properties.TracingConfiguration).toEqual({ Enabled: true });
  });

  test('keeps executions on the version that they began on: a new revision is a new version, the alias follows', () => {
    const version = only(template, 'AWS::StepFunctions::StateMachineVersion');
    const arn = { Ref: machine.id };
    expect(version.Properties).toEqual({
      StateMachineArn: arn,
      StateMachineRevisionId: { 'Fn::GetAtt': [machine.id, 'StateMachineRevisionId'] },
    });
    expect(version.UpdateReplacePolicy).toBe('Retain');
    expect(only(template, 'AWS::StepFunctions::StateMachineAlias').Properties).toEqual({
      Name: 'live',
      Description: 'What trip/conduct-trip starts.',
      DeploymentPreference: { StateMachineVersionArn: { 'Fn::GetAtt': [version.id, 'Arn'] }, Type: 'ALL_AT_ONCE' },
    });
  });

  test('publishes its asks with its role, is logged and traced, and may do nothing else', () => {
    const role = only(template, 'AWS::IAM::Role');
    expect(machine.Properties.RoleArn).toEqual({ 'Fn::GetAtt': [role.id, 'Arn'] });
    expect(role.Properties.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'states.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
    const [publish, ...observed] = role.Properties.Policies[0].PolicyDocument.Statement;
    expect(publish).toEqual({
      Sid: 'Publish',
      Effect: 'Allow',
      Action: 'events:PutEvents',
      Resource: { 'Fn::GetAtt': [expect.stringMatching(/^Bus/), 'Arn'] },
      Condition: {
        StringEquals: {
          'events:source': ['trip'],
          // Asks, undos, last steps, and what it says of itself; no answers, and nothing that people demand.
          'events:detail-type': [
            'ApologyRequested',
            'BedRequested',
            'BedReturnRequested',
            'BlessingDropRequested',
            'BlessingRequested',
            'FarewellRequested',
            'KeyRequested',
            'KeyReturnRequested',
            'SeatRequested',
            'SeatReturnRequested',
            'TripParked',
            'TripUnderWay',
          ],
        },
      },
    });
    expect(observed.map(({ Sid, Resource }: any) => [Sid, Resource])).toEqual([
      ['DeliverLogs', '*'],
      ['Trace', '*'],
    ]);
    const actions = observed.flatMap(({ Action }: any) => Action);
    expect(actions.filter((action: string) => !/^(logs|xray):[A-Z]\w+$/.test(action))).toEqual([]);
  });

  test('may publish every event that its definition names, and no other', () => {
    const role = only(template, 'AWS::IAM::Role');
    const [publish] = role.Properties.Policies[0].PolicyDocument.Statement;
    const named = [...machine.Properties.DefinitionString.matchAll(/"DetailType":"(\w+)"/g)].map((match) => match[1]);
    expect([...new Set(named)].sort()).toEqual(publish.Condition.StringEquals['events:detail-type']);
  });
});

describe('what has memory', () => {
  const policies = (removal: string) => {
    const { Resources } = Template.fromStack(build(removal).stack).toJSON();
    return Object.values<any>(Resources)
      .filter(({ Type }) => /StepFunctions|Logs|IAM/.test(Type))
      .map(({ Type, DeletionPolicy }) => `${Type.split('::')[2]} ${DeletionPolicy}`)
      .sort();
  };

  test('outlives its stack, the role with it: executions go on', () => {
    expect(policies('retain')).toEqual([
      'LogGroup Retain',
      'Role Retain',
      'StateMachine Retain',
      'StateMachineAlias Retain',
      'StateMachineVersion Retain',
    ]);
  });

  test('goes with it where the stage asks for that', () => {
    expect(policies('destroy').filter((line) => !line.endsWith(' Delete'))).toEqual([]);
  });
});

describe('alarms', () => {
  const { stack, watch } = build();
  watch();
  const template = Template.fromStack(stack);
  const alarms = Object.values(template.findResources('AWS::CloudWatch::Alarm')).map(({ Properties }) => Properties);

  test('tell of every end that is neither done nor undone, and say what to do', () => {
    const machine = only(template, machineType);
    const ends = alarms.filter(({ Namespace }) => Namespace === 'AWS/States');
    expect(ends.map(({ MetricName }) => MetricName)).toEqual([
      'ExecutionsFailed',
      'ExecutionsTimedOut',
      'ExecutionsAborted',
    ]);
    for (const alarm of ends) {
      expect(alarm).toMatchObject({ Statistic: 'Sum', Threshold: 0, ComparisonOperator: 'GreaterThanThreshold' });
      expect(alarm.Dimensions).toEqual([{ Name: 'StateMachineArn', Value: { Ref: machine.id } }]);
      expect(alarm.AlarmDescription).toMatch(/^trip\/book-trip: .*'baton sagas list'.*'baton sagas show'/);
      expect(alarm.AlarmActions).toHaveLength(1);
    }
  });

  test('tell that a step waits for a person, counted by who hears of it', () => {
    expect(alarms.filter(({ Namespace }) => Namespace === 'Baton')).toEqual([
      expect.objectContaining({
        MetricName: 'SagaParked',
        Dimensions: [{ Name: 'service', Value: 'trip/control-trip' }],
        AlarmDescription: expect.stringMatching(/'baton sagas show'.*'baton sagas resume'/),
      }),
    ]);
  });

  test('a saga that nobody could resume is refused', () => {
    expect(() => build().watch([])).toThrow('saga trip/book-trip: nobody hears of TripParked');
  });
});

test('the conductor starts by the alias only, answers, and writes down what it rejected', () => {
  const { stack, saga } = build();
  const shared = { recordTable: 'arn:records', sagas: { [bookTrip.id]: saga.arns } } as unknown as SharedArns;
  const own = { queueArn: 'arn:queue', deadLettersArn: 'arn:dead' };
  const statements = consuming(bookTrip.conductor, own, shared).map((one) => stack.resolve(one.toStatementJson()));
  const machine = { Ref: expect.stringMatching(/^SagaMachine/) };
  expect(statements).toMatchObject([
    { Sid: 'Receive', Resource: 'arn:queue' },
    { Sid: 'Reject', Action: 'sqs:SendMessage', Resource: 'arn:dead' },
    {
      Sid: 'Remember',
      Action: 'dynamodb:PutItem',
      Resource: 'arn:records',
      Condition: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['trip/conduct-trip#*'] } },
    },
    {
      Sid: 'Start',
      Action: 'states:StartExecution',
      Resource: machine,
      Condition: { 'ForAnyValue:StringEquals': { 'states:StateMachineQualifier': ['live'] } },
    },
    {
      Sid: 'Answer',
      Action: ['states:SendTaskFailure', 'states:SendTaskHeartbeat', 'states:SendTaskSuccess'],
      Resource: machine,
    },
  ]);
});

test("cdk-nag's AwsSolutions rules find nothing", () => {
  const { app, watch } = build();
  watch();
  app.synth();
  const { violations } = new AwsSolutionsChecks().validateScope(app);
  expect(violations.map(({ ruleName, violatingResources }) => [ruleName, violatingResources])).toEqual([]);
});
