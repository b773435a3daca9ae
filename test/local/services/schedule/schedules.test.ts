import { resourceTypes } from '../../../../lib/local/services/schedule';
import { bus, deadLetters, queue, request, role, Scheduler, toQueue } from './support';

const arn = (name = 's', group = 'default') => `arn:aws:scheduler:eu-west-1:123456789012:schedule/${group}/${name}`;

/** Source: Scheduler API reference, CreateSchedule, UpdateSchedule, GetSchedule, ListSchedules; defaults and texts as recorded from AWS. */
describe('schedules', () => {
  test('are what was asked for, with the defaults filled in', () => {
    const scheduler = new Scheduler();
    expect(scheduler.create('at(2026-12-01T00:00:00)', { Description: 'd' })).toEqual({ ScheduleArn: arn() });
    expect(scheduler.get()).toEqual({
      Arn: arn(),
      Name: 's',
      GroupName: 'default',
      CreationDate: 1_795_510_800,
      LastModificationDate: 1_795_510_800,
      Description: 'd',
      ScheduleExpression: 'at(2026-12-01T00:00:00)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      State: 'ENABLED',
      ActionAfterCompletion: 'NONE',
      Target: { ...toQueue, RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 } },
    });
  });

  test('a name is taken once; only the same request with the same token is answered again', () => {
    const scheduler = new Scheduler();
    const first = request('rate(1 day)', { ClientToken: 't' });
    scheduler.call('CreateSchedule', first);
    expect(scheduler.call('CreateSchedule', first)).toEqual({ ScheduleArn: arn() });
    for (const other of [{ ClientToken: 'u' }, { ClientToken: undefined }, { Description: 'd' }]) {
      expect(scheduler.refusal('CreateSchedule', { ...first, ...other })).toBe(
        'ConflictException: Schedule s already exists.',
      );
    }
    expect(scheduler.calls).toHaveLength(1);
  });

  test('an update replaces everything, a disabled one is not due, a deleted one is gone', () => {
    const scheduler = new Scheduler();
    scheduler.create('at(2026-11-24T10:00:00)', { Description: 'd' });
    scheduler.until('2026-11-24T09:30:00Z');
    scheduler.call('UpdateSchedule', request('at(2026-11-24T11:00:00)', { State: 'DISABLED' }));
    expect(scheduler.get()).toMatchObject({ CreationDate: 1_795_510_800, LastModificationDate: 1_795_512_600 });
    expect(scheduler.get()).not.toHaveProperty('Description');
    scheduler.until('2026-11-24T11:30:00Z');
    scheduler.call('UpdateSchedule', request('at(2026-11-24T12:00:00)'));
    scheduler.until('2026-11-24T12:30:00Z');
    expect(scheduler.times()).toEqual(['2026-11-24T12:00:00']);
    scheduler.call('DeleteSchedule', { Name: 's' });
    expect(scheduler.refusal('GetSchedule', { Name: 's' })).toBe(
      'ResourceNotFoundException: Schedule s does not exist.',
    );
    expect(scheduler.refusal('DeleteSchedule', { Name: 's' })).toContain('ResourceNotFoundException: ');
  });

  test('a schedule that is done stays, or goes where it says so', () => {
    const scheduler = new Scheduler();
    scheduler.create('at(2026-11-24T10:00:00)', { Name: 'stays' });
    scheduler.create('at(2026-11-24T10:00:00)', { Name: 'goes', ActionAfterCompletion: 'DELETE' });
    scheduler.create('rate(1 hour)', {
      Name: 'ends',
      ActionAfterCompletion: 'DELETE',
      EndDate: Date.UTC(2026, 10, 24, 10) / 1000,
    });
    const names = () => scheduler.call('ListSchedules', {}).Schedules.map(({ Name }: any) => Name);
    expect(names()).toEqual(['ends', 'goes', 'stays']);
    scheduler.until('2026-11-24T10:00:00Z');
    expect(names()).toEqual(['stays']);
  });

  test('are listed by group, prefix, state and page', () => {
    const scheduler = new Scheduler();
    scheduler.call('CreateScheduleGroup', { Name: 'g' });
    for (const Name of ['a1', 'a2', 'b']) scheduler.create('rate(1 day)', { Name, GroupName: 'g' });
    scheduler.create('rate(1 day)', { Name: 'a3', State: 'DISABLED' });
    const list = (input: object) => {
      const { Schedules, NextToken } = scheduler.call('ListSchedules', input);
      return [Schedules.map(({ GroupName, Name }: any) => `${GroupName}/${Name}`), NextToken];
    };
    expect(list({ NamePrefix: 'a' })).toEqual([['default/a3', 'g/a1', 'g/a2'], undefined]);
    expect(list({ State: 'DISABLED' })).toEqual([['default/a3'], undefined]);
    const [page, NextToken] = list({ GroupName: 'g', MaxResults: 2 });
    expect(page).toEqual(['g/a1', 'g/a2']);
    expect(list({ GroupName: 'g', MaxResults: 2, NextToken })).toEqual([['g/b'], undefined]);
    expect(scheduler.call('ListSchedules', { GroupName: 'g', MaxResults: 1 }).Schedules[0]).toMatchObject({
      State: 'ENABLED',
      Target: { Arn: queue },
    });
    expect(scheduler.refusal('ListSchedules', { GroupName: 'none' })).toContain('ResourceNotFoundException: ');
  });

  test.each<[what: string, more: object, error: string]>([
    [
      'a name with a slash',
      { Name: 'a/b' },
      "1 validation error detected: Value 'a/b' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ],
    ['a long name', { Name: 'n'.repeat(65) }, 'Member must have length less than or equal to 64'],
    ['no window', { FlexibleTimeWindow: undefined }, "Value null at 'flexibleTimeWindow' failed"],
    ['a window without length', { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } }, 'MaximumWindowInMinutes is required'],
    [
      'a length without window',
      { FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } },
      'MaximumWindowInMinutes must not be given',
    ],
    [
      'a window of a day and a minute',
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 } },
      'value less than or equal to 1440',
    ],
    ['a zone of nowhere', { ScheduleExpressionTimezone: 'Mars/Olympus' }, 'Invalid time zone Mars/Olympus'],
    [
      'an end before its start',
      { StartDate: 2_000_000_000, EndDate: 1_999_999_999 },
      'The EndDate must be later than the StartDate.',
    ],
    ['no role', { Target: { Arn: queue } }, "Value null at 'target.roleArn' failed"],
    [
      '186 retries',
      { Target: { ...toQueue, RetryPolicy: { MaximumRetryAttempts: 186 } } },
      'value less than or equal to 185',
    ],
    [
      'an age of 59 s',
      { Target: { ...toQueue, RetryPolicy: { MaximumEventAgeInSeconds: 59 } } },
      'value greater than or equal to 60',
    ],
    [
      'a bus without detail type',
      { Target: { Arn: bus, RoleArn: role } },
      'EventBridgeParameters with DetailType and Source are required',
    ],
    [
      'a bus with text',
      { Target: { Arn: bus, RoleArn: role, Input: 'text', EventBridgeParameters: { DetailType: 'D', Source: 's' } } },
      'must be JSON',
    ],
    [
      'a FIFO queue without group',
      { Target: { Arn: `${queue}.fifo`, RoleArn: role } },
      'MessageGroupId is required for FIFO queues',
    ],
    [
      'FIFO dead letters',
      { Target: { ...toQueue, DeadLetterConfig: { Arn: `${deadLetters}.fifo` } } },
      'must be the ARN of a standard SQS queue',
    ],
    [
      'a target that is not modelled',
      { Target: { ...toQueue, Arn: 'arn:aws:states:eu-west-1:123456789012:stateMachine:m' } },
      'is not modelled here; modelled are event buses',
    ],
    [
      'a service that is not modelled',
      { Target: { ...toQueue, Arn: 'arn:aws:scheduler:::aws-sdk:ec2:startInstances' } },
      'is not modelled here',
    ],
    [
      'an action that only reads',
      { Target: { ...toQueue, Arn: 'arn:aws:scheduler:::aws-sdk:sqs:listQueues', Input: '{}' } },
      'is read-only',
    ],
    [
      'more than 256 KiB',
      { Target: { ...toQueue, Input: 'x'.repeat(262_145) } },
      'has 262145 bytes; at most 262144 are allowed',
    ],
  ])('refused: %s', (_, more, error) => {
    const scheduler = new Scheduler();
    const refusal = scheduler.refusal('CreateSchedule', request('rate(1 day)', more));
    expect(refusal).toContain('ValidationException: ');
    expect(refusal).toContain(error);
    expect(scheduler.call('ListSchedules', {}).Schedules).toEqual([]);
  });
});

/** Source: Scheduler API reference, CreateScheduleGroup, DeleteScheduleGroup, TagResource. */
describe('groups', () => {
  test('hold schedules, and take them along', () => {
    const scheduler = new Scheduler();
    const { ScheduleGroupArn } = scheduler.call('CreateScheduleGroup', {
      Name: 'g',
      ClientToken: 't',
      Tags: [{ Key: 'a', Value: '1' }],
    });
    expect(ScheduleGroupArn).toBe('arn:aws:scheduler:eu-west-1:123456789012:schedule-group/g');
    expect(scheduler.call('CreateScheduleGroup', { Name: 'g', ClientToken: 't' })).toEqual({ ScheduleGroupArn });
    expect(scheduler.refusal('CreateScheduleGroup', { Name: 'g' })).toContain('ConflictException: ');
    expect(scheduler.call('GetScheduleGroup', { Name: 'g' })).toMatchObject({
      Name: 'g',
      State: 'ACTIVE',
      CreationDate: 1_795_510_800,
    });
    scheduler.call('TagResource', { ResourceArn: ScheduleGroupArn, Tags: [{ Key: 'b', Value: '2' }] });
    scheduler.call('UntagResource', { ResourceArn: ScheduleGroupArn, TagKeys: ['a'] });
    expect(scheduler.call('ListTagsForResource', { ResourceArn: ScheduleGroupArn })).toEqual({
      Tags: [{ Key: 'b', Value: '2' }],
    });
    scheduler.create('at(2026-11-24T10:00:00)', { GroupName: 'g' });
    scheduler.create('at(2026-11-24T10:00:00)', { Name: 'other' });
    scheduler.call('DeleteScheduleGroup', { Name: 'g' });
    scheduler.until('2026-11-24T11:00:00Z');
    expect(scheduler.calls).toHaveLength(1);
    const names = scheduler.call('ListScheduleGroups', {}).ScheduleGroups.map(({ Name }: any) => Name);
    expect(names).toEqual(['default']);
    expect(scheduler.refusal('CreateSchedule', request('rate(1 day)', { GroupName: 'g' }))).toBe(
      'ResourceNotFoundException: Schedule group g does not exist.',
    );
    expect(scheduler.refusal('DeleteScheduleGroup', { Name: 'default' })).toContain('ValidationException: ');
  });
});

/** Source: CloudFormation template reference, AWS::Scheduler::Schedule and ScheduleGroup, "Return values". */
test('resources of a template', () => {
  const place = {
    account: '123456789012',
    region: 'eu-west-1',
    endpoint: 'http://here:1',
    stackName: 'S',
    logicalId: 'X',
  };
  const scheduler = new Scheduler();
  const made = (typeName: string, props: any) => {
    const type = resourceTypes[typeName]!;
    const identity = type.identify({ ...place, property: (name) => props[name], uniqueName: () => 'S-X-1' });
    for (const { operation, input } of type.create({
      ...place,
      props,
      identity,
      constructPath: 'S/X',
      assetDir: () => undefined,
    }))
      scheduler.call(operation, input);
    return identity;
  };
  expect(made('AWS::Scheduler::ScheduleGroup', {})).toEqual({
    ref: 'S-X-1',
    attributes: { Arn: 'arn:aws:scheduler:eu-west-1:123456789012:schedule-group/S-X-1', State: 'ACTIVE' },
  });
  const props = {
    GroupName: 'S-X-1',
    ScheduleExpression: 'rate(1 day)',
    FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: '5' },
    Target: { ...toQueue, RetryPolicy: { MaximumRetryAttempts: '3' } },
    StartDate: '2026-12-01T00:00:00Z',
  };
  expect(made('AWS::Scheduler::Schedule', props)).toEqual({ ref: 'S-X-1', attributes: { Arn: arn('S-X-1', 'S-X-1') } });
  const { Target, FlexibleTimeWindow } = scheduler.call('GetSchedule', { Name: 'S-X-1', GroupName: 'S-X-1' });
  expect([Target.RetryPolicy, FlexibleTimeWindow]).toEqual([
    { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 3 },
    { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 5 },
  ]);
});
