/**
 * Attributes of a queue: which there are, what they may be, and what they are when nobody says.
 * Source: API SetQueueAttributes and CreateQueue; error texts as recorded from AWS.
 *
 * Kept and given back without effect here: Policy (so also a denial without aws:SecureTransport: loopback speaks http),
 * KmsMasterKeyId, KmsDataKeyReusePeriodSeconds, SqsManagedSseEnabled.
 */
import type { Json } from '../service';
import { invalidAttributeName, invalidAttributeValue, invalidValue } from './errors';

export const maximumMessageBytes = 1_048_576;

/** Lowest, highest, default. Seconds, or bytes for MaximumMessageSize. */
const numbers: Record<string, [lowest: number, highest: number, fallback: number]> = {
  DelaySeconds: [0, 900, 0],
  MaximumMessageSize: [1024, maximumMessageBytes, maximumMessageBytes],
  MessageRetentionPeriod: [60, 1_209_600, 345_600],
  ReceiveMessageWaitTimeSeconds: [0, 20, 0],
  VisibilityTimeout: [0, 43_200, 30],
};
const optionalNumbers: Record<string, [lowest: number, highest: number]> = {
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
};
const fifoOnly: Record<string, string[]> = {
  FifoQueue: ['true', 'false'],
  ContentBasedDeduplication: ['true', 'false'],
  DeduplicationScope: ['queue', 'messageGroup'],
  FifoThroughputLimit: ['perQueue', 'perMessageGroupId'],
};
/** An empty text takes them away. */
const removable = ['Policy', 'RedrivePolicy', 'RedriveAllowPolicy', 'KmsMasterKeyId'];
const computed = [
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
];

export const attributeNames = [
  ...Object.keys(numbers),
  ...Object.keys(optionalNumbers),
  ...Object.keys(fifoOnly),
  ...removable,
  'SqsManagedSseEnabled',
  ...computed,
];

export interface RedrivePolicy {
  deadLetterTargetArn: string;
  maxReceiveCount: number;
}
export interface RedriveAllowPolicy {
  redrivePermission: 'allowAll' | 'denyAll' | 'byQueue';
  sourceQueueArns?: string[];
}

export function defaults(fifo: boolean): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(numbers).map(([name, [, , fallback]]) => [name, String(fallback)])),
    SqsManagedSseEnabled: 'true',
    ...(fifo
      ? {
          FifoQueue: 'true',
          ContentBasedDeduplication: 'false',
          DeduplicationScope: 'queue',
          FifoThroughputLimit: 'perQueue',
        }
      : {}),
  };
}

/** Checks names and values; gives them as texts. Policies of redrive are checked by who knows the other queues. */
export function readAttributes(given: Record<string, Json>, fifo: boolean): Record<string, string> {
  const read: Record<string, string> = {};
  for (const [name, raw] of Object.entries(given)) {
    const value = String(raw);
    const range = numbers[name] ?? optionalNumbers[name];
    if (range) {
      if (!/^\d+$/.test(value) || Number(value) < range[0] || Number(value) > range[1])
        throw invalidAttributeValue(name);
    } else if (fifoOnly[name]) {
      if (!fifo) throw invalidAttributeName(name);
      if (!fifoOnly[name].includes(value)) throw invalidAttributeValue(name);
    } else if (name === 'SqsManagedSseEnabled') {
      if (value !== 'true' && value !== 'false') throw invalidAttributeValue(name);
    } else if (name === 'Policy') {
      if (value !== '') demandJson(name, value);
    } else if (!removable.includes(name)) throw invalidAttributeName(name);
    read[name] = value;
  }
  return read;
}

/** The attributes after a change; what belongs together is checked on the whole. */
export function withChanges(before: Record<string, string>, changes: Record<string, string>): Record<string, string> {
  const after = { ...before, ...changes };
  if (changes.KmsMasterKeyId && changes.SqsManagedSseEnabled === undefined) after.SqsManagedSseEnabled = 'false';
  for (const name of removable) if (after[name] === '') delete after[name];
  if (after.FifoThroughputLimit === 'perMessageGroupId' && after.DeduplicationScope !== 'messageGroup') {
    throw invalidAttributeValue(
      'FifoThroughputLimit',
      'The perMessageGroupId value is allowed only when the value for DeduplicationScope is messageGroup.',
    );
  }
  return after;
}

function demandJson(name: string, text: string): Json {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Said below, together with JSON that is no object.
  }
  throw invalidAttributeValue(name);
}

export function readRedrivePolicy(text: string): RedrivePolicy {
  const policy = demandJson('RedrivePolicy', text);
  const reject = (reason: string): never => {
    throw invalidValue('RedrivePolicy', text, reason);
  };
  if (typeof policy.deadLetterTargetArn !== 'string') {
    reject('Redrive policy does not contain mandatory attribute: deadLetterTargetArn.');
  }
  const maxReceiveCount = Number(policy.maxReceiveCount ?? 10);
  if (!Number.isInteger(maxReceiveCount) || maxReceiveCount < 1 || maxReceiveCount > 1000) {
    reject(
      `Invalid value for maxReceiveCount: ${policy.maxReceiveCount}, valid values are from 1 to 1000 both inclusive.`,
    );
  }
  return { deadLetterTargetArn: policy.deadLetterTargetArn, maxReceiveCount };
}

export function readRedriveAllowPolicy(text: string): RedriveAllowPolicy {
  const policy = demandJson('RedriveAllowPolicy', text);
  const arns = policy.sourceQueueArns;
  const byQueue = policy.redrivePermission === 'byQueue';
  const arnsFit = byQueue
    ? Array.isArray(arns) && arns.length >= 1 && arns.length <= 10
    : arns === undefined && ['allowAll', 'denyAll'].includes(policy.redrivePermission);
  if (!arnsFit) {
    throw invalidValue(
      'RedriveAllowPolicy',
      text,
      'redrivePermission must be allowAll, denyAll or byQueue; byQueue needs 1 to 10 sourceQueueArns, the others none.',
    );
  }
  return policy;
}
