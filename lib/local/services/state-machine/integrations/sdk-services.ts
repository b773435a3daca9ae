/**
 * Services that run here, as aws-sdk integrations name them.
 * Source: Step Functions developer guide, "AWS SDK service integrations" (names and exception prefixes).
 */
import type { ServiceName } from '../../service';

export interface SdkService {
  to: ServiceName;
  /** Before the names of its errors. */
  errors: string;
  /** The API's members begin with a lower-case letter; Step Functions writes them with an upper-case one. */
  lowerCase: boolean;
  /** Members that are bytes: Step Functions gives and takes text. */
  blobs?: string[];
  /** Members that are texts, at any depth: another value is given as its JSON. */
  texts?: string[];
}

const upper = (to: ServiceName, errors: string): SdkService => ({ to, errors, lowerCase: false });

export const sdkServices: Record<string, SdkService> = {
  dynamodb: upper('dynamodb', 'DynamoDb'),
  sqs: { ...upper('sqs', 'Sqs'), texts: ['MessageBody'] },
  sns: { ...upper('sns', 'Sns'), texts: ['Message'] },
  eventbridge: { ...upper('events', 'EventBridge'), texts: ['Detail'] },
  lambda: { ...upper('lambda', 'Lambda'), blobs: ['Payload'] },
  s3: { ...upper('s3', 'S3'), blobs: ['Body'] },
  scheduler: upper('scheduler', 'Scheduler'),
  ssm: upper('ssm', 'Ssm'),
  dynamodbstreams: upper('dynamodb', 'DynamoDbStreams'),
  secretsmanager: { ...upper('secretsmanager', 'SecretsManager'), texts: ['SecretString'] },
  sts: upper('sts', 'Sts'),
  cloudwatch: upper('cloudwatch', 'CloudWatch'),
  cloudformation: upper('cloudformation', 'CloudFormation'),
  sfn: { to: 'states', errors: 'Sfn', lowerCase: true, texts: ['input', 'output'] },
  cloudwatchlogs: { to: 'logs', errors: 'CloudWatchLogs', lowerCase: true },
};

export const upperFirst = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
export const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
