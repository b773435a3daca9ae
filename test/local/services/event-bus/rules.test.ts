import { arnOf, Driver, queue } from './support';

const pattern = '{"source":["shop"]}';
const target = { Id: 't', Arn: queue('jobs') };

describe('rules', () => {
  // Source: recorded from AWS (DescribeRule, ListRules); API reference.
  test('a rule is put, shown, listed by name and prefix, and put again in place', () => {
    const bus = new Driver();
    expect(bus.ask('PutRule', { Name: 'b', EventPattern: pattern, Description: 'd' })).toEqual({
      RuleArn: arnOf('events', 'rule/b'),
    });
    bus.ask('PutRule', { Name: 'a', EventPattern: pattern });
    bus.ask('PutTargets', { Rule: 'b', Targets: [target] });
    bus.ask('PutRule', { Name: 'b', EventPattern: '{"source":["x"]}', State: 'DISABLED' });
    const shown = {
      Name: 'b',
      Arn: arnOf('events', 'rule/b'),
      EventPattern: '{"source":["x"]}',
      State: 'DISABLED',
      EventBusName: 'default',
    };
    expect(bus.ask('DescribeRule', { Name: 'b' })).toEqual({ ...shown, CreatedBy: '123456789012' });
    expect(bus.ask('ListRules').Rules.map(({ Name }: { Name: string }) => Name)).toEqual(['a', 'b']);
    expect(bus.ask('ListRules', { NamePrefix: 'b' })).toEqual({ Rules: [shown] });
    expect(bus.ask('ListTargetsByRule', { Rule: 'b' })).toEqual({ Targets: [target] });
  });

  test('lists come in pages', () => {
    const bus = new Driver();
    for (const Name of ['a', 'b', 'c']) bus.ask('PutRule', { Name, EventPattern: pattern });
    const first = bus.ask('ListRules', { Limit: 2 });
    expect(first.Rules.map(({ Name }: { Name: string }) => Name)).toEqual(['a', 'b']);
    const second = bus.ask('ListRules', { Limit: 2, NextToken: first.NextToken });
    expect(second.Rules.map(({ Name }: { Name: string }) => Name)).toEqual(['c']);
    expect(second.NextToken).toBeUndefined();
  });

  test('a disabled rule matches nothing until it is enabled', () => {
    const bus = new Driver();
    bus.rule('r', { source: ['shop'] }, { Arn: queue('jobs') });
    bus.ask('DisableRule', { Name: 'r' });
    bus.publish();
    expect(bus.taken()).toEqual([]);
    bus.ask('EnableRule', { Name: 'r' });
    bus.publish();
    expect(bus.taken()).toHaveLength(1);
  });

  test('a deleted rule, a removed target: nothing is delivered', () => {
    const bus = new Driver();
    bus.rule('r', { source: ['shop'] }, { Arn: queue('jobs') });
    expect(() => bus.ask('DeleteRule', { Name: 'r' })).toThrow(
      "ValidationException: Rule can't be deleted since it has targets.",
    );
    expect(bus.ask('RemoveTargets', { Rule: 'r', Ids: ['target', 'other'] })).toMatchObject({
      FailedEntryCount: 1,
      FailedEntries: [{ TargetId: 'other', ErrorCode: 'ResourceNotFoundException' }],
    });
    bus.publish();
    bus.ask('DeleteRule', { Name: 'r' });
    bus.ask('DeleteRule', { Name: 'r' });
    bus.publish();
    expect(bus.taken()).toEqual([]);
  });

  test('rules are found by target', () => {
    const bus = new Driver();
    bus.rule('one', { source: ['a'] }, { Arn: queue('jobs') });
    bus.rule('two', { source: ['a'] }, { Arn: queue('other') });
    expect(bus.ask('ListRuleNamesByTarget', { TargetArn: queue('jobs') })).toEqual({ RuleNames: ['one'] });
  });

  // Source: texts as recorded from AWS.
  test.each([
    ['DescribeRule', { Name: 'x' }, 'ResourceNotFoundException: Rule x does not exist on EventBus default.'],
    [
      'PutTargets',
      { Rule: 'x', Targets: [target] },
      'ResourceNotFoundException: Rule x does not exist on EventBus default.',
    ],
    [
      'PutRule',
      { Name: 'x', EventBusName: 'no', EventPattern: pattern },
      'ResourceNotFoundException: Event bus no does not exist.',
    ],
    [
      'PutRule',
      { Name: 'x' },
      'ValidationException: Parameter(s) EventPattern or ScheduleExpression must be specified.',
    ],
    [
      'PutRule',
      { Name: 'a b', EventPattern: pattern },
      "ValidationException: 1 validation error detected: Value 'a b' at 'name'",
    ],
    [
      'PutRule',
      { Name: 'x', EventPattern: '{"source":[]}' },
      'InvalidEventPatternException: Event pattern is not valid. Reason: Empty arrays are not allowed',
    ],
    ['CreateEventBus', { Name: 'default' }, 'ResourceAlreadyExistsException: Event bus default already exists.'],
    ['DeleteEventBus', { Name: 'default' }, 'ValidationException: Cannot delete event bus default.'],
    ['DescribeEventBus', { Name: 'no' }, 'ResourceNotFoundException: Event bus no does not exist.'],
    [
      'RemovePermission',
      { StatementId: 's' },
      'ResourceNotFoundException: Statement with the provided id does not exist.',
    ],
    [
      'CreateConnection',
      { Name: 'c' },
      "UnknownOperationException: EventBridge's CreateConnection is not modelled by the local runtime.",
    ],
  ])('%s %j is refused', (operation, input, message) => {
    expect(() => new Driver().ask(operation, input)).toThrow(message);
  });
});

describe('targets of a rule', () => {
  const put = (more: object) => () => {
    const bus = new Driver();
    bus.ask('PutRule', { Name: 'r', EventPattern: pattern });
    bus.ask('PutTargets', { Rule: 'r', Targets: [{ ...target, ...more }] });
  };

  // Source: texts as recorded from AWS, where AWS has the rule; else of the local runtime.
  test.each<[string, object, string]>([
    [
      'an id of other characters',
      { Id: 'a b' },
      "Value 'a b' at 'targets.1.member.id' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ],
    ['an id that is too long', { Id: 'x'.repeat(65) }, 'Member must have length less than or equal to 64'],
    [
      'two inputs',
      { Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    ],
    [
      'an unknown placeholder',
      { InputTransformer: { InputPathsMap: { a: '$.id' }, InputTemplate: '{"x":<b>}' } },
      'InputTemplate for target t contains invalid placeholder b.',
    ],
    [
      'a target that is not modelled',
      { Arn: arnOf('kinesis', 'stream/s') },
      'The target arn:aws:kinesis:eu-central-1:123456789012:stream/s is not modelled by the local runtime; modelled: SQS queues,',
    ],
    ['an API destination', { Arn: arnOf('events', 'api-destination/d/1') }, 'is not modelled by the local runtime'],
    [
      'a member that is not modelled',
      { EcsParameters: {} },
      'EcsParameters of target t is not modelled by the local runtime; modelled: Id, Arn,',
    ],
    [
      'dead letters that are FIFO',
      { DeadLetterConfig: { Arn: queue('dead.fifo') } },
      'Only standard SQS queues can take dead letters',
    ],
    ['a FIFO queue without a group', { Arn: queue('jobs.fifo') }, 'MessageGroupId must be given for a FIFO queue.'],
    [
      'too many retries',
      { RetryPolicy: { MaximumRetryAttempts: 186 } },
      "Value '186' at 'targets.1.member.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
    ],
    [
      'too little patience',
      { RetryPolicy: { MaximumEventAgeInSeconds: 59 } },
      'Member must have value greater than or equal to 60',
    ],
    ['no ARN', { Arn: 'jobs' }, 'Parameter jobs is not valid. Reason: Provided Arn is not in correct format.'],
  ])('%s is refused', (_name, more, message) => {
    expect(put(more)).toThrow(message);
  });

  // Source: Amazon EventBridge quotas, targets per rule.
  test('five at the most', () => {
    const bus = new Driver();
    bus.ask('PutRule', { Name: 'r', EventPattern: pattern });
    const targets = (count: number) => Array.from({ length: count }, (_, index) => ({ ...target, Id: `t${index}` }));
    bus.ask('PutTargets', { Rule: 'r', Targets: targets(5) });
    bus.ask('PutTargets', { Rule: 'r', Targets: targets(5) });
    expect(() => bus.ask('PutTargets', { Rule: 'r', Targets: [target] })).toThrow(
      'LimitExceededException: The requested resource exceeds the maximum number allowed.',
    );
  });
});

describe('TestEventPattern', () => {
  const Event = JSON.stringify({ id: '1', account: '1', source: 'shop', time: '', region: '', 'detail-type': 'Sold' });

  test.each([
    ['{"source":["shop"]}', true],
    ['{"source":["x"]}', false],
  ])('%s: %s', (EventPattern, Result) => {
    expect(new Driver().ask('TestEventPattern', { EventPattern, Event })).toEqual({ Result });
  });

  // Source: API reference, TestEventPattern: the fields an event must have; text as recorded from AWS.
  test.each([['text'], ['{"source":"shop"}'], ['[]'], ['null']])('the event %s is refused', (bad) => {
    expect(() => new Driver().ask('TestEventPattern', { EventPattern: pattern, Event: bad })).toThrow(
      'ValidationException: Parameter Event is not valid.',
    );
  });
});

describe('buses', () => {
  test('are made, shown, listed and deleted; permissions and tags are kept', () => {
    const bus = new Driver();
    const Arn = arnOf('events', 'event-bus/orders');
    expect(bus.ask('CreateEventBus', { Name: 'orders', Tags: [{ Key: 'k', Value: 'v' }] })).toEqual({
      EventBusArn: Arn,
    });
    bus.ask('PutPermission', {
      EventBusName: 'orders',
      StatementId: 's',
      Principal: '210987654321',
      Action: 'events:PutEvents',
    });
    const { Policy, ...shown } = bus.ask('DescribeEventBus', { Name: 'orders' });
    expect(shown).toEqual({ Name: 'orders', Arn, CreationTime: bus.now / 1000, LastModifiedTime: bus.now / 1000 });
    expect(JSON.parse(Policy)).toEqual({
      Version: '2012-10-17',
      Statement: [
        {
          Sid: 's',
          Effect: 'Allow',
          Principal: { AWS: 'arn:aws:iam::210987654321:root' },
          Action: 'events:PutEvents',
          Resource: Arn,
        },
      ],
    });
    bus.ask('TagResource', { ResourceARN: Arn, Tags: [{ Key: 'l', Value: 'w' }] });
    bus.ask('UntagResource', { ResourceARN: Arn, TagKeys: ['k'] });
    expect(bus.ask('ListTagsForResource', { ResourceARN: Arn })).toEqual({ Tags: [{ Key: 'l', Value: 'w' }] });
    bus.ask('RemovePermission', { EventBusName: 'orders', StatementId: 's' });
    expect(bus.ask('DescribeEventBus', { Name: 'orders' }).Policy).toBeUndefined();
    const names = () => bus.ask('ListEventBuses').EventBuses.map(({ Name }: { Name: string }) => Name);
    expect(names()).toEqual(['default', 'orders']);
    bus.ask('DeleteEventBus', { Name: 'orders' });
    expect(names()).toEqual(['default']);
  });

  test('the tags of a rule, on the default and on another bus', () => {
    const bus = new Driver();
    bus.ask('CreateEventBus', { Name: 'orders' });
    for (const EventBusName of ['default', 'orders']) {
      const { RuleArn } = bus.ask('PutRule', {
        Name: 'r',
        EventBusName,
        EventPattern: pattern,
        Tags: [{ Key: 'bus', Value: EventBusName }],
      });
      expect(bus.ask('ListTagsForResource', { ResourceARN: RuleArn })).toEqual({
        Tags: [{ Key: 'bus', Value: EventBusName }],
      });
    }
  });
});
