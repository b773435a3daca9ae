import { arnOf, Driver, queue, start } from './support';

const minute = 60_000;
const busArn = arnOf('events', 'event-bus/default');
const archiveArn = arnOf('events', 'archive/all');

/** An archive of the default bus, and a rule for everything from the shop. */
function archived(more: object = {}): Driver {
  const bus = new Driver();
  bus.ask('CreateArchive', { ArchiveName: 'all', EventSourceArn: busArn, ...more });
  bus.rule('sold', { source: ['shop'] }, { Arn: queue('jobs') });
  return bus;
}

function publishAt(bus: Driver, offsets: number[]): void {
  for (const offset of offsets) {
    bus.now = start + offset;
    bus.publish({ at: offset });
  }
  for (const call of bus.taken()) bus.answer(call, { output: {} });
  bus.now = start + 10 * minute;
}

const replay = (bus: Driver, more: object = {}) =>
  bus.ask('StartReplay', {
    ReplayName: 'again',
    EventSourceArn: archiveArn,
    EventStartTime: start / 1000,
    EventEndTime: (start + 5 * minute) / 1000,
    Destination: { Arn: busArn },
    ...more,
  });

/** The details that a wake brings. */
function wakes(bus: Driver): { at: number; bodies: any[] } {
  bus.sleep();
  const bodies = bus.taken().map((call) => {
    bus.answer(call, { output: {} });
    return JSON.parse(call.input.MessageBody);
  });
  return { at: bus.now, bodies };
}

describe('archives', () => {
  test('keep what matches, for as long as they are told', () => {
    const bus = archived({
      EventPattern: '{"detail":{"at":[{"numeric":[">",0]}]}}',
      RetentionDays: 1,
      Description: 'd',
    });
    publishAt(bus, [0, 1000, 2000]);
    const shown = bus.ask('DescribeArchive', { ArchiveName: 'all' });
    expect(shown).toMatchObject({
      ArchiveArn: archiveArn,
      ArchiveName: 'all',
      EventSourceArn: busArn,
      Description: 'd',
      RetentionDays: 1,
      EventCount: 2,
      State: 'ENABLED',
      CreationTime: start / 1000,
    });
    expect(shown.SizeBytes).toBeGreaterThan(300);
    bus.now = start + 1000 + 86_400_000 + 1;
    expect(bus.ask('DescribeArchive', { ArchiveName: 'all' }).EventCount).toBe(1);
    expect(bus.ask('ListArchives').Archives).toMatchObject([{ ArchiveName: 'all', EventCount: 1 }]);
  });

  test('are updated and deleted', () => {
    const bus = archived();
    bus.ask('UpdateArchive', { ArchiveName: 'all', EventPattern: '{"source":["x"]}' });
    publishAt(bus, [0]);
    expect(bus.ask('DescribeArchive', { ArchiveName: 'all' }).EventCount).toBe(0);
    bus.ask('DeleteArchive', { ArchiveName: 'all' });
    expect(bus.ask('ListArchives').Archives).toEqual([]);
  });

  // Source: texts as recorded from AWS.
  test.each([
    [
      'CreateArchive',
      { ArchiveName: 'all', EventSourceArn: busArn },
      'ResourceAlreadyExistsException: Archive all already exists.',
    ],
    [
      'CreateArchive',
      { ArchiveName: 'b', EventSourceArn: `${busArn}x` },
      'ResourceNotFoundException: Event bus defaultx does not exist.',
    ],
    [
      'CreateArchive',
      { ArchiveName: 'b', EventSourceArn: busArn, EventPattern: '{}' },
      'InvalidEventPatternException: Event pattern is not valid.',
    ],
    ['DescribeArchive', { ArchiveName: 'x' }, 'ResourceNotFoundException: Archive x does not exist.'],
    [
      'UpdateArchive',
      { ArchiveName: 'x' },
      'ValidationException: At least one of EventPattern, RetentionDays or Description must be provided.',
    ],
    ['DescribeReplay', { ReplayName: 'x' }, 'ResourceNotFoundException: Replay x does not exist.'],
  ])('%s %j is refused', (operation, input, message) => {
    expect(() => archived().ask(operation, input)).toThrow(message);
  });
});

describe('replays', () => {
  test('go minute by minute, each event once, under a new id, with the name of the replay', () => {
    const bus = archived();
    publishAt(bus, [0, 10_000, minute, minute + 1, 4 * minute, 9 * minute]);
    const original = new Set(bus.trace.filter(({ kind }) => kind === 'published').map(({ id }) => id));
    expect(replay(bus)).toEqual({
      ReplayArn: arnOf('events', 'replay/again'),
      State: 'STARTING',
      ReplayStartTime: (start + 10 * minute) / 1000,
    });
    const minutes = [wakes(bus), wakes(bus), wakes(bus)];
    expect(
      minutes.map(({ at, bodies }) => [at - start - 10 * minute, bodies.map(({ detail }) => detail.at).sort()]),
    ).toEqual([
      [1000, [0, 10_000]],
      [2000, [minute, minute + 1]],
      [3000, [4 * minute]],
    ]);
    for (const body of minutes.flatMap(({ bodies }) => bodies)) {
      expect(Object.keys(body)).toEqual([
        'version',
        'id',
        'detail-type',
        'source',
        'account',
        'time',
        'region',
        'replay-name',
        'resources',
        'detail',
      ]);
      expect(body['replay-name']).toBe('again');
      expect(original.has(body.id)).toBe(false);
    }
    expect(bus.wakeAt).toBeUndefined();
    expect(bus.ask('DescribeReplay', { ReplayName: 'again' })).toMatchObject({
      State: 'COMPLETED',
      EventLastReplayedTime: (start + 4 * minute) / 1000,
      ReplayEndTime: (start + 10 * minute + 3000) / 1000,
      Destination: { Arn: busArn },
    });
    expect(bus.ask('DescribeArchive', { ArchiveName: 'all' }).EventCount).toBe(6);
  });

  test('the order within a minute is drawn: by seed, and not that of the archive', () => {
    const order = (seed: string): number[] => {
      const bus = new Driver(seed);
      bus.ask('CreateArchive', { ArchiveName: 'all', EventSourceArn: busArn });
      bus.rule('sold', { source: ['shop'] }, { Arn: queue('jobs') });
      publishAt(bus, [0, 1, 2, 3, 4, 5, 6, 7]);
      replay(bus);
      return wakes(bus).bodies.map(({ detail }) => detail.at);
    };
    expect(order('a')).toEqual(order('a'));
    expect(order('a')).not.toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(order('a')).not.toEqual(order('b'));
    expect(order('a').sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('may go to some rules only', () => {
    const bus = archived();
    bus.rule('other', { source: ['shop'] }, { Arn: queue('other') });
    publishAt(bus, [0]);
    replay(bus, { Destination: { Arn: busArn, FilterArns: [arnOf('events', 'rule/other')] } });
    bus.sleep();
    expect(bus.taken().map(({ input }) => input.QueueUrl)).toEqual(['http://aws.local/123456789012/other']);
  });

  test('can be cancelled', () => {
    const bus = archived();
    publishAt(bus, [0, minute, 2 * minute]);
    replay(bus);
    wakes(bus);
    expect(bus.ask('DescribeReplay', { ReplayName: 'again' }).State).toBe('RUNNING');
    bus.ask('CancelReplay', { ReplayName: 'again' });
    expect(bus.wakeAt).toBeUndefined();
    expect(bus.ask('ListReplays', { State: 'CANCELLED' }).Replays).toMatchObject([{ ReplayName: 'again' }]);
    expect(() => bus.ask('CancelReplay', { ReplayName: 'again' })).toThrow('ValidationException: Replay again is not');
  });

  // Source: texts as recorded from AWS.
  test.each([
    [
      { EventSourceArn: arnOf('events', 'archive/x') },
      'ValidationException: Parameter EventSourceArn is not valid. Reason: Archive x does not exist.',
    ],
    [
      { Destination: { Arn: arnOf('events', 'event-bus/x') } },
      'ResourceNotFoundException: Event bus x does not exist.',
    ],
    [
      { Destination: { Arn: arnOf('events', 'event-bus/b') } },
      'ValidationException: Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.',
    ],
    [
      { EventEndTime: start / 1000 },
      'ValidationException: Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.',
    ],
    [{ ReplayName: 'taken' }, 'ResourceAlreadyExistsException: Replay taken already exists.'],
  ])('%j is refused', (more, message) => {
    const bus = archived();
    bus.ask('CreateEventBus', { Name: 'b' });
    replay(bus, { ReplayName: 'taken' });
    expect(() => replay(bus, more)).toThrow(message);
  });
});
