/** Scans of parcels: in order, late, twice, mixed. */
import { ParcelScanned } from '../../lib/contracts/events/tracking';
import { appWorld, deadLettersOf, itemsOf, publish, publishedTypes, recordsOf } from '../support/world';

type World = ReturnType<typeof appWorld>;
const way = ['collected', 'in-transit', 'in-transit', 'out-for-delivery', 'delivered'] as const;
const places = ['Berlin', 'Hannover hub', 'Bremen hub', 'Hamburg', 'Hamburg'] as const;
const scan = (parcelId: string, sequence: number): object => ({
  parcelId,
  sequence,
  status: way[sequence - 1],
  place: places[sequence - 1],
  scannedAt: `2026-11-2${sequence}T10:00:00Z`,
});
const parcelOf = (world: World, parcelId: string) => itemsOf(world, 'ParcelTableName').get(parcelId);
const delivered = (parcelId: string) => ({
  parcelId,
  status: 'delivered',
  place: 'Hamburg',
  sequence: 5,
  scannedAt: '2026-11-25T10:00:00Z',
  scans: [1, 2, 3, 4, 5].map((sequence) => {
    const { parcelId: _, ...rest } = scan(parcelId, sequence) as { parcelId: string };
    return rest;
  }),
});

test('in order: each scan moves the parcel, and the last delivers it', async () => {
  const world = appWorld();
  for (const sequence of [1, 2, 3, 4, 5]) {
    publish(world, ParcelScanned, scan('pc-1', sequence));
    await world.pass(2_000);
    expect(parcelOf(world, 'pc-1')).toMatchObject({ sequence, place: places[sequence - 1], status: way[sequence - 1] });
  }
  await world.settle();
  expect(parcelOf(world, 'pc-1')).toMatchObject(delivered('pc-1'));
  expect(publishedTypes(world).filter((type) => type === 'ParcelMoved')).toHaveLength(5);
  expect(publishedTypes(world).filter((type) => type === 'ParcelDelivered')).toHaveLength(1);
});

test('a late scan is kept, and does not bring the parcel back; the same scan again under another id says nothing', async () => {
  const world = appWorld();
  for (const sequence of [1, 2, 5, 4, 5, 3]) {
    publish(world, ParcelScanned, scan('pc-1', sequence));
    await world.pass(2_000);
  }
  await world.settle();
  expect(parcelOf(world, 'pc-1')).toMatchObject(delivered('pc-1'));
  expect(publishedTypes(world).filter((type) => type === 'ParcelMoved')).toHaveLength(3);
  expect(publishedTypes(world).filter((type) => type === 'ParcelDelivered')).toHaveLength(1);
  expect(deadLettersOf(world)).toEqual([]);
});

test('a duplicate with the same id is handled once', async () => {
  const world = appWorld();
  const meta = { id: 'scan-1', time: '2026-11-24T09:00:00Z' };
  publish(world, ParcelScanned, scan('pc-1', 1), meta);
  await world.pass(2_000);
  publish(world, ParcelScanned, scan('pc-1', 1), meta);
  await world.settle();
  expect(recordsOf(world)).toHaveLength(1);
  expect(publishedTypes(world)).toEqual(['ParcelScanned', 'ParcelMoved', 'ParcelScanned']);
});

test('the lane of a parcel keeps its order while its first scan fails; another parcel does not wait for it', async () => {
  let failed = 0;
  const world = appWorld({
    faults: {
      // The function that holds the first scan of pc-slow dies twice.
      decide: (crossing) =>
        crossing.at === 'invoke' && /pc-slow/.test(String(crossing.input)) && failed < 2 && ++failed
          ? { do: 'crash-before' }
          : undefined,
    },
  });
  for (const sequence of [1, 2, 3, 4, 5]) {
    publish(world, ParcelScanned, scan('pc-slow', sequence));
    await world.pass(1_000);
    publish(world, ParcelScanned, scan('pc-fast', sequence));
    await world.pass(1_000);
  }
  await world.pass(20_000);
  expect(failed).toBe(1);
  expect(parcelOf(world, 'pc-fast')).toMatchObject(delivered('pc-fast'));
  expect(parcelOf(world, 'pc-slow')).toBeUndefined();
  await world.settle();
  expect(failed).toBe(2);
  expect(parcelOf(world, 'pc-slow')).toMatchObject(delivered('pc-slow'));
  const moved = world.trace
    .filter(({ detailType }) => detailType === 'ParcelMoved')
    .map(({ detail }: any) => detail.data);
  expect(moved.filter(({ parcelId }) => parcelId === 'pc-slow').map(({ sequence }) => sequence)).toEqual([
    1, 2, 3, 4, 5,
  ]);
  expect(deadLettersOf(world)).toEqual([]);
});

test("'where is it' is the same for every order of delivery", async () => {
  for (const seed of ['1', '2', '3', '4', '5']) {
    const world = appWorld({ seed });
    // All at once: the seed decides in which order they arrive, and how they share batches.
    for (const sequence of [3, 1, 5, 2, 4, 5]) {
      publish(world, ParcelScanned, scan('pc-1', sequence));
      publish(world, ParcelScanned, scan('pc-2', sequence));
    }
    await world.settle();
    expect(parcelOf(world, 'pc-1')).toMatchObject(delivered('pc-1'));
    expect(parcelOf(world, 'pc-2')).toMatchObject(delivered('pc-2'));
    expect(publishedTypes(world).filter((type) => type === 'ParcelDelivered')).toHaveLength(2);
  }
});
