import fc from 'fast-check';
import { Heap } from '../../../lib/local/services/heap';

interface Item {
  key: number;
  stale: boolean;
}

/** Against a plain list. Enough is pushed and spoiled for the heap to sweep (at 128 entries, and whenever it doubled). */
test('gives what is not stale, in order, whatever was pushed, popped and spoiled between', () => {
  const round = fc.record({
    push: fc.array(fc.nat(1000), { minLength: 60, maxLength: 120 }),
    spoil: fc.array(fc.nat(6), { maxLength: 4 }),
    pop: fc.nat(40),
  });
  fc.assert(
    fc.property(fc.array(round, { minLength: 3, maxLength: 6 }), (rounds) => {
      const heap = new Heap<Item>(
        (a, b) => a.key < b.key,
        ({ stale }) => stale,
      );
      let model: Item[] = [];
      const popOne = (): void => {
        const popped = heap.pop();
        expect(popped?.key).toBe(model.length === 0 ? undefined : Math.min(...model.map(({ key }) => key)));
        model = model.filter((item) => item !== popped);
      };
      for (const [index, { push, spoil, pop }] of rounds.entries()) {
        for (const key of push) {
          // Like times: later ones are mostly greater.
          const item = { key: key + index * 700, stale: false };
          heap.push(item);
          model.push(item);
        }
        for (let count = 0; count < pop; count++) popOne();
        // After the pops, so that what a sweep meets at the top may be stale.
        for (const item of model) if (spoil.includes(item.key % 7)) item.stale = true;
        model = model.filter(({ stale }) => !stale);
      }
      while (model.length > 0) popOne();
      expect(heap.peek()).toBeUndefined();
    }),
    { numRuns: 50 },
  );
});
