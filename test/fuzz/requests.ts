/**
 * Hostile requests: random bytes and headers, paths that climb, wrong content types, targets that do not exist, and real
 * operations with inputs of the right shape but for a value or two (drawn from the SDK's own schemas).
 */
import { NormalizedSchema } from '@smithy/core/schema';
import fc, { type Arbitrary } from 'fast-check';
import type { HttpRequest } from '../../lib/local/wire';

const targets: [client: string, prefix: string][] = [
  ['sqs', 'AmazonSQS'],
  ['dynamodb', 'DynamoDB_20120810'],
  ['eventbridge', 'AWSEvents'],
  ['sfn', 'AWSStepFunctions'],
  ['ssm', 'AmazonSSM'],
  ['secrets-manager', 'secretsmanager'],
];
const queryVersions: [client: string, version: string][] = [
  ['sqs', '2012-11-05'],
  ['cloudformation', '2010-05-15'],
];

interface Shape {
  name: string;
  input: NormalizedSchema;
}

function operationsOf(client: string): Shape[] {
  const found: Shape[] = [];
  for (const schema of Object.values(require(`@aws-sdk/client-${client}`) as Record<string, any>)) {
    if (Array.isArray(schema) && schema[0] === 9)
      found.push({ name: schema[2], input: NormalizedSchema.of(schema[4]) });
  }
  // Nearly all of Systems Manager is not modelled: the rest would drown in it.
  return client === 'ssm' ? found.filter(({ name }) => /Parameter|Tags/.test(name)) : found;
}

/** Values that services have tripped over: names of prototypes, wrong types, numbers at the edges, long and odd text. */
const odd: Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(
    null,
    '',
    ' ',
    '__proto__',
    'constructor',
    'toString',
    '\u0000',
    '../../etc/passwd',
    '%00',
    '{{',
    '$x',
    '<x>&',
    'arn:aws:sqs:us-east-1:000000000000:q',
    'arn:aws:sns:us-east-1:123456789012:fuzz',
    'http://127.0.0.1:4566/000000000000/fuzz',
    'a'.repeat(3000),
    '\ud800',
    0,
    -1,
    1e308,
    2 ** 53,
    0.5,
    true,
    false,
    [],
    {},
    [[]],
    [null],
    { a: null },
    { __type: 'x' },
    'NaN',
  ),
  fc.json({ maxDepth: 4 }).map((text) => JSON.parse(text)),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

/** An input of the shape; about one value in fifteen is odd. */
function inputOf(schema: NormalizedSchema, depth = 0): Arbitrary<unknown> {
  return fc.oneof({ weight: 14, arbitrary: fitting(schema, depth) }, { weight: 1, arbitrary: odd });
}

function fitting(schema: NormalizedSchema, depth: number): Arbitrary<unknown> {
  if (depth > 4) return odd;
  if (schema.isStructSchema()) {
    const members: Record<string, Arbitrary<unknown>> = {};
    for (const [name, member] of schema.structIterator())
      members[name] = fc.constant(null).chain(() => inputOf(member, depth + 1));
    return fc.record(members, { requiredKeys: Object.keys(members).slice(0, 2), noNullPrototype: true });
  }
  if (schema.isListSchema()) return fc.array(inputOf(schema.getValueSchema(), depth + 1), { maxLength: 3 });
  if (schema.isMapSchema())
    return fc.dictionary(
      fc.constantFrom('a', 'id', 'All', '__proto__', 'pk'),
      inputOf(schema.getValueSchema(), depth + 1),
      {
        maxKeys: 2,
        noNullPrototype: true,
      },
    );
  if (schema.isNumericSchema()) return fc.constantFrom<unknown>(0, 1, 10, 30, -1, 1e9);
  if (schema.isBooleanSchema()) return fc.boolean();
  if (schema.isBlobSchema()) return fc.constantFrom('', 'AQID', 'not base64!');
  return fc.constantFrom<unknown>(
    'fuzz',
    'default',
    'a',
    'S',
    '1',
    '{}',
    '{"a":["b"]}',
    'rate(1 minute)',
    'ALL',
    'a = :a',
    'TOTAL',
    'HASH',
  );
}

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value) ?? '', 'utf8');
const byName = (list: Shape[]) => fc.constantFrom(...list);

const overJson = fc.constantFrom(...targets).chain(([client, prefix]) =>
  byName(operationsOf(client)).chain(({ name, input }) =>
    inputOf(input).map((content) => ({
      method: 'POST',
      path: '/',
      headers: { host: '127.0.0.1', 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': `${prefix}.${name}` },
      body: json(content),
    })),
  ),
);

const overQuery = fc.constantFrom(...queryVersions).chain(([client, version]) =>
  fc
    .tuple(
      byName(operationsOf(client)),
      fc.dictionary(
        fc.constantFrom(
          'QueueUrl',
          'StackName',
          'Entries.1.Id',
          'A.0',
          'A.-1',
          'A.999999999',
          '__proto__.x',
          'Attribute.1.Name',
          'Attribute.1.Value',
          'MessageBody',
        ),
        fc.string({ maxLength: 30 }),
        { noNullPrototype: true },
      ),
    )
    .map(([{ name }, form]) => ({
      method: 'POST',
      path: '/',
      headers: { host: '127.0.0.1', 'content-type': 'application/x-www-form-urlencoded' },
      body: Buffer.from(new URLSearchParams({ Action: name, Version: version, ...form }).toString()),
    })),
);

/** An input as the Query protocol writes it. */
function* formOf(value: unknown, path: string): Generator<[string, string]> {
  if (Array.isArray(value)) {
    for (const [at, item] of value.entries()) yield* formOf(item, `${path}.member.${at + 1}`);
  } else if (typeof value === 'object' && value !== null) {
    let at = 0;
    for (const [name, item] of Object.entries(value)) {
      yield* formOf(item, path === '' ? name : `${path}.${name}`);
      if (path === '') continue;
      // What is a map is written so, and here every structure as well: the reader takes what fits.
      yield [`${path}.entry.${++at}.key`, name];
      yield* formOf(item, `${path}.entry.${at}.value`);
    }
  } else if (path !== '') yield [path, String(value)];
}

const topics = byName(operationsOf('sns')).chain(({ name, input }) =>
  inputOf(input).map((content) => ({
    method: 'POST',
    path: '/',
    headers: { host: '127.0.0.1', 'content-type': 'application/x-www-form-urlencoded' },
    body: Buffer.from(
      new URLSearchParams([['Action', name], ['Version', '2010-03-31'], ...formOf(content, '')]).toString(),
    ),
  })),
);

const segment = fc.constantFrom(
  '..',
  '.',
  '%2e%2e',
  '%',
  '%ff',
  '2015-03-31',
  'functions',
  'schedules',
  'a',
  'etc',
  '',
  '__proto__',
  '\\',
  '%00',
  'event-source-mappings',
  'invocations',
  'schedule-groups',
  'bucket',
  'key',
  'x'.repeat(2000),
);
const method = fc.constantFrom('GET', 'POST', 'PUT', 'DELETE', 'HEAD', 'OPTIONS', 'PATCH');
const body = fc.oneof(
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  fc
    .constantFrom(
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"a":',
      '<a><b></a>',
      '<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>',
      '{"__proto__":{"polluted":true}}',
      '[',
      '{"a":1}garbage',
    )
    .map((text) => Buffer.from(text)),
  fc.constantFrom(5_000, 20_000).map((levels) => Buffer.from(`${'{"a":['.repeat(levels)}${']}'.repeat(levels)}`)),
  fc.json().map((text) => Buffer.from(text)),
);
const headers = fc
  .dictionary(
    fc.constantFrom(
      'x-amz-target',
      'content-type',
      'authorization',
      'x-amz-content-sha256',
      'x-amz-date',
      'transfer-encoding',
      'x-amz-decoded-content-length',
      'range',
      'x-amz-copy-source',
      'if-match',
      'expect',
      'x-amz-invocation-type',
      'content-md5',
      '__proto__',
    ),
    fc.oneof(
      fc.constantFrom(
        'AmazonSQS.',
        '.',
        'AmazonSQS.__proto__',
        'DynamoDB_20120810.constructor',
        'AWSEvents.PutEvents',
        'Nobody.Nothing',
        'application/json',
        'application/x-www-form-urlencoded',
        'text/xml',
        'multipart/form-data',
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request',
        'AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/__proto__/aws4_request',
        'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'aws-chunked',
        'bytes=9-1',
        'bytes=-0',
        'DryRun',
      ),
      fc.string({ maxLength: 20 }),
    ),
    { maxKeys: 5, noNullPrototype: true },
  )
  .map((given) => ({ host: '127.0.0.1', ...given }));

const shapeless = fc
  .tuple(
    method,
    fc.array(segment, { maxLength: 5 }),
    fc.constantFrom('', '?', '?Action=ListQueues', '?%', '?list-type=2&prefix=%F0', '?X-Amz-Credential=a'),
    headers,
    body,
  )
  .map(([verb, segments, query, given, content]) => ({
    method: verb,
    path: `/${segments.join('/')}${query}`,
    headers: given as Record<string, string>,
    body: content,
  }));

export const hostileRequest: Arbitrary<HttpRequest> = fc.oneof(
  { weight: 6, arbitrary: overJson },
  { weight: 1, arbitrary: overQuery },
  { weight: 1, arbitrary: topics },
  { weight: 3, arbitrary: shapeless },
);
