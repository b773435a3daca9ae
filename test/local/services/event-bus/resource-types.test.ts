import { judgeProperties } from '../../../../lib/local/assembly/refuse';
import { resourceTypes } from '../../../../lib/local/services/event-bus';
import type { IdentifyContext } from '../../../../lib/local/services/resource-type';
import type { Json } from '../../../../lib/local/services/service';
import { account, arnOf, Driver, endpoint, queue, region } from './support';

const contextOf = (props: Json): IdentifyContext => ({
  stackName: 'Stack',
  logicalId: 'Thing',
  account,
  region,
  endpoint,
  property: (name) => props[name],
  uniqueName: () => 'Stack-Thing-X',
});

/** Identifies and creates, as the start of the local runtime does. */
function create(bus: Driver, name: string, props: Json): { ref: string; attributes: Json } {
  const type = resourceTypes[`AWS::Events::${name}`]!;
  const context = contextOf(props);
  const identity = type.identify(context);
  for (const { service, operation, input } of type.create({
    ...context,
    constructPath: 'Stack/Thing',
    identity,
    props,
    assetDir: () => undefined,
  })) {
    expect(service).toBe('events');
    bus.ask(operation, input);
  }
  return identity;
}

// Source: CloudFormation template reference, AWS::Events::*, "Return values".
test('a bus, an archive, a policy and a rule of a template work together', () => {
  const bus = new Driver();
  expect(create(bus, 'EventBus', { Name: 'orders', Description: 'd' })).toMatchObject({
    ref: 'orders',
    attributes: { Name: 'orders', Arn: arnOf('events', 'event-bus/orders') },
  });
  expect(
    create(bus, 'Archive', {
      SourceArn: arnOf('events', 'event-bus/orders'),
      EventPattern: { account: [account] },
      RetentionDays: 30,
    }),
  ).toEqual({
    ref: 'Stack-Thing-X',
    attributes: { ArchiveName: 'Stack-Thing-X', Arn: arnOf('events', 'archive/Stack-Thing-X') },
  });
  create(bus, 'EventBusPolicy', {
    EventBusName: 'orders',
    StatementId: 's',
    Statement: { Effect: 'Allow', Principal: '*' },
  });
  expect(
    create(bus, 'Rule', {
      EventBusName: 'orders',
      EventPattern: { source: ['shop'] },
      State: 'ENABLED',
      Targets: [{ Id: 'Target0', Arn: queue('jobs'), InputPath: '$' }],
    }),
  ).toEqual({ ref: 'orders|Stack-Thing-X', attributes: { Arn: arnOf('events', 'rule/orders/Stack-Thing-X') } });
  bus.publish({}, { EventBusName: 'orders' });
  expect(bus.taken()).toHaveLength(1);
  expect(bus.ask('ListArchives').Archives).toMatchObject([{ EventCount: 1, RetentionDays: 30 }]);
  expect(JSON.parse(bus.ask('DescribeEventBus', { Name: 'orders' }).Policy).Statement).toEqual([
    { Sid: 's', Effect: 'Allow', Principal: '*' },
  ]);
});

test('a rule of the default bus, with a schedule', () => {
  const bus = new Driver();
  expect(create(bus, 'Rule', { Name: 'tick', ScheduleExpression: 'rate(1 hour)' })).toEqual({
    ref: 'tick',
    attributes: { Arn: arnOf('events', 'rule/tick') },
  });
  expect(bus.wakeAt).toBe(bus.now + 3_600_000);
});

test('members of a target that nobody models are named', () => {
  const verdict = judgeProperties(resourceTypes['AWS::Events::Rule']!, {
    Targets: [
      { Id: 't', Arn: 'a', RoleArn: 'r', EcsParameters: { TaskCount: 1 }, SqsParameters: { MessageGroupId: 'g' } },
    ],
    Role: 'x',
  });
  expect(verdict.refused).toEqual(['Targets.0.EcsParameters', 'Role']);
  expect(verdict.ignored.map(({ property }) => property)).toEqual(['Targets.0.RoleArn']);
});
