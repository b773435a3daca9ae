/** The list against an array that is sorted anew for every question. */
import { seededRandom } from '../../../../lib/local/random';
import { SortedList } from '../../../../lib/local/services/table/sorted-list';

test.each(['a', 'b', 'c'])('additions and removals, seed %s', (seed) => {
  const random = seededRandom(seed);
  const list = new SortedList<number>({ compare: (a, b) => a - b });
  const model = new Set<number>();
  for (let step = 0; step < 12_000; step++) {
    const entry = random.below(5_000);
    if (random.below(5) < 3) {
      if (!model.has(entry)) list.add(entry);
      model.add(entry);
    } else expect(list.remove(entry)).toBe(model.delete(entry));
  }
  const sorted = [...model].sort((a, b) => a - b);
  expect([...list]).toEqual(sorted);
  expect(list.size).toBe(sorted.length);
  expect(list.first).toBe(sorted[0]);
  // Forward and backward from everywhere, between the entries too.
  for (let place = -1; place <= 5_001; place += 7) {
    const at = list.firstAtOrAfter((entry) => entry - place);
    expect(list.at(at)).toBe(sorted.find((entry) => entry >= place));
    expect(list.at(list.before(at))).toBe(sorted.findLast((entry) => entry < place));
    if (list.at(at) !== undefined) {
      expect(list.at(list.after(at))).toBe(sorted.find((entry) => entry > list.at(at)!));
    }
  }
});

test('rising entries, then emptied from both ends', () => {
  const list = new SortedList<number>({ compare: (a, b) => a - b });
  for (let entry = 0; entry < 3_000; entry++) list.add(entry);
  for (let entry = 0; entry < 1_500; entry++) {
    expect(list.first).toBe(entry);
    expect(list.remove(entry)).toBe(true);
    expect(list.remove(2_999 - entry)).toBe(true);
  }
  expect([...list]).toEqual([]);
  expect(list.first).toBeUndefined();
  list.add(7);
  expect([...list]).toEqual([7]);
});
