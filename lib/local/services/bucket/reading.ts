/** GetObject and HeadObject: what they answer, and the range of bytes. Source: S3 API reference; RFC 9110, section 14. */
import type { Json } from '../service';
import { s3Error } from './errors';
import type { StoredObject } from './objects';

/** Request members that replace a header of the answer. */
const overrides: Record<string, string> = {
  ResponseCacheControl: 'CacheControl',
  ResponseContentDisposition: 'ContentDisposition',
  ResponseContentEncoding: 'ContentEncoding',
  ResponseContentLanguage: 'ContentLanguage',
  ResponseContentType: 'ContentType',
};

/** Body is base64; ContentRange says that it is a part. */
export function readObject(object: StoredObject, input: Json, withBody: boolean): Json {
  const range = readRange(input.Range, object.body.length);
  const body = range ? object.body.subarray(range[0], range[1] + 1) : object.body;
  const answer: Json = {
    AcceptRanges: 'bytes',
    LastModified: Math.floor(object.modifiedMs / 1000),
    ContentLength: body.length,
    ETag: object.etag,
    ServerSideEncryption: 'AES256',
    Metadata: object.metadata,
    ...object.headers,
  };
  if (object.storageClass !== 'STANDARD') answer.StorageClass = object.storageClass;
  if (range) answer.ContentRange = `bytes ${range[0]}-${range[1]}/${object.body.length}`;
  // A checksum is that of the whole object.
  if (input.ChecksumMode === 'ENABLED' && !range) Object.assign(answer, object.checksums);
  for (const [member, header] of Object.entries(overrides)) if (input[member]) answer[header] = input[member];
  if (withBody) answer.Body = body.toString('base64');
  return answer;
}

/** First and last byte; undefined: the whole object. What is no single range of bytes is passed over, as HTTP asks. */
function readRange(text: string | undefined, size: number): [number, number] | undefined {
  const [, from, to] = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '') ?? [];
  if (from === undefined || (from === '' && to === '')) return undefined;
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const last = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (from !== '' && to !== '' && Number(to) < first) return undefined;
  if (first >= size || (from === '' && Number(to) === 0)) {
    throw s3Error('InvalidRange', 416, 'The requested range is not satisfiable', {
      RangeRequested: text,
      ActualObjectSize: String(size),
    });
  }
  return [first, last];
}
