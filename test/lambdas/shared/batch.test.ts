import { inLanes, inOrder, lanesOf } from '../../../lambdas/shared/batch';

const lanes = (...items: string[][]) =>
  lanesOf(items, (keys) => keys)
    .map((lane) => lane.map((keys) => keys.join('+')).join(' '))
    .sort();

test('items that share a key are in one lane, in their order', () => {
  expect(lanes(['a'], ['b'], ['a', 'c'])).toEqual(['a a+c', 'b']);
});

test('also when they share it through others', () => {
  expect(lanes(['a'], ['b'], ['c'], ['d'], ['a', 'b'], ['b', 'c'])).toEqual(['a b c a+b b+c', 'd']);
});

test('lanes go side by side, items of a lane one after the other, and a failure stops nothing', async () => {
  const running = new Set<string>();
  const together: string[][] = [];
  const failed = await inLanes([['a1', 'a2'], ['b1']], async (item) => {
    running.add(item);
    together.push([...running]);
    await Promise.resolve();
    running.delete(item);
    return item !== 'a1';
  });
  expect(failed).toEqual(['a1']);
  expect(together).toContainEqual(['a1', 'b1']);
  expect(together.some((items) => items.includes('a1') && items.includes('a2'))).toBe(false);
});

test('in order: the first failure and all behind it', async () => {
  const begun: string[] = [];
  const failed = await inOrder(['a', 'b', 'c'], async (item) => {
    begun.push(item);
    return item !== 'b';
  });
  expect(failed).toEqual(['b', 'c']);
  expect(begun).toEqual(['a', 'b']);
});
