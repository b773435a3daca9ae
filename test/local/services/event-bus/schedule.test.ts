import { arnOf, Driver, queue, start } from './support';

const minute = 60_000;
const at = (...parts: [number, number, number, number?, number?]): number => Date.UTC(...parts);

function scheduled(ScheduleExpression: string): Driver {
  const bus = new Driver();
  bus.ask('PutRule', { Name: 'tick', ScheduleExpression });
  bus.ask('PutTargets', { Rule: 'tick', Targets: [{ Id: 't', Arn: queue('jobs') }] });
  return bus;
}

/** When it fires, `count` times; every delivery is answered at once. */
function times(bus: Driver, count: number): number[] {
  return Array.from({ length: count }, () => {
    bus.sleep();
    for (const call of bus.taken()) bus.answer(call, { output: {} });
    return bus.now;
  });
}

describe('schedules', () => {
  // Source: User Guide, "Schedule expressions". `start` is Saturday, 31 January 2026, 12:00 UTC.
  test.each([
    ['rate(1 minute)', [start + minute, start + 2 * minute]],
    ['rate(5 minutes)', [start + 5 * minute, start + 10 * minute]],
    ['rate(1 day)', [start + 1440 * minute, start + 2880 * minute]],
    ['cron(0 10 * * ? *)', [at(2026, 1, 1, 10), at(2026, 1, 2, 10)]],
    ['cron(15 12 * * ? *)', [at(2026, 0, 31, 12, 15), at(2026, 1, 1, 12, 15)]],
    ['cron(0/15 * * * ? *)', [at(2026, 0, 31, 12, 15), at(2026, 0, 31, 12, 30)]],
    ['cron(0 18 ? * MON-FRI *)', [at(2026, 1, 2, 18), at(2026, 1, 3, 18)]],
    ['cron(0 8 1 * ? *)', [at(2026, 1, 1, 8), at(2026, 2, 1, 8)]],
    ['cron(0 9 ? * 6L *)', [at(2026, 1, 27, 9), at(2026, 2, 27, 9)]],
    ['cron(0 9 ? * 2#1 *)', [at(2026, 1, 2, 9), at(2026, 2, 2, 9)]],
    ['cron(0 9 L * ? 2026)', [at(2026, 1, 28, 9), at(2026, 2, 31, 9)]],
  ])('%s', (expression, expected) => {
    expect(times(scheduled(expression), 2)).toEqual(expected);
  });

  test('the event of a schedule names its rule', () => {
    const bus = scheduled('rate(1 hour)');
    bus.sleep();
    expect(JSON.parse(bus.taken()[0]!.input.MessageBody)).toEqual({
      version: '0',
      id: expect.any(String),
      'detail-type': 'Scheduled Event',
      source: 'aws.events',
      account: '123456789012',
      time: '2026-01-31T13:00:00Z',
      region: 'eu-central-1',
      resources: [arnOf('events', 'rule/tick')],
      detail: {},
    });
  });

  test('a disabled, and a deleted rule sleeps; a schedule that is over, too', () => {
    const bus = scheduled('rate(1 hour)');
    bus.ask('DisableRule', { Name: 'tick' });
    expect(bus.wakeAt).toBeUndefined();
    bus.ask('EnableRule', { Name: 'tick' });
    expect(bus.wakeAt).toBe(start + 60 * minute);
    bus.ask('RemoveTargets', { Rule: 'tick', Ids: ['t'] });
    bus.ask('DeleteRule', { Name: 'tick' });
    expect(bus.wakeAt).toBeUndefined();
    expect(scheduled('cron(0 0 1 1 ? 2020)').wakeAt).toBeUndefined();
  });

  // Source: recorded from AWS.
  test.each([
    ['rate(0 minutes)'],
    ['rate(1 minutes)'],
    ['rate(2 minute)'],
    ['rate(5 seconds)'],
    ['rate(-1 hours)'],
    ['cron(0 10 * * * *)'],
    ['cron(0 10 ? * ? *)'],
    ['cron(0 10 * * ?)'],
    ['cron(99 10 * * ? *)'],
    ['at(2026-01-01T00:00:00)'],
    ['daily'],
  ])('%s is refused', (expression) => {
    expect(() => scheduled(expression)).toThrow('ValidationException: Parameter ScheduleExpression is not valid.');
  });

  test('only the default bus has schedules', () => {
    const bus = new Driver();
    bus.ask('CreateEventBus', { Name: 'b' });
    expect(() => bus.ask('PutRule', { Name: 'r', EventBusName: 'b', ScheduleExpression: 'rate(1 hour)' })).toThrow(
      'ValidationException: ScheduleExpression is supported only on the default event bus.',
    );
  });
});
