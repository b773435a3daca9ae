import fc from 'fast-check';
import { Heap } from '../../../lib/local/services/heap';

test('gives what is not stale, in order, whatever was pushed, popped and made stale between', () => {
  const step = fc.oneof(
    fc.record({ do: fc.constant('push' as const), key: fc.nat(1000) }),
    fc.record({ do: fc.constant('spoil' as const), key: fc.nat(1000) }),
    fc.record({ do: fc.constant('pop' as const), key: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 600, size: 'max' }), (steps) => {
      const heap = new Heap<{ key: number; stale: boolean }>(
        (a, b) => a.key < b.key,
        ({ stale }) => stale,
      );
      let model: { key: number; stale: boolean }[] = [];
      for (const { do: what, key } of steps) {
        if (what === 'push') {
          const item = { key, stale: false };
          heap.push(item);
          model.push(item);
        } else if (what === 'spoil') {
          for (const item of model) if (item.key % 7 === key % 7) item.stale = true;
          model = model.filter(({ stale }) => !stale);
        } else {
          const lowest = model.length === 0 ? undefined : Math.min(...model.map((item) => item.key));
          const popped = heap.pop();
          expect(popped?.key).toBe(lowest);
          model = model.filter((item) => item !== popped);
        }
      }
    }),
    { numRuns: 60 },
  );
});
