/** Source: Amazon States Language, "Intrinsic Functions"; Step Functions developer guide of the same name. */
import type { Json } from '../../../../lib/local/services/service';
import { Harness, only } from './harness';

const call = (expression: string, input: Json = {}): Json => {
  const { output, error } = new Harness().run(only({ Type: 'Pass', Parameters: { 'r.$': expression } }), input);
  return error ?? output.r;
};

test.each<[string, Json, Json]>([
  ["States.Format('Hi {}, {} of {}', $.n, 2, true)", { n: 'Ann' }, 'Hi Ann, 2 of true'],
  ["States.Format('It\\'s \\{\\}: {}', $.o)", { o: { a: 1, b: [2] } }, "It's {}: {a=1, b=[2]}"],
  ["States.Format('{}')", {}, 'States.IntrinsicFailure'],
  ['States.StringToJson($.t)', { t: '{"a":1}' }, { a: 1 }],
  ['States.StringToJson($.t)', { t: '{' }, 'States.IntrinsicFailure'],
  ['States.JsonToString($.o)', { o: { a: [1] } }, '{"a":[1]}'],
  ["States.Array($.a, 'b', 1, null)", { a: 1 }, [1, 'b', 1, null]],
  ['States.ArrayPartition($.l, 2)', { l: [1, 2, 3] }, [[1, 2], [3]]],
  ['States.ArrayContains($.l, $.x)', { l: [{ a: 1 }], x: { a: 1 } }, true],
  ['States.ArrayRange(1, 9, 2)', {}, [1, 3, 5, 7, 9]],
  ['States.ArrayRange(1, 2000, 1)', {}, 'States.IntrinsicFailure'],
  ['States.ArrayGetItem($.l, 1)', { l: ['a', 'b'] }, 'b'],
  ['States.ArrayGetItem($.l, 2)', { l: ['a', 'b'] }, 'States.IntrinsicFailure'],
  ['States.ArrayLength($.l)', { l: [1, 2] }, 2],
  ['States.ArrayUnique($.l)', { l: [1, 1, { a: 1 }, { a: 1 }, '1'] }, [1, { a: 1 }, '1']],
  ["States.Base64Encode('Hello')", {}, 'SGVsbG8='],
  ["States.Base64Decode('SGVsbG8=')", {}, 'Hello'],
  ["States.Hash('abc', 'SHA-1')", {}, 'a9993e364706816aba3e25717850c26c9cd0d89d'],
  ["States.Hash('abc', 'CRC')", {}, 'States.IntrinsicFailure'],
  ['States.JsonMerge($.a, $.b, false)', { a: { x: { y: 1 }, z: 1 }, b: { x: 2 } }, { x: 2, z: 1 }],
  ['States.MathAdd(1.5, -4)', {}, -2],
  ["States.StringSplit('1;2,,3', ';,')", {}, ['1', '2', '3']],
  ["States.ArrayGetItem(States.StringSplit('a b', ' '), States.MathAdd(0, 1))", {}, 'b'],
])('%s of %j', (expression, input, expected) => {
  expect(call(expression, input)).toEqual(expected);
});

test('a seed makes the same number, within the bounds', () => {
  const numbers = [1, 2, 3, 4, 5].map((seed) => call(`States.MathRandom(10, 20, ${seed})`));
  expect(numbers).toEqual([1, 2, 3, 4, 5].map((seed) => call(`States.MathRandom(10, 20, ${seed})`)));
  for (const number of numbers) {
    expect(number).toBeGreaterThanOrEqual(10);
    expect(number).toBeLessThan(20);
  }
  expect(new Set(numbers).size).toBeGreaterThan(1);
});

test('States.UUID', () => {
  expect(call('States.UUID()')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
