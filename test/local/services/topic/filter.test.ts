/**
 * Filter policies: what passes and what is refused. Source: SNS developer guide, "Amazon SNS subscription filter policies" and its
 * pages; refusals as recorded from AWS in test_sns_filter_policy of localstack/localstack (Apache-2.0), without the place
 * in the text that AWS adds.
 */
import type { Json } from '../../../../lib/local/services/service';
import { arnOf, queueArn, Sns } from './support';

const delivered = (Attributes: Json, message: Json): boolean => {
  const sns = new Sns();
  sns.topic('t');
  sns.subscribe(arnOf('t'), queueArn('q'), Attributes);
  sns.call('Publish', { TopicArn: arnOf('t'), Message: 'm', ...message });
  return sns.calls.length === 1;
};

const string = (StringValue: string) => ({ DataType: 'String', StringValue });
const number = (StringValue: string) => ({ DataType: 'Number', StringValue });
const array = (StringValue: string) => ({ DataType: 'String.Array', StringValue });

describe('by attributes', () => {
  // The policies and attributes are those of the guide's pages, one group a page.
  test.each<[string, Json, Json, boolean]>([
    ['no attributes at all', { store: ['a'] }, {}, false],
    ['exact', { sport: ['rugby', 'tennis'] }, { sport: string('tennis') }, true],
    ['exact, another', { sport: ['rugby', 'tennis'] }, { sport: string('baseball') }, false],
    ['exact, in an array', { sport: ['rugby'] }, { sport: array('["rugby","tennis"]') }, true],
    ['exact, not in the array', { sport: ['rugby'] }, { sport: array('["tennis"]') }, false],
    ['words of an array', { ok: [true] }, { ok: array('[null,true]') }, true],
    ['anything but', { sport: [{ 'anything-but': ['rugby'] }] }, { sport: string('football') }, true],
    ['anything but, the same', { sport: [{ 'anything-but': 'rugby' }] }, { sport: string('rugby') }, false],
    [
      'anything but, one of an array',
      { sport: [{ 'anything-but': ['rugby'] }] },
      { sport: array('["rugby","x"]') },
      true,
    ],
    [
      'anything but a prefix',
      { sport: [{ 'anything-but': { prefix: 'order-' } }] },
      { sport: string('order-1') },
      false,
    ],
    ['without case', { sport: [{ 'equals-ignore-case': 'tennis' }] }, { sport: string('TENNIS') }, true],
    ['an address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: string('10.0.0.255') }, true],
    ['another address', { ip: [{ cidr: '10.0.0.0/24' }] }, { ip: string('10.1.1.0') }, false],
    ['prefix', { sport: [{ prefix: 'bas' }] }, { sport: string('baseball') }, true],
    ['suffix', { sport: [{ suffix: 'ball' }] }, { sport: string('baseball') }, true],
    ['a number', { usd: [{ numeric: ['=', 301.5] }] }, { usd: number('3.015e2') }, true],
    ['no number', { usd: [{ numeric: ['=', 300] }] }, { usd: string('300') }, false],
    ['a range', { usd: [{ numeric: ['>', 0, '<=', 150] }] }, { usd: number('150') }, true],
    ['outside of a range', { usd: [{ numeric: ['<', 100] }] }, { usd: number('100') }, false],
    ['anything but a number', { usd: [{ 'anything-but': [100, 500] }] }, { usd: number('101') }, true],
    ['there', { store: [{ exists: true }] }, { store: string('x') }, true],
    ['not there', { store: [{ exists: false }] }, { other: string('x') }, true],
    ['there after all', { store: [{ exists: false }] }, { store: string('x') }, false],
    [
      'bytes are not there',
      { store: [{ exists: true }] },
      { store: { DataType: 'Binary', BinaryValue: 'AgME' } },
      false,
    ],
    ['and', { a: ['1'], b: ['2'] }, { a: string('1') }, false],
    ['or', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { b: string('2') }, true],
    ['neither', { $or: [{ a: ['1'] }, { b: ['2'] }] }, { c: string('2') }, false],
  ])('%s', (_, policy, MessageAttributes, passes) => {
    expect(delivered({ FilterPolicy: JSON.stringify(policy) }, { MessageAttributes })).toBe(passes);
  });
});

describe('by body', () => {
  test.each<[string, Json, string, boolean]>([
    ['a nested field', { order: { kind: ['a'] } }, '{"order":{"kind":"a","n":1}}', true],
    ['another value', { order: { kind: ['a'] } }, '{"order":{"kind":"b"}}', false],
    ['in an array of objects', { items: { sku: [{ prefix: 'x' }] } }, '{"items":[{"sku":"a"},{"sku":"x1"}]}', true],
    ['a dotted field', { 'order.kind': ['a'] }, '{"order":{"kind":"a"}}', true],
    ['null', { order: [null] }, '{"order":null}', true],
    ['text', { order: [{ exists: false }] }, 'plain', false],
    ['an array', { order: [{ exists: false }] }, '[]', false],
  ])('%s', (_, policy, Message, passes) => {
    const attributes = { FilterPolicy: JSON.stringify(policy), FilterPolicyScope: 'MessageBody' };
    expect(delivered(attributes, { Message })).toBe(passes);
  });

  test('a message by protocol is judged by what the subscriber would get', () => {
    const attributes = { FilterPolicy: '{"k":["sqs"]}', FilterPolicyScope: 'MessageBody' };
    const Message = JSON.stringify({ default: '{"k":"d"}', sqs: '{"k":"sqs"}' });
    expect(delivered(attributes, { Message, MessageStructure: 'json' })).toBe(true);
    expect(delivered(attributes, { Message: '{"default":"{}"}', MessageStructure: 'json' })).toBe(false);
  });
});

const values = (count: number): string[] => Array.from({ length: count }, (_, n) => `v${n}`);

test.each<[string, Json, string]>([
  ['an operator that is none', { key: [{ 'wrong-operator': true }] }, 'Unrecognized match type wrong-operator'],
  ['two operators', { key: [{ suffix: 'a', prefix: 'b' }] }, 'Only one key allowed in match expression'],
  ['a list in a list', { key: [['value']] }, 'Match value must be String, number, true, false, or null'],
  ['nothing', { key: [] }, 'Empty arrays are not allowed'],
  ['no list', { key_a: 'value_one' }, '"key_a" must be an object or an array'],
  ['a suffix that is no text', { key: [{ suffix: 100 }] }, 'suffix match pattern must be a string'],
  ['a range upside down', { key: [{ numeric: ['>', 3, '<', 1] }] }, 'Bottom must be less than top'],
  ['no operator of numbers', { key: [{ numeric: [] }] }, 'Invalid member in numeric match: ]'],
  ['a block without mask', { key: [{ cidr: 'bad-filter' }] }, "Malformed CIDR, one '/' required"],
  ['exists as a word', { key: [{ exists: 'no' }] }, 'exists match pattern must be either true or false.'],
  ['anything but a suffix', { key: [{ 'anything-but': { suffix: 'x' } }] }, 'Unsupported anything-but pattern: suffix'],
  // Not in the guide's list of operators; the text follows the recorded one of another name.
  ['a wildcard', { key: [{ wildcard: '*x' }] }, 'Unrecognized match type wildcard'],
  ['six keys', Object.fromEntries(values(6).map((key) => [key, ['x']])), 'Filter policy can not have more than 5 keys'],
  ['151 values', { key: values(151) }, 'Filter policy is too complex'],
  ['values multiplied', { a: values(13), b: values(12) }, 'Filter policy is too complex'],
  ['$or of too many', { $or: [{ a: values(76) }, { b: values(75) }] }, 'Filter policy is too complex'],
])('refused: %s', (_, policy, reason) => {
  const sns = new Sns();
  sns.topic('t');
  const FilterPolicy = JSON.stringify(policy);
  const subscribe = { TopicArn: arnOf('t'), Protocol: 'sqs', Endpoint: queueArn('q') };
  expect(sns.ask('Subscribe', { ...subscribe, Attributes: { FilterPolicy } }).error?.message).toBe(
    `Invalid parameter: Attributes Reason: FilterPolicy: ${reason}`,
  );
  const SubscriptionArn = sns.subscribe(arnOf('t'), queueArn('q'));
  const set = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: FilterPolicy };
  expect(sns.ask('SetSubscriptionAttributes', set).error?.message).toBe(`Invalid parameter: FilterPolicy: ${reason}`);
});

test('depth counts, and nesting is for bodies only', () => {
  const nested = JSON.stringify({ a: { b: { c: values(4) } }, d: { e: values(3) } });
  const deeper = JSON.stringify({ a: { b: { c: values(9) } }, d: { e: values(3) } });
  const sns = new Sns();
  sns.topic('t');
  const SubscriptionArn = sns.subscribe(arnOf('t'), queueArn('q'), { FilterPolicyScope: 'MessageBody' });
  const set = (AttributeName: string, AttributeValue: string): string | undefined =>
    sns.ask('SetSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue }).error?.message;
  // The guide: 3 levels x 4 values x 2 levels x 3 values = 72.
  expect(set('FilterPolicy', nested)).toBeUndefined();
  expect(set('FilterPolicy', deeper)).toBe('Invalid parameter: FilterPolicy: Filter policy is too complex');
  const said = 'Invalid parameter: Filter policy scope MessageAttributes does not support nested filter policy';
  expect(set('FilterPolicyScope', 'MessageAttributes')).toBe(said);
  const other = sns.subscribe(arnOf('t'), queueArn('other'));
  const input = { SubscriptionArn: other, AttributeName: 'FilterPolicy', AttributeValue: nested };
  expect(sns.ask('SetSubscriptionAttributes', input).error?.message).toBe(said);
});
