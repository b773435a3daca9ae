/** Source: Amazon States Language, "Paths", "Reference Paths"; Jayway JsonPath's documentation. */

import type { Json } from '../../../../lib/local/services/service';
import { placed, valueAt } from '../../../../lib/local/services/state-machine/paths/evaluate';
import { isReferencePath, parsePath } from '../../../../lib/local/services/state-machine/paths/parse';

const store = {
  book: [
    { title: 'A', price: 8, tags: ['x'] },
    { title: 'B', price: 12 },
    { title: 'C', price: 20, isbn: '1' },
  ],
  'odd.name': { "it's": 1 },
};

test.each<[string, Json]>([
  ['$', store],
  ['$.book[0].title', 'A'],
  ["$['book'][1]['title']", 'B'],
  ['$.book[-1].title', 'C'],
  ['$.book[3]', undefined],
  ['$.book[0,2].price', [8, 20]],
  ['$.book[:2].title', ['A', 'B']],
  ['$.book[-2:].title', ['B', 'C']],
  ['$.book[*].title', ['A', 'B', 'C']],
  ['$..price', [8, 12, 20]],
  ["$['odd.name']['it\\'s']", 1],
  ["$.book[0]['title','price']", ['A', 8]],
  ['$.book[?(@.isbn)].title', ['C']],
  ['$.book[?(!@.isbn)].title', ['A', 'B']],
  ['$.book[?(@.price >= 12 && @.price < 20)].title', ['B']],
  ["$.book[?(@.title == 'A' || @.price == 20)].title", ['A', 'C']],
  ['$.book[?(@.title =~ /^[ab]$/i)].title', ['A', 'B']],
  ["$.book[?(@.title in ['A','C'])].price", [8, 20]],
  ["$.book[?(@['price'] == $.book[1].price)].title", ['B']],
  ['$.book.length()', 3],
  ['$.nothing..price', []],
  ['$.book.title', undefined],
])('%s', (path, expected) => {
  expect(valueAt(parsePath(path), store)).toEqual(expected);
});

test.each(['', 'a', '$.', '$.a[', "$['a]", '$.a[?@.b]', '$.a.no()', '$.a[x]', '$.a b', '$.a[?(@.b ==)]'])(
  '%j is no path',
  (path) => {
    expect(() => parsePath(path)).toThrow(/^Invalid /);
  },
);

test.each([
  ['$.a.b[0]', true],
  ["$['a']", true],
  ['$.a[*]', false],
  ['$..a', false],
  ['$.a[0,1]', false],
])('%s points to one place: %s', (path, expected) => {
  expect(isReferencePath(parsePath(path))).toBe(expected);
});

test.each<[string, Json, Json]>([
  ['$', { a: 1 }, 9],
  ['$.b', { a: 1 }, { a: 1, b: 9 }],
  ['$.b.c', { a: 1 }, { a: 1, b: { c: 9 } }],
  ['$.a[1]', { a: [1, 2] }, { a: [1, 9] }],
  ['$.a.b', { a: null }, { a: { b: 9 } }],
  ['$.a.b', { a: 'text' }, undefined],
  ['$.a[5]', { a: [1] }, undefined],
])('9 at %s of %j', (path, root, expected) => {
  const before = JSON.stringify(root);
  expect(placed(parsePath(path), root, 9)?.value).toEqual(expected);
  expect(JSON.stringify(root)).toBe(before);
});
