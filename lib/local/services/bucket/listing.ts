/** ListObjectsV2 and ListObjects: keys in order, common prefixes, pages. Source: S3 API reference of both. */
import type { Json } from '../service';
import { invalidArgument } from './errors';
import { byBytes, type Objects, type StoredObject } from './objects';

const perPage = 1000;

interface Page {
  objects: StoredObject[];
  prefixes: string[];
  /** The last key or common prefix of the page, when more follow. */
  next?: string;
}

function list(objects: Objects, input: Json, after: string | undefined, max: number): Page {
  const prefix: string = input.Prefix ?? '';
  const delimiter: string = input.Delimiter ?? '';
  const page: Page = { objects: [], prefixes: [] };
  let last: string | undefined;
  for (const key of objects.keys()) {
    if (!key.startsWith(prefix)) continue;
    const cut = delimiter ? key.indexOf(delimiter, prefix.length) : -1;
    const item = cut < 0 ? key : key.slice(0, cut + delimiter.length);
    if (item === last && cut >= 0) continue;
    if (after !== undefined && (byBytes(item, after) <= 0 || (cut >= 0 && byBytes(key, after) <= 0))) continue;
    if (page.objects.length + page.prefixes.length >= max) {
      page.next = last;
      return page;
    }
    if (cut < 0) page.objects.push(objects.get(key)!);
    else page.prefixes.push(item);
    last = item;
  }
  return page;
}

function readMax(input: Json): number {
  const max = input.MaxKeys ?? perPage;
  if (!Number.isInteger(max) || max < 0) {
    throw invalidArgument('Argument maxKeys must be an integer between 0 and 2147483647', 'maxKeys', max);
  }
  return Math.min(max, perPage);
}

/** What both versions answer alike. */
function common(input: Json, max: number, { objects, prefixes, next }: Page): Json {
  if (input.EncodingType !== undefined && input.EncodingType !== 'url') {
    throw invalidArgument('Invalid Encoding Method specified in Request', 'encoding-type', input.EncodingType);
  }
  const encode = encoder(input);
  return {
    Name: input.Bucket,
    Prefix: encode(input.Prefix ?? ''),
    ...(input.Delimiter ? { Delimiter: encode(input.Delimiter) } : {}),
    ...(input.EncodingType ? { EncodingType: input.EncodingType } : {}),
    MaxKeys: max,
    IsTruncated: next !== undefined,
    ...(objects.length > 0
      ? {
          Contents: objects.map(({ key, modifiedMs, etag, body, storageClass }) => ({
            Key: encode(key),
            LastModified: Math.floor(modifiedMs / 1000),
            ETag: etag,
            Size: body.length,
            StorageClass: storageClass,
          })),
        }
      : {}),
    ...(prefixes.length > 0 ? { CommonPrefixes: prefixes.map((prefix) => ({ Prefix: encode(prefix) })) } : {}),
  };
}

const encoder =
  (input: Json) =>
  (text: string): string =>
    input.EncodingType === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/') : text;

export function listObjectsV2(objects: Objects, input: Json): Json {
  const max = readMax(input);
  const token = input.ContinuationToken;
  const after = token === undefined ? input.StartAfter : Buffer.from(String(token), 'base64').toString();
  if (token === '' || after?.includes('\ufffd')) {
    throw invalidArgument('The continuation token provided is incorrect', 'continuation-token', token);
  }
  const page = list(objects, input, after || undefined, max);
  return {
    ...common(input, max, page),
    KeyCount: page.objects.length + page.prefixes.length,
    ...(input.StartAfter ? { StartAfter: encoder(input)(input.StartAfter) } : {}),
    ...(token !== undefined ? { ContinuationToken: token } : {}),
    ...(page.next !== undefined ? { NextContinuationToken: Buffer.from(page.next).toString('base64') } : {}),
  };
}

export function listObjects(objects: Objects, input: Json): Json {
  const max = readMax(input);
  const page = list(objects, input, input.Marker || undefined, max);
  return {
    ...common(input, max, page),
    Marker: encoder(input)(input.Marker ?? ''),
    // Source: API ListObjects: NextMarker is returned with a delimiter only.
    ...(page.next !== undefined && input.Delimiter ? { NextMarker: encoder(input)(page.next) } : {}),
  };
}
