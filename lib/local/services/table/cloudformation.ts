/** AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable (what CDK's Table and TableV2 become) as local tables. */

import type {
  CreateContext,
  CreateRequest,
  IdentifyContext,
  Identity,
  ResourceType,
  ResourceTypes,
} from '../resource-type';
import type { Json } from '../service';
import { streamLabel, tableId } from './catalog';

const notEnforced = 'throughput limits are not enforced here';
const notEncrypted = 'encryption at rest cannot be observed here';
const oneAccount = 'access policies are not evaluated here: there is one account';
const onlyObserves = 'it only observes';

function identify(context: IdentifyContext): Identity {
  const name: string = context.property('TableName') ?? context.uniqueName({ maxLength: 255 });
  const arn = `arn:aws:dynamodb:${context.region}:${context.account}:table/${name}`;
  return {
    ref: name,
    attributes: { Arn: arn, StreamArn: `${arn}/stream/${streamLabel}`, TableId: tableId(arn) },
  };
}

/** What is written alike in both types, and what the type has its own place for. */
interface Particulars {
  stream: Json;
  deletionProtection: boolean;
  pointInTimeRecovery: boolean;
  tags: Json;
}

function requests({ props, identity }: CreateContext, particulars: Particulars): CreateRequest[] {
  const { ref: name } = identity;
  const { stream, deletionProtection, pointInTimeRecovery, tags } = particulars;
  const view = stream?.StreamViewType;
  const ttl = props.TimeToLiveSpecification;
  const ask = (operation: string, input: Json): CreateRequest => ({
    service: 'dynamodb',
    operation,
    input: { TableName: name, ...input },
  });
  const index = ({ IndexName, KeySchema, Projection }: Json) => ({ IndexName, KeySchema, Projection });
  const result = [
    ask('CreateTable', {
      AttributeDefinitions: props.AttributeDefinitions,
      KeySchema: props.KeySchema,
      // Throughput is not enforced, and auto scaling has no counterpart in CreateTable.
      BillingMode: 'PAY_PER_REQUEST',
      ...(props.GlobalSecondaryIndexes ? { GlobalSecondaryIndexes: props.GlobalSecondaryIndexes.map(index) } : {}),
      ...(props.LocalSecondaryIndexes ? { LocalSecondaryIndexes: props.LocalSecondaryIndexes.map(index) } : {}),
      ...(view ? { StreamSpecification: { StreamEnabled: true, StreamViewType: view } } : {}),
      DeletionProtectionEnabled: deletionProtection,
      ...(tags ? { Tags: tags } : {}),
    }),
  ];
  if (ttl && isTrue(ttl.Enabled)) {
    const specification = { AttributeName: ttl.AttributeName, Enabled: true };
    result.push(ask('UpdateTimeToLive', { TimeToLiveSpecification: specification }));
  }
  if (pointInTimeRecovery) {
    const specification = { PointInTimeRecoveryEnabled: true };
    result.push(ask('UpdateContinuousBackups', { PointInTimeRecoverySpecification: specification }));
  }
  return result;
}

/** Templates may hold booleans as text. */
const isTrue = (value: Json): boolean => value === true || value === 'true';

const shared = [
  'TableName',
  'AttributeDefinitions',
  'KeySchema',
  'TimeToLiveSpecification',
  'StreamSpecification.StreamViewType',
  'GlobalSecondaryIndexes.*.IndexName',
  'GlobalSecondaryIndexes.*.KeySchema',
  'GlobalSecondaryIndexes.*.Projection',
  'LocalSecondaryIndexes',
];

const table: ResourceType = {
  modelled: [...shared, 'DeletionProtectionEnabled', 'PointInTimeRecoverySpecification', 'Tags'],
  ignored: {
    BillingMode: notEnforced,
    ProvisionedThroughput: notEnforced,
    OnDemandThroughput: notEnforced,
    WarmThroughput: notEnforced,
    'GlobalSecondaryIndexes.*.ProvisionedThroughput': notEnforced,
    'GlobalSecondaryIndexes.*.OnDemandThroughput': notEnforced,
    'GlobalSecondaryIndexes.*.WarmThroughput': notEnforced,
    'GlobalSecondaryIndexes.*.ContributorInsightsSpecification': onlyObserves,
    ContributorInsightsSpecification: onlyObserves,
    SSESpecification: notEncrypted,
    ResourcePolicy: oneAccount,
    'StreamSpecification.ResourcePolicy': oneAccount,
    TableClass: 'it changes the price only',
  },
  identify,
  create: (context) =>
    requests(context, {
      stream: context.props.StreamSpecification,
      deletionProtection: isTrue(context.props.DeletionProtectionEnabled),
      pointInTimeRecovery: isTrue(context.props.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled),
      tags: context.props.Tags,
    }),
  phase: 0,
};

const globalTable: ResourceType = {
  modelled: [
    ...shared,
    'Replicas.*.Region',
    'Replicas.*.DeletionProtectionEnabled',
    'Replicas.*.PointInTimeRecoverySpecification',
    'Replicas.*.Tags',
    'Replicas.*.GlobalSecondaryIndexes.*.IndexName',
  ],
  ignored: {
    BillingMode: notEnforced,
    ReadOnDemandThroughputSettings: notEnforced,
    ReadProvisionedThroughputSettings: notEnforced,
    WriteOnDemandThroughputSettings: notEnforced,
    WriteProvisionedThroughputSettings: notEnforced,
    WarmThroughput: notEnforced,
    'GlobalSecondaryIndexes.*.ReadOnDemandThroughputSettings': notEnforced,
    'GlobalSecondaryIndexes.*.ReadProvisionedThroughputSettings': notEnforced,
    'GlobalSecondaryIndexes.*.WriteOnDemandThroughputSettings': notEnforced,
    'GlobalSecondaryIndexes.*.WriteProvisionedThroughputSettings': notEnforced,
    'GlobalSecondaryIndexes.*.WarmThroughput': notEnforced,
    MultiRegionConsistency: 'there is one region here',
    GlobalTableWitnesses: 'there is one region here',
    SSESpecification: notEncrypted,
    'Replicas.*.SSESpecification': notEncrypted,
    'Replicas.*.ContributorInsightsSpecification': onlyObserves,
    'Replicas.*.ResourcePolicy': oneAccount,
    'Replicas.*.ReplicaStreamSpecification': oneAccount,
    'Replicas.*.TableClass': 'it changes the price only',
    'Replicas.*.ReadOnDemandThroughputSettings': notEnforced,
    'Replicas.*.ReadProvisionedThroughputSettings': notEnforced,
    'Replicas.*.GlobalSecondaryIndexes.*.ContributorInsightsSpecification': onlyObserves,
    'Replicas.*.GlobalSecondaryIndexes.*.ReadOnDemandThroughputSettings': notEnforced,
    'Replicas.*.GlobalSecondaryIndexes.*.ReadProvisionedThroughputSettings': notEnforced,
  },
  identify,
  create: (context) => {
    // One region here: the replica in it says what a replica may say; replicas elsewhere are not there.
    const replicas: Json[] = context.props.Replicas ?? [];
    const here = replicas.find(({ Region }) => Region === context.region) ?? replicas[0] ?? {};
    return requests(context, {
      stream: context.props.StreamSpecification,
      deletionProtection: isTrue(here.DeletionProtectionEnabled),
      pointInTimeRecovery: isTrue(here.PointInTimeRecoverySpecification?.PointInTimeRecoveryEnabled),
      tags: here.Tags,
    });
  },
  phase: 0,
};

export const resourceTypes: ResourceTypes = {
  'AWS::DynamoDB::Table': table,
  'AWS::DynamoDB::GlobalTable': globalTable,
};
