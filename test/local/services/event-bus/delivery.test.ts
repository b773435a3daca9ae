import { fail, ok } from '../../../../lib/local/services/service';
import { arnOf, Driver, queue, start } from './support';

const jobs = { Arn: queue('jobs') };
const withDeadLetters = { ...jobs, DeadLetterConfig: { Arn: queue('dead') } };
const throttled = fail('ThrottlingException', 'Rate exceeded');

function delivering(target: object, detail: object = { n: 1 }): Driver {
  const bus = new Driver();
  bus.rule('sold', { source: ['shop'] }, target);
  bus.publish(detail);
  return bus;
}

describe('targets', () => {
  const text = (bus: Driver): string => bus.taken()[0]!.input.MessageBody;

  test.each([
    [
      'a function, asynchronously',
      arnOf('lambda', 'function:f'),
      'lambda',
      'Invoke',
      {
        FunctionName: arnOf('lambda', 'function:f'),
        InvocationType: 'Event',
        Payload: Buffer.from('{"x":1}').toString('base64'),
      },
    ],
    [
      'a state machine',
      arnOf('states', 'stateMachine:m'),
      'states',
      'StartExecution',
      { stateMachineArn: arnOf('states', 'stateMachine:m'), input: '{"x":1}' },
    ],
    ['a topic', arnOf('sns', 'alarms'), 'sns', 'Publish', { TopicArn: arnOf('sns', 'alarms'), Message: '{"x":1}' }],
    [
      'a log group',
      arnOf('logs', 'log-group:/events/all:*'),
      'logs',
      '$append',
      { logGroupName: '/events/all', logStreamName: expect.any(String), messages: ['{"x":1}'] },
    ],
  ])('%s', (_name, Arn, to, operation, input) => {
    const [call] = delivering({ Arn, Input: '{"x":1}' }).taken();
    expect([call?.to, call?.operation, call?.input]).toEqual([to, operation, input]);
  });

  // Source: User Guide, "Dynamic path parameters": taken from the original event.
  test.each([
    ['lane-1', 'lane-1'],
    ['$.detail.meta.key', 'k7'],
    ['$.detail.n', '5'],
    ['$.detail.list[1]', 'b'],
  ])('the message group %s of a FIFO queue is %s', (MessageGroupId, group) => {
    const bus = delivering(
      { Arn: queue('jobs.fifo'), SqsParameters: { MessageGroupId }, InputPath: '$.source' },
      { meta: { key: 'k7' }, n: 5, list: ['a', 'b'] },
    );
    const [call] = bus.taken();
    expect(call?.input).toEqual({
      QueueUrl: 'http://aws.local/123456789012/jobs.fifo',
      MessageBody: '"shop"',
      MessageGroupId: group,
    });
  });

  test.each([['$.detail.meta.key'], ['$.detail.meta']])(
    'a group path that yields no text (%s): dead letters at once',
    (path) => {
      const bus = delivering(
        { Arn: queue('jobs.fifo'), SqsParameters: { MessageGroupId: path }, DeadLetterConfig: { Arn: queue('dead') } },
        { meta: {} },
      );
      const [call] = bus.taken();
      expect(call?.input.QueueUrl).toBe('http://aws.local/123456789012/dead');
      expect(call?.input.MessageAttributes.ERROR_CODE).toEqual({
        DataType: 'String',
        StringValue: 'INVALID_PARAMETER',
      });
      expect(call?.input.MessageAttributes.RETRY_ATTEMPTS.StringValue).toBe('0');
    },
  );

  test('another bus gets the event under a new id and by its own rules', () => {
    const bus = new Driver();
    bus.ask('CreateEventBus', { Name: 'other' });
    bus.rule('forward', { source: ['shop'] }, { Arn: arnOf('events', 'event-bus/other') });
    bus.ask('PutRule', { Name: 'r', EventBusName: 'other', EventPattern: '{"detail":{"n":[1]}}' });
    bus.ask('PutTargets', { Rule: 'r', EventBusName: 'other', Targets: [{ Id: 't', ...jobs }] });
    const { Entries } = bus.publish({ n: 1 });
    const [forward] = bus.taken();
    expect([forward?.to, forward?.operation]).toEqual(['events', '$forward']);
    bus.ask('$forward', forward!.input);
    const delivered = JSON.parse(text(bus));
    expect(delivered).toMatchObject({ 'detail-type': 'Sold', source: 'shop', detail: { n: 1 } });
    expect(delivered.id).not.toBe(Entries[0].EventId);
    expect(bus.trace.map(({ kind, bus: name, id }) => [kind, name, id])).toEqual([
      ['published', 'default', Entries[0].EventId],
      ['published', 'other', delivered.id],
    ]);
  });
});

describe('retries', () => {
  test('a delivery that succeeds ends, and says so', () => {
    const bus = delivering(withDeadLetters);
    bus.answer(bus.taken()[0]!, ok({ MessageId: 'm' }));
    expect(bus.wakeAt).toBeUndefined();
    expect(bus.trace[1]).toEqual({
      kind: 'delivered',
      bus: 'default',
      rule: 'sold',
      ruleArn: arnOf('events', 'rule/sold'),
      target: queue('jobs'),
      eventId: bus.trace[0].id,
      attempts: 1,
    });
  });

  test('what may pass is tried again, later and later, with the same message', () => {
    const bus = delivering(withDeadLetters);
    const [first] = bus.taken();
    bus.answer(first!, throttled);
    const delays: number[] = [];
    for (let attempt = 1; attempt <= 12; attempt++) {
      const before = bus.now;
      bus.sleep();
      delays.push(bus.now - before);
      const [again] = bus.taken();
      expect(again?.input).toEqual(first!.input);
      bus.answer(again!, throttled);
    }
    delays.forEach((delay, index) => {
      const whole = Math.min(600_000, 1000 * 2 ** index);
      expect(delay).toBeGreaterThanOrEqual(whole / 2);
      expect(delay).toBeLessThanOrEqual(whole);
    });
    expect(bus.trace[1]).toMatchObject({
      kind: 'delivery-retry',
      error: 'THROTTLING',
      attempts: 1,
      nextMs: start + delays[0]!,
    });
  });

  test.each([
    ['ThrottlingException', 400, 'THROTTLING'],
    ['TooManyRequestsException', 429, 'THROTTLING'],
    ['InternalError', 500, 'INTERNAL_ERROR'],
    ['ServiceUnavailable', 503, 'INTERNAL_ERROR'],
    ['network', 500, 'CONNECTION_FAILURE'],
  ])('%s %i is tried again', (name, status, code) => {
    const bus = delivering(withDeadLetters);
    bus.answer(bus.taken()[0]!, fail(name, 'no', { status }));
    expect(bus.trace[1]).toMatchObject({ kind: 'delivery-retry', error: code });
  });

  // Source: User Guide, "Using dead-letter queues": missing permissions and resources are not retried.
  test.each([
    ['AccessDeniedException', 403, 'NO_PERMISSIONS'],
    ['QueueDoesNotExist', 400, 'NO_RESOURCE'],
    ['ResourceNotFoundException', 404, 'NO_RESOURCE'],
    ['InvalidParameterValueException', 400, 'INVALID_PARAMETER'],
    ['UnknownOperationException', 400, 'SDK_CLIENT_ERROR'],
  ])('%s %i goes to the dead letters at once', (name, status, code) => {
    const bus = delivering(withDeadLetters);
    const [call] = bus.taken();
    bus.answer(call!, fail(name, 'the reason', { status }));
    const [letter] = bus.taken();
    const value = (StringValue: string) => ({ DataType: 'String', StringValue });
    expect(letter?.input).toEqual({
      QueueUrl: 'http://aws.local/123456789012/dead',
      MessageBody: call!.input.MessageBody,
      MessageAttributes: {
        RULE_ARN: value(arnOf('events', 'rule/sold')),
        TARGET_ARN: value(queue('jobs')),
        ERROR_CODE: value(code),
        ERROR_MESSAGE: value('the reason'),
        RETRY_ATTEMPTS: value('0'),
      },
    });
    expect(bus.kinds()).toEqual(['published']);
    bus.answer(letter!, ok());
    expect(bus.trace[1]).toMatchObject({
      kind: 'dead-lettered',
      rule: 'sold',
      target: queue('jobs'),
      deadLetters: queue('dead'),
      error: code,
      message: 'the reason',
    });
    expect(bus.wakeAt).toBeUndefined();
  });

  function attributesAfterFailing(target: object): { attributes: Record<string, string>; bus: Driver; calls: number } {
    const bus = delivering({ ...withDeadLetters, ...target });
    for (let calls = 1; calls < 500; calls++) {
      const [call] = bus.taken();
      if (call?.input.MessageAttributes) {
        const attributes = Object.fromEntries(
          Object.entries<any>(call.input.MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]),
        );
        return { attributes, bus, calls: calls - 1 };
      }
      if (call) bus.answer(call, throttled);
      if (bus.calls.length === 0) bus.sleep();
    }
    throw new Error('no dead letter after 500 turns');
  }

  test('the attempts are used up', () => {
    const { attributes, calls } = attributesAfterFailing({ RetryPolicy: { MaximumRetryAttempts: 3 } });
    expect(calls).toBe(4);
    expect(attributes).toMatchObject({
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '3',
      ERROR_CODE: 'THROTTLING',
      ERROR_MESSAGE: 'Rate exceeded',
    });
  });

  test('the event is too old', () => {
    const { attributes, bus } = attributesAfterFailing({ RetryPolicy: { MaximumEventAgeInSeconds: 60 } });
    expect(attributes.EXHAUSTED_RETRY_CONDITION).toBe('MaximumEventAgeInSeconds');
    expect(bus.now).toBe(start + 60_000);
  });

  // Source: User Guide, "How EventBridge retries delivering events": 24 hours and up to 185 times.
  test('without a policy: 185 retries, or 24 hours', () => {
    const { attributes, bus } = attributesAfterFailing({});
    const hours = (bus.now - start) / 3_600_000;
    expect(hours).toBeGreaterThan(18);
    expect(hours).toBeLessThanOrEqual(24);
    if (attributes.EXHAUSTED_RETRY_CONDITION === 'MaximumRetryAttempts') expect(attributes.RETRY_ATTEMPTS).toBe('185');
    else expect(hours).toBe(24);
  });

  test('no retries when none are allowed', () => {
    const { attributes, calls } = attributesAfterFailing({ RetryPolicy: { MaximumRetryAttempts: 0 } });
    expect([calls, attributes.RETRY_ATTEMPTS]).toEqual([1, '0']);
  });

  test('a call that is never answered counts as failed after 30 s; its late answer changes nothing', () => {
    const bus = delivering(withDeadLetters);
    const [lost] = bus.taken();
    bus.sleep();
    expect(bus.now).toBe(start + 30_000);
    expect(bus.trace[1]).toMatchObject({ kind: 'delivery-retry', error: 'TIMEOUT' });
    bus.answer(lost!, ok());
    expect(bus.kinds()).toEqual(['published', 'delivery-retry']);
    bus.sleep();
    bus.answer(bus.taken()[0]!, ok());
    expect(bus.trace[2]).toMatchObject({ kind: 'delivered', attempts: 2 });
  });

  test('without dead letters the event is dropped, and the trace says why', () => {
    const bus = delivering(jobs);
    bus.answer(bus.taken()[0]!, fail('QueueDoesNotExist', 'The specified queue does not exist.'));
    expect(bus.trace[1]).toMatchObject({ kind: 'dropped', reason: 'NO_RESOURCE: The specified queue does not exist.' });
    expect(bus.wakeAt).toBeUndefined();
  });

  test('a dead letter whose sending fails for now is sent again; for good, it is dropped', () => {
    const bus = delivering(withDeadLetters);
    bus.answer(bus.taken()[0]!, fail('AccessDenied', 'no'));
    bus.answer(bus.taken()[0]!, throttled);
    bus.sleep();
    const [again] = bus.taken();
    expect(again?.input.MessageAttributes.RETRY_ATTEMPTS.StringValue).toBe('0');
    bus.answer(again!, fail('QueueDoesNotExist', 'gone'));
    expect(bus.trace[1]).toMatchObject({ kind: 'dropped', reason: 'NO_RESOURCE: gone', error: 'NO_PERMISSIONS' });
  });

  test('deliveries of one event fail and succeed apart', () => {
    const bus = new Driver();
    bus.rule('one', { source: ['shop'] }, { Arn: queue('a') });
    bus.rule('two', { source: ['shop'] }, { Arn: queue('b') });
    bus.publish();
    const [a, b] = bus.taken();
    bus.answer(a!, throttled);
    bus.answer(b!, ok());
    expect(bus.trace.slice(1).map(({ kind, rule }) => [kind, rule])).toEqual([
      ['delivery-retry', 'one'],
      ['delivered', 'two'],
    ]);
  });
});
