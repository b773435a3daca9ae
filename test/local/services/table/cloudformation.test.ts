/** What CDK's Table and TableV2 synthesize, as create requests. Source: AWS CloudFormation user guide, AWS::DynamoDB::*. */
import type { CreateContext } from '../../../../lib/local/services/resource-type';
import { resourceTypes } from '../../../../lib/local/services/table';
import { TestTables } from './support';

const base = {
  logicalId: 'Records',
  stackName: 'State',
  account: '123456789012',
  region: 'eu-west-1',
  endpoint: 'http://127.0.0.1:4566',
};

function requestsFor(type: string, props: Record<string, unknown>) {
  const resourceType = resourceTypes[type]!;
  const identity = resourceType.identify({
    ...base,
    property: (name) => props[name],
    uniqueName: () => 'State-Records-ABCDEFGHIJKL',
  });
  const context: CreateContext = {
    ...base,
    constructPath: 'State/Records',
    props,
    identity,
    assetDir: () => undefined,
  };
  return { identity, requests: resourceType.create(context) };
}

const shape = {
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
};

test('a global table: the replica in this region says what a replica may say', () => {
  const { identity, requests } = requestsFor('AWS::DynamoDB::GlobalTable', {
    ...shape,
    BillingMode: 'PAY_PER_REQUEST',
    TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    Replicas: [
      { Region: 'us-east-1', Tags: [{ Key: 'where', Value: 'there' }] },
      {
        Region: 'eu-west-1',
        DeletionProtectionEnabled: true,
        PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        Tags: [{ Key: 'where', Value: 'here' }],
      },
    ],
  });
  expect(identity.ref).toBe('State-Records-ABCDEFGHIJKL');
  const TableName = identity.ref;
  expect(requests).toEqual([
    {
      service: 'dynamodb',
      operation: 'CreateTable',
      input: {
        TableName,
        ...shape,
        BillingMode: 'PAY_PER_REQUEST',
        StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_IMAGE' },
        DeletionProtectionEnabled: true,
        Tags: [{ Key: 'where', Value: 'here' }],
      },
    },
    {
      service: 'dynamodb',
      operation: 'UpdateTimeToLive',
      input: { TableName, TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true } },
    },
    {
      service: 'dynamodb',
      operation: 'UpdateContinuousBackups',
      input: { TableName, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } },
    },
  ]);
});

test('a table with provisioned throughput and an explicit name is created, and is what identity said', () => {
  const { identity, requests } = requestsFor('AWS::DynamoDB::Table', {
    ...shape,
    TableName: 'Named',
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
    GlobalSecondaryIndexes: [
      {
        IndexName: 'byIdToo',
        KeySchema: shape.KeySchema,
        Projection: { ProjectionType: 'ALL' },
        ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
      },
    ],
  });
  const db = new TestTables();
  for (const { operation, input } of requests) db.ok(operation, input);
  const table = db.ok('DescribeTable', { TableName: 'Named' }).Table;
  expect(table.GlobalSecondaryIndexes[0].IndexName).toBe('byIdToo');
  expect(identity).toEqual({
    ref: 'Named',
    attributes: {
      Arn: 'arn:aws:dynamodb:eu-west-1:123456789012:table/Named',
      StreamArn: `arn:aws:dynamodb:eu-west-1:123456789012:table/Named/stream/${table.LatestStreamLabel}`,
      TableId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/),
    },
  });
});
