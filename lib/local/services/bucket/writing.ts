/** PutObject and CopyObject: what becomes of an input. Source: S3 API reference. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../ports';
import type { Json } from '../service';
import { verifyChecksums } from './checksums';
import { s3Error } from './errors';
import type { StoredObject } from './objects';

const headers = ['CacheControl', 'ContentDisposition', 'ContentEncoding', 'ContentLanguage', 'ContentType', 'Expires'];
/** What would change how an object behaves later, and is not modelled. */
const refusedMembers = [
  'ObjectLockLegalHoldStatus',
  'ObjectLockMode',
  'ObjectLockRetainUntilDate',
  'SSECustomerAlgorithm',
  'SSECustomerKey',
  'Tagging',
  'VersionId',
  'WebsiteRedirectLocation',
  'WriteOffsetBytes',
];
const metadataBytesAtMost = 2048;
const keyBytesAtMost = 1024;

export function refuseMembers(input: Json): void {
  for (const name of refusedMembers) {
    if (input[name] !== undefined) throw s3Error('NotImplemented', 501, `${name} of S3 objects is not modelled here.`);
  }
}

export function demandKey(key: unknown): string {
  if (typeof key !== 'string' || key === '') throw s3Error('InvalidRequest', 400, 'A key is needed.');
  if (Buffer.byteLength(key) > keyBytesAtMost) {
    throw s3Error('KeyTooLongError', 400, 'Your key is too long', {
      Size: String(Buffer.byteLength(key)),
      MaxSizeAllowed: String(keyBytesAtMost),
    });
  }
  return key;
}

export function newObject(now: Millis, input: Json): StoredObject {
  const body = Buffer.from(input.Body ?? '', 'base64');
  return {
    key: demandKey(input.Key),
    body,
    etag: `"${createHash('md5').update(body).digest('hex')}"`,
    modifiedMs: now,
    headers: headersOf(input),
    metadata: metadataOf(input),
    checksums: verifyChecksums(input, body),
    storageClass: input.StorageClass ?? 'STANDARD',
  };
}

/** `source` under another key, or with other metadata. */
export function copiedObject(now: Millis, source: StoredObject, input: Json, toItself: boolean): StoredObject {
  const replace = input.MetadataDirective === 'REPLACE';
  if (toItself && !replace && input.StorageClass === undefined) {
    throw s3Error(
      'InvalidRequest',
      400,
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  return {
    ...source,
    key: demandKey(input.Key),
    modifiedMs: now,
    headers: replace ? headersOf(input) : source.headers,
    metadata: replace ? metadataOf(input) : source.metadata,
    storageClass: input.StorageClass ?? 'STANDARD',
  };
}

function headersOf(input: Json): Record<string, string> {
  const given = Object.fromEntries(
    headers.filter((name) => input[name] !== undefined).map((name) => [name, input[name]]),
  );
  return { ContentType: 'application/octet-stream', ...given };
}

/** Names of metadata come back in lower case. */
function metadataOf(input: Json): Record<string, string> {
  const entries = Object.entries<Json>(input.Metadata ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  const bytes = entries.reduce((sum, [name, value]) => sum + Buffer.byteLength(name!) + Buffer.byteLength(value!), 0);
  if (bytes > metadataBytesAtMost) {
    throw s3Error('MetadataTooLarge', 400, 'Your metadata headers exceed the maximum allowed metadata size', {
      Size: String(bytes),
      MaxSizeAllowed: String(metadataBytesAtMost),
    });
  }
  return Object.fromEntries(entries);
}
