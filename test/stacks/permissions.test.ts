/**
 * What each function may do, statement by statement. The rule is written once more here, from the declaration's side;
 * consumers of each kind are written out in full. A new kind of right has to be written here as well.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumers, sagas } from '../../lib/contracts';
import { ofType, propertiesAt, type Synthesized, synthesizeWithEmptyHandlers, targetOf } from '../support/stacks';

let app: Synthesized;
beforeAll(() => {
  app = synthesizeWithEmptyHandlers();
});

const listOf = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** 'Sid: actions on resources, if condition': one line a statement. */
const rightsOf = (path: string): string[] => statementsAt(app.workflow, `${path}/Handler/Role`);

function statementsAt(template: Synthesized['state'], path: string): string[] {
  const role = propertiesAt(template, path);
  expect(role.ManagedPolicyArns).toBeUndefined();
  expect(role.Policies).toHaveLength(1);
  return role.Policies[0].PolicyDocument.Statement.map((statement: any) => {
    expect(statement.Effect).toBe('Allow');
    const actions = listOf(statement.Action).join(' ');
    const resources = listOf<any>(statement.Resource)
      .map((resource) => targetOf(resource, app, template))
      .join(' ');
    const condition = statement.Condition ? ` if ${JSON.stringify(statement.Condition)}` : '';
    return `${statement.Sid}: ${actions} on ${resources}${condition}`;
  });
}

const onRecords = 'dynamodb:BatchGetItem dynamodb:PutItem dynamodb:UpdateItem';
const onRows = 'dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:PutItem';
const onBooks = 'dynamodb:GetItem dynamodb:PutItem';

const pathOfConsumer = (id: string) => id.replace(/^./, (letter) => letter.toUpperCase());

const publish = (sources: string[], types: string[]) =>
  `Publish: events:PutEvents on BatonState/Bus/EventBus if ${JSON.stringify({
    StringEquals: { 'events:source': sources, 'events:detail-type': types },
  })}`;
const schedule = [
  'Schedule: scheduler:CreateSchedule on arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/BatonState/Schedules/Group/*',
  'PassScheduleRole: iam:PassRole on BatonState/Schedules/Role if {"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}',
];

const pathOfSaga = (id: string) =>
  `Saga${id
    .split(/[/-]/)
    .map((word) => word.replace(/^./, (letter) => letter.toUpperCase()))
    .join('')}`;

/** A conductor writes down what it rejected and nothing else; it publishes nothing. */
function ruleOfConductor(saga: string): string[] {
  const machine = `BatonState/${pathOfSaga(saga)}/Machine`;
  return [
    `Start: states:StartExecution on ${machine} if {"ForAnyValue:StringEquals":{"states:StateMachineQualifier":["live"]}}`,
    `Answer: states:SendTaskFailure states:SendTaskHeartbeat states:SendTaskSuccess on ${machine}`,
  ];
}

function rule(declaration: (typeof consumers)[number]): string[] {
  const { id, owner, state, emits, schedules, stores, outside, conducts } = declaration;
  const path = pathOfConsumer(id);
  const tables = Object.values(state).map(({ name }) => `BatonState/Row${name}`);
  const remembers = conducts ? 'dynamodb:PutItem' : onRecords;
  return [
    `Log: logs:CreateLogStream logs:PutLogEvents on ${path}/Handler/Logs`,
    'Trace: xray:PutTelemetryRecords xray:PutTraceSegments on *',
    `Receive: sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage on ${path}/Queue`,
    `Reject: sqs:SendMessage on ${path}/DeadLetters`,
    `Remember: ${remembers} on BatonState/Records if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["${id}#*"]}}`,
    ...(conducts ? ruleOfConductor(conducts) : []),
    ...(tables.length > 0 ? [`State: ${onRows} on ${tables.join(' ')}`] : []),
    ...(emits.length + schedules.length > 0
      ? [publish([owner], [...emits, ...schedules].map(({ name }) => name).sort())]
      : []),
    ...(schedules.length > 0 ? schedule : []),
    ...(stores ? [`Store: s3:PutObject on BatonState/Labels/${stores}/*`] : []),
    ...(outside?.gateway === 'payment gateway' ? [`AskGateway: ${onBooks} on BatonState/Gateway`] : []),
  ];
}

/** Besides what every consumer may: log, trace, receive, reject, remember. */
const besides: Record<string, string[]> = {
  'dispatch/reserve-capacity': [
    `State: ${onRows} on BatonState/RowLaneDay BatonState/RowReservation`,
    publish(['dispatch'], ['CapacityRefused', 'CapacityReserved']),
  ],
  'dispatch/dispatch-parcel': [
    `State: ${onRows} on BatonState/RowDispatch`,
    publish(['dispatch'], ['DispatchDeadlineReached', 'DispatchMissed', 'DispatchStands', 'ParcelDispatched']),
    ...schedule,
  ],
  'payments/capture-payment': [
    `State: ${onRows} on BatonState/RowPayment`,
    publish(['payments'], ['PaymentCaptured', 'PaymentDeclined']),
    `AskGateway: ${onBooks} on BatonState/Gateway`,
  ],
  'labels/render-label': [
    `State: ${onRows} on BatonState/RowLabel`,
    publish(['labels'], ['LabelRefused', 'LabelRendered']),
    'Store: s3:PutObject on BatonState/Labels/labels/*',
  ],
};

/** Besides log, trace, receive and reject. */
const ofConductor = [
  'Remember: dynamodb:PutItem on BatonState/Records if {"ForAllValues:StringLike":{"dynamodb:LeadingKeys":["booking/conduct-booking#*"]}}',
  'Start: states:StartExecution on BatonState/SagaBookingBookParcel/Machine if {"ForAnyValue:StringEquals":{"states:StateMachineQualifier":["live"]}}',
  'Answer: states:SendTaskFailure states:SendTaskHeartbeat states:SendTaskSuccess on BatonState/SagaBookingBookParcel/Machine',
];

/** The rights that a command needs. A transaction here puts and checks. */
const actionsOf: Record<string, string[]> = {
  BatchGetItem: ['dynamodb:BatchGetItem'],
  CreateSchedule: ['scheduler:CreateSchedule'],
  GetItem: ['dynamodb:GetItem'],
  PutEvents: ['events:PutEvents'],
  PutItem: ['dynamodb:PutItem'],
  PutObject: ['s3:PutObject'],
  Scan: ['dynamodb:Scan'],
  SendMessage: ['sqs:SendMessage'],
  SendMessageBatch: ['sqs:SendMessage'],
  SendTaskFailure: ['states:SendTaskFailure'],
  SendTaskHeartbeat: ['states:SendTaskHeartbeat'],
  SendTaskSuccess: ['states:SendTaskSuccess'],
  StartExecution: ['states:StartExecution'],
  TransactWriteItems: ['dynamodb:ConditionCheckItem', 'dynamodb:PutItem'],
  UpdateItem: ['dynamodb:UpdateItem'],
};

const handlerSources = (): string[] => {
  const lambdas = join(__dirname, '..', '..', 'lambdas');
  return readdirSync(lambdas, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(lambdas, name), 'utf8'));
};

describe('rights', () => {
  test.each(consumers.map((declaration) => [declaration.id, declaration] as const))('of %s', (id, declaration) => {
    expect(rightsOf(pathOfConsumer(id))).toEqual(rule(declaration));
  });

  test.each(Object.entries(besides))('of %s, written out', (id, expected) => {
    expect(rightsOf(pathOfConsumer(id)).slice(5)).toEqual(expected);
  });

  test('of a conductor, written out: it publishes nothing, touches no row and remembers nothing that it handled', () => {
    expect(rightsOf('Booking/conduct-booking').slice(4)).toEqual(ofConductor);
  });

  test('of the sweeper: to find, publish and mark what is owed', () => {
    const emitted = consumers.flatMap(({ emits, schedules }) => [...emits, ...schedules]);
    const distinct = (values: string[]) => [...new Set(values)].sort();
    expect(rightsOf('Sweeper')).toEqual([
      'Log: logs:CreateLogStream logs:PutLogEvents on Sweeper/Handler/Logs',
      'Trace: xray:PutTelemetryRecords xray:PutTraceSegments on *',
      'FindUnpaid: dynamodb:Scan on BatonState/Records/index/unpaid',
      'MarkPaid: dynamodb:UpdateItem on BatonState/Records',
      publish(distinct(emitted.map(({ source }) => source)), distinct(emitted.map(({ name }) => name))),
      ...schedule,
    ]);
  });

  test('of the state machine of each saga: to ask, to be logged and traced', () => sagas.forEach(isOfMachine));

  function isOfMachine({ id, owner, formerly = [] }: (typeof sagas)[number]): void {
    const path = pathOfSaga(id);
    const [asks, ...observed] = statementsAt(app.state, `${path}/Role`);
    const definition: string = propertiesAt(app.state, `${path}/Machine`).DefinitionString;
    const asked = [...definition.matchAll(/"DetailType":"(\w+)"/g)].map((match) => match[1]!);
    // Executions of earlier versions publish with the same role.
    const before = formerly.flatMap((one) => [
      one.ask.name,
      ...(one.kind === 'step' && 'ask' in one.undo ? [one.undo.ask.name] : []),
    ]);
    const types = [...new Set([...asked, ...before])].sort();
    expect(asks).toBe(publish([owner], types).replace('BatonState/', ''));
    expect(observed).toEqual([
      'DeliverLogs: logs:CreateLogDelivery logs:DeleteLogDelivery logs:DescribeLogGroups logs:DescribeResourcePolicies ' +
        'logs:GetLogDelivery logs:ListLogDeliveries logs:PutResourcePolicy logs:UpdateLogDelivery on *',
      'Trace: xray:GetSamplingRules xray:GetSamplingTargets xray:PutTelemetryRecords xray:PutTraceSegments on *',
    ]);
  }

  test('are what handlers use, both ways', () => {
    const sent = new Set(
      handlerSources().flatMap((text) => [...text.matchAll(/new (\w+)Command\(/g)].map((match) => match[1]!)),
    );
    const unknown = [...sent].filter((command) => !actionsOf[command]);
    expect(unknown).toEqual([]);
    const used = [...sent].flatMap((command) => actionsOf[command]!);
    const mine = /^(dynamodb|events|s3|scheduler|states):|^sqs:SendMessage$/;
    const granted = ofType(app.workflow, 'AWS::IAM::Role');
    const given = Object.values(granted)
      .flatMap((role) => role.Policies[0].PolicyDocument.Statement)
      .flatMap(({ Action }: any) => listOf<string>(Action))
      .filter((action) => mine.test(action));
    expect([...new Set(given)].sort()).toEqual([...new Set(used)].sort());
  });

  test('come from no other policy, and never with a wildcard for an action', () => {
    expect(ofType(app.workflow, 'AWS::IAM::Policy')).toEqual({});
    expect(ofType(app.workflow, 'AWS::IAM::ManagedPolicy')).toEqual({});
    const statements = [app.state, app.workflow].flatMap((template) =>
      Object.values(ofType(template, 'AWS::IAM::Role')).flatMap((role) =>
        role.Policies.flatMap((policy: any) => policy.PolicyDocument.Statement),
      ),
    );
    expect(statements.length).toBeGreaterThan(70);
    const wide = statements.filter(({ Action }: any) => listOf(Action).some((action) => action.includes('*')));
    expect(wide).toEqual([]);
  });
});
