/**
 * Conditions of reads and writes. Source: S3 user guide, "Conditional requests"; RFC 9110, section 13.2.2 for their order.
 */
import type { Json } from '../service';
import { noSuchKey, preconditionFailed, s3Error } from './errors';
import type { StoredObject } from './objects';

const names = (list: string, etag: string): boolean =>
  list.split(',').some((one) => one.trim() === '*' || unquoted(one.trim()) === unquoted(etag));

const unquoted = (etag: string): string => etag.replace(/^W\//, '').replace(/^"|"$/g, '');

/** Throws PreconditionFailed (412), or NoSuchKey where there is nothing to match. */
export function checkWrite(input: Json, existing: StoredObject | undefined): void {
  if (input.IfNoneMatch !== undefined) {
    if (input.IfNoneMatch !== '*') {
      throw s3Error('NotImplemented', 501, "If-None-Match of a write can only be '*'.", { Header: 'If-None-Match' });
    }
    if (existing) throw preconditionFailed('If-None-Match');
  }
  if (input.IfMatch !== undefined) {
    if (!existing) throw noSuchKey(input.Key);
    if (!names(input.IfMatch, existing.etag)) throw preconditionFailed('If-Match');
  }
}

/** Throws PreconditionFailed (412) or NotModified (304). Dates are epoch seconds. */
export function checkRead(input: Json, object: StoredObject): void {
  const modified = Math.floor(object.modifiedMs / 1000);
  if (input.IfMatch !== undefined) {
    if (!names(input.IfMatch, object.etag)) throw preconditionFailed('If-Match');
  } else if (input.IfUnmodifiedSince !== undefined && modified > input.IfUnmodifiedSince) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (input.IfNoneMatch !== undefined) {
    if (names(input.IfNoneMatch, object.etag)) throw s3Error('NotModified', 304, 'Not Modified');
  } else if (input.IfModifiedSince !== undefined && modified <= input.IfModifiedSince) {
    throw s3Error('NotModified', 304, 'Not Modified');
  }
}

/** The same for the source of a copy, where everything that does not hold is a failed precondition. */
export function checkCopySource(input: Json, source: StoredObject): void {
  const modified = Math.floor(source.modifiedMs / 1000);
  const failed =
    (input.CopySourceIfMatch !== undefined && !names(input.CopySourceIfMatch, source.etag)) ||
    (input.CopySourceIfNoneMatch !== undefined && names(input.CopySourceIfNoneMatch, source.etag)) ||
    (input.CopySourceIfUnmodifiedSince !== undefined &&
      input.CopySourceIfMatch === undefined &&
      modified > input.CopySourceIfUnmodifiedSince) ||
    (input.CopySourceIfModifiedSince !== undefined &&
      input.CopySourceIfNoneMatch === undefined &&
      modified <= input.CopySourceIfModifiedSince);
  if (failed) throw preconditionFailed('x-amz-copy-source-If-*');
}
