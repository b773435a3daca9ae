import fc from 'fast-check';
import { ParcelScanned, parcelStatus } from '../../../lib/contracts/events/tracking';
import { keptScans, record } from '../../../lib/domain/tracking/record-scan';
import { eventOf, sampleNow } from '../../support/samples';

type Scan = (typeof ParcelScanned)['example'];

const scan = (sequence: number, status: Scan['status'], changes: Partial<Scan> = {}): Scan => ({
  parcelId: 'pc-1',
  sequence,
  status,
  place: `place ${sequence}`,
  scannedAt: new Date(sampleNow + sequence * 3_600_000).toISOString(),
  ...changes,
});

/** What is known, and what was published, after these scans in this order. */
function after(...scans: Scan[]) {
  let parcel: any;
  const emitted: string[] = [];
  for (const data of scans) {
    const outcome = record(eventOf(ParcelScanned, data), { parcel: structuredClone(parcel) }, { now: sampleNow });
    parcel = outcome.write?.parcel ?? parcel;
    emitted.push(...(outcome.emit ?? []).map(({ type }) => type));
  }
  return { parcel, emitted };
}

const way = [scan(1, 'collected'), scan(2, 'in-transit'), scan(3, 'out-for-delivery'), scan(4, 'delivered')];

test('a parcel on its way: each scan is news, its end is told once', () => {
  const { parcel, emitted } = after(...way);
  expect(parcel).toMatchObject({ status: 'delivered', place: 'place 4', sequence: 4 });
  expect(emitted).toEqual(['ParcelMoved', 'ParcelMoved', 'ParcelMoved', 'ParcelMoved', 'ParcelDelivered']);
});

test('a late scan goes into the history and moves nothing', () => {
  const { parcel, emitted } = after(scan(3, 'out-for-delivery'), scan(1, 'collected'));
  expect(parcel).toMatchObject({ status: 'out-for-delivery', sequence: 3 });
  expect(parcel.scans.map(({ sequence }: Scan) => sequence)).toEqual([1, 3]);
  expect(emitted).toEqual(['ParcelMoved']);
});

test('a repeated scan changes nothing', () => {
  expect(after(...way, way[3]!, way[1]!)).toEqual(after(...way));
});

test('what is delivered stays delivered, whatever is scanned with a higher number', () => {
  const { parcel, emitted } = after(...way, scan(5, 'in-transit'));
  expect(parcel).toMatchObject({ status: 'delivered', sequence: 4 });
  expect(parcel.scans).toHaveLength(5);
  expect(emitted.filter((type) => type === 'ParcelDelivered')).toHaveLength(1);
});

test('of two scans with one number, the later counts', () => {
  const early = scan(2, 'in-transit', { place: 'Hannover', scannedAt: '2030-11-26T08:00:00+02:00' });
  const late = scan(2, 'in-transit', { place: 'Bremen', scannedAt: '2030-11-26T07:00:00Z' });
  for (const order of [
    [early, late],
    [late, early],
  ]) {
    const { parcel } = after(...order);
    expect(parcel.place).toBe('Bremen');
    expect(parcel.scans).toHaveLength(1);
  }
});

const anyScan = fc
  .record({
    sequence: fc.integer({ min: 1, max: keptScans + 10 }),
    status: fc.constantFrom(...parcelStatus.options),
    place: fc.constantFrom('Hannover', 'Bremen'),
    minutes: fc.nat(3),
  })
  .map(({ sequence, status, place, minutes }) =>
    scan(sequence, status, { place, scannedAt: new Date(sampleNow + minutes * 60_000).toISOString() }),
  );

test('the end state is the same for every order, with any of the scans repeated', () => {
  fc.assert(
    fc.property(
      fc
        .array(anyScan, { minLength: 1, maxLength: 40 })
        .chain((scans) =>
          fc.tuple(
            fc.constant(scans),
            fc.shuffledSubarray(scans, { minLength: scans.length }),
            fc.shuffledSubarray(scans),
          ),
        ),
      ([scans, shuffled, repeated]) => {
        const first = after(...scans);
        const second = after(...repeated, ...shuffled, ...repeated);
        expect(second.parcel).toEqual(first.parcel);
        expect(second.emitted.filter((type) => type === 'ParcelDelivered').length).toBeLessThanOrEqual(1);
        expect(first.parcel.scans.length).toBeLessThanOrEqual(keptScans);
      },
    ),
  );
});
