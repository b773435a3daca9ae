/**
 * A message, and what SNS demands of one before it is taken.
 * Source: SNS API reference, Publish, MessageAttributeValue; developer guide, "Amazon SNS message attributes"; texts as
 * recorded from AWS.
 */
import type { Json } from '../service';
import { invalid, invalidValue, missing } from './errors';

export interface AttributeValue {
  DataType: string;
  StringValue?: string;
  /** base64 */
  BinaryValue?: string;
}
export type MessageAttributes = Record<string, AttributeValue>;

/** What a publisher gave, checked. */
export interface Content {
  /** For a protocol that is not in it: 'default'. */
  bodies: Record<string, string>;
  subject?: string;
  attributes: MessageAttributes;
  groupId?: string;
  dedupId?: string;
  sizeBytes: number;
}

export const mostBytes = 256 * 1024;

/** `at`: before a member's name in an error, '' or 'publishBatchRequestEntries.1.member.'. */
export function readContent(input: Json, at = ''): Content {
  const { Message, Subject, MessageStructure } = input;
  if (Subject !== undefined && !(typeof Subject === 'string' && isSubject(Subject))) throw invalid('Subject');
  if (Message === undefined) throw missing(`${at}message`);
  if (typeof Message !== 'string' || Message === '') throw invalid('Empty message');
  const attributes: MessageAttributes = input.MessageAttributes ?? {};
  checkAttributes(attributes, at);
  const sizeBytes = sizeOf(Message, attributes);
  if (sizeBytes > mostBytes) throw invalid('Message too long');
  return {
    bodies: MessageStructure === 'json' ? structured(Message) : { default: Message },
    subject: Subject,
    attributes,
    groupId: readId('MessageGroupId', input.MessageGroupId),
    dedupId: readId('MessageDeduplicationId', input.MessageDeduplicationId),
    sizeBytes,
  };
}

/** Source: API Publish, Subject: UTF-8 text with no line breaks or control characters, less than 100 characters long. */
const isSubject = (subject: string): boolean => subject.length > 0 && subject.length <= 100 && !/\p{Cc}/u.test(subject);

/** A JSON object of texts by protocol; what is no text is passed over. */
function structured(message: string): Record<string, string> {
  let parsed: Json;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalid('Message Structure - JSON message body failed to parse');
  }
  const texts = Object.entries(parsed ?? {}).filter(([, text]) => typeof text === 'string') as [string, string][];
  const bodies = Object.fromEntries(texts);
  if (bodies.default === undefined) throw invalid('Message Structure - No default entry in JSON message body');
  return bodies;
}

function readId(name: string, id: Json): string | undefined {
  if (id === undefined || id === null) return undefined;
  if (typeof id !== 'string' || !/^[!-~]{1,128}$/.test(id)) {
    throw invalid(
      `${name} Reason: ${name} can only include alphanumeric and punctuation characters. 1 to 128 in length`,
    );
  }
  return id;
}

function checkAttributes(attributes: MessageAttributes, at: string): void {
  for (const [name, value] of Object.entries(attributes)) {
    checkName(name);
    const { DataType, StringValue, BinaryValue } = value;
    if (DataType === undefined) throw missing(`${at}messageAttributes.${name}.member.dataType`);
    const kind = /^(String|Number|Binary)(\..+)?$/.exec(DataType)?.[1];
    if (!kind) {
      throw invalidValue(
        `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
      );
    }
    const field = kind === 'Binary' ? 'Binary' : 'String';
    const [own, other] = kind === 'Binary' ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
    if (own) {
      if (kind === 'Number' && !Number.isFinite(Number(own)))
        throw invalidValue(`Could not cast message attribute '${name}' value to number.`);
      continue;
    }
    if (own === undefined && other !== undefined)
      throw invalidValue(`The message attribute '${name}' with type '${DataType}' must use field '${field}'.`);
    throw invalidValue(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
}

function checkName(name: string): void {
  if (Buffer.byteLength(name) > 256)
    throw invalidValue('Length of message attribute name must be less than 256 bytes.');
  if (name.startsWith('.')) throw invalidValue("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith('.')) throw invalidValue("Invalid message attribute name ending with character '.' was found.");
  const strange = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (strange) {
    const code = `#x${strange.codePointAt(0)!.toString(16).toUpperCase()}`;
    throw invalidValue(
      `Invalid non-alphanumeric character '${code}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  }
  if (name.includes('..')) throw invalidValue("Message attribute name can not have successive '.' character.");
}

/** Body, and names, types and values of attributes. */
export function sizeOf(body: unknown, attributes: MessageAttributes = {}): number {
  let size = Buffer.byteLength(String(body ?? ''));
  for (const [name, { DataType = '', StringValue = '', BinaryValue }] of Object.entries(attributes)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(DataType);
    size += BinaryValue ? Buffer.from(BinaryValue, 'base64').length : Buffer.byteLength(StringValue);
  }
  return size;
}
