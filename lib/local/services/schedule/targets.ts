/**
 * What a target's invocation is: one call to another service.
 *
 * Modelled: templated targets event bus, SQS queue, SNS topic and Lambda function; universal targets
 * (arn:aws:scheduler:::aws-sdk:service:action) of services that run here. Others are refused when a schedule is made.
 * Source: Scheduler user guide, "Templated targets", "Universal targets", "Adding context attributes".
 */
import type { Json, ServiceName } from '../service';
import { missing, validation } from './errors';

export interface TargetCall {
  to: ServiceName;
  operation: string;
  input: Json;
  /** The target as dead letters name it. */
  sdkArn: string;
}

export interface Occasion {
  scheduleArn: string;
  /** ISO 8601 to the second, with Z. */
  scheduledTime: string;
  executionId: string;
  attempt: number;
  account: string;
  region: string;
  endpoint: string;
}

/** The SDK's name of a service -> ours. */
const services: Record<string, ServiceName> = {
  cloudwatch: 'cloudwatch',
  cloudwatchlogs: 'logs',
  dynamodb: 'dynamodb',
  eventbridge: 'events',
  lambda: 'lambda',
  s3: 's3',
  scheduler: 'scheduler',
  secretsmanager: 'secretsmanager',
  sns: 'sns',
  sqs: 'sqs',
  ssm: 'ssm',
};
/** Source: user guide, "Universal targets": read-only actions are not supported. */
const readOnly = /^(get|describe|list|poll|receive|search|scan|query|select|read|head|test|check|lookup|view)/i;

type Kind =
  | { kind: 'bus' | 'queue' | 'topic' | 'function' }
  | { kind: 'universal'; to: ServiceName; service: string; action: string };

function kindOf(arn: string): Kind {
  if (/^arn:aws[\w-]*:events:[\w-]+:\d{12}:event-bus\/.+$/.test(arn)) return { kind: 'bus' };
  if (/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w.-]+$/.test(arn)) return { kind: 'queue' };
  if (/^arn:aws[\w-]*:lambda:[\w-]+:\d{12}:function:.+$/.test(arn)) return { kind: 'function' };
  if (/^arn:aws[\w-]*:sns:[\w-]+:\d{12}:[\w.-]+$/.test(arn)) return { kind: 'topic' };
  const [, service, action] = /^arn:aws[\w-]*:scheduler:::aws-sdk:(\w+):(\w+)$/.exec(arn) ?? [];
  const to = service && services[service];
  if (!to) {
    throw validation(
      `The target ${arn} is not modelled here; modelled are event buses, SQS queues, SNS topics, Lambda functions and ` +
        `arn:aws:scheduler:::aws-sdk:<service>:<action> of ${Object.keys(services).join(', ')}.`,
    );
  }
  if (readOnly.test(action!))
    throw validation(`${arn} is read-only; a schedule can only invoke what changes something.`);
  return { kind: 'universal', to, service: service!, action: action! };
}

const parameters = ['EcsParameters', 'KinesisParameters', 'SageMakerPipelineParameters'];
const bytesAtMost = 262_144;

/** Throws ValidationException. */
export function checkTarget(target: Json): void {
  if (!target) throw missing('target');
  if (!target.Arn) throw missing('target.arn');
  if (!target.RoleArn) throw missing('target.roleArn');
  for (const name of parameters) {
    if (target[name]) throw validation(`Target.${name} is not modelled here.`);
  }
  const { kind } = kindOf(target.Arn);
  const { EventBridgeParameters: bus, SqsParameters: queue, DeadLetterConfig, Input } = target;
  if (kind === 'bus' && !(bus?.DetailType && bus.Source)) {
    throw validation('EventBridgeParameters with DetailType and Source are required for an event bus.');
  }
  if (bus && kind !== 'bus') throw validation(`EventBridgeParameters do not fit the target ${target.Arn}.`);
  if (queue && kind !== 'queue') throw validation(`SqsParameters do not fit the target ${target.Arn}.`);
  if (kind === 'queue' && target.Arn.endsWith('.fifo') !== Boolean(queue?.MessageGroupId)) {
    throw validation('SqsParameters.MessageGroupId is required for FIFO queues and only for those.');
  }
  if (Input !== undefined && Buffer.byteLength(Input) > bytesAtMost) {
    throw validation(`Target.Input has ${Buffer.byteLength(Input)} bytes; at most ${bytesAtMost} are allowed.`);
  }
  if (kind === 'universal' && Input === undefined) throw validation('Target.Input is required for a universal target.');
  if (kind !== 'queue' && kind !== 'topic' && Input !== undefined && parsed(Input) === undefined) {
    throw validation(`Target.Input of ${target.Arn} must be JSON.`);
  }
  const deadLetters = DeadLetterConfig?.Arn;
  if (deadLetters !== undefined && !/^arn:aws[\w-]*:sqs:[\w-]+:\d{12}:[\w-]+$/.test(deadLetters)) {
    throw validation(`DeadLetterConfig.Arn must be the ARN of a standard SQS queue; it is ${deadLetters}.`);
  }
}

export function targetCall(target: Json, occasion: Occasion): TargetCall {
  const kind = kindOf(target.Arn);
  const text = target.Input === undefined ? undefined : withContext(target.Input, occasion);
  switch (kind.kind) {
    case 'bus':
      return {
        to: 'events',
        operation: 'PutEvents',
        input: {
          Entries: [
            {
              EventBusName: target.Arn,
              Source: target.EventBridgeParameters.Source,
              DetailType: target.EventBridgeParameters.DetailType,
              Detail: text ?? '{}',
              Resources: [occasion.scheduleArn],
            },
          ],
        },
        sdkArn: sdkArn('eventbridge', 'putEvents'),
      };
    case 'queue':
      return {
        to: 'sqs',
        operation: 'SendMessage',
        input: {
          QueueUrl: queueUrl(target.Arn, occasion.endpoint),
          MessageBody: text ?? defaultInput(occasion),
          ...(target.SqsParameters?.MessageGroupId ? { MessageGroupId: target.SqsParameters.MessageGroupId } : {}),
        },
        sdkArn: sdkArn('sqs', 'sendMessage'),
      };
    case 'topic':
      return {
        to: 'sns',
        operation: 'Publish',
        input: { TopicArn: target.Arn, Message: text ?? defaultInput(occasion) },
        sdkArn: sdkArn('sns', 'publish'),
      };
    case 'function':
      return {
        to: 'lambda',
        operation: 'Invoke',
        input: { FunctionName: target.Arn, InvocationType: 'Event', Payload: base64(text ?? defaultInput(occasion)) },
        sdkArn: sdkArn('lambda', 'invoke'),
      };
    case 'universal':
      return {
        to: kind.to,
        operation: kind.action[0]!.toUpperCase() + kind.action.slice(1),
        input: blobsEncoded(JSON.parse(text!)),
        sdkArn: sdkArn(kind.service, kind.action),
      };
  }
}

export const queueUrl = (arn: string, endpoint: string): string => {
  const [, , , , account, name] = arn.split(':');
  return `${endpoint}/${account}/${name}`;
};

const sdkArn = (service: string, action: string): string => `arn:aws:scheduler:::aws-sdk:${service}:${action}`;

function withContext(input: string, { scheduleArn, scheduledTime, executionId, attempt }: Occasion): string {
  return input
    .replaceAll('<aws.scheduler.schedule-arn>', scheduleArn)
    .replaceAll('<aws.scheduler.scheduled-time>', scheduledTime)
    .replaceAll('<aws.scheduler.execution-id>', executionId)
    .replaceAll('<aws.scheduler.attempt-number>', String(attempt));
}

/** What a target without Input gets. */
function defaultInput({ scheduleArn, scheduledTime, executionId, account, region }: Occasion): string {
  return JSON.stringify({
    version: '0',
    id: executionId,
    'detail-type': 'Scheduled Event',
    source: 'aws.scheduler',
    account,
    time: scheduledTime,
    region,
    resources: [scheduleArn],
    detail: '{}',
  });
}

/** Users write blobs of universal targets (Lambda's Payload, S3's Body) as text; services know them in base64. */
function blobsEncoded(input: Json): Json {
  const encoded = { ...input };
  for (const name of ['Payload', 'Body']) if (typeof encoded[name] === 'string') encoded[name] = base64(encoded[name]);
  return encoded;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

function parsed(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
