/** What the app remembers: a table for each row type, the idempotency records, the sandbox gateway, the labels. */
import { Duration } from 'aws-cdk-lib';
import { AttributeType, Billing, ProjectionType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Settings } from '../config';
import { recordIndexes } from '../contracts/record';
import { acknowledge } from './acknowledge';
import { removalPolicy } from './removal';

export interface KeyedTableProps {
  settings: Settings;
}

/** A table of items by `id`: on demand, restorable to any second of the last 35 days. */
export class KeyedTable extends TableV2 {
  constructor(scope: Construct, id: string, props: KeyedTableProps & { timeToLiveAttribute?: string }) {
    super(scope, id, {
      partitionKey: { name: 'id', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption: TableEncryptionV2.dynamoOwnedKey(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: props.settings.deletionProtection,
      removalPolicy: removalPolicy(props.settings),
      timeToLiveAttribute: props.timeToLiveAttribute,
    });
  }
}

/** The idempotency records: lib/contracts/record.ts says what is in them, and what the indexes are for. */
export class RecordTable extends KeyedTable {
  constructor(scope: Construct, id: string, props: KeyedTableProps) {
    super(scope, id, { ...props, timeToLiveAttribute: 'expiresAt' });
    const sortKey = { name: 'atMs', type: AttributeType.NUMBER };
    this.addGlobalSecondaryIndex({
      indexName: recordIndexes.byCorrelation,
      partitionKey: { name: 'correlation', type: AttributeType.STRING },
      sortKey,
    });
    this.addGlobalSecondaryIndex({
      indexName: recordIndexes.byKey,
      partitionKey: { name: 'key', type: AttributeType.STRING },
      sortKey,
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: ['correlation'],
    });
    this.addGlobalSecondaryIndex({
      indexName: recordIndexes.unpaid,
      partitionKey: { name: 'unpaid', type: AttributeType.STRING },
      sortKey,
    });
  }
}

/** Where labels are kept that events refer to by claim check. */
export class LabelsBucket extends Bucket {
  constructor(scope: Construct, id: string, props: KeyedTableProps) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      removalPolicy: removalPolicy(props.settings),
      lifecycleRules: [
        // A label is of no use a year after its parcel has left.
        { id: 'labels-for-a-year', prefix: labelsPrefix, expiration: Duration.days(365) },
        { id: 'broken-uploads', abortIncompleteMultipartUploadAfter: Duration.days(1) },
      ],
    });
    acknowledge(
      this,
      'S1',
      'One function writes here, under keys that its events name; a log of accesses tells no more.',
    );
  }
}

export const labelsPrefix = 'labels/';
