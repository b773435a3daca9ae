/**
 * Sources: API_CreateTable, API_UpdateTable, API_DeleteTable, API_ListTables, API_UpdateTimeToLive; developer guide,
 * "Using time to live (TTL) in DynamoDB"; API_streams_Record.
 */
import { plainTable, startMs, type TestTables, tables } from './support';

const day = 86_400_000;

describe('tables', () => {
  test('a description says what was created, and what is in it', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Orders', Item: { pk: { S: 'a' }, sk: { N: '1' }, kind: { S: 'k' } } });
    expect(db.ok('DescribeTable', { TableName: 'Orders' }).Table).toMatchObject({
      TableName: 'Orders',
      TableStatus: 'ACTIVE',
      TableArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders',
      CreationDateTime: startMs / 1000,
      BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
      ItemCount: 1,
      // pk 2 + 1, sk 2 + 2, kind 4 + 1.
      TableSizeBytes: 12,
      GlobalSecondaryIndexes: [
        { IndexName: 'byHolder', ItemCount: 0, IndexSizeBytes: 0, Projection: { ProjectionType: 'ALL' } },
        {
          IndexName: 'byKind',
          IndexArn: 'arn:aws:dynamodb:us-east-1:123456789012:table/Orders/index/byKind',
          IndexStatus: 'ACTIVE',
          ItemCount: 1,
          IndexSizeBytes: 12,
        },
      ],
      LocalSecondaryIndexes: [{ IndexName: 'byGrade', ItemCount: 0 }],
      DeletionProtectionEnabled: false,
    });
    expect(db.refused('DescribeTable', { TableName: 'Nothing' })).toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Requested resource not found: Table: Nothing not found',
    });
  });

  test('lists are sorted and paged', () => {
    const db = tables();
    expect(db.ok('ListTables', { Limit: 1 })).toEqual({ TableNames: ['Orders'], LastEvaluatedTableName: 'Orders' });
    expect(db.ok('ListTables', { ExclusiveStartTableName: 'Orders' })).toEqual({ TableNames: ['Plain'] });
  });

  test('a deleted table is gone; a protected one stays', () => {
    const db = tables();
    db.ok('CreateTable', plainTable('Kept', { DeletionProtectionEnabled: true }));
    expect(db.ok('DeleteTable', { TableName: 'Plain' }).TableDescription.TableStatus).toBe('DELETING');
    expect(db.refused('GetItem', { TableName: 'Plain', Key: { id: { S: 'a' } } }).name).toBe(
      'ResourceNotFoundException',
    );
    expect(db.invalid('DeleteTable', { TableName: 'Kept' })).toBe(
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
    );
    db.ok('UpdateTable', { TableName: 'Kept', DeletionProtectionEnabled: false });
    db.ok('DeleteTable', { TableName: 'Kept' });
    expect(db.ok('ListTables', {})).toEqual({ TableNames: ['Orders'] });
  });

  test.each<[string, object, string]>([
    ['a name that is taken', plainTable('Plain'), 'ResourceInUseException: Table already exists: Plain'],
    [
      'a key that is not defined',
      plainTable('Other', { AttributeDefinitions: [{ AttributeName: 'x', AttributeType: 'S' }] }),
      'One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [id], AttributeDefinitions: [x]',
    ],
    [
      'a definition that is not used',
      plainTable('Other', {
        AttributeDefinitions: [
          { AttributeName: 'id', AttributeType: 'S' },
          { AttributeName: 'x', AttributeType: 'S' },
        ],
      }),
      'One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: [id, x], keys used: [id]',
    ],
    [
      'no throughput',
      plainTable('Other', { BillingMode: undefined }),
      'One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED',
    ],
    [
      'a short name',
      plainTable('ab'),
      "TableName 'ab': names are 3 to 255 characters long and may contain only the characters a-z, A-Z, 0-9, '_', '-', and '.'",
    ],
  ])('refused: %s', (_what, input, message) => {
    expect(tables().invalid('CreateTable', input)).toBe(message);
  });

  test('an index that is added has what is there, and one that is removed is gone', () => {
    const db = tables();
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: 'a' }, tint: { S: 'red' } } });
    const index = {
      IndexName: 'byTint',
      KeySchema: [{ AttributeName: 'tint', KeyType: 'HASH' }],
      Projection: { ProjectionType: 'ALL' },
    };
    db.ok('UpdateTable', {
      TableName: 'Plain',
      AttributeDefinitions: [
        { AttributeName: 'id', AttributeType: 'S' },
        { AttributeName: 'tint', AttributeType: 'S' },
      ],
      GlobalSecondaryIndexUpdates: [{ Create: index }],
    });
    const query = {
      TableName: 'Plain',
      IndexName: 'byTint',
      KeyConditionExpression: 'tint = :t',
      ExpressionAttributeValues: { ':t': { S: 'red' } },
    };
    expect(db.ok('Query', query).Count).toBe(1);
    db.ok('UpdateTable', { TableName: 'Plain', GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'byTint' } }] });
    expect(db.invalid('Query', query)).toBe('The table does not have the specified index: byTint');
  });

  test('tags, backups', () => {
    const db = tables();
    const ResourceArn = 'arn:aws:dynamodb:us-east-1:123456789012:table/Plain';
    db.ok('TagResource', { ResourceArn, Tags: [{ Key: 'a', Value: '1' }] });
    db.ok('TagResource', { ResourceArn, Tags: [{ Key: 'b', Value: '2' }] });
    db.ok('UntagResource', { ResourceArn, TagKeys: ['a'] });
    expect(db.ok('ListTagsOfResource', { ResourceArn })).toEqual({ Tags: [{ Key: 'b', Value: '2' }] });
    const status = (output: any) =>
      output.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus;
    expect(status(db.ok('DescribeContinuousBackups', { TableName: 'Plain' }))).toBe('DISABLED');
    db.ok('UpdateContinuousBackups', {
      TableName: 'Plain',
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    });
    expect(status(db.ok('DescribeContinuousBackups', { TableName: 'Plain' }))).toBe('ENABLED');
  });
});

describe('time to live', () => {
  const enable = { TableName: 'Plain', TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } };
  const put = (db: TestTables, id: string, expiresAt: object) =>
    db.ok('PutItem', { TableName: 'Plain', Item: { id: { S: id }, expiresAt } });
  const isThere = (db: TestTables, id: string) =>
    'Item' in db.ok('GetItem', { TableName: 'Plain', Key: { id: { S: id } } });

  test('an item goes late: not before it expires, within 48 hours and ten minutes after', () => {
    const db = tables();
    db.ok('UpdateTimeToLive', enable);
    put(db, 'a', { N: String((startMs + day) / 1000) });
    const due = db.wakeAt!;
    expect(due).toBeGreaterThanOrEqual(startMs + day);
    expect(due).toBeLessThanOrEqual(startMs + 3 * day + 600_000);
    db.nowMs = due - 1;
    db.wake();
    expect(isThere(db, 'a')).toBe(true);
    db.nowMs = due;
    db.wake();
    expect(isThere(db, 'a')).toBe(false);
    expect(db.wakeAt).toBeUndefined();
  });

  test('a later value puts it off, no value or a deletion calls it off', () => {
    const db = tables();
    db.ok('UpdateTimeToLive', enable);
    for (const id of ['later', 'never', 'deleted']) put(db, id, { N: String((startMs + day) / 1000) });
    put(db, 'later', { N: String((startMs + 30 * day) / 1000) });
    db.ok('UpdateItem', { TableName: 'Plain', Key: { id: { S: 'never' } }, UpdateExpression: 'REMOVE expiresAt' });
    db.ok('DeleteItem', { TableName: 'Plain', Key: { id: { S: 'deleted' } } });
    expect(db.wakeAt).toBeGreaterThanOrEqual(startMs + 30 * day);
    db.nowMs = startMs + 29 * day;
    db.wake();
    expect(isThere(db, 'later')).toBe(true);
    expect(isThere(db, 'never')).toBe(true);
  });

  test('text and values more than five years back expire nothing', () => {
    const db = tables();
    db.ok('UpdateTimeToLive', enable);
    put(db, 'text', { S: String(startMs / 1000) });
    put(db, 'ancient', { N: String((startMs - 6 * 365 * day) / 1000) });
    expect(db.wakeAt).toBeUndefined();
    put(db, 'past', { N: String((startMs - 4 * 365 * day) / 1000) });
    expect(db.wakeAt).toBeLessThanOrEqual(startMs + 2 * day + 600_000);
  });

  test('enabling counts what is there; disabling forgets it', () => {
    const db = tables();
    put(db, 'a', { N: String(startMs / 1000) });
    db.ok('UpdateTimeToLive', enable);
    expect(db.wakeAt).toBeDefined();
    expect(db.ok('DescribeTimeToLive', { TableName: 'Plain' })).toEqual({
      TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: 'expiresAt' },
    });
    expect(db.invalid('UpdateTimeToLive', enable)).toBe('TimeToLive is already enabled');
    db.ok('UpdateTimeToLive', {
      TableName: 'Plain',
      TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: false },
    });
    expect(db.wakeAt).toBeUndefined();
  });

  test('the same requests give the same times', () => {
    const due = () => {
      const db = tables();
      db.ok('UpdateTimeToLive', enable);
      put(db, 'a', { N: String(startMs / 1000) });
      return db.wakeAt;
    };
    expect(due()).toBe(due());
  });
});
