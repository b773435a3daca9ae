/**
 * Sources: API_TransactWriteItems, API_TransactGetItems, API_CancellationReason; developer guide, "Amazon DynamoDB
 * Transactions: How it works" (idempotency, limits); API_BatchWriteItem, API_BatchGetItem.
 */
import { tables } from './support';

const put = (id: string, more: object = {}, item: object = {}) => ({
  Put: { TableName: 'Plain', Item: { id: { S: id }, ...item }, ...more },
});
const remove = (id: string) => ({ Delete: { TableName: 'Plain', Key: { id: { S: id } } } });
const once = { ConditionExpression: 'attribute_not_exists(id)' };
const get = (id: string) => ({ TableName: 'Plain', Key: { id: { S: id } } });

describe('TransactWriteItems', () => {
  test('does all four kinds of action', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'old' } } });
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'checked' } } });
    const done = db.ok('TransactWriteItems', {
      TransactItems: [
        put('new', once),
        remove('old'),
        {
          Update: {
            ...get('counted'),
            UpdateExpression: 'SET n = if_not_exists(n, :zero) + :one',
            ExpressionAttributeValues: { ':zero': { N: '0' }, ':one': { N: '1' } },
          },
        },
        { ConditionCheck: { ...get('checked'), ConditionExpression: 'attribute_exists(id)' } },
      ],
    });
    expect(done).toEqual({});
    expect(db.ok('GetItem', get('new')).Item).toEqual({ id: { S: 'new' } });
    expect(db.ok('GetItem', get('old'))).toEqual({});
    expect(db.ok('GetItem', get('counted')).Item.n).toEqual({ N: '1' });
  });

  test('one failed condition undoes all, with reasons in the order of the actions', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'there' }, x: { N: '1' } } });
    const refused = db.refused('TransactWriteItems', {
      TransactItems: [
        put('a'),
        put('there', { ...once, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }),
        put('b'),
        { ConditionCheck: { ...get('there'), Key: { id: { S: 'c' } }, ConditionExpression: 'attribute_exists(id)' } },
      ],
    });
    expect(refused).toEqual({
      name: 'TransactionCanceledException',
      message:
        'Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed, None, ConditionalCheckFailed]',
      members: {
        CancellationReasons: [
          { Code: 'None' },
          {
            Code: 'ConditionalCheckFailed',
            Message: 'The conditional request failed',
            Item: { id: { S: 'there' }, x: { N: '1' } },
          },
          { Code: 'None' },
          { Code: 'ConditionalCheckFailed', Message: 'The conditional request failed' },
        ],
      },
    });
    expect(db.ok('Scan', { TableName: 'Plain' }).Items).toEqual([{ id: { S: 'there' }, x: { N: '1' } }]);
  });

  test('an update that does not fit the item is a ValidationError among the reasons', () => {
    const db = tables();
    const refused = db.refused('TransactWriteItems', {
      TransactItems: [put('a'), { Update: { ...get('b'), UpdateExpression: 'SET x = y' } }],
    });
    expect(refused.members.CancellationReasons).toEqual([
      { Code: 'None' },
      {
        Code: 'ValidationError',
        Message: 'The provided expression refers to an attribute that does not exist in the item',
      },
    ]);
    expect(db.ok('GetItem', get('a'))).toEqual({});
  });

  test.each<[string, object[], string]>([
    [
      'the same item twice',
      [put('a'), remove('a')],
      'Transaction request cannot include multiple operations on one item',
    ],
    [
      'two kinds in one action',
      [{ ...put('a'), ...remove('b') }],
      'TransactItems can only contain one of Check, Put, Update or Delete',
    ],
    [
      '101 actions',
      Array.from({ length: 101 }, (_, n) => put(`item ${n}`)),
      "1 validation error detected: Value of 101 actions at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to 100",
    ],
    [
      'no action',
      [],
      "1 validation error detected: Value '[]' at 'transactItems' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      'a bad expression',
      [put('a', { ConditionExpression: 'attribute_not_exists(' })],
      'Invalid ConditionExpression: Syntax error; token: "<EOF>", near: "("',
    ],
    // 11 items of 2 + 1 + 6 + 390,000 bytes, and one more byte for item 10.
    [
      'more than 4 MB',
      Array.from({ length: 11 }, (_, n) => put(`item ${n}`, {}, { x: { S: 'x'.repeat(390_000) } })),
      'Transaction payload size cannot exceed 4MB. Payload Size: 4290100',
    ],
  ])('%s is refused as a whole', (_what, TransactItems, message) => {
    const db = tables();
    expect(db.invalid('TransactWriteItems', { TransactItems })).toBe(message);
    expect(db.ok('Scan', { TableName: 'Plain', Select: 'COUNT' }).Count).toBe(0);
  });

  test('100 actions are taken; capacity is double', () => {
    const TransactItems = Array.from({ length: 100 }, (_, n) => put(`item ${n}`));
    const done = tables().ok('TransactWriteItems', { TransactItems, ReturnConsumedCapacity: 'TOTAL' });
    expect(done.ConsumedCapacity).toEqual([{ TableName: 'Plain', CapacityUnits: 200, WriteCapacityUnits: 200 }]);
  });
});

describe('ClientRequestToken', () => {
  const request = { ClientRequestToken: 'token', TransactItems: [put('a', once, { x: { N: '1' } })] };

  test('the same request again succeeds and changes nothing, for ten minutes', () => {
    const db = tables();
    db.ok('TransactWriteItems', request);
    db.ok('UpdateItem', {
      ...get('a'),
      UpdateExpression: 'SET x = :two',
      ExpressionAttributeValues: { ':two': { N: '2' } },
    });
    db.nowMs += 600_000 - 1;
    expect(db.ok('TransactWriteItems', request)).toEqual({});
    expect(db.ok('GetItem', get('a')).Item.x).toEqual({ N: '2' });
    db.nowMs += 1;
    expect(db.refused('TransactWriteItems', request).name).toBe('TransactionCanceledException');
  });

  test('another request under the token is refused', () => {
    const db = tables();
    db.ok('TransactWriteItems', request);
    const other = { ...request, TransactItems: [put('b')] };
    expect(db.refused('TransactWriteItems', other).name).toBe('IdempotentParameterMismatchException');
    expect(db.ok('GetItem', get('b'))).toEqual({});
  });

  test('a cancelled request is not remembered', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'a' } } });
    expect(db.refused('TransactWriteItems', request).name).toBe('TransactionCanceledException');
    db.ok('DeleteItem', get('a'));
    db.ok('TransactWriteItems', request);
    expect(db.ok('GetItem', get('a')).Item.x).toEqual({ N: '1' });
  });

  test('36 characters at most', () => {
    expect(tables().invalid('TransactWriteItems', { ...request, ClientRequestToken: 'x'.repeat(37) })).toBe(
      `1 validation error detected: Value '${'x'.repeat(37)}' at 'clientRequestToken' failed to satisfy constraint: Member must have length less than or equal to 36`,
    );
  });
});

test('TransactGetItems answers in order, with an empty object where nothing is', () => {
  const db = tables();
  db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'a' }, x: { N: '1' } } });
  expect(
    db.ok('TransactGetItems', {
      TransactItems: [{ Get: get('none') }, { Get: { ...get('a'), ProjectionExpression: 'x' } }],
      ReturnConsumedCapacity: 'TOTAL',
    }),
  ).toEqual({
    Responses: [{}, { Item: { x: { N: '1' } } }],
    ConsumedCapacity: [{ TableName: 'Plain', CapacityUnits: 4, ReadCapacityUnits: 4 }],
  });
  expect(db.invalid('TransactGetItems', { TransactItems: [{ Get: get('a') }, { Get: get('a') }] })).toBe(
    'Transaction request cannot include multiple operations on one item',
  );
});

describe('batches', () => {
  const write = (...requests: object[]) => ({ RequestItems: { Plain: requests } });
  const putRequest = (id: string) => ({ PutRequest: { Item: { id: { S: id } } } });
  const read = (...ids: string[]) => ({ RequestItems: { Plain: { Keys: ids.map((id) => ({ id: { S: id } })) } } });

  test('write and read', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'gone' } } });
    const removal = { DeleteRequest: { Key: { id: { S: 'gone' } } } };
    expect(db.ok('BatchWriteItem', write(putRequest('a'), putRequest('b'), removal))).toEqual({ UnprocessedItems: {} });
    expect(db.ok('BatchGetItem', read('b', 'gone', 'a'))).toEqual({
      Responses: { Plain: [{ id: { S: 'b' } }, { id: { S: 'a' } }] },
      UnprocessedKeys: {},
    });
  });

  test('an answer of more than 16 MB leaves keys unprocessed', () => {
    const db = tables();
    const ids = Array.from({ length: 45 }, (_, n) => `${n + 10}`);
    for (const id of ids) {
      db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: id }, x: { S: 'x'.repeat(400_000) } } });
    }
    const answer = db.ok('BatchGetItem', read(...ids));
    // 16,777,216 / 400,005 = 41.9.
    expect(answer.Responses.Plain).toHaveLength(41);
    expect(answer.UnprocessedKeys.Plain.Keys).toEqual(ids.slice(41).map((id) => ({ id: { S: id } })));
  });

  test.each<[string, string, object, string]>([
    [
      'an item twice',
      'BatchWriteItem',
      write(putRequest('a'), putRequest('a')),
      'Provided list of item keys contains duplicates',
    ],
    [
      '26 writes',
      'BatchWriteItem',
      write(...Array.from({ length: 26 }, (_, n) => putRequest(`${n}`))),
      'Too many items requested for the BatchWriteItem call',
    ],
    [
      'no writes for a table',
      'BatchWriteItem',
      write(),
      'The batch write request list for a table cannot be null or empty: Plain',
    ],
    ['a key twice', 'BatchGetItem', read('a', 'a'), 'Provided list of item keys contains duplicates'],
    [
      '101 keys',
      'BatchGetItem',
      read(...Array.from({ length: 101 }, (_, n) => `${n}`)),
      'Too many items requested for the BatchGetItem call',
    ],
  ])('%s is refused', (_what, operation, input, message) => {
    const db = tables();
    expect(db.invalid(operation, input)).toBe(message);
    expect(db.ok('Scan', { TableName: 'Plain', Select: 'COUNT' }).Count).toBe(0);
  });
});
