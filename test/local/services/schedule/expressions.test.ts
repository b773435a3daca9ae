import { Scheduler } from './support';

/** Source: Scheduler user guide, "Schedule types", "Daylight saving time"; refusals: as recorded from AWS. The clock stands at 2026-11-24T09:00:00Z, a Tuesday. */
describe('when a schedule is due', () => {
  const zone = (ScheduleExpressionTimezone: string) => ({ ScheduleExpressionTimezone });
  test.each<[expression: string, more: object, until: string, times: string[]]>([
    ['at(2026-11-24T10:00:00)', {}, '2027-01-01T00:00:00Z', ['2026-11-24T10:00:00']],
    ['at(2026-11-24T10:00:30)', zone('Asia/Kolkata'), '2027-01-01T00:00:00Z', ['2026-11-24T09:00:00']],
    ['at(2026-11-24T18:00:00)', zone('America/New_York'), '2027-01-01T00:00:00Z', ['2026-11-24T23:00:00']],
    ['at(2027-06-01T08:00:00)', zone('Europe/Berlin'), '2027-07-01T00:00:00Z', ['2027-06-01T06:00:00']],
    // Start and end do not touch a one-time schedule.
    [
      'at(2026-11-24T10:00:00)',
      { EndDate: Date.UTC(2026, 10, 24, 9, 30) / 1000 },
      '2026-11-24T11:00:00Z',
      ['2026-11-24T10:00:00'],
    ],
    [
      'rate(20 minutes)',
      {},
      '2026-11-24T09:59:59Z',
      ['2026-11-24T09:00:00', '2026-11-24T09:20:00', '2026-11-24T09:40:00'],
    ],
    [
      'rate(1 day)',
      { StartDate: Date.UTC(2026, 10, 25, 6) / 1000, EndDate: Date.UTC(2026, 10, 26, 6) / 1000 },
      '2026-12-01T00:00:00Z',
      ['2026-11-25T06:00:00', '2026-11-26T06:00:00'],
    ],
    [
      'cron(0/15 9 ? * TUE *)',
      {},
      '2026-11-24T12:00:00Z',
      ['2026-11-24T09:00:00', '2026-11-24T09:15:00', '2026-11-24T09:30:00', '2026-11-24T09:45:00'],
    ],
    // 1 is Sunday; 6L the last Friday; 15W the working day nearest to the 15th.
    ['cron(0 12 ? * 1 *)', {}, '2026-12-07T00:00:00Z', ['2026-11-29T12:00:00', '2026-12-06T12:00:00']],
    ['cron(0 12 ? * 6L *)', {}, '2026-12-31T00:00:00Z', ['2026-11-27T12:00:00', '2026-12-25T12:00:00']],
    ['cron(0 12 15W * ? *)', {}, '2027-02-01T00:00:00Z', ['2026-12-15T12:00:00', '2027-01-15T12:00:00']],
    ['cron(0 12 L * ? 2027)', {}, '2027-03-01T00:00:00Z', ['2027-01-31T12:00:00', '2027-02-28T12:00:00']],
    // 2027-03-14 02:30 does not exist in New York and is skipped; 2027-11-07 01:30 comes twice and is due once.
    [
      'cron(30 2 ? * * 2027)',
      { ...zone('America/New_York'), StartDate: Date.UTC(2027, 2, 13, 0) / 1000 },
      '2027-03-15T23:00:00Z',
      ['2027-03-13T07:30:00', '2027-03-15T06:30:00'],
    ],
    [
      'cron(30 1 ? * * 2027)',
      { ...zone('America/New_York'), StartDate: Date.UTC(2027, 10, 7, 0) / 1000 },
      '2027-11-08T23:00:00Z',
      ['2027-11-07T05:30:00', '2027-11-08T06:30:00'],
    ],
  ])('%s %j', (expression, more, until, times) => {
    const scheduler = new Scheduler();
    scheduler.create(expression, more);
    scheduler.until(until);
    expect(scheduler.times()).toEqual(times);
  });

  test.each([
    'at(2026-11-24)',
    'at(2026-11-24T10:00:00Z)',
    'at(2026-13-24T10:00:00)',
    'rate(5)',
    'rate(0 minutes)',
    'rate(-5 minutes)',
    'rate(5 seconds)',
    'rate( 5 minutes )',
    ' rate(5 minutes)',
    'cron()',
    'cron(0 12 * * * *)',
    'cron(0 12 ? * ? *)',
    'cron(0 12 * * ?)',
    'cron(60 12 * * ? *)',
    'cron(0 noon * * ? *)',
    'tomorrow',
  ])('refused: %s', (expression) => {
    expect(
      new Scheduler().refusal('CreateSchedule', {
        Name: 's',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: {},
        ScheduleExpression: expression,
      }),
    ).toBe(`ValidationException: Invalid Schedule Expression ${expression}.`);
  });

  test('a flexible window delays each occurrence by a seeded part of it, not the next one', () => {
    const delays = (seed: string) => {
      const scheduler = new Scheduler(seed);
      scheduler.create('rate(1 hour)', { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 10 } });
      scheduler.until('2026-11-24T12:59:59Z');
      return scheduler.calls.map(({ at }, hour) => (Date.parse(at) - Date.UTC(2026, 10, 24, 9 + hour)) / 60_000);
    };
    const some = delays('one');
    expect(some).toHaveLength(4);
    for (const delay of some) expect(delay >= 0 && delay < 10).toBe(true);
    expect(new Set(some).size).toBe(4);
    expect(delays('one')).toEqual(some);
    expect(delays('two')).not.toEqual(some);
  });

  test('after a sleep of the machine one occurrence is made up for, not each', () => {
    const scheduler = new Scheduler();
    scheduler.create('rate(1 minute)');
    scheduler.wakeAt = Date.UTC(2026, 10, 24, 11, 0, 30);
    scheduler.until('2026-11-24T11:01:00Z');
    expect(scheduler.times()).toEqual(['2026-11-24T09:00:00', '2026-11-24T11:00:30', '2026-11-24T11:01:00']);
  });
});
