/** An event of ours that is published again by hand, and wrongly: every consumer of it says what is wrong. */
import { consumers } from '../../lib/contracts';
import { delivery } from '../../lib/contracts/delivery';
import { BookingOpened } from '../../lib/contracts/events/booking';
import { outputName } from '../../lib/stacks/names';
import { appWorld, book, deadLettersOf, itemsOf, publish, recordsOf } from '../support/world';

const listening = consumers
  .filter(({ on }) => (on as readonly object[]).includes(BookingOpened))
  .map(({ id }) => outputName(id))
  .sort();

test.each([
  [
    'breaks its schema',
    { ...BookingOpened.example, priceCents: 0, laneId: 'Berlin' },
    {},
    /data\.laneId: .*; data\.priceCents: /,
  ],
  ['is one hop too far', BookingOpened.example, { hop: delivery.maxHops + 1 }, /^meta\.hop is 17; at most 16/],
  ['is of a later version', BookingOpened.example, { v: 2 }, /^meta\.v is 2; this version reads envelope version 1/],
] as const)('an event that %s', async (_, data, meta, reason) => {
  const world = appWorld();
  publish(world, BookingOpened, { ...data, bookingId: 'bk-again' }, meta);
  book(world, 'bk-beside');
  expect(await world.settle()).toBe('quiet');
  const letters = deadLettersOf(world);
  expect(letters.map(({ queue }) => queue).sort()).toEqual(listening);
  for (const letter of letters) expect(letter.reason).toMatch(reason);
  // Nothing was decided on it, and the refusals are to be found by the booking's id.
  const records = recordsOf(world).filter(({ key }) => key === 'bk-again');
  expect(records.map(({ status }) => status)).toEqual(listening.map(() => 'rejected'));
  expect(itemsOf(world, 'BookingTableName').get('bk-beside')).toMatchObject({ status: 'confirmed' });
  expect(itemsOf(world, 'PaymentTableName').has('bk-again')).toBe(false);
});

test('at the limit of hops an event is still handled', async () => {
  const world = appWorld();
  book(world, 'bk-far', {}, { hop: delivery.maxHops });
  expect(await world.settle()).toBe('quiet');
  // Opened; what follows is beyond the limit.
  expect(itemsOf(world, 'BookingTableName').get('bk-far')).toMatchObject({ status: 'open' });
  expect(
    deadLettersOf(world)
      .map(({ queue }) => queue)
      .sort(),
  ).toEqual(listening);
});
