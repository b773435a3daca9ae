/**
 * Sources: developer guide, "Key condition expressions for the Query operation in DynamoDB", "Paginating table query
 * results", "Using Global Secondary Indexes", "Scanning tables" (parallel scan); API_Query, API_Scan.
 */
import { plainTable, TestTables, tables } from './support';

/** Partition a: sort keys -5, 1, 1.5, 2, 10, 100; partition b: 1. */
function orders() {
  const db = tables();
  for (const sk of ['10', '1', '100', '-5', '2', '1.5']) {
    db.ok('PutItem', { TableName: 'Orders', Item: { pk: { S: 'a' }, sk: { N: sk }, even: { BOOL: sk === '2' } } });
  }
  db.ok('PutItem', { TableName: 'Orders', Item: { pk: { S: 'b' }, sk: { N: '1' } } });
  return db;
}

const inA = { TableName: 'Orders', KeyConditionExpression: 'pk = :a', ExpressionAttributeValues: { ':a': { S: 'a' } } };
const sortKeys = (output: any) => output.Items.map((item: any) => item.sk.N);

describe('key conditions', () => {
  const db = orders();
  test.each<[string, object, string[]]>([
    ['pk = :a', {}, ['-5', '1', '1.5', '2', '10', '100']],
    [':a = pk', {}, ['-5', '1', '1.5', '2', '10', '100']],
    ['pk = :a AND sk = :x', { ':x': { N: '2.0' } }, ['2']],
    ['pk = :a AND sk < :x', { ':x': { N: '2' } }, ['-5', '1', '1.5']],
    ['pk = :a AND sk <= :x', { ':x': { N: '2' } }, ['-5', '1', '1.5', '2']],
    ['sk > :x AND pk = :a', { ':x': { N: '2' } }, ['10', '100']],
    ['pk = :a AND :x < sk', { ':x': { N: '2' } }, ['10', '100']],
    ['(pk = :a) AND (sk >= :x)', { ':x': { N: '2' } }, ['2', '10', '100']],
    ['pk = :a AND sk BETWEEN :x AND :y', { ':x': { N: '1' }, ':y': { N: '2' } }, ['1', '1.5', '2']],
    ['pk = :a AND sk > :x', { ':x': { N: '1000' } }, []],
  ])('%s %j', (KeyConditionExpression, values, expected) => {
    const request = {
      ...inA,
      KeyConditionExpression,
      ExpressionAttributeValues: { ...inA.ExpressionAttributeValues, ...values },
    };
    expect(sortKeys(db.ok('Query', request))).toEqual(expected);
    expect(sortKeys(db.ok('Query', { ...request, ScanIndexForward: false }))).toEqual([...expected].reverse());
  });

  test.each<[string, object, string]>([
    ['sk = :x', { ':x': { N: '1' } }, 'Query condition missed key schema element: pk'],
    ['pk = :a AND other1 = :x', { ':x': { N: '1' } }, 'Query condition missed key schema element: sk'],
    ['pk < :a', {}, 'Query key condition not supported'],
    ['begins_with(pk, :a)', {}, 'Query key condition not supported'],
    ['pk = :a OR sk = :x', { ':x': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: OR'],
    ['NOT pk = :a', {}, 'Invalid operator used in KeyConditionExpression: NOT'],
    ['pk = :a AND sk <> :x', { ':x': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: <>'],
    ['pk = :a AND sk IN (:x)', { ':x': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: IN'],
    ['pk = :a AND contains(sk, :x)', { ':x': { N: '1' } }, 'Invalid operator used in KeyConditionExpression: contains'],
    ['pk = :a AND pk = :a', {}, 'KeyConditionExpressions must only contain one condition per key'],
    ['pk = :a AND size(sk) = :x', { ':x': { N: '1' } }, 'KeyConditionExpressions cannot contain nested operations'],
    [
      'pk = :a AND sk = :x',
      { ':x': { S: '1' } },
      'One or more parameter values were invalid: Condition parameter type does not match schema type',
    ],
    [
      'pk = :a AND sk BETWEEN :x AND :y',
      { ':x': { N: '2' }, ':y': { N: '1' } },
      'Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}',
    ],
    [
      'pk.x = :a',
      {},
      "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: pk",
    ],
  ])('refused: %s %j', (KeyConditionExpression, values, message) => {
    const used = { ...inA.ExpressionAttributeValues, ...values } as Record<string, object>;
    if (!KeyConditionExpression.includes(':a')) delete used[':a'];
    expect(db.invalid('Query', { ...inA, KeyConditionExpression, ExpressionAttributeValues: used })).toBe(message);
  });

  test('begins_with, by UTF-8 and by bytes, and the order of sort keys', () => {
    const typed = new TestTables();
    for (const type of ['S', 'B']) {
      typed.ok('CreateTable', {
        ...plainTable(`Typed${type}`),
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: type },
        ],
        KeySchema: [
          { AttributeName: 'id', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
      });
    }
    const found = (type: string, condition: string, values: object) =>
      typed
        .ok('Query', {
          TableName: `Typed${type}`,
          KeyConditionExpression: `id = :id ${condition}`,
          ExpressionAttributeValues: { ':id': { S: 'p' }, ...values },
        })
        .Items.map((item: any) => item.sk[type]);
    // U+FFEE (EF BF AE) comes before the emoji (F0 9F 98 80) in UTF-8, and after its surrogates in UTF-16.
    for (const sk of ['😀', '\uffee', 'ab', 'b', 'a', 'B', 'abc']) {
      typed.ok('PutItem', { TableName: 'TypedS', Item: { id: { S: 'p' }, sk: { S: sk } } });
    }
    expect(found('S', '', {})).toEqual(['B', 'a', 'ab', 'abc', 'b', '\uffee', '😀']);
    expect(found('S', 'AND begins_with(sk, :s)', { ':s': { S: 'ab' } })).toEqual(['ab', 'abc']);
    for (const sk of ['gA==', '/w==', 'AA==', 'gAE=']) {
      typed.ok('PutItem', { TableName: 'TypedB', Item: { id: { S: 'p' }, sk: { B: sk } } });
    }
    // 00, 80, 80 01, ff: bytes are unsigned.
    expect(found('B', '', {})).toEqual(['AA==', 'gA==', 'gAE=', '/w==']);
    expect(found('B', 'AND begins_with(sk, :s)', { ':s': { B: 'gA==' } })).toEqual(['gA==', 'gAE=']);
  });
});

describe('pages', () => {
  test('Limit counts what is read, before the filter; the last key is where to go on', () => {
    const db = orders();
    const filtered = { ...inA, FilterExpression: 'even = :t', Limit: 2 };
    const request = {
      ...filtered,
      ExpressionAttributeValues: { ...inA.ExpressionAttributeValues, ':t': { BOOL: true } },
    };
    const first = db.ok('Query', request);
    expect(first).toEqual({
      Items: [],
      Count: 0,
      ScannedCount: 2,
      LastEvaluatedKey: { pk: { S: 'a' }, sk: { N: '1' } },
    });
    const second = db.ok('Query', { ...request, ExclusiveStartKey: first.LastEvaluatedKey });
    expect(sortKeys(second)).toEqual(['2']);
    const third = db.ok('Query', { ...request, ExclusiveStartKey: second.LastEvaluatedKey });
    // Exactly at the end AWS does not know yet that there is no more.
    expect(third).toMatchObject({ Count: 0, ScannedCount: 2, LastEvaluatedKey: { sk: { N: '100' } } });
    const fourth = db.ok('Query', { ...request, ExclusiveStartKey: third.LastEvaluatedKey });
    expect(fourth).toEqual({ Items: [], Count: 0, ScannedCount: 0 });
  });

  test.each([
    [true, ['-5', '1', '1.5', '2', '10', '100']],
    [false, ['100', '10', '2', '1.5', '1', '-5']],
  ])('pages of one, forward %s, give every item once', (ScanIndexForward, expected) => {
    const db = orders();
    const seen: string[] = [];
    let start: object = {};
    for (let count = 0; count < 10; count++) {
      const page = db.ok('Query', { ...inA, Limit: 1, ScanIndexForward, ...start });
      seen.push(...sortKeys(page));
      if (!page.LastEvaluatedKey) break;
      start = { ExclusiveStartKey: page.LastEvaluatedKey };
    }
    expect(seen).toEqual(expected);
  });

  test('a start key is a place: the item may be gone', () => {
    const db = orders();
    const Key = { pk: { S: 'a' }, sk: { N: '1.5' } };
    db.ok('DeleteItem', { TableName: 'Orders', Key });
    expect(sortKeys(db.ok('Query', { ...inA, ExclusiveStartKey: Key, Limit: 1 }))).toEqual(['2']);
    const backwards = db.ok('Query', { ...inA, ExclusiveStartKey: Key, Limit: 1, ScanIndexForward: false });
    expect(sortKeys(backwards)).toEqual(['1']);
  });

  test('a page ends with the item that takes it past 1 MB', () => {
    const db = tables();
    for (const sk of ['1', '2', '3', '4', '5', '6']) {
      const Item = { pk: { S: 'a' }, sk: { N: sk }, filling: { S: 'x'.repeat(300_000) } };
      db.ok('PutItem', { TableName: 'Orders', Item });
    }
    const first = db.ok('Query', { ...inA, Select: 'COUNT' });
    expect(first).toEqual({ Count: 4, ScannedCount: 4, LastEvaluatedKey: { pk: { S: 'a' }, sk: { N: '4' } } });
    const rest = db.ok('Query', { ...inA, Select: 'COUNT', ExclusiveStartKey: first.LastEvaluatedKey });
    expect(rest).toEqual({ Count: 2, ScannedCount: 2 });
  });

  test.each<[string, object, string]>([
    ['incomplete', { pk: { S: 'a' } }, 'The provided starting key is invalid'],
    ['of another type', { pk: { S: 'a' }, sk: { S: '1' } }, 'The provided starting key is invalid'],
    [
      'of another partition',
      { pk: { S: 'b' }, sk: { N: '1' } },
      'The provided starting key is outside query boundaries based on provided conditions',
    ],
    [
      'outside the bounds',
      { pk: { S: 'a' }, sk: { N: '1' } },
      'The provided starting key does not match the range key predicate',
    ],
  ])('a start key %s is refused', (_what, ExclusiveStartKey, message) => {
    const request = {
      ...inA,
      KeyConditionExpression: 'pk = :a AND sk > :x',
      ExpressionAttributeValues: { ...inA.ExpressionAttributeValues, ':x': { N: '1' } },
      ExclusiveStartKey,
    };
    expect(orders().invalid('Query', request)).toBe(message);
  });
});

describe('indexes', () => {
  function held() {
    const db = tables();
    const put = (sk: string, more: object) =>
      db.ok('PutItem', { TableName: 'Orders', Item: { pk: { S: 'a' }, sk: { N: sk }, ...more } });
    put('1', { holder: { S: 'h' }, moment: { N: '30' }, kind: { S: 'k' }, note: { S: 'n1' }, extra: { S: 'e1' } });
    put('2', { holder: { S: 'h' }, moment: { N: '4' }, grade: { S: 'z' } });
    put('3', { holder: { S: 'h' }, grade: { S: 'y' } });
    put('4', { kind: { S: 'k' } });
    return db;
  }
  const byHolder = {
    TableName: 'Orders',
    IndexName: 'byHolder',
    KeyConditionExpression: 'holder = :h',
    ExpressionAttributeValues: { ':h': { S: 'h' } },
  };
  const byKind = {
    ...byHolder,
    IndexName: 'byKind',
    KeyConditionExpression: 'kind = :k',
    ExpressionAttributeValues: { ':k': { S: 'k' } },
  };

  test('an item without the whole index key is not in the index', () => {
    expect(sortKeys(held().ok('Query', byHolder))).toEqual(['2', '1']);
  });

  test('an index follows updates and deletions', () => {
    const db = held();
    const Key = { pk: { S: 'a' }, sk: { N: '2' } };
    const update = (UpdateExpression: string, value?: object) =>
      db.ok('UpdateItem', {
        TableName: 'Orders',
        Key,
        UpdateExpression,
        ...(value ? { ExpressionAttributeValues: { ':v': value } } : {}),
      });
    update('SET moment = :v', { N: '31' });
    expect(sortKeys(db.ok('Query', byHolder))).toEqual(['1', '2']);
    update('SET note = :v', { S: 'seen through the index' });
    expect(db.ok('Query', byHolder).Items[1].note).toEqual({ S: 'seen through the index' });
    update('REMOVE holder');
    expect(sortKeys(db.ok('Query', byHolder))).toEqual(['1']);
    db.ok('DeleteItem', { TableName: 'Orders', Key: { pk: { S: 'a' }, sk: { N: '1' } } });
    expect(sortKeys(db.ok('Query', byHolder))).toEqual([]);
  });

  test('an INCLUDE index has its keys and the named attributes', () => {
    expect(held().ok('Query', { ...byKind, Limit: 1 })).toEqual({
      Items: [{ pk: { S: 'a' }, sk: { N: '1' }, kind: { S: 'k' }, note: { S: 'n1' } }],
      Count: 1,
      ScannedCount: 1,
      LastEvaluatedKey: { kind: { S: 'k' }, pk: { S: 'a' }, sk: { N: '1' } },
    });
  });

  test('items that are equal in an index are each read once, page by page', () => {
    const db = held();
    const first = db.ok('Query', { ...byKind, Limit: 1 });
    const second = db.ok('Query', { ...byKind, Limit: 1, ExclusiveStartKey: first.LastEvaluatedKey });
    expect([...sortKeys(first), ...sortKeys(second)]).toEqual(['1', '4']);
  });

  test('a local index fetches from the table what it lacks; a global one does not', () => {
    const db = held();
    const byGrade = { ...inA, IndexName: 'byGrade' };
    expect(db.ok('Query', byGrade).Items).toEqual([
      { pk: { S: 'a' }, sk: { N: '3' }, grade: { S: 'y' } },
      { pk: { S: 'a' }, sk: { N: '2' }, grade: { S: 'z' } },
    ]);
    expect(db.ok('Query', { ...byGrade, ProjectionExpression: 'holder', ConsistentRead: true }).Items).toEqual([
      { holder: { S: 'h' } },
      { holder: { S: 'h' } },
    ]);
    expect(db.invalid('Query', { ...byKind, ProjectionExpression: 'extra' })).toBe(
      'One or more parameter values were invalid: Global secondary index byKind does not project [extra]',
    );
  });

  test.each<[string, object, string]>([
    ['ConsistentRead', { ConsistentRead: true }, 'Consistent reads are not supported on global secondary indexes'],
    ['an unknown index', { IndexName: 'byNothing' }, 'The table does not have the specified index: byNothing'],
    [
      'ALL_ATTRIBUTES',
      { Select: 'ALL_ATTRIBUTES' },
      'One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index byKind because its projection type is not ALL',
    ],
    [
      'a filter on what the index lacks',
      { FilterExpression: 'attribute_exists(extra)' },
      'One or more parameter values were invalid: Secondary index byKind does not project one or more filter attributes: [extra]',
    ],
    [
      'a filter on a key',
      { FilterExpression: 'attribute_exists(kind)' },
      'Filter Expression can only contain non-primary key attributes: Primary key attribute: kind',
    ],
  ])('refused: %s', (_what, more, message) => {
    expect(held().invalid('Query', { ...byKind, ...more })).toBe(message);
  });
});

describe('Select and Limit', () => {
  const db = orders();
  test.each<[object, string]>([
    [
      { Select: 'COUNT', ProjectionExpression: 'sk' },
      'Cannot specify the ProjectionExpression when choosing to get only the Count',
    ],
    [
      { Select: 'SPECIFIC_ATTRIBUTES' },
      'Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES',
    ],
    [
      { Select: 'ALL_PROJECTED_ATTRIBUTES' },
      'ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName',
    ],
    [
      { Limit: 0 },
      "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1",
    ],
    [
      { KeyConditionExpression: undefined, ExpressionAttributeValues: undefined },
      'Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.',
    ],
  ])('refused: %j', (more, message) => {
    expect(db.invalid('Query', { ...inA, ...more })).toBe(message);
  });

  test('capacity: what is read, rounded up to 4 KB, half if not consistent', () => {
    const capacity = { ReturnConsumedCapacity: 'TOTAL' };
    expect(db.ok('Query', { ...inA, ...capacity }).ConsumedCapacity.CapacityUnits).toBe(0.5);
    expect(db.ok('Query', { ...inA, ...capacity, ConsistentRead: true }).ConsumedCapacity.CapacityUnits).toBe(1);
  });
});

describe('Scan', () => {
  function many() {
    const db = tables();
    for (let n = 0; n < 1500; n++) db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: `item ${n}` } } });
    return db;
  }
  const idsOf = (output: any): string[] => output.Items.map((item: any) => item.id.S);

  test('pages give every item once', () => {
    const db = many();
    const seen: string[] = [];
    let ExclusiveStartKey: object | undefined;
    do {
      const page = db.ok('Scan', {
        TableName: 'Plain',
        Limit: 400,
        ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}),
      });
      seen.push(...idsOf(page));
      ExclusiveStartKey = page.LastEvaluatedKey;
    } while (ExclusiveStartKey);
    expect(seen).toHaveLength(1500);
    expect(new Set(seen).size).toBe(1500);
  });

  test('segments share the table out', () => {
    const db = many();
    const segments = [0, 1, 2, 3].map((Segment) =>
      idsOf(db.ok('Scan', { TableName: 'Plain', Segment, TotalSegments: 4 })),
    );
    expect(new Set(segments.flat()).size).toBe(1500);
    expect(segments.flat()).toHaveLength(1500);
    for (const segment of segments) expect(segment.length).toBeGreaterThan(250);
  });

  test('a filter is tested on every item', () => {
    const found = orders().ok('Scan', {
      TableName: 'Orders',
      FilterExpression: 'sk > :x',
      ExpressionAttributeValues: { ':x': { N: '9' } },
    });
    expect({ ...found, Items: sortKeys(found).sort() }).toEqual({ Items: ['10', '100'], Count: 2, ScannedCount: 7 });
  });

  test.each<[object, string]>([
    [
      { Segment: 0 },
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    ],
    [
      { TotalSegments: 2 },
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    ],
    [
      { Segment: 2, TotalSegments: 2 },
      'The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 2 is not less than TotalSegments: 2',
    ],
  ])('refused: %j', (more, message) => {
    expect(tables().invalid('Scan', { TableName: 'Plain', ...more })).toBe(message);
  });
});

test('a global index as it was a moment ago: new, changed and deleted rows are seen as they were', () => {
  // What was a moment ago is forgotten by a restart.
  const db = new TestTables(false);
  db.ok('CreateTable', {
    TableName: 'Debts',
    AttributeDefinitions: [
      { AttributeName: 'id', AttributeType: 'S' },
      { AttributeName: 'unpaid', AttributeType: 'S' },
    ],
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: [
      {
        IndexName: 'unpaid',
        KeySchema: [{ AttributeName: 'unpaid', KeyType: 'HASH' }],
        Projection: { ProjectionType: 'ALL' },
      },
    ],
    BillingMode: 'PAY_PER_REQUEST',
  });
  const put = (id: string, more: object = {}) =>
    db.ok('PutItem', { TableName: 'Debts', Item: { id: { S: id }, unpaid: { S: 'yes' }, ...more } });
  put('paid-since', { n: { N: '1' } });
  put('gone-since');
  put('changed-since', { n: { N: '1' } });
  db.nowMs += 5_000;
  db.ok('PutItem', { TableName: 'Debts', Item: { id: { S: 'paid-since' } } });
  db.ok('DeleteItem', { TableName: 'Debts', Key: { id: { S: 'gone-since' } } });
  put('changed-since', { n: { N: '2' } });
  put('new-since');
  db.nowMs += 100;
  const read = ($staleMs?: number) =>
    db
      .ok('Query', {
        TableName: 'Debts',
        IndexName: 'unpaid',
        KeyConditionExpression: 'unpaid = :yes',
        ExpressionAttributeValues: { ':yes': { S: 'yes' } },
        ...($staleMs ? { $staleMs } : {}),
      })
      .Items.map((item: any) => `${item.id.S} ${item.n?.N ?? ''}`.trim())
      .sort();
  expect(read()).toEqual(['changed-since 2', 'new-since']);
  expect(read(50)).toEqual(['changed-since 2', 'new-since']);
  expect(read(3_000)).toEqual(['changed-since 1', 'gone-since', 'paid-since 1']);
});
