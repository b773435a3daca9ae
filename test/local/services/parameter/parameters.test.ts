/**
 * SSM Parameter Store. Source: Systems Manager API reference, page of each operation; shapes of answers as recorded from AWS in
 * tests/aws/services/ssm of localstack/localstack (Apache-2.0).
 */
import { seededRandom } from '../../../../lib/local/random';
import { createParameterService } from '../../../../lib/local/services/parameter';
import type { Json, Service } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

const options = { account: '123456789012', region: 'eu-west-1', endpoint: 'http://here:1' };
const now = Date.UTC(2026, 10, 24, 9, 0, 0);
const arnOf = (path: string): string => `arn:aws:ssm:eu-west-1:123456789012:parameter${path}`;

let ssm: Service;
beforeEach(() => {
  ssm = restoring(() => createParameterService({ ...options, random: seededRandom('ssm') }));
});
const ask = (operation: string, input: Json) => ssm.apply(now, { operation, input, requestId: 'r' }).reply!;
const call = (operation: string, input: Json): Json => {
  const { output, error } = ask(operation, input);
  if (error) throw new Error(`${error.name}: ${error.message}`);
  return JSON.parse(JSON.stringify(output));
};
const put = (Name: string, Value: string, more: Json = {}): Json =>
  call('PutParameter', { Name, Value, Type: 'String', ...more });
const value = (Name: string, more: Json = {}): string => call('GetParameter', { Name, ...more }).Parameter.Value;

test('a parameter is put and read by name and by ARN', () => {
  expect(put('/shop/host', 'db')).toEqual({ Version: 1, Tier: 'Standard' });
  const Parameter = {
    Name: '/shop/host',
    Type: 'String',
    Value: 'db',
    Version: 1,
    LastModifiedDate: now / 1000,
    ARN: arnOf('/shop/host'),
    DataType: 'text',
  };
  expect(call('GetParameter', { Name: '/shop/host' })).toEqual({ Parameter });
  expect(call('GetParameter', { Name: arnOf('/shop/host') })).toEqual({ Parameter });
  put('plain', 'p');
  expect(call('GetParameter', { Name: 'plain' }).Parameter.ARN).toBe(arnOf('/plain'));
  expect(value(arnOf('/plain'))).toBe('p');
});

test('versions: the newest is meant, an older one is named by its number or a label', () => {
  put('/a', 'one');
  expect(put('/a', 'two', { Overwrite: true, Type: undefined })).toEqual({ Version: 2, Tier: 'Standard' });
  expect(call('LabelParameterVersion', { Name: '/a', ParameterVersion: 1, Labels: ['stable', '1bad'] })).toEqual({
    InvalidLabels: ['1bad'],
    ParameterVersion: 1,
  });
  expect(['/a', '/a:1', '/a:2', '/a:stable', `${arnOf('/a')}:1`].map((name) => value(name))).toEqual([
    ...['two', 'one', 'two', 'one', 'one'],
  ]);
  expect(call('GetParameter', { Name: '/a:stable' }).Parameter).toMatchObject({ Selector: ':stable', Version: 1 });
  call('LabelParameterVersion', { Name: '/a', Labels: ['stable'] });
  expect(value('/a:stable')).toBe('two');
  expect(call('GetParameterHistory', { Name: '/a' }).Parameters).toMatchObject([
    { Version: 1, Value: 'one', Labels: [] },
    { Version: 2, Value: 'two', Labels: ['stable'] },
  ]);
  expect(call('UnlabelParameterVersion', { Name: '/a', ParameterVersion: 2, Labels: ['stable', 'x'] })).toEqual({
    RemovedLabels: ['stable'],
    InvalidLabels: ['x'],
  });
});

test('of a hundred versions the oldest goes, unless it has a label', () => {
  for (let n = 1; n <= 101; n++) put('/a', `v${n}`, { Overwrite: true });
  expect(() => value('/a:1')).toThrow('ParameterVersionNotFound: Systems Manager could not find version 1 of /a.');
  expect(value('/a:2')).toBe('v2');
  call('LabelParameterVersion', { Name: '/a', ParameterVersion: 2, Labels: ['keep'] });
  expect(() => put('/a', 'more', { Overwrite: true })).toThrow('ParameterMaxVersionLimitExceeded');
  expect(value('/a')).toBe('v101');
});

test('a secure text is read with decryption only', () => {
  put('/key', 'hush', { Type: 'SecureString' });
  expect(value('/key', { WithDecryption: true })).toBe('hush');
  const closed = value('/key');
  expect(closed).not.toContain('hush');
  expect(Buffer.from(closed, 'base64').toString()).not.toContain('hush');
  expect(call('DescribeParameters', {}).Parameters[0].KeyId).toBe('alias/aws/ssm');
});

test('several at once: what is not there is named', () => {
  put('/a', '1');
  put('/b', '2');
  const { Parameters, InvalidParameters } = call('GetParameters', { Names: ['/b', '/none', '/a:1', '/a:7'] });
  expect(Parameters.map(({ Name, Value }: Json) => [Name, Value])).toEqual([
    ['/b', '2'],
    ['/a', '1'],
  ]);
  expect(InvalidParameters).toEqual(['/none', '/a:7']);
  expect(call('DeleteParameters', { Names: ['/a', '/none'] })).toEqual({
    DeletedParameters: ['/a'],
    InvalidParameters: ['/none'],
  });
  call('DeleteParameter', { Name: '/b' });
  expect(call('DescribeParameters', {}).Parameters).toEqual([]);
});

describe('by path', () => {
  beforeEach(() => {
    for (const name of ['/shop/a', '/shop/b', '/shop/eu/c', '/shopping', 'shop', '/other/d']) put(name, name);
  });
  const names = (input: Json): string[] => call('GetParametersByPath', input).Parameters.map(({ Name }: Json) => Name);

  test.each<[string, Json, string[]]>([
    ['one level', { Path: '/shop' }, ['/shop/a', '/shop/b']],
    ['with a slash at the end', { Path: '/shop/' }, ['/shop/a', '/shop/b']],
    ['all levels', { Path: '/shop', Recursive: true }, ['/shop/a', '/shop/b', '/shop/eu/c']],
    ['the top', { Path: '/' }, ['/shopping', 'shop']],
    ['nothing', { Path: '/none' }, []],
  ])('%s', (_, input, expected) => expect(names(input)).toEqual(expected));

  test('ten are a page, or fewer', () => {
    for (let n = 10; n < 22; n++) put(`/many/${n}`, 'x');
    const first = call('GetParametersByPath', { Path: '/many' });
    expect(first.Parameters).toHaveLength(10);
    expect(names({ Path: '/many', NextToken: first.NextToken })).toEqual(['/many/20', '/many/21']);
    expect(names({ Path: '/many', MaxResults: 3 })).toEqual(['/many/10', '/many/11', '/many/12']);
  });

  test('filters', () => {
    put('/shop/k', 'x', { Type: 'SecureString' });
    const ParameterFilters = [{ Key: 'Type', Values: ['SecureString'] }];
    expect(names({ Path: '/shop', ParameterFilters })).toEqual(['/shop/k']);
    expect(() => names({ Path: '/shop', ParameterFilters: [{ Key: 'Name', Values: ['x'] }] })).toThrow(
      'InvalidFilterKey',
    );
  });
});

test.each<[string, Json, string[]]>([
  ['all', {}, ['/a/b', '/a/c', 'n']],
  [
    'by the beginning of a name',
    { ParameterFilters: [{ Key: 'Name', Option: 'BeginsWith', Values: ['/a'] }] },
    ['/a/b', '/a/c'],
  ],
  ['by a part of a name', { ParameterFilters: [{ Key: 'Name', Option: 'Contains', Values: ['c'] }] }, ['/a/c']],
  ['by path', { ParameterFilters: [{ Key: 'Path', Option: 'Recursive', Values: ['/a'] }] }, ['/a/b', '/a/c']],
  ['by type', { Filters: [{ Key: 'Type', Values: ['StringList'] }] }, ['n']],
  ['by tag', { ParameterFilters: [{ Key: 'tag:team', Values: ['red'] }] }, ['/a/b']],
])('described: %s', (_, input, expected) => {
  put('/a/b', '1', { Tags: [{ Key: 'team', Value: 'red' }] });
  put('/a/c', '1');
  put('n', '1,2', { Type: 'StringList' });
  expect(call('DescribeParameters', input).Parameters.map(({ Name }: Json) => Name)).toEqual(expected);
});

test('tags come and go', () => {
  put('/a', '1');
  const at = { ResourceType: 'Parameter', ResourceId: '/a' };
  call('AddTagsToResource', {
    ...at,
    Tags: [
      { Key: 'x', Value: '1' },
      { Key: 'y', Value: '2' },
    ],
  });
  call('RemoveTagsFromResource', { ...at, TagKeys: ['x'] });
  expect(call('ListTagsForResource', at)).toEqual({ TagList: [{ Key: 'y', Value: '2' }] });
});

test.each<[string, string, Json, string | RegExp]>([
  ['one that is not there', 'GetParameter', { Name: '/none' }, 'ParameterNotFound: '],
  [
    'a version that is not there',
    'GetParameter',
    { Name: '/a:9' },
    'ParameterVersionNotFound: Systems Manager could not find version 9 of /a.',
  ],
  [
    'one that is there',
    'PutParameter',
    { Name: '/a', Value: 'x', Type: 'String' },
    'ParameterAlreadyExists: The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  ],
  [
    'a new one without type',
    'PutParameter',
    { Name: '/n', Value: 'x' },
    'ValidationException: A parameter type is required when you create a parameter.',
  ],
  [
    'another type',
    'PutParameter',
    { Name: '/a', Value: 'x', Type: 'StringList', Overwrite: true },
    /^HierarchyTypeMismatchException/,
  ],
  [
    'a type that is none',
    'PutParameter',
    { Name: '/n', Value: 'x', Type: 'Number' },
    /at 'type' failed to satisfy constraint/,
  ],
  [
    'a path without its slash',
    'PutParameter',
    { Name: 'a/b', Value: 'x', Type: 'String' },
    'ValidationException: Parameter name must be a fully qualified name.',
  ],
  [
    'a strange sign',
    'PutParameter',
    { Name: '/a b', Value: 'x', Type: 'String' },
    /^ValidationException: Parameter name: can't be prefixed/,
  ],
  ["AWS's own names", 'PutParameter', { Name: '/aws/x', Value: 'x', Type: 'String' }, /^AccessDeniedException/],
  [
    '16 levels',
    'PutParameter',
    { Name: '/x'.repeat(16), Value: 'x', Type: 'String' },
    /^HierarchyLevelLimitExceededException/,
  ],
  [
    'a value of 4097 bytes',
    'PutParameter',
    { Name: '/n', Value: 'x'.repeat(4097), Type: 'String' },
    /^ValidationException: Standard tier parameters support a maximum/,
  ],
  [
    'a value of 8193 bytes',
    'PutParameter',
    { Name: '/n', Value: 'x'.repeat(8193), Type: 'String', Tier: 'Advanced' },
    /8192/,
  ],
  [
    'a value that its pattern forbids',
    'PutParameter',
    { Name: '/n', Value: 'x', Type: 'String', AllowedPattern: '^\\d+$' },
    'ParameterPatternMismatchException: Parameter value, cannot be validated against allowedPattern: ^\\d+$',
  ],
  [
    'a path that begins otherwise',
    'GetParametersByPath',
    { Path: 'a' },
    /^ValidationException: The parameter doesn't meet/,
  ],
  ['eleven names', 'GetParameters', { Names: Array(11).fill('/a') }, /at 'names' failed/],
  [
    'what is no parameter',
    'GetCommandInvocation',
    {},
    "UnknownOperationException: Systems Manager's GetCommandInvocation is not modelled by the local runtime: only Parameter Store is.",
  ],
])('refused: %s', (_, operation, input, said) => {
  put('/a', '1');
  const { error } = ask(operation, input);
  const text = `${error?.name}: ${error?.message}`;
  if (said instanceof RegExp) expect(text).toMatch(said);
  else expect(text).toBe(said);
});

test('a larger value is Advanced, where the tier may choose', () => {
  expect(put('/n', 'x'.repeat(5000), { Tier: 'Intelligent-Tiering' }).Tier).toBe('Advanced');
  expect(put('/m', 'x', { Tier: 'Intelligent-Tiering' }).Tier).toBe('Standard');
});
