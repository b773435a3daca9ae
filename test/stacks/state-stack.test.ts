import { events, rows } from '../../lib/contracts';
import {
  ofType,
  pathOf,
  propertiesAt,
  type Synthesized,
  synthesizeWithEmptyHandlers,
  targetOf,
} from '../support/stacks';

let dev: Synthesized;
let prod: Synthesized;
beforeAll(() => {
  dev = synthesizeWithEmptyHandlers();
  prod = synthesizeWithEmptyHandlers({ stage: 'prod' });
});

/**
 * Renaming one of these replaces the resource, and what it remembers is lost to the app. Change this list only together
 * with a migration.
 */
const memory = {
  BusArchiveD76499E2: 'AWS::Events::Archive',
  BusEventBus016AB1B4: 'AWS::Events::EventBus',
  BusUnroutedEvents7B92F554: 'AWS::SQS::Queue',
  Gateway43CB3636: 'AWS::DynamoDB::GlobalTable',
  LabelsBA41E4AA: 'AWS::S3::Bucket',
  Records091F6ECA: 'AWS::DynamoDB::GlobalTable',
  RowApproval396406C1: 'AWS::DynamoDB::GlobalTable',
  RowBooking524CA2AD: 'AWS::DynamoDB::GlobalTable',
  RowBookingControlA63CC10A: 'AWS::DynamoDB::GlobalTable',
  RowDispatch0A452C37: 'AWS::DynamoDB::GlobalTable',
  RowLabelC0DFCDE3: 'AWS::DynamoDB::GlobalTable',
  RowLaneDay7C87CD6C: 'AWS::DynamoDB::GlobalTable',
  RowParcelD12EC4CA: 'AWS::DynamoDB::GlobalTable',
  RowPaymentF7F18144: 'AWS::DynamoDB::GlobalTable',
  RowReservation19B0B6B3: 'AWS::DynamoDB::GlobalTable',
  SagaBookingBookParcelAliasE1870835: 'AWS::StepFunctions::StateMachineAlias',
  SagaBookingBookParcelLogs3B2AF30D: 'AWS::Logs::LogGroup',
  SagaBookingBookParcelMachine2558DF49: 'AWS::StepFunctions::StateMachine',
  SagaBookingBookParcelRoleACF9E138: 'AWS::IAM::Role',
  SagaBookingBookParcelVersion85FF06B4: 'AWS::StepFunctions::StateMachineVersion',
  SchedulesDeadLettersE738B711: 'AWS::SQS::Queue',
  SchedulesGroupC7F67308: 'AWS::Scheduler::ScheduleGroup',
  SchedulesRole523D57EE: 'AWS::IAM::Role',
};
/** What the stack holds besides: it can be made again at any time. */
const withoutMemory = ['AWS::Events::Rule', 'AWS::SQS::QueuePolicy', 'AWS::S3::BucketPolicy'];

const holders = (synthesized: Synthesized) =>
  Object.entries(synthesized.state.Resources).filter(([, { Type }]) => !withoutMemory.includes(Type));

describe('what has memory', () => {
  test('keeps its logical ids, in every stage', () => {
    for (const synthesized of [dev, prod]) {
      expect(Object.fromEntries(holders(synthesized).map(([id, { Type }]) => [id, Type]))).toEqual(memory);
    }
    // A new row type is a new table: add its logical id to the list above.
    expect(Object.keys(memory).filter((id) => id.startsWith('Row'))).toHaveLength(rows.length);
  });

  test('outlives its stack', () => {
    for (const synthesized of [dev, prod]) {
      const lost = holders(synthesized).filter(([, { DeletionPolicy }]) => DeletionPolicy !== 'Retain');
      expect(lost.map(([id]) => id)).toEqual([]);
    }
  });

  test('goes with its stack when a stage asks for it, which prod may not', () => {
    const kept = holders(synthesizeWithEmptyHandlers({ removal: 'destroy' })).filter(
      ([, { DeletionPolicy }]) => DeletionPolicy === 'Retain',
    );
    expect(kept.map(([id]) => id)).toEqual([]);
    expect(() => synthesizeWithEmptyHandlers({ stage: 'prod', removal: 'destroy' })).toThrow("removal is 'destroy'");
  });
});

describe('tables', () => {
  test('are keyed by id, on demand, restorable, and protected in prod', () => {
    const check = (synthesized: Synthesized, protectedFromDeletion: boolean) => {
      const tables = Object.entries(ofType(synthesized.state, 'AWS::DynamoDB::GlobalTable'));
      expect(tables).toHaveLength(rows.length + 2);
      for (const [path, table] of tables) {
        expect([path, table.KeySchema]).toEqual([path, [{ AttributeName: 'id', KeyType: 'HASH' }]]);
        expect([path, table.BillingMode]).toEqual([path, 'PAY_PER_REQUEST']);
        expect([path, table.Replicas]).toEqual([
          path,
          [
            expect.objectContaining({
              DeletionProtectionEnabled: protectedFromDeletion,
              PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
            }),
          ],
        ]);
      }
    };
    check(dev, false);
    check(prod, true);
  });

  test('records expire and are found by correlation, by key and by what is unpaid', () => {
    const records = propertiesAt(dev.state, 'Records');
    expect(records.TimeToLiveSpecification).toEqual({ AttributeName: 'expiresAt', Enabled: true });
    const keys = (partition: string) => [
      { AttributeName: partition, KeyType: 'HASH' },
      { AttributeName: 'atMs', KeyType: 'RANGE' },
    ];
    expect(records.GlobalSecondaryIndexes).toEqual([
      { IndexName: 'byCorrelation', KeySchema: keys('correlation'), Projection: { ProjectionType: 'ALL' } },
      {
        IndexName: 'byKey',
        KeySchema: keys('key'),
        Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: ['correlation'] },
      },
      { IndexName: 'unpaid', KeySchema: keys('unpaid'), Projection: { ProjectionType: 'ALL' } },
    ]);
    expect(records.AttributeDefinitions).toContainEqual({ AttributeName: 'atMs', AttributeType: 'N' });
  });

  test('the others never expire', () => {
    const expiring = Object.entries(ofType(dev.state, 'AWS::DynamoDB::GlobalTable')).filter(
      ([, table]) => table.TimeToLiveSpecification,
    );
    expect(expiring.map(([path]) => path)).toEqual(['Records']);
  });
});

describe('the bus', () => {
  test('keeps every event for replay', () => {
    expect(propertiesAt(dev.state, 'Bus/Archive/Archive')).toMatchObject({
      EventPattern: { account: [{ Ref: 'AWS::AccountId' }] },
      RetentionDays: 30,
    });
  });

  test('has a name of its own in every stage, since EventBridge demands one', () => {
    expect(propertiesAt(dev.state, 'Bus/EventBus').Name).toBe('baton-dev');
    expect(propertiesAt(prod.state, 'Bus/EventBus').Name).toBe('baton-prod');
  });

  test('sends what no declaration knows to the queue of unrouted events', () => {
    const queue = Object.entries(dev.state.Resources).find(
      ([, resource]) => pathOf(resource) === 'Bus/UnroutedEvents',
    )!;
    const rules = ofType(dev.state, 'AWS::Events::Rule');
    const sources = [...new Set(events.map(({ source }) => source))].sort();
    expect(Object.keys(rules)).toEqual([
      'Bus/UnknownSource',
      ...sources.map((source) => `Bus/UnknownOf${source.replace(/^./, (letter) => letter.toUpperCase())}`),
    ]);
    for (const rule of Object.values(rules)) {
      expect(rule.Targets.map((target: any) => target.Arn)).toEqual([{ 'Fn::GetAtt': [queue[0], 'Arn'] }]);
    }
    expect(rules['Bus/UnknownOfTracking'].EventPattern).toEqual({
      source: ['tracking'],
      'detail-type': [{ 'anything-but': ['ParcelDelivered', 'ParcelMoved', 'ParcelScanned'] }],
    });
  });
});

describe('labels', () => {
  test('are private, encrypted, reached by TLS only, and go after a year', () => {
    expect(propertiesAt(dev.state, 'Labels')).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      LifecycleConfiguration: {
        Rules: [
          { Id: 'labels-for-a-year', Prefix: 'labels/', ExpirationInDays: 365, Status: 'Enabled' },
          { Id: 'broken-uploads', AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 }, Status: 'Enabled' },
        ],
      },
    });
    expect(propertiesAt(dev.state, 'Labels/Policy').PolicyDocument.Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Deny',
        Action: 's3:*',
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      }),
    );
  });
});

describe('schedules', () => {
  test('publish with a role that may publish the scheduled events and nothing else', () => {
    const role = propertiesAt(dev.state, 'Schedules/Role');
    expect(role.AssumeRolePolicyDocument.Statement).toEqual([
      {
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { Service: 'scheduler.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      },
    ]);
    expect(role.Policies).toHaveLength(1);
    expect(role.Policies[0].PolicyDocument.Statement).toEqual([
      {
        Sid: 'Publish',
        Effect: 'Allow',
        Action: 'events:PutEvents',
        Resource: { 'Fn::GetAtt': ['BusEventBus016AB1B4', 'Arn'] },
        Condition: {
          StringEquals: {
            'events:source': ['approvals', 'dispatch'],
            'events:detail-type': ['ApprovalReminderDue', 'DispatchDeadlineReached'],
          },
        },
      },
      {
        Sid: 'GiveUp',
        Effect: 'Allow',
        Action: 'sqs:SendMessage',
        Resource: { 'Fn::GetAtt': ['SchedulesDeadLettersE738B711', 'Arn'] },
      },
    ]);
  });
});

describe('a saga', () => {
  test('lends other stacks the machine and the alias, whose ARNs stay; never the version, whose ARN changes', () => {
    const lent = Object.values(dev.state.Outputs)
      .filter(({ Export }) => Export)
      .map(({ Value }) => targetOf(Value, dev, dev.state))
      .filter((path) => path.startsWith('Saga'));
    expect([...new Set(lent)].sort()).toEqual(['SagaBookingBookParcel/Alias', 'SagaBookingBookParcel/Machine']);
  });

  test('is within what Step Functions takes', () => {
    const definition: string = propertiesAt(dev.state, 'SagaBookingBookParcel/Machine').DefinitionString;
    // Step Functions quotas: 1 MB for a definition. CloudFormation: 1 MB for a template, in which this one is quoted.
    expect(definition.length).toBeLessThan(250_000);
    expect(Object.keys(JSON.parse(definition).States).length).toBeGreaterThan(10);
  });
});

test('outputs name what a user calls', () => {
  const named = Object.keys(dev.state.Outputs).filter((name) => !name.startsWith('ExportsOutput'));
  expect(named.sort()).toEqual([
    'ApprovalTableName',
    'BookingBookParcelAliasArn',
    'BookingBookParcelStateMachineArn',
    'BookingControlTableName',
    'BookingTableName',
    'BusArn',
    'BusName',
    'DispatchTableName',
    'GatewayTableName',
    'LabelTableName',
    'LabelsBucketName',
    'LaneDayTableName',
    'ParcelTableName',
    'PaymentTableName',
    'RecordTableName',
    'ReservationTableName',
    'ScheduleDeadLettersUrl',
    'ScheduleGroupName',
    'UnroutedEventsUrl',
  ]);
});
