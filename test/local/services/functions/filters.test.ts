/**
 * Which records reach a function. Source: Lambda developer guide, "Control which events Lambda sends to your function" and
 * "Using event filtering with an Amazon SQS event source" (the table of formats of body and filter).
 */
import { filtersFrom, messagePasses, passes } from '../../../../lib/local/services/functions/filters';
import { Bench, message } from './support';

const filters = (...patterns: object[]) =>
  filtersFrom({ Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) });
const record = (body: string, more: object = {}) => ({
  messageId: 'a',
  body,
  attributes: { MessageGroupId: 'g' },
  ...more,
});

describe('a message and a filter', () => {
  const json = { body: { status: ['open'] } };
  const text = { body: ['open'] };
  const other = { attributes: { MessageGroupId: ['g'] } };
  test.each([
    ['JSON, filter on JSON that fits', '{"status":"open"}', json, true],
    ['JSON, filter on JSON that does not', '{"status":"shut"}', json, false],
    ['text, filter on JSON', 'open', json, false],
    ['text, filter on JSON that asks for absence', 'open', { body: { gone: [{ exists: false }] } }, false],
    ['JSON, filter on JSON that asks for absence', '{"status":"open"}', { body: { gone: [{ exists: false }] } }, true],
    ['text, filter on text that fits', 'open', text, true],
    ['text, filter on text that does not', 'shut', text, false],
    ['JSON, filter on text', '{"open":1}', text, false],
    ['text, filter on other members', 'whatever', other, true],
    ['JSON, filter on other members', '{"a":1}', other, true],
    ['JSON, numbers', '{"price":12.5}', { body: { price: [{ numeric: ['>', 12] }] } }, true],
    ['JSON, prefix', '{"id":"EU-1"}', { body: { id: [{ prefix: 'EU-' }] } }, true],
    ['JSON, $or', '{"b":2}', { $or: [{ body: { a: [1] } }, { body: { b: [2] } }] }, true],
  ] as const)('%s', (_, body, pattern, expected) => {
    expect(messagePasses(filters(pattern), record(body))).toBe(expected);
  });

  test('one of several filters is enough; without filters all pass', () => {
    expect(messagePasses(filters(text, json), record('{"status":"open"}'))).toBe(true);
    expect(messagePasses(filters(text, json), record('open'))).toBe(true);
    expect(messagePasses(filters(text, json), record('shut'))).toBe(false);
    expect(messagePasses([], record('shut'))).toBe(true);
  });
});

test('records of a table are filtered by name and by typed values', () => {
  const event = { eventName: 'INSERT', dynamodb: { NewImage: { state: { S: 'open' }, count: { N: '3' } } } };
  expect(passes(filters({ eventName: ['INSERT'], dynamodb: { NewImage: { state: { S: ['open'] } } } }), event)).toBe(
    true,
  );
  expect(passes(filters({ eventName: ['REMOVE'] }), event)).toBe(false);
  // Numbers are text in a stream: a numeric filter finds none.
  expect(passes(filters({ dynamodb: { NewImage: { count: { N: [{ numeric: ['=', 3] }] } } } }), event)).toBe(false);
});

test('what is no pattern is refused, and more than ten filters', () => {
  const refusal = (criteria: unknown): unknown => {
    try {
      return filtersFrom(criteria);
    } catch (error) {
      return (error as { error: { message: string } }).error.message;
    }
  };
  for (const Pattern of ['{', '"a"', '{"body":"open"}', '{"body":{"a":[{"unheard":1}]}}', 'x'.repeat(5000), undefined])
    expect(refusal({ Filters: [{ Pattern }] })).toBe('Invalid filter pattern definition.');
  expect(refusal({ Filters: Array(11).fill({ Pattern: '{"a":[1]}' }) })).toBe(
    'FilterCriteria has 11 filters; allowed: 10.',
  );
});

describe('a mapping with filters', () => {
  const FilterCriteria = { Filters: [{ Pattern: '{"body":{"id":["a","c"]}}' }] };

  test('deletes what does not match and runs the rest', () => {
    const bench = new Bench();
    bench.create();
    expect(bench.map({ FilterCriteria })).toMatchObject({ FilterCriteria });
    bench.answer(bench.poll(), ['a', 'b', 'c', 'd']);
    expect(bench.deleted()).toEqual(['handle-b', 'handle-d']);
    const [run] = bench.runs();
    expect(JSON.parse(run!.payload).Records.map(({ messageId }: any) => messageId)).toEqual(['a', 'c']);
    bench.finish(run!);
    expect(bench.deleted()).toEqual(['handle-a', 'handle-c']);
  });

  test('runs nothing where nothing matches; an update takes the filters away', () => {
    const bench = new Bench();
    bench.create();
    const { UUID } = bench.map({ FilterCriteria });
    bench.answer(bench.poll(), ['x']);
    expect([bench.runs(), bench.ask('$pending', {}).pending]).toEqual([[], 0]);
    bench.effects = [];
    expect(bench.ask('UpdateEventSourceMapping', { UUID, FilterCriteria: {} })).not.toHaveProperty('FilterCriteria');
    bench.pass(31_000);
    bench.answer(bench.poll(), ['y']);
    expect(bench.runs()).toHaveLength(1);
  });
});

test('a batch holds 6 MB at most; the rest is the next one', () => {
  const bench = new Bench();
  bench.create();
  bench.map();
  const { tag } = bench.poll();
  const large = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((id) => ({ ...message(id), Body: id.repeat(1_000_000) }));
  bench.ask('$reply', { tag, reply: { output: { Messages: large } } });
  bench.pass(1);
  const ids = bench.runs().map(({ payload }) => JSON.parse(payload).Records.map(({ messageId }: any) => messageId));
  expect(ids).toEqual([['a', 'b', 'c', 'd', 'e', 'f'], ['g']]);
});
