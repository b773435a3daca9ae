import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { consumers, sagas } from '../../lib/contracts';
import {
  ofType,
  pathOf,
  propertiesAt,
  type Synthesized,
  synthesizeWithEmptyHandlers,
  targetOf,
} from '../support/stacks';

let app: Synthesized;
beforeAll(() => {
  app = synthesizeWithEmptyHandlers();
});

const at = (path: string) => propertiesAt(app.workflow, path);
const target = (value: unknown) => targetOf(value, app);

describe('a consumer', () => {
  test('receives its events, and no others, from the bus into its own queue', () => {
    const rules = ofType(app.workflow, 'AWS::Events::Rule');
    const of = (path: string) =>
      Object.fromEntries(
        Object.entries(rules)
          .filter(([name]) => name.startsWith(`${path}/`))
          .map(([name, rule]) => [name.slice(path.length + 1), rule.EventPattern]),
      );
    expect(of('Dispatch/dispatch-parcel')).toEqual({
      FromBooking: { source: ['booking'], 'detail-type': ['DispatchCallOffRequested', 'DispatchRequested'] },
      FromDispatch: { source: ['dispatch'], 'detail-type': ['CapacityReserved', 'DispatchDeadlineReached'] },
      FromLabels: { source: ['labels'], 'detail-type': ['LabelRendered'] },
      FromPayments: { source: ['payments'], 'detail-type': ['PaymentCaptured'] },
    });
    expect(target(rules['Dispatch/dispatch-parcel/FromLabels'].EventBusName)).toBe('BatonState/Bus/EventBus');
    expect(rules['Dispatch/dispatch-parcel/FromLabels'].Targets).toEqual([
      {
        Id: 'Target0',
        Arn: expect.anything(),
        DeadLetterConfig: expect.anything(),
        RetryPolicy: { MaximumEventAgeInSeconds: 86400, MaximumRetryAttempts: 185 },
      },
    ]);
    const [{ Arn, DeadLetterConfig }] = rules['Dispatch/dispatch-parcel/FromLabels'].Targets;
    expect(target(Arn)).toBe('Dispatch/dispatch-parcel/Queue');
    expect(target(DeadLetterConfig.Arn)).toBe('Dispatch/dispatch-parcel/DeadLetters');
  });

  test('every rule may write to its queue and its dead letters', () => {
    for (const [path, rule] of Object.entries(ofType(app.workflow, 'AWS::Events::Rule'))) {
      if (path.startsWith('Sweeper/')) continue;
      for (const queue of [rule.Targets[0].Arn, rule.Targets[0].DeadLetterConfig.Arn]) {
        const statements = at(`${target(queue)}/Policy`).PolicyDocument.Statement;
        const letIn = statements.filter(
          ({ Effect, Principal, Condition }: any) =>
            Effect === 'Allow' &&
            Principal.Service === 'events.amazonaws.com' &&
            target(Condition.ArnEquals['aws:SourceArn']) === path,
        );
        expect([path, letIn.flatMap(({ Action }: any) => Action)]).toEqual([
          path,
          expect.arrayContaining(['sqs:SendMessage']),
        ]);
      }
    }
  });

  test('reports failures one by one, in batches as declared', () => {
    const mappings = ofType(app.workflow, 'AWS::Lambda::EventSourceMapping');
    expect(Object.keys(mappings)).toHaveLength(consumers.length);
    for (const [path, mapping] of Object.entries(mappings)) {
      expect([path, mapping.FunctionResponseTypes]).toEqual([path, ['ReportBatchItemFailures']]);
      const declared = consumers.find(({ id }) => path.toLowerCase() === `${id}/mapping`)!;
      expect([path, mapping.BatchSize]).toEqual([path, declared.batchSize]);
      // A filter on a mapping deletes what does not match: filters belong on rules.
      expect([path, mapping.FilterCriteria]).toEqual([path, undefined]);
      expect(target(mapping.EventSourceArn)).toBe(path.replace('/Mapping', '/Queue'));
    }
  });

  test('has patience: six timeouts and a whole lease', () => {
    for (const { id, timeoutSeconds, outside } of consumers) {
      const path = id.replace(/^./, (letter) => letter.toUpperCase());
      const leaseSeconds = outside ? timeoutSeconds + outside.flightSeconds : 0;
      const visibility = at(`${path}/Queue`).VisibilityTimeout;
      expect([id, at(`${path}/Handler/Function`).Timeout]).toEqual([id, timeoutSeconds]);
      expect([id, visibility]).toEqual([id, Math.max(6 * timeoutSeconds, leaseSeconds)]);
    }
    expect(at('Dispatch/reserve-capacity/Queue').VisibilityTimeout).toBe(60);
    expect(at('Payments/capture-payment/Queue').VisibilityTimeout).toBe(90);
    expect(at('Labels/render-label/Queue').VisibilityTimeout).toBe(180);
  });

  test('that keeps order has FIFO lanes by business key, and standard dead letters for its rule', () => {
    const fifo = {
      FifoQueue: true,
      ContentBasedDeduplication: true,
      DeduplicationScope: 'messageGroup',
      FifoThroughputLimit: 'perMessageGroupId',
    };
    expect(at('Tracking/record-scan/Queue')).toMatchObject(fifo);
    expect(at('Tracking/record-scan/DeadLetters')).toMatchObject(fifo);
    expect(at('Tracking/record-scan/Undelivered').FifoQueue).toBeUndefined();
    const [ruleTarget] = at('Tracking/record-scan/FromTracking').Targets;
    expect(ruleTarget.SqsParameters).toEqual({ MessageGroupId: '$.detail.data.parcelId' });
    expect(target(ruleTarget.DeadLetterConfig.Arn)).toBe('Tracking/record-scan/Undelivered');
    const queues = Object.entries(ofType(app.workflow, 'AWS::SQS::Queue'));
    const ordered = consumers.filter((consumer) => consumer.ordered);
    expect(queues.filter(([, queue]) => queue.FifoQueue)).toHaveLength(2 * ordered.length);
  });
});

describe('every queue', () => {
  test('is encrypted and reachable by TLS only', () => {
    for (const template of [app.state, app.workflow]) {
      const queues = Object.entries(ofType(template, 'AWS::SQS::Queue'));
      expect(queues.length).toBeGreaterThan(1);
      for (const [path, queue] of queues) {
        expect([path, queue.SqsManagedSseEnabled]).toEqual([path, true]);
        expect(propertiesAt(template, `${path}/Policy`).PolicyDocument.Statement).toContainEqual(
          expect.objectContaining({
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: 'sqs:*',
            Condition: { Bool: { 'aws:SecureTransport': 'false' } },
          }),
        );
      }
    }
  });

  test('has dead letters after five receives, kept for 14 days; dead letters have none', () => {
    for (const [path, queue] of Object.entries(ofType(app.workflow, 'AWS::SQS::Queue'))) {
      if (path.endsWith('/Queue')) {
        expect([path, queue.RedrivePolicy.maxReceiveCount]).toEqual([path, 5]);
        expect(target(queue.RedrivePolicy.deadLetterTargetArn)).toBe(path.replace('/Queue', '/DeadLetters'));
        expect(queue.MessageRetentionPeriod).toBe(4 * 86400);
      } else {
        expect(path).toMatch(/\/(DeadLetters|Undelivered)$/);
        expect(queue.MessageRetentionPeriod).toBe(14 * 86400);
        expect(queue.RedrivePolicy).toBeUndefined();
      }
    }
  });
});

describe('a function', () => {
  test('is traced, on ARM, with a log group of its own that forgets, and a role of its own', () => {
    const functions = Object.entries(ofType(app.workflow, 'AWS::Lambda::Function'));
    expect(functions).toHaveLength(consumers.length + 1);
    for (const [path, properties] of functions) {
      expect([path, properties]).toEqual([
        path,
        expect.objectContaining({
          Runtime: 'nodejs24.x',
          Handler: 'index.handler',
          Architectures: ['arm64'],
          TracingConfig: { Mode: 'Active' },
        }),
      ]);
      expect(target(properties.Role)).toBe(path.replace('/Function', '/Role'));
      expect(target(properties.LoggingConfig.LogGroup)).toBe(path.replace('/Function', '/Logs'));
      expect(at(path.replace('/Function', '/Logs')).RetentionInDays).toBe(14);
    }
  });

  test('learns from its environment what its declaration names, and no more', () => {
    const variables = (path: string) =>
      Object.fromEntries(
        Object.entries(at(`${path}/Handler/Function`).Environment.Variables).map(([name, value]) => [
          name,
          target(value),
        ]),
      );
    const always = {
      NODE_OPTIONS: '--enable-source-maps',
      BATON_STAGE: 'dev',
      BATON_BUS_NAME: 'BatonState/Bus/EventBus',
      BATON_BUS_ARN: 'BatonState/Bus/EventBus',
      BATON_RECORD_TABLE: 'BatonState/Records',
      BATON_DISPATCH_DEADLINE_SECONDS: '1800',
    };
    const schedules = {
      BATON_SCHEDULE_GROUP: 'BatonState/Schedules/Group',
      BATON_SCHEDULE_ROLE_ARN: 'BatonState/Schedules/Role',
      BATON_SCHEDULE_DEAD_LETTERS_ARN: 'BatonState/Schedules/DeadLetters',
    };
    expect(variables('Dispatch/dispatch-parcel')).toEqual({
      ...always,
      ...schedules,
      BATON_CONSUMER: 'dispatch/dispatch-parcel',
      BATON_DEAD_LETTERS_URL: 'Dispatch/dispatch-parcel/DeadLetters',
      BATON_TABLE_DISPATCH: 'BatonState/RowDispatch',
    });
    expect(variables('Labels/render-label')).toEqual({
      ...always,
      BATON_CONSUMER: 'labels/render-label',
      BATON_DEAD_LETTERS_URL: 'Labels/render-label/DeadLetters',
      BATON_TABLE_LABEL: 'BatonState/RowLabel',
      BATON_LABELS_BUCKET: 'BatonState/Labels',
    });
    expect(variables('Payments/capture-payment')).toEqual({
      ...always,
      BATON_CONSUMER: 'payments/capture-payment',
      BATON_DEAD_LETTERS_URL: 'Payments/capture-payment/DeadLetters',
      BATON_TABLE_PAYMENT: 'BatonState/RowPayment',
      BATON_GATEWAY_TABLE: 'BatonState/Gateway',
    });
    expect(variables('Booking/conduct-booking')).toEqual({
      ...always,
      BATON_CONSUMER: 'booking/conduct-booking',
      BATON_DEAD_LETTERS_URL: 'Booking/conduct-booking/DeadLetters',
      // Never the machine itself: its executions would follow each deploy.
      BATON_SAGA_ARN: 'BatonState/SagaBookingBookParcel/Alias',
    });
    expect(variables('Dispatch/reserve-capacity')).toMatchObject({
      BATON_TABLE_LANE_DAY: 'BatonState/RowLaneDay',
      BATON_TABLE_RESERVATION: 'BatonState/RowReservation',
    });
    expect(variables('Sweeper')).toEqual({ ...always, ...schedules, BATON_CONSUMER: 'shared/sweep' });
  });
});

describe('alarms', () => {
  test("say the consumer's own sentence when its dead letters hold anything", () => {
    for (const { id, ifDeadLettered, ordered } of consumers) {
      const path = id.replace(/^./, (letter) => letter.toUpperCase());
      for (const queue of ['DeadLetters', ...(ordered ? ['Undelivered'] : [])]) {
        const alarm = at(`${path}/${queue}Alarm`);
        expect(alarm.AlarmDescription).toBe(`${id}: ${ifDeadLettered}`);
        expect(alarm).toMatchObject({
          MetricName: 'ApproximateNumberOfMessagesVisible',
          Threshold: 0,
          ComparisonOperator: 'GreaterThanThreshold',
          TreatMissingData: 'notBreaching',
        });
        expect(target(alarm.Dimensions[0].Value)).toBe(`${path}/${queue}`);
        expect(alarm.AlarmActions.map(target)).toEqual(['Alarms/Topic']);
      }
    }
  });

  test('tell when an event waits for longer than all its receives take', () => {
    expect(at('Payments/capture-payment/AgeAlarm')).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Threshold: 5 * 90,
    });
  });

  test('tell when an outside call was left to a person, for those that ask outside', () => {
    const parked = Object.values(ofType(app.workflow, 'AWS::CloudWatch::Alarm')).filter(
      ({ MetricName }) => MetricName === 'Parked',
    );
    expect(parked).toHaveLength(consumers.filter(({ outside }) => outside).length);
    expect(at('Payments/refund-payment/ParkedAlarm')).toMatchObject({
      Namespace: 'Baton',
      MetricName: 'Parked',
      Dimensions: [{ Name: 'service', Value: 'payments/refund-payment' }],
      Threshold: 0,
      AlarmDescription: expect.stringContaining('a call to the payment gateway was left to a person'),
    });
  });

  test('tell when a saga waits for a person, or ended neither done nor undone', () => {
    const machine = 'BatonState/SagaBookingBookParcel/Machine';
    for (const [name, metric] of Object.entries({
      FailedAlarm: 'ExecutionsFailed',
      TimedOutAlarm: 'ExecutionsTimedOut',
      AbortedAlarm: 'ExecutionsAborted',
    })) {
      const alarm = at(`Booking/book-parcel/${name}`);
      expect(alarm).toMatchObject({ Namespace: 'AWS/States', MetricName: metric, Threshold: 0 });
      expect(target(alarm.Dimensions[0].Value)).toBe(machine);
      expect(alarm.AlarmActions.map(target)).toEqual(['Alarms/Topic']);
    }
    expect(at('Booking/book-parcel/ParkedAlarm')).toMatchObject({
      Namespace: 'Baton',
      MetricName: 'SagaParked',
      Dimensions: [{ Name: 'service', Value: 'booking/control-booking' }],
      Threshold: 0,
      AlarmDescription: expect.stringMatching(/'baton sagas show'.*'baton sagas resume'/),
    });
  });

  test('tell what the sweeper cannot pay, and which claims nobody took up', () => {
    const ofSweeper = { Namespace: 'Baton', Dimensions: [{ Name: 'service', Value: 'shared/sweep' }], Threshold: 0 };
    expect(at('Sweeper/UnpaidAlarm')).toMatchObject({ ...ofSweeper, MetricName: 'Unpaid', EvaluationPeriods: 3 });
    expect(at('Sweeper/AbandonedAlarm')).toMatchObject({ ...ofSweeper, MetricName: 'Abandoned', EvaluationPeriods: 1 });
  });

  test('watch unrouted events and schedules that could not publish', () => {
    expect(target(at('UnroutedEventsAlarm').Dimensions[0].Value)).toBe('BatonState/Bus/UnroutedEvents');
    expect(target(at('ScheduleDeadLettersAlarm').Dimensions[0].Value)).toBe('BatonState/Schedules/DeadLetters');
  });

  test('reach the topic, which takes them by TLS only', () => {
    const statements = at('Alarms/Topic/Policy').PolicyDocument.Statement;
    expect(statements).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
    expect(statements).toContainEqual(
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
    );
  });

  test('are sent to the address of the settings', () => {
    expect(ofType(app.workflow, 'AWS::SNS::Subscription')).toEqual({});
    const told = synthesizeWithEmptyHandlers({ alarmEmail: 'oncall@example.com' });
    expect(Object.values(ofType(told.workflow, 'AWS::SNS::Subscription'))).toMatchObject([
      { Protocol: 'email', Endpoint: 'oncall@example.com' },
    ]);
  });
});

describe('the sweeper', () => {
  test('runs every five minutes', () => {
    const rule = at('Sweeper/Schedule');
    expect(rule.ScheduleExpression).toBe('rate(5 minutes)');
    expect(target(rule.Targets[0].Arn)).toBe('Sweeper/Handler/Function');
  });
});

describe('the stack', () => {
  test('has a row of the dashboard for each consumer', () => {
    const body = JSON.stringify(at('Dashboard/Dashboard').DashboardBody);
    const missing = consumers.filter(
      ({ id }) => !body.includes(`${id}: waiting`) || !body.includes(`${id}: dead letters`),
    );
    expect(missing.map(({ id }) => id)).toEqual([]);
    for (const metric of ['Handled', 'Duplicate', 'Rejected', 'ApproximateAgeOfOldestMessage', 'MatchedEvents']) {
      expect(body).toContain(metric);
    }
  });

  test('has a row of the dashboard for each saga', () => {
    const body = JSON.stringify(at('Dashboard/Dashboard').DashboardBody);
    for (const { id } of sagas) {
      for (const title of [
        'executions',
        'executions that ended neither done nor undone',
        'under way, and for how long',
      ]) {
        expect(body).toContain(`${id}: ${title}`);
      }
    }
    for (const metric of ['Started', 'Succeeded', 'Failed', 'TimedOut', 'Aborted']) {
      expect(body).toContain(`Executions${metric}`);
    }
    expect(body).toContain(
      'RUNNING_SUM(FILL(started, 0) - FILL(succeeded, 0) - FILL(failed, 0) - FILL(timedOut, 0) - FILL(aborted, 0))',
    );
  });

  test('names for users what they call: queues, dead letters, functions', () => {
    const expected = consumers.flatMap(({ id, ordered }) => {
      const name = id
        .split(/[/-]/)
        .map((word) => word.replace(/^./, (letter) => letter.toUpperCase()))
        .join('');
      return ['QueueUrl', 'DeadLettersUrl', 'FunctionName', ...(ordered ? ['UndeliveredUrl'] : [])].map(
        (what) => `${name}${what}`,
      );
    });
    expect(Object.keys(app.workflow.Outputs).sort()).toEqual(
      [...expected, 'SweeperFunctionName', 'DashboardName', 'AlarmTopicArn'].sort(),
    );
    expect(target(app.workflow.Outputs.DispatchReserveCapacityDeadLettersUrl!.Value)).toBe(
      'Dispatch/reserve-capacity/DeadLetters',
    );
  });

  test('leans on the state stack, which leans on nothing', () => {
    const { artifacts } = JSON.parse(readFileSync(join(app.dir, 'manifest.json'), 'utf8'));
    const stacksOf = (id: string) =>
      (artifacts[id].dependencies ?? []).filter((name: string) => !name.endsWith('.assets'));
    expect(stacksOf('BatonWorkflow')).toEqual(['BatonState']);
    expect(stacksOf('BatonState')).toEqual([]);
  });

  test('has no physical names, so that two can live side by side', () => {
    const physical = /^(Name|(Queue|Function|Role|Policy|Topic|LogGroup|Alarm|Bucket|Dashboard|Table|Archive)Name)$/;
    const named = [app.state, app.workflow].flatMap((template) =>
      Object.values(template.Resources).flatMap((resource) =>
        Object.entries(resource.Properties)
          .filter(([property, value]) => physical.test(property) && typeof value === 'string')
          .map(([property, value]) => `${pathOf(resource)} ${property} ${value}`),
      ),
    );
    // An alias has its name within its machine only.
    expect(named).toEqual(['Bus/EventBus Name baton-dev', 'SagaBookingBookParcel/Alias Name live']);
  });

  test('carries its stage in its name, its tags and nothing else that would tell stages apart', () => {
    const other = synthesizeWithEmptyHandlers({ stage: 'test', tags: 'team=parcels' });
    const { artifacts } = JSON.parse(readFileSync(join(other.dir, 'manifest.json'), 'utf8'));
    expect(artifacts.BatonWorkflow.properties.stackName).toBe('BatonWorkflow-test');
    expect(Object.keys(other.workflow.Resources)).toEqual(Object.keys(app.workflow.Resources));
    expect(propertiesAt(other.workflow, 'Booking/open-booking/Queue').Tags).toEqual([
      { Key: 'app', Value: 'baton' },
      { Key: 'stage', Value: 'test' },
      { Key: 'team', Value: 'parcels' },
    ]);
  });
});
