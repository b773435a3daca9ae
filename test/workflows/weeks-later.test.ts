/**
 * T4 over weeks: everything is replayed when its records have expired, be they deleted at once or still lying there.
 * The archive keeps 30 days of events, a record lives for 23 and 20 minutes.
 */
import { recordLifeSeconds, windowSeconds } from '../../lib/contracts/delivery';
import type { VirtualWorld } from '../../lib/local/virtual';
import { appWorld, book, deadLettersOf, itemsOf, publishedIds, recordsOf } from '../support/world';

const hour = 3_600_000;

/** Time passes in which nobody does anything; polls and the sweeper stand still, for the test's own time. */
async function idle(world: VirtualWorld, ms: number): Promise<void> {
  const mappings = world.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings as { UUID: string }[];
  const schedules = (world.now('events', 'ListRules', {}).Rules as { Name: string; ScheduleExpression?: string }[])
    .filter(({ ScheduleExpression }) => ScheduleExpression)
    .map(({ Name }) => Name);
  expect(schedules).toHaveLength(1);
  const all = (Enabled: boolean): void => {
    for (const { UUID } of mappings) world.now('lambda', 'UpdateEventSourceMapping', { UUID, Enabled });
    for (const Name of schedules) world.now('events', Enabled ? 'EnableRule' : 'DisableRule', { Name });
  };
  all(false);
  await world.pass(ms);
  all(true);
}

function replay(world: VirtualWorld, startedMs: number): void {
  const [{ ArchiveName }] = world.now('events', 'ListArchives', {}).Archives;
  const { ArchiveArn, EventSourceArn } = world.now('events', 'DescribeArchive', { ArchiveName });
  world.now('events', 'StartReplay', {
    ReplayName: 'weeks-later',
    EventSourceArn: ArchiveArn,
    EventStartTime: startedMs / 1000,
    EventEndTime: Math.ceil(world.time.now() / 1000),
    Destination: { Arn: EventSourceArn },
  });
}

const business = ['Booking', 'Reservation', 'Payment', 'Label', 'Dispatch', 'Gateway'];
const rowsOf = (world: VirtualWorld): unknown[] => business.map((name) => [...itemsOf(world, `${name}TableName`)]);

test.each([
  ['at once', 0],
  ['two days late', 47 * hour],
])('what is replayed after its records expired, deleted %s, changes nothing and is found', async (_, delayMs) => {
  const world = appWorld();
  const startedMs = world.time.now();
  book(world, 'bk-weeks');
  expect(await world.settle()).toBe('quiet');
  const [rows, ids, records] = [rowsOf(world), publishedIds(world), recordsOf(world).length];
  expect(itemsOf(world, 'BookingTableName').get('bk-weeks')).toMatchObject({ status: 'confirmed' });
  expect(records).toBeGreaterThan(5);

  world.now('dynamodb', '$delayTimeToLive', { delayMs });
  await idle(world, recordLifeSeconds * 1000 + hour);
  expect(recordsOf(world)).toHaveLength(delayMs === 0 ? 0 : records);
  replay(world, startedMs);
  expect(await world.settle()).toBe('quiet');

  expect(rowsOf(world)).toEqual(rows);
  expect(publishedIds(world)).toEqual(ids);
  const letters = deadLettersOf(world);
  for (const { reason } of letters) expect(reason).toContain(`after ${windowSeconds} s its record may have expired`);
  // One for each record that is gone, and the conductor's start of the saga, which needs no record: its name is taken.
  expect(letters).toHaveLength((delayMs === 0 ? records : 0) + 1);
});
