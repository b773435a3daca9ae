/**
 * S3: general purpose buckets without versions; objects live in memory.
 *
 * 1. Every operation is strongly consistent, and conditions are checked together with the write (S3 promises both).
 * 2. Bodies are base64 in inputs and outputs; names are the API's member names.
 * 3. Deleting what is not there succeeds; a bucket with objects in it is not deleted.
 *
 * Not modelled, and refused by name: multipart uploads, versions, tags, object lock, customer keys, notifications.
 * Kept without effect: bucket policies (also a denial without TLS: loopback speaks http), storage classes.
 * Source: S3 API reference and user guide.
 */
import type { Millis } from '../../ports';
import { refused, replyOf } from '../refusal';
import { fail, type Json, type Outcome, type Service, type ServiceOptions, type ServiceRequest } from '../service';
import { checkCopySource, checkRead, checkWrite } from './conditions';
import { invalidArgument, noSuchBucket, noSuchKey, notFound, s3Error } from './errors';
import { listObjects, listObjectsV2 } from './listing';
import { Objects, type StoredObject } from './objects';
import { readObject } from './reading';
import { copiedObject, demandKey, newObject, refuseMembers } from './writing';

interface Bucket {
  name: string;
  createdMs: Millis;
  objects: Objects;
  policy?: string;
}

type Operation = (now: Millis, input: Json) => Json;

const deletesAtMost = 1000;

export function createBucketService(options: ServiceOptions): Service {
  return new BucketService(options);
}

class BucketService implements Service {
  readonly name = 's3';
  private readonly buckets = new Map<string, Bucket>();

  constructor(private readonly options: ServiceOptions) {}

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    const perform = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    if (!perform) {
      return { reply: fail('NotImplemented', `S3's ${operation} is not modelled here.`, { status: 501 }) };
    }
    return { reply: replyOf(() => perform(now, input ?? {})) };
  }

  wake(): Outcome {
    return {};
  }

  holds(): [number, string][] {
    return [[[...this.buckets.values()].reduce((sum, { objects }) => sum + objects.size, 0), 'object']];
  }

  private bucket(input: Json): Bucket {
    const bucket = this.buckets.get(input.Bucket);
    if (!bucket) throw noSuchBucket(input.Bucket);
    return bucket;
  }

  private object(input: Json): StoredObject {
    refuseMembers(input);
    const object = this.bucket(input).objects.get(demandKey(input.Key));
    if (!object) throw noSuchKey(input.Key);
    return object;
  }

  private readonly operations: Record<string, Operation> = {
    CreateBucket: (now, input) => {
      const { region } = this.options;
      const name = demandBucketName(input.Bucket);
      const wanted = input.CreateBucketConfiguration?.LocationConstraint;
      if (wanted !== undefined && wanted !== region) {
        throw s3Error(
          'IllegalLocationConstraintException',
          400,
          `The ${wanted} location constraint is incompatible for the region specific endpoint this request was sent to.`,
        );
      }
      if (this.buckets.has(name)) {
        // Source: API CreateBucket: us-east-1 answers 200 to the owner, other regions 409.
        if (region === 'us-east-1') return { Location: `/${name}` };
        const message = 'Your previous request to create the named bucket succeeded and you already own it.';
        throw s3Error('BucketAlreadyOwnedByYou', 409, message, { BucketName: name });
      }
      this.buckets.set(name, { name, createdMs: now, objects: new Objects() });
      return { Location: `/${name}` };
    },
    DeleteBucket: (_now, input) => {
      const { name, objects } = this.bucket(input);
      if (objects.size > 0) {
        throw s3Error('BucketNotEmpty', 409, 'The bucket you tried to delete is not empty', { BucketName: name });
      }
      this.buckets.delete(name);
      return {};
    },
    ListBuckets: (_now, input) => {
      const names = [...this.buckets.keys()].filter((name) => name.startsWith(input.Prefix ?? '')).sort();
      const from = input.ContinuationToken
        ? Buffer.from(String(input.ContinuationToken), 'base64').toString()
        : undefined;
      const rest = from === undefined ? names : names.filter((name) => name > from);
      const shown = rest.slice(0, input.MaxBuckets ?? rest.length);
      const more = shown.length < rest.length;
      return {
        Buckets: shown.map((name) => ({ Name: name, CreationDate: this.buckets.get(name)!.createdMs / 1000 })),
        Owner: { ID: this.options.account },
        ...(more ? { ContinuationToken: Buffer.from(shown.at(-1)!).toString('base64') } : {}),
      };
    },
    HeadBucket: (_now, input) => {
      if (!this.buckets.has(input.Bucket)) throw notFound();
      return { BucketRegion: this.options.region };
    },
    GetBucketLocation: (_now, input) => {
      this.bucket(input);
      const { region } = this.options;
      // Source: API GetBucketLocation: buckets in us-east-1 have no location constraint.
      return region === 'us-east-1' ? {} : { LocationConstraint: region };
    },
    PutBucketPolicy: (_now, input) => {
      this.bucket(input).policy = input.Policy;
      return {};
    },
    GetBucketPolicy: (_now, input) => {
      const { name, policy } = this.bucket(input);
      if (policy === undefined) {
        throw s3Error('NoSuchBucketPolicy', 404, 'The bucket policy does not exist', { BucketName: name });
      }
      return { Policy: policy };
    },
    DeleteBucketPolicy: (_now, input) => {
      this.bucket(input).policy = undefined;
      return {};
    },
    PutObject: (now, input) => {
      const { objects } = this.bucket(input);
      refuseMembers(input);
      const object = newObject(now, input);
      checkWrite(input, objects.get(object.key));
      objects.put(object);
      return { ETag: object.etag, ServerSideEncryption: 'AES256', ...object.checksums };
    },
    GetObject: (_now, input) => {
      const object = this.object(input);
      checkRead(input, object);
      return readObject(object, input, true);
    },
    HeadObject: (_now, input) => {
      // HEAD has no body to say more in. Source: API HeadObject.
      const found = refused(() => this.object(input));
      if (found.error)
        throw found.error.status === 404 ? notFound() : s3Error(found.error.name, 400, found.error.message);
      checkRead(input, found.value);
      return readObject(found.value, input, false);
    },
    DeleteObject: (_now, input) => {
      const { objects } = this.bucket(input);
      refuseMembers(input);
      const key = demandKey(input.Key);
      checkWrite({ Key: key, IfMatch: input.IfMatch }, objects.get(key));
      objects.delete(key);
      return {};
    },
    DeleteObjects: (_now, input) => {
      const { objects } = this.bucket(input);
      const wanted: Json[] = input.Delete?.Objects ?? [];
      if (wanted.length === 0 || wanted.length > deletesAtMost) {
        throw s3Error(
          'MalformedXML',
          400,
          'The XML you provided was not well-formed or did not validate against our published schema',
        );
      }
      const Deleted: Json[] = [];
      const Errors: Json[] = [];
      for (const { Key, ETag, VersionId } of wanted) {
        const result = refused(() => {
          refuseMembers({ VersionId });
          checkWrite({ Key, IfMatch: ETag }, objects.get(demandKey(Key)));
          objects.delete(Key);
        });
        if (result.error) Errors.push({ Key, Code: result.error.name, Message: result.error.message });
        else if (!input.Delete.Quiet) Deleted.push({ Key });
      }
      return { ...(Deleted.length > 0 ? { Deleted } : {}), ...(Errors.length > 0 ? { Errors } : {}) };
    },
    CopyObject: (now, input) => {
      const { objects } = this.bucket(input);
      refuseMembers(input);
      const from = readCopySource(input.CopySource);
      const source = this.object(from);
      checkCopySource(input, source);
      const toItself = from.Bucket === input.Bucket && from.Key === input.Key;
      const copy = copiedObject(now, source, input, toItself);
      checkWrite(input, objects.get(copy.key));
      objects.put(copy);
      const result = { ETag: copy.etag, LastModified: Math.floor(now / 1000), ...copy.checksums };
      return { CopyObjectResult: result, ServerSideEncryption: 'AES256' };
    },
    ListObjectsV2: (_now, input) => listObjectsV2(this.bucket(input).objects, input),
    ListObjects: (_now, input) => listObjects(this.bucket(input).objects, input),
  };
}

/** Source: S3 user guide, "General purpose bucket naming rules" (the ones that a name alone shows). */
function demandBucketName(name: unknown): string {
  const fits =
    typeof name === 'string' &&
    /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) &&
    !name.includes('..') &&
    !/^\d+\.\d+\.\d+\.\d+$/.test(name);
  if (!fits) throw s3Error('InvalidBucketName', 400, 'The specified bucket is not valid.', { BucketName: name });
  return name as string;
}

function readCopySource(source: unknown): { Bucket: string; Key: string; VersionId?: string } {
  const [path, query] = String(source ?? '').split('?');
  const [, Bucket, Key] = /^\/?([^/]+)\/(.+)$/.exec(decoded(path!)) ?? [];
  if (!Bucket || !Key) {
    throw invalidArgument(
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
      'x-amz-copy-source',
      source,
    );
  }
  const VersionId = /^versionId=(.+)$/.exec(query ?? '')?.[1];
  return { Bucket, Key, ...(VersionId ? { VersionId } : {}) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
