import { fail } from '../../../../lib/local/services/service';
import { bus, deadLetters, queue, role, Scheduler, toQueue } from './support';

const scheduleArn = 'arn:aws:scheduler:eu-west-1:123456789012:schedule/default/s';
const due = 'at(2026-11-24T10:00:00)';
const throttled = fail('ThrottlingException', 'Slow down');

/** Source: Scheduler user guide, "Templated targets", "Universal targets", "Adding context attributes". */
describe('what a target is sent', () => {
  test.each<[what: string, target: object, call: object]>([
    [
      'event bus',
      { Arn: bus, RoleArn: role, Input: '{"a":1}', EventBridgeParameters: { Source: 'parcels', DetailType: 'Due' } },
      {
        to: 'events',
        operation: 'PutEvents',
        input: {
          Entries: [
            { EventBusName: bus, Source: 'parcels', DetailType: 'Due', Detail: '{"a":1}', Resources: [scheduleArn] },
          ],
        },
      },
    ],
    [
      'queue',
      toQueue,
      {
        to: 'sqs',
        operation: 'SendMessage',
        input: { QueueUrl: 'http://here:1/123456789012/jobs', MessageBody: 'ping' },
      },
    ],
    [
      'FIFO queue',
      { ...toQueue, Arn: `${queue}.fifo`, SqsParameters: { MessageGroupId: 'g' } },
      {
        to: 'sqs',
        operation: 'SendMessage',
        input: { QueueUrl: 'http://here:1/123456789012/jobs.fifo', MessageBody: 'ping', MessageGroupId: 'g' },
      },
    ],
    [
      'topic; any text',
      { Arn: 'arn:aws:sns:eu-west-1:123456789012:told', RoleArn: role, Input: 'ping' },
      {
        to: 'sns',
        operation: 'Publish',
        input: { TopicArn: 'arn:aws:sns:eu-west-1:123456789012:told', Message: 'ping' },
      },
    ],
    [
      'function; the payload in base64',
      { Arn: 'arn:aws:lambda:eu-west-1:123456789012:function:f', RoleArn: role, Input: '{}' },
      {
        to: 'lambda',
        operation: 'Invoke',
        input: {
          FunctionName: 'arn:aws:lambda:eu-west-1:123456789012:function:f',
          InvocationType: 'Event',
          Payload: 'e30=',
        },
      },
    ],
    [
      'universal target',
      { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:purgeQueue', RoleArn: role, Input: '{"QueueUrl":"u"}' },
      { to: 'sqs', operation: 'PurgeQueue', input: { QueueUrl: 'u' } },
    ],
    [
      'context attributes',
      {
        ...toQueue,
        Input: '<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.attempt-number>',
      },
      {
        to: 'sqs',
        operation: 'SendMessage',
        input: { QueueUrl: 'http://here:1/123456789012/jobs', MessageBody: `${scheduleArn} 2026-11-24T10:00:00Z 1` },
      },
    ],
  ])('%s', (_, Target, call) => {
    const scheduler = new Scheduler();
    scheduler.create(due, { Target });
    scheduler.until('2026-11-24T12:00:00Z');
    expect(scheduler.calls).toEqual([{ at: '2026-11-24T10:00:00.000Z', ...call }]);
    expect(scheduler.traces).toMatchObject([{ kind: 'schedule-invoked', schedule: scheduleArn, attempts: 1 }]);
  });

  test('without Input: what AWS sends then', () => {
    const scheduler = new Scheduler();
    scheduler.create(due, { Target: { Arn: queue, RoleArn: role } });
    scheduler.until('2026-11-24T10:00:00Z');
    expect(JSON.parse(scheduler.calls[0]!.input.MessageBody)).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      time: '2026-11-24T10:00:00Z',
      resources: [scheduleArn],
    });
  });
});

/** Source: Scheduler user guide, "Configuring a dead-letter queue"; API RetryPolicy. */
describe('what fails', () => {
  const withDeadLetters = (retry: object = {}) => ({
    Target: { ...toQueue, DeadLetterConfig: { Arn: deadLetters }, RetryPolicy: retry },
  });
  const attributes = (scheduler: Scheduler) =>
    Object.fromEntries(
      Object.entries<any>(scheduler.calls.at(-1)!.input.MessageAttributes).map(([name, { StringValue }]) => [
        name,
        StringValue,
      ]),
    );
  const toDead = { to: 'sqs', operation: 'SendMessage', input: { QueueUrl: 'http://here:1/123456789012/dead' } };

  test('is tried again, later and later, until it succeeds', () => {
    const scheduler = new Scheduler();
    scheduler.answer = () => (scheduler.calls.length < 5 ? throttled : { output: {} });
    scheduler.create(due);
    scheduler.until('2026-11-24T12:00:00Z');
    const times = scheduler.calls.map(({ at }) => Date.parse(at));
    const pauses = times.slice(1).map((time, index) => (time - times[index]!) / 1000);
    expect(pauses).toHaveLength(4);
    pauses.forEach((pause, index) => {
      expect(pause).toBeGreaterThanOrEqual(2 ** index / 2);
      expect(pause).toBeLessThanOrEqual(2 ** index);
    });
    expect(scheduler.traces.at(-1)).toMatchObject({ kind: 'schedule-invoked', attempts: 5 });
    expect(scheduler.wakeAt).toBeUndefined();
  });

  test('ends in the dead letters after its retries, with what AWS says about it', () => {
    const scheduler = new Scheduler();
    scheduler.answer = ({ input }) => (input.QueueUrl.endsWith('dead') ? { output: {} } : throttled);
    scheduler.create(due, { ...withDeadLetters({ MaximumRetryAttempts: 2 }), ActionAfterCompletion: 'DELETE' });
    scheduler.until('2026-11-24T10:00:00Z');
    expect(scheduler.get().State).toBe('ENABLED');
    scheduler.until('2026-11-24T12:00:00Z');
    expect(scheduler.calls).toHaveLength(4);
    expect(scheduler.calls[3]).toMatchObject(toDead);
    expect(JSON.parse(scheduler.calls[3]!.input.MessageBody)).toEqual({
      QueueUrl: 'http://here:1/123456789012/jobs',
      MessageBody: 'ping',
    });
    expect(attributes(scheduler)).toEqual({
      ERROR_CODE: 'ThrottlingException',
      ERROR_MESSAGE: 'Slow down',
      EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: '2',
      SCHEDULED_TIME: '2026-11-24T10:00:00Z',
      SCHEDULE_ARN: scheduleArn,
      TARGET_ARN: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage',
    });
    expect(scheduler.traces.at(-1)).toMatchObject({
      kind: 'dead-lettered',
      schedule: scheduleArn,
      deadLetters: 'dead',
      error: 'ThrottlingException',
    });
    expect(scheduler.refusal('GetSchedule', { Name: 's' })).toContain('ResourceNotFoundException');
    expect(scheduler.call('$pending', {})).toEqual({ pending: 0 });
  });

  test('or when it is too old', () => {
    const scheduler = new Scheduler();
    scheduler.answer = ({ input }) => (input.QueueUrl.endsWith('dead') ? { output: {} } : throttled);
    scheduler.create(due, withDeadLetters({ MaximumEventAgeInSeconds: 60 }));
    scheduler.until('2026-11-24T12:00:00Z');
    expect(attributes(scheduler).EXHAUSTED_RETRY_CONDITION).toBe('MaximumEventAgeInSeconds');
    expect(Date.parse(scheduler.calls.at(-1)!.at)).toBeLessThanOrEqual(Date.UTC(2026, 10, 24, 10, 1));
  });

  test('at once where trying again can not help', () => {
    const scheduler = new Scheduler();
    scheduler.answer = ({ input }) =>
      input.QueueUrl.endsWith('dead')
        ? { output: {} }
        : fail('QueueDoesNotExist', 'The specified queue does not exist.', {
            queryCode: 'AWS.SimpleQueueService.NonExistentQueue',
          });
    scheduler.create(due, withDeadLetters());
    scheduler.until('2026-11-24T10:00:00Z');
    expect(scheduler.calls).toHaveLength(2);
    expect(attributes(scheduler)).toMatchObject({
      ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
      RETRY_ATTEMPTS: '0',
    });
    expect(attributes(scheduler)).not.toHaveProperty('EXHAUSTED_RETRY_CONDITION');
  });

  test('a failed entry of PutEvents has failed; without dead letters it is dropped, and said so', () => {
    const scheduler = new Scheduler();
    scheduler.answer = () => ({
      output: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'MalformedDetail', ErrorMessage: 'No' }] },
    });
    scheduler.create(due, {
      Target: { Arn: bus, RoleArn: role, EventBridgeParameters: { Source: 's', DetailType: 'D' } },
    });
    scheduler.until('2026-11-24T12:00:00Z');
    expect(scheduler.calls).toHaveLength(1);
    expect(scheduler.traces).toMatchObject([{ kind: 'dropped', error: 'MalformedDetail', message: 'No' }]);
  });

  test('no answer within a minute is a failure', () => {
    const scheduler = new Scheduler();
    scheduler.answer = () => (scheduler.calls.length === 1 ? undefined : { output: {} });
    scheduler.create(due);
    scheduler.until('2026-11-24T10:00:59Z');
    expect([scheduler.calls.length, scheduler.call('$pending', {})]).toEqual([1, { pending: 1 }]);
    scheduler.until('2026-11-24T10:01:01Z');
    expect([scheduler.calls.length, scheduler.call('$pending', {})]).toEqual([2, { pending: 0 }]);
  });

  test('a dead letter that fails is tried again too', () => {
    const scheduler = new Scheduler();
    scheduler.answer = () => (scheduler.calls.length < 3 ? throttled : { output: {} });
    scheduler.create(due, withDeadLetters({ MaximumRetryAttempts: 0 }));
    scheduler.until('2026-11-24T12:00:00Z');
    expect(scheduler.calls).toMatchObject([{ input: { MessageBody: 'ping' } }, toDead, toDead]);
    expect(scheduler.traces.at(-1)).toMatchObject({ kind: 'dead-lettered', attempts: 1 });
  });
});
