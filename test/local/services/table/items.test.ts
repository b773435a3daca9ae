/**
 * Sources: AWS API reference, API_PutItem, API_GetItem, API_UpdateItem, API_DeleteItem, API_AttributeValue; developer
 * guide "Constraints in Amazon DynamoDB". Messages as AWS or, where marked, DynamoDB Local 3.3.0 words them.
 */
import { tables } from './support';

const put = (item: object, more: object = {}) => ({ TableName: 'Plain', Item: { id: { S: 'a' }, ...item }, ...more });
const key = { TableName: 'Plain', Key: { id: { S: 'a' } } };

describe('PutItem, GetItem, DeleteItem', () => {
  test('what is put is got, and is gone after deletion', () => {
    const db = tables();
    const item = {
      id: { S: 'a' },
      b: { B: 'AAEC' },
      yes: { BOOL: true },
      none: { NULL: true },
      list: { L: [{ S: 'x' }, { N: '1' }] },
      map: { M: { inner: { SS: ['p', 'q'] } } },
      empty: { S: '' },
    };
    expect(db.ok('PutItem', { TableName: 'Plain', Item: item })).toEqual({});
    expect(db.ok('GetItem', key)).toEqual({ Item: item });
    expect(db.ok('DeleteItem', { ...key, ReturnValues: 'ALL_OLD' })).toEqual({ Attributes: item });
    expect(db.ok('GetItem', key)).toEqual({});
    expect(db.ok('DeleteItem', { ...key, ReturnValues: 'ALL_OLD' })).toEqual({});
  });

  test('what has to be given is asked for before the table is looked for', () => {
    const db = tables();
    const said = (member: string): object => ({
      name: 'ValidationException',
      message: `1 validation error detected: Value null at '${member}' failed to satisfy constraint: Member must not be null`,
    });
    const TableName = 'NoSuchTable';
    expect(db.refused('PutItem', { TableName, Item: null })).toMatchObject(said('item'));
    for (const operation of ['GetItem', 'DeleteItem', 'UpdateItem'])
      expect(db.refused(operation, { TableName })).toMatchObject(said('key'));
  });

  test('a put replaces the whole item and can return the old one', () => {
    const db = tables();
    db.ok('PutItem', put({ x: { N: '1' } }));
    expect(db.ok('PutItem', put({ y: { N: '2' } }, { ReturnValues: 'ALL_OLD' }))).toEqual({
      Attributes: { id: { S: 'a' }, x: { N: '1' } },
    });
    expect(db.ok('GetItem', key).Item).toEqual({ id: { S: 'a' }, y: { N: '2' } });
  });

  test('nothing that a client holds is what is stored', () => {
    const db = tables();
    const sent = put({ m: { M: { list: { L: [{ S: 'kept' }] } } } });
    db.ok('PutItem', sent);
    (sent.Item as any).m.M.list.L[0].S = 'changed by the sender';
    const got = db.ok('GetItem', key).Item;
    got.m.M.list.L.push({ S: 'changed by the reader' });
    const updated = db.ok('UpdateItem', { ...key, ReturnValues: 'ALL_NEW' }).Attributes;
    updated.m.M.list.L[0].S = 'changed by the updater';
    expect(db.ok('GetItem', key).Item.m).toEqual({ M: { list: { L: [{ S: 'kept' }] } } });
  });

  test('attribute names that JavaScript has a use for are ordinary', () => {
    const db = tables();
    const Item = JSON.parse('{"id":{"S":"a"},"__proto__":{"S":"p"},"constructor":{"S":"c"}}');
    db.ok('PutItem', { TableName: 'Plain', Item });
    expect(JSON.stringify(db.ok('GetItem', key).Item)).toBe(JSON.stringify(Item));
    const projected = db.ok('GetItem', { ...key, ProjectionExpression: 'toString' });
    expect(projected).toEqual({ Item: {} });
  });

  test('missing tables', () => {
    const db = tables();
    expect(db.refused('GetItem', { ...key, TableName: 'Nothing' })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found',
    });
    const arn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Plain';
    expect(db.ok('GetItem', { ...key, TableName: arn })).toEqual({});
  });
});

describe('numbers: 38 digits, 1E-130 to 9.99E+125, returned in canonical form', () => {
  test.each([
    ['1.0', '1'],
    ['-0.0', '0'],
    ['+5', '5'],
    ['.5', '0.5'],
    ['5.', '5'],
    ['1E2', '100'],
    ['0.000001200', '0.0000012'],
    ['1e20', '100000000000000000000'],
    ['12345678901234567890123456789012345678', '12345678901234567890123456789012345678'],
    ['123456789012345678901234567890123456780', '123456789012345678901234567890123456780'],
    ['1e-130', `0.${'0'.repeat(129)}1`],
  ])('%s is stored as %s', (sent, stored) => {
    const db = tables();
    db.ok('PutItem', put({ n: { N: sent } }));
    expect(db.ok('GetItem', key).Item.n).toEqual({ N: stored });
  });

  test.each([
    ['abc', 'The parameter cannot be converted to a numeric value: abc'],
    ['', 'The parameter cannot be converted to a numeric value'],
    ['0x1', 'The parameter cannot be converted to a numeric value: 0x1'],
    ['Infinity', 'The parameter cannot be converted to a numeric value: Infinity'],
    ['1e126', 'Number overflow. Attempting to store a number with magnitude larger than supported range'],
    ['1e-131', 'Number underflow. Attempting to store a number with magnitude smaller than supported range'],
    ['123456789012345678901234567890123456789', 'Attempting to store more than 38 significant digits in a Number'],
  ])('%s is refused', (sent, message) => {
    expect(tables().invalid('PutItem', put({ n: { N: sent } }))).toBe(message);
  });
});

describe('values that are refused', () => {
  const deep = (levels: number): object => (levels === 0 ? { S: 'x' } : { L: [deep(levels - 1)] });
  test.each<[string, any, string]>([
    ['no type', {}, 'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes'],
    [
      'two types',
      { S: 'a', N: '1' },
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    ],
    ['empty string set', { SS: [] }, 'One or more parameter values were invalid: An string set  may not be empty'],
    ['empty number set', { NS: [] }, 'One or more parameter values were invalid: An number set  may not be empty'],
    ['empty binary set', { BS: [] }, 'One or more parameter values were invalid: Binary sets should not be empty'],
    [
      'a string twice',
      { SS: ['a', 'a'] },
      'One or more parameter values were invalid: Input collection [a, a] contains duplicates.',
    ],
    ['a number twice', { NS: ['1', '1.0'] }, 'Input collection contains duplicates'],
    [
      'NULL false',
      { NULL: false },
      'One or more parameter values were invalid: Null attribute value types must have the value of true',
    ],
    [
      '33 levels',
      deep(32),
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    ],
  ])('%s', (_what, value, message) => {
    expect(tables().invalid('PutItem', put({ x: value }))).toBe(message);
  });

  test('32 levels are taken; JSON of the wrong kind is a SerializationException', () => {
    const db = tables();
    db.ok('PutItem', put({ x: deep(31) as any }));
    expect(db.refused('PutItem', put({ x: { S: 5 } })).name).toBe('SerializationException');
    expect(db.refused('PutItem', put({ x: { B: 'not base64!' } })).name).toBe('SerializationException');
  });
});

describe('keys', () => {
  const long = (bytes: number) => 'é'.repeat(bytes / 2);
  test.each<[string, any, string]>([
    ['missing', { pk: { S: 'a' } }, 'One or more parameter values were invalid: Missing the key sk in the item'],
    [
      'of another type',
      { pk: { S: 'a' }, sk: { S: '1' } },
      'One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S',
    ],
    [
      'empty',
      { pk: { S: '' }, sk: { N: '1' } },
      'One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: pk',
    ],
    [
      'too long',
      { pk: { S: long(2050) }, sk: { N: '1' } },
      'One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes',
    ],
    [
      'an index key of another type',
      { pk: { S: 'a' }, sk: { N: '1' }, holder: { N: '1' } },
      'One or more parameter values were invalid: Type mismatch for Index Key holder Expected: S Actual: N IndexName: byHolder',
    ],
    [
      'an empty index key',
      { pk: { S: 'a' }, sk: { N: '1' }, kind: { S: '' } },
      'One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: byKind, IndexKey: kind',
    ],
  ])('of a put: %s', (_what, Item, message) => {
    expect(tables().invalid('PutItem', { TableName: 'Orders', Item })).toBe(message);
  });

  test('2048 bytes of partition key are taken', () => {
    tables().ok('PutItem', { TableName: 'Orders', Item: { pk: { S: long(2048) }, sk: { N: '1' } } });
  });

  test.each<[string, any]>([
    ['incomplete', { pk: { S: 'a' } }],
    ['too much', { pk: { S: 'a' }, sk: { N: '1' }, more: { S: 'b' } }],
    ['of another type', { pk: { S: 'a' }, sk: { S: '1' } }],
  ])('of a get: %s', (_what, Key) => {
    for (const operation of ['GetItem', 'UpdateItem', 'DeleteItem']) {
      expect(tables().invalid(operation, { TableName: 'Orders', Key })).toBe(
        'The provided key element does not match the schema',
      );
    }
  });

  test('equal numbers are the same key', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Orders', Item: { pk: { S: 'a' }, sk: { N: '1.50' } } });
    const got = db.ok('GetItem', { TableName: 'Orders', Key: { pk: { S: 'a' }, sk: { N: '15e-1' } } });
    expect(got.Item.sk).toEqual({ N: '1.5' });
  });
});

describe('size of an item: names and values, at most 409,600 bytes', () => {
  // 'id' + 'a' + 'x' are four bytes.
  test('a put of exactly 400 KB is taken, one byte more is not', () => {
    const db = tables();
    db.ok('PutItem', put({ x: { S: 'x'.repeat(409_596) } }));
    expect(db.invalid('PutItem', put({ x: { S: 'x'.repeat(409_597) } }))).toBe(
      'Item size has exceeded the maximum allowed size',
    );
    expect(
      db.invalid('UpdateItem', {
        ...key,
        UpdateExpression: 'SET y = :y',
        ExpressionAttributeValues: { ':y': { S: '' } },
      }),
    ).toBe('Item size to update has exceeded the maximum allowed size');
  });

  // Developer guide, "DynamoDB Item sizes and formats": list 3, map 3, one for each element; number: half its digits + 1.
  test.each<[string, any, number]>([
    ['S, by UTF-8', { S: 'é😀' }, 6],
    ['N', { N: '-1234.5' }, 5],
    ['N, in pairs of digits from the decimal point', { N: '1200000' }, 3],
    ['N, with a fraction', { N: '9.5' }, 3],
    ['B', { B: 'AAEC' }, 3],
    ['BOOL', { BOOL: true }, 1],
    ['NULL', { NULL: true }, 1],
    ['SS', { SS: ['ab', 'c'] }, 3],
    ['L', { L: [{ S: 'ab' }, { BOOL: true }] }, 3 + 3 + 2],
    ['M', { M: { key: { S: 'ab' } } }, 3 + 1 + 3 + 2],
  ])('%s', (_what, value, size) => {
    const db = tables();
    db.ok('PutItem', put({ x: value }));
    expect(db.ok('DescribeTable', { TableName: 'Plain' }).Table.TableSizeBytes).toBe(4 + size);
  });
});

describe('conditions', () => {
  const once = { ConditionExpression: 'attribute_not_exists(id)' };
  test('a failed condition changes nothing and, if asked, answers with the item', () => {
    const db = tables();
    db.ok('PutItem', put({ x: { N: '1' } }, once));
    expect(db.refused('PutItem', put({ x: { N: '2' } }, once))).toEqual({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
    const withItem = { ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    expect(db.refused('PutItem', put({ x: { N: '2' } }, withItem))).toEqual({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
      members: { Item: { id: { S: 'a' }, x: { N: '1' } } },
    });
    expect(db.ok('GetItem', key).Item.x).toEqual({ N: '1' });
  });

  test('where there is no item, none is in the answer', () => {
    const db = tables();
    const refused = db.refused('DeleteItem', {
      ...key,
      ConditionExpression: 'attribute_exists(id)',
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    expect(refused).toEqual({
      name: 'ConditionalCheckFailedException',
      message: 'The conditional request failed',
    });
  });
});

describe('what is refused by name', () => {
  test.each([
    ['PutItem', { Expected: {} }, 'Expected', 'ConditionExpression'],
    ['UpdateItem', { AttributeUpdates: {} }, 'AttributeUpdates', 'UpdateExpression'],
    ['Query', { KeyConditions: {} }, 'KeyConditions', 'KeyConditionExpression'],
    ['Query', { QueryFilter: {} }, 'QueryFilter', 'FilterExpression'],
    ['Scan', { ScanFilter: {} }, 'ScanFilter', 'FilterExpression'],
    ['GetItem', { AttributesToGet: [] }, 'AttributesToGet', 'ProjectionExpression'],
  ])('%s with legacy parameters', (operation, more, parameter, instead) => {
    expect(tables().invalid(operation, { ...key, Item: key.Key, ...more })).toBe(
      `The legacy parameter ${parameter} is not modelled by Baton's local DynamoDB. Use ${instead} instead.`,
    );
  });

  test('PartiQL and unknown operations', () => {
    const db = tables();
    expect(db.refused('ExecuteStatement', { Statement: 'SELECT 1' })).toEqual({
      name: 'UnknownOperationException',
      message: `ExecuteStatement is not modelled by Baton's local DynamoDB. PartiQL is not modelled; use GetItem, Query, PutItem and the like.`,
    });
    expect(db.refused('ImportTable', {}).message).toMatch(/^ImportTable is not modelled by Baton's local DynamoDB\./);
  });

  test.each([
    ['PutItem', 'ALL_NEW', 'ReturnValues can only be ALL_OLD or NONE'],
    [
      'PutItem',
      'SOME',
      "1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]",
    ],
  ])('%s with ReturnValues %s', (operation, ReturnValues, message) => {
    expect(tables().invalid(operation, put({}, { ReturnValues }))).toBe(message);
  });
});

describe('consumed capacity', () => {
  // Developer guide, "DynamoDB read and write operations": 1 KB a write unit, 4 KB a read unit, half if eventual.
  test('of reads and writes', () => {
    const db = tables();
    const capacity = { ReturnConsumedCapacity: 'TOTAL' };
    expect(db.ok('PutItem', put({ x: { S: 'x'.repeat(2500) } }, capacity)).ConsumedCapacity).toEqual({
      TableName: 'Plain',
      CapacityUnits: 3,
    });
    expect(db.ok('GetItem', { ...key, ...capacity }).ConsumedCapacity.CapacityUnits).toBe(0.5);
    expect(db.ok('GetItem', { ...key, ...capacity, ConsistentRead: true }).ConsumedCapacity.CapacityUnits).toBe(1);
  });

  test('of indexes: a changed index key costs a deletion and a put', () => {
    const db = tables();
    const order = { TableName: 'Orders', ReturnConsumedCapacity: 'INDEXES' };
    const Item = { pk: { S: 'a' }, sk: { N: '1' }, kind: { S: 'k' } };
    expect(db.ok('PutItem', { ...order, Item }).ConsumedCapacity).toEqual({
      TableName: 'Orders',
      CapacityUnits: 2,
      Table: { CapacityUnits: 1 },
      GlobalSecondaryIndexes: { byKind: { CapacityUnits: 1 } },
    });
    const update = (name: string) => ({
      ...order,
      Key: { pk: { S: 'a' }, sk: { N: '1' } },
      UpdateExpression: `SET ${name} = :v`,
      ExpressionAttributeValues: { ':v': { S: 'v' } },
    });
    expect(db.ok('UpdateItem', update('kind')).ConsumedCapacity.GlobalSecondaryIndexes).toEqual({
      byKind: { CapacityUnits: 2 },
    });
    expect(db.ok('UpdateItem', update('extra')).ConsumedCapacity.GlobalSecondaryIndexes).toBeUndefined();
    expect(db.ok('UpdateItem', update('note')).ConsumedCapacity.GlobalSecondaryIndexes).toEqual({
      byKind: { CapacityUnits: 1 },
    });
  });
});
