/**
 * Sources: developer guide, "Change data capture for DynamoDB Streams" (24 hours, no record for what changes nothing, time
 * to live); API_streams_Record, API_streams_DescribeStream, API_streams_GetShardIterator, API_streams_GetRecords.
 */
import { plainTable, startMs, TestTables } from './support';

const hour = 3_600_000;
const StreamArn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Logged/stream/1970-01-01T00:00:00.000';
const oneShard = { BillingMode: 'PROVISIONED', ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 } };

function streaming(StreamViewType: string, more: object = oneShard): TestTables {
  const db = new TestTables();
  const StreamSpecification = { StreamEnabled: true, StreamViewType };
  const { TableDescription } = db.ok('CreateTable', plainTable('Logged', { StreamSpecification, ...more }));
  expect(TableDescription).toMatchObject({ LatestStreamArn: StreamArn, StreamSpecification });
  return db;
}

const put = (db: TestTables, id: string, x: string): void =>
  db.ok('PutItem', { TableName: 'Logged', Item: { id: { S: id }, x: { N: x } } });
const remove = (db: TestTables, id: string): void =>
  db.ok('DeleteItem', { TableName: 'Logged', Key: { id: { S: id } } });
const shardIds = (db: TestTables): string[] =>
  db.ok('DescribeStream', { StreamArn }).StreamDescription.Shards.map(({ ShardId }: any) => ShardId);
const iterator = (db: TestTables, how: object = { ShardIteratorType: 'TRIM_HORIZON' }): string =>
  db.ok('GetShardIterator', { StreamArn, ShardId: shardIds(db)[0], ...how }).ShardIterator;
const records = (db: TestTables, how?: object): any[] =>
  db.ok('GetRecords', { ShardIterator: iterator(db, how) }).Records;

test('one record for each change, none for a write that changes nothing', () => {
  const db = streaming('NEW_AND_OLD_IMAGES');
  put(db, 'a', '1');
  put(db, 'a', '1.0');
  put(db, 'a', '2');
  remove(db, 'a');
  remove(db, 'a');
  const of = (x: string): object => ({ id: { S: 'a' }, x: { N: x } });
  const found = records(db);
  expect(found.map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage, dynamodb.NewImage])).toEqual([
    ['INSERT', undefined, of('1')],
    ['MODIFY', of('1'), of('2')],
    ['REMOVE', of('2'), undefined],
  ]);
  expect(found[0]).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f]{32}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: 'us-east-1',
    dynamodb: {
      ApproximateCreationDateTime: startMs / 1000,
      Keys: { id: { S: 'a' } },
      NewImage: of('1'),
      SequenceNumber: '100000000000000000001',
      // id 2 + 1 as the key; id 2 + 1 and x 1 + 2 as the image.
      SizeBytes: 9,
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
  });
});

test.each([
  ['KEYS_ONLY', []],
  ['NEW_IMAGE', ['NewImage']],
  ['OLD_IMAGE', ['OldImage']],
  ['NEW_AND_OLD_IMAGES', ['NewImage', 'OldImage']],
])('%s shows the images that it names', (view, images) => {
  const db = streaming(view);
  put(db, 'a', '1');
  put(db, 'a', '2');
  const { dynamodb } = records(db)[1];
  expect(Object.keys(dynamodb).filter((name) => name.endsWith('Image'))).toEqual(images);
});

test('batches and transactions are recorded too; a refused transaction is not', () => {
  const db = streaming('KEYS_ONLY');
  const Item = (id: string): object => ({ id: { S: id } });
  db.ok('BatchWriteItem', { RequestItems: { Logged: [{ PutRequest: { Item: Item('a') } }] } });
  const Put = { TableName: 'Logged', Item: Item('b') };
  db.ok('TransactWriteItems', { TransactItems: [{ Put }] });
  const exists = { ...Put, ConditionExpression: 'attribute_not_exists(id)' };
  db.refused('TransactWriteItems', {
    TransactItems: [{ Put: { TableName: 'Logged', Item: Item('c') } }, { Put: exists }],
  });
  expect(records(db).map(({ dynamodb }) => dynamodb.Keys.id.S)).toEqual(['a', 'b']);
});

test('time to live is named as the one who deletes', () => {
  const db = streaming('OLD_IMAGE');
  db.ok('UpdateTimeToLive', { TableName: 'Logged', TimeToLiveSpecification: { AttributeName: 'x', Enabled: true } });
  put(db, 'a', String(startMs / 1000));
  db.nowMs = db.wakeAt!;
  db.wake();
  put(db, 'b', '1');
  remove(db, 'b');
  const at = iterator(db);
  const [ttl, insert, removal] = db.ok('GetRecords', { ShardIterator: at }).Records.slice(-3);
  expect(ttl).toMatchObject({
    eventName: 'REMOVE',
    userIdentity: { Type: 'Service', PrincipalId: 'dynamodb.amazonaws.com' },
  });
  for (const one of [insert, removal]) expect(one).not.toHaveProperty('userIdentity');
});

test('a record is gone after 24 hours; who wants to begin there is told', () => {
  const db = streaming('KEYS_ONLY');
  put(db, 'a', '1');
  db.nowMs += hour;
  put(db, 'b', '1');
  const [a, b] = records(db).map(({ dynamodb }) => dynamodb.SequenceNumber);
  db.nowMs += 23 * hour - 1;
  expect(records(db)).toHaveLength(2);
  db.nowMs += 1;
  expect(records(db).map(({ dynamodb }) => dynamodb.Keys.id.S)).toEqual(['b']);
  const from = (SequenceNumber: string): object => ({ ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber });
  expect(db.refused('GetShardIterator', { StreamArn, ShardId: shardIds(db)[0], ...from(a!) }).name).toBe(
    'TrimmedDataAccessException',
  );
  expect(records(db, from(b!))).toHaveLength(1);
});

test('iterators: where they begin, where they go on, when they expire', () => {
  const db = streaming('KEYS_ONLY');
  for (const id of ['a', 'b', 'c']) put(db, id, '1');
  const ids = (found: any[]): string[] => found.map(({ dynamodb }) => dynamodb.Keys.id.S);
  const second = records(db)[1].dynamodb.SequenceNumber;
  const from = (ShardIteratorType: string): object => ({ ShardIteratorType, SequenceNumber: second });
  expect(ids(records(db, from('AT_SEQUENCE_NUMBER')))).toEqual(['b', 'c']);
  expect(ids(records(db, from('AFTER_SEQUENCE_NUMBER')))).toEqual(['c']);
  const latest = iterator(db, { ShardIteratorType: 'LATEST' });
  put(db, 'd', '1');
  const page = db.ok('GetRecords', { ShardIterator: iterator(db), Limit: 2 });
  expect(ids(page.Records)).toEqual(['a', 'b']);
  expect(ids(db.ok('GetRecords', { ShardIterator: page.NextShardIterator }).Records)).toEqual(['c', 'd']);
  expect(ids(db.ok('GetRecords', { ShardIterator: latest }).Records)).toEqual(['d']);
  db.nowMs += 15 * 60_000 + 1;
  expect(db.refused('GetRecords', { ShardIterator: latest }).name).toBe('ExpiredIteratorException');
});

test('a table on demand has four shards; every change of one item stands in the same one', () => {
  const db = streaming('KEYS_ONLY', {});
  for (let n = 0; n < 100; n++) put(db, `item ${n % 21}`, String(n));
  const shards = shardIds(db);
  expect(shards).toHaveLength(4);
  expect(shards[0]).toMatch(/^shardId-\d{20}-[0-9a-f]{8}$/);
  const homes = new Map<string, Set<string>>();
  let count = 0;
  for (const ShardId of shards) {
    const { ShardIterator } = db.ok('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'TRIM_HORIZON' });
    const found = db.ok('GetRecords', { ShardIterator }).Records;
    expect(found.length).toBeGreaterThan(0);
    count += found.length;
    const numbers = found.map(({ dynamodb }: any) => dynamodb.SequenceNumber);
    expect(numbers).toEqual([...numbers].sort());
    for (const { dynamodb } of found) {
      homes.set(dynamodb.Keys.id.S, (homes.get(dynamodb.Keys.id.S) ?? new Set()).add(ShardId));
    }
  }
  expect([count, homes.size]).toEqual([100, 21]);
  expect([...homes.values()].every((set) => set.size === 1)).toBe(true);
});

test('a stream that is switched off can be read for a day; the next one is another', () => {
  const db = streaming('KEYS_ONLY');
  put(db, 'a', '1');
  const update = (StreamSpecification: object): any =>
    db.ok('UpdateTable', { TableName: 'Logged', StreamSpecification });
  expect(
    db.invalid('UpdateTable', {
      TableName: 'Logged',
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'KEYS_ONLY' },
    }),
  ).toBe('Table already has an enabled stream: TableName: Logged');
  expect(update({ StreamEnabled: false }).TableDescription).not.toHaveProperty('LatestStreamArn');
  put(db, 'b', '1');
  expect(db.ok('DescribeStream', { StreamArn }).StreamDescription).toMatchObject({
    StreamStatus: 'DISABLED',
    Shards: [{ SequenceNumberRange: { EndingSequenceNumber: '100000000000000000001' } }],
  });
  const last = db.ok('GetRecords', { ShardIterator: iterator(db) });
  expect([last.Records.length, last.NextShardIterator]).toEqual([1, undefined]);
  const next = update({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' }).TableDescription.LatestStreamArn;
  expect(next).toBe(StreamArn.replace('1970-01-01', '2026-01-01'));
  expect(db.ok('ListStreams', { TableName: 'Logged' }).Streams.map((one: any) => one.StreamArn)).toEqual([
    StreamArn,
    next,
  ]);
  db.nowMs += 24 * hour;
  expect(db.ok('ListStreams', {}).Streams).toEqual([
    { StreamArn: next, TableName: 'Logged', StreamLabel: '2026-01-01T00:00:00.000' },
  ]);
  expect(db.refused('DescribeStream', { StreamArn }).name).toBe('ResourceNotFoundException');
});

test('what is wrong is refused by name', () => {
  const db = streaming('KEYS_ONLY');
  const ShardId = shardIds(db)[0];
  expect(db.refused('DescribeStream', { StreamArn: `${StreamArn}1` }).message).toBe(
    `Requested resource not found: Stream: ${StreamArn}1 not found`,
  );
  expect(db.refused('GetShardIterator', { StreamArn, ShardId: 'x', ShardIteratorType: 'LATEST' }).name).toBe(
    'ResourceNotFoundException',
  );
  expect(db.invalid('GetShardIterator', { StreamArn, ShardId, ShardIteratorType: 'NOW' })).toMatch(/enum value set/);
  for (const ShardIterator of ['x', `${StreamArn}|1|bnVsbA==`, `${StreamArn}|1|e30=`])
    expect(db.invalid('GetRecords', { ShardIterator })).toBe('Invalid ShardIterator');
  expect(db.invalid('GetRecords', { ShardIterator: iterator(db), Limit: 1001 })).toMatch(/less than or equal to 1000/);
});

test('who waits for records is told when one comes, and otherwise when the time is over', () => {
  const db = streaming('KEYS_ONLY');
  put(db, 'a', '1');
  const ShardId = shardIds(db)[0];
  const wait = (After: unknown): string =>
    db.wait('$awaitRecords', { StreamArn, ShardId, After, Limit: 10, WaitSeconds: 20 });
  expect(db.late.get(wait('TRIM_HORIZON'))).toMatchObject({ Records: [{ eventName: 'INSERT' }], Next: 1 });
  const patient = wait('LATEST');
  const late = wait(1);
  expect(db.late.has(patient)).toBe(false);
  put(db, 'b', '1');
  for (const id of [patient, late])
    expect(db.late.get(id)).toMatchObject({ Records: [{ dynamodb: { Keys: { id: { S: 'b' } } } }], Next: 2 });
  const vain = wait(2);
  expect(db.wakeAt).toBe(startMs + 20_000);
  db.nowMs += 20_000;
  db.wake();
  expect(db.late.get(vain)).toEqual({ Records: [], Next: 2, Closed: false });
  const last = wait(2);
  db.ok('DeleteTable', { TableName: 'Logged' });
  expect(db.late.get(last)).toEqual({ Records: [], Next: 2, Closed: true });
});
