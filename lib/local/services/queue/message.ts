/**
 * A message, and what SQS demands of one before it is taken.
 *
 * 1. The MD5 of attributes is over the attributes in order of name: length and bytes of name, of type, one byte for the
 *    transport (1 text, 2 binary), length and bytes of value; lengths are 4 bytes, big-endian. The SDK verifies it.
 * 2. Body, names, types and values of attributes count towards the size; system attributes do not.
 *
 * Source: SQS developer guide, "Amazon SQS message metadata" (calculating the MD5), "Message quotas".
 */
import { createHash } from 'node:crypto';
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { invalidParameter, invalidValue, missing, simpleQueueError } from './errors';

export interface AttributeValue {
  DataType: string;
  StringValue?: string;
  /** base64 */
  BinaryValue?: string;
}
export type Attributes = Record<string, AttributeValue>;

/** What a sender gave, checked. */
export interface Content {
  body: string;
  bodyMd5: string;
  attributes: Attributes;
  systemAttributes: Attributes;
  groupId?: string;
  dedupId?: string;
  sizeBytes: number;
}

export interface Message extends Content {
  id: string;
  /** When it entered the queue; its retention counts from here. */
  enqueuedMs: Millis;
  /** Position in its queue: unique, ascending in order of arrival. */
  order: number;
  sequenceNumber?: string;
  /** In this queue; what the redrive policy looks at. */
  receiveCount: number;
  /** In queues that it was moved from. Source: API ReceiveMessage: ApproximateReceiveCount is "across all queues". */
  receivedElsewhere: number;
  firstReceivedMs?: Millis;
  lastReceivedMs?: Millis;
  /** Where it stands. */
  place: 'visible' | 'in-flight' | 'delayed' | 'gone';
  /** Changes with every change of place: older entries in heaps are stale. */
  version: number;
  /** Only the handle of this receive is valid. */
  receive: number;
  /** The queue from which it was moved to dead letters. */
  deadLetterSource?: string;
}

export const md5 = (data: string | Buffer): string => createHash('md5').update(data).digest('hex');

export function md5OfAttributes(attributes: Attributes): string | undefined {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash('md5');
  const sized = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    hash.update(length).update(bytes);
  };
  for (const name of names) {
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    sized(Buffer.from(name));
    sized(Buffer.from(DataType));
    const binary = DataType.startsWith('Binary');
    hash.update(Buffer.from([binary ? 2 : 1]));
    sized(binary ? Buffer.from(BinaryValue!, 'base64') : Buffer.from(StringValue!));
  }
  return hash.digest('hex');
}

const permitted = /^[\t\n\r -\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u;
function demandCharacters(text: string): void {
  if (permitted.test(text)) return;
  throw simpleQueueError(
    'InvalidMessageContents',
    'Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF',
  );
}

const attributesPerMessage = 10;
function checkAttributes(attributes: Attributes, allowed?: string[]): Attributes {
  const names = Object.keys(attributes);
  if (names.length > attributesPerMessage) {
    throw invalidParameter(
      `Number of message attributes [${names.length}] exceeds the allowed maximum [${attributesPerMessage}].`,
    );
  }
  for (const name of names) {
    if (allowed && !allowed.includes(name)) {
      throw invalidParameter(`Message system attribute name '${name}' is invalid.`);
    }
    if (!/^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/.test(name) || /^(aws|amazon)\./i.test(name)) {
      throw invalidParameter(`Message attribute name '${name}' is invalid.`);
    }
    const { DataType, StringValue, BinaryValue } = attributes[name]!;
    const kind = /^(String|Number|Binary)(\..+)?$/.exec(DataType ?? '')?.[1];
    if (!kind) {
      throw invalidParameter(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    const value = kind === 'Binary' ? BinaryValue : StringValue;
    if (!value) {
      throw invalidParameter(
        `The message attribute '${name}' must contain a non-empty value of type '${kind === 'Number' ? 'String' : kind}'.`,
      );
    }
    if (kind === 'Number' && !Number.isFinite(Number(value))) {
      throw invalidParameter(`Can't cast the value of message attribute '${name}' to a number.`);
    }
    if (kind !== 'Binary') demandCharacters(value);
  }
  return attributes;
}

function checkId(parameter: string, value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string' || !/^[!-~]{1,128}$/.test(value)) {
    throw invalidValue(
      parameter,
      value,
      `${parameter} can only include alphanumeric and punctuation characters. 1 to 128 in length.`,
    );
  }
  return value;
}

/** Checks a SendMessage input or an entry of a batch, apart from what its queue demands. */
export function readContent(input: Json): Content {
  const body = input.MessageBody;
  if (typeof body !== 'string' || body === '') throw missing('MessageBody');
  demandCharacters(body);
  const attributes = checkAttributes(input.MessageAttributes ?? {});
  const systemAttributes = checkAttributes(input.MessageSystemAttributes ?? {}, ['AWSTraceHeader']);
  return {
    body,
    bodyMd5: md5(body),
    attributes,
    systemAttributes,
    groupId: checkId('MessageGroupId', input.MessageGroupId),
    dedupId: checkId('MessageDeduplicationId', input.MessageDeduplicationId),
    sizeBytes: sizeOf(body, attributes),
  };
}

export function sizeOf(body: unknown, attributes: Attributes = {}): number {
  let size = Buffer.byteLength(String(body ?? ''));
  for (const [name, { DataType, StringValue, BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType ?? '');
    size += BinaryValue ? Buffer.from(BinaryValue, 'base64').length : Buffer.byteLength(StringValue ?? '');
  }
  return size;
}

/** 'All' and '.*' name everything, 'foo.*' what begins so. Source: API ReceiveMessage, MessageAttributeNames. */
export function selectAttributes(attributes: Attributes, names: string[]): Attributes {
  const wanted = (name: string): boolean =>
    names.some(
      (pattern) =>
        pattern === 'All' ||
        pattern === '*' ||
        pattern === name ||
        (pattern.endsWith('.*') && name.startsWith(pattern.slice(0, -2))),
    );
  return Object.fromEntries(Object.entries(attributes).filter(([name]) => wanted(name)));
}

/** A message as it lies there, attributes as text. */
export const peeked = ({ id, body, attributes, receiveCount, groupId, place }: Message): Json => ({
  MessageId: id,
  Body: body,
  Attributes: Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [name, value.StringValue ?? value.BinaryValue ?? '']),
  ),
  Receives: receiveCount,
  GroupId: groupId,
  Place: place,
});
