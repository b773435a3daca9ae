import { seededRandom } from '../../../../lib/local/random';
import { createBucketService, resourceTypes } from '../../../../lib/local/services/bucket';
import type { Json } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

class S3 {
  now = Date.UTC(2026, 10, 24, 9, 0, 0);
  private readonly service;
  constructor(region = 'us-east-1') {
    this.service = restoring(() =>
      createBucketService({
        account: '123456789012',
        region,
        random: seededRandom('s3'),
        endpoint: 'http://here:1',
      }),
    );
  }
  private ask(operation: string, input: Json) {
    return this.service.apply(this.now, { operation, input: { Bucket: 'labels', ...input }, requestId: 'r' }).reply!;
  }
  call(operation: string, input: Json = {}): Json {
    const reply = this.ask(operation, input);
    if (reply.error) throw new Error(`${reply.error.name}: ${reply.error.message}`);
    return reply.output;
  }
  /** `status name`. */
  refusal(operation: string, input: Json = {}): string {
    const { error } = this.ask(operation, input);
    return error ? `${error.status ?? 400} ${error.name}` : 'nothing was refused';
  }
  put(Key: string, text = 'hello', more: Json = {}): Json {
    return this.call('PutObject', { Key, Body: Buffer.from(text).toString('base64'), ...more });
  }
  text(Key: string, more: Json = {}): string {
    return Buffer.from(this.call('GetObject', { Key, ...more }).Body, 'base64').toString();
  }
}

function labels(region?: string): S3 {
  const s3 = new S3(region);
  s3.call('CreateBucket', region ? { CreateBucketConfiguration: { LocationConstraint: region } } : {});
  return s3;
}

/** Of 'hello', by md5sum, sha256sum and zlib. */
const hello = {
  etag: '"5d41402abc4b2a76b9719d911017c592"',
  md5: 'XUFAKrxLKna5cZ2REBfFkg==',
  sha256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=',
  crc32: 'NhCmhg==',
};

/** Source: S3 API reference, PutObject, GetObject, HeadObject. */
describe('an object', () => {
  test('comes back as it was put', () => {
    const s3 = labels();
    expect(
      s3.put('a/b', 'hello', { ContentType: 'image/svg+xml', CacheControl: 'no-store', Metadata: { Parcel: '17' } }),
    ).toMatchObject({ ETag: hello.etag });
    const about = {
      AcceptRanges: 'bytes',
      ContentLength: 5,
      ETag: hello.etag,
      ServerSideEncryption: 'AES256',
      LastModified: 1_795_510_800,
      ContentType: 'image/svg+xml',
      CacheControl: 'no-store',
      Metadata: { parcel: '17' },
    };
    expect(s3.call('GetObject', { Key: 'a/b' })).toEqual({ ...about, Body: 'aGVsbG8=' });
    expect(s3.call('HeadObject', { Key: 'a/b' })).toEqual(about);
  });

  test('is replaced by a later one, and gone when deleted, once or twice', () => {
    const s3 = labels();
    s3.put('a', 'one');
    s3.put('a', 'two');
    expect(s3.text('a')).toBe('two');
    s3.call('DeleteObject', { Key: 'a' });
    s3.call('DeleteObject', { Key: 'a' });
    expect([s3.refusal('GetObject', { Key: 'a' }), s3.refusal('HeadObject', { Key: 'a' })]).toEqual([
      '404 NoSuchKey',
      '404 NotFound',
    ]);
  });

  test.each<[range: string, text: string, contentRange?: string]>([
    ['bytes=0-1', 'he', 'bytes 0-1/5'],
    ['bytes=3-', 'lo', 'bytes 3-4/5'],
    ['bytes=-2', 'lo', 'bytes 3-4/5'],
    ['bytes=1-99', 'ello', 'bytes 1-4/5'],
    ['bytes=-99', 'hello', 'bytes 0-4/5'],
    ['bytes=0-1,3-4', 'hello', undefined],
    ['lines=1-2', 'hello', undefined],
  ])('is read in part: %s', (Range, text, contentRange) => {
    const s3 = labels();
    s3.put('a');
    const got = s3.call('GetObject', { Key: 'a', Range });
    expect([Buffer.from(got.Body, 'base64').toString(), got.ContentLength, got.ContentRange]).toEqual([
      text,
      text.length,
      contentRange,
    ]);
  });

  test('a range beyond its end is refused', () => {
    const s3 = labels();
    s3.put('a');
    expect(s3.refusal('GetObject', { Key: 'a', Range: 'bytes=5-' })).toBe('416 InvalidRange');
  });

  test.each<[member: string, right: string]>([
    ['ContentMD5', hello.md5],
    ['ChecksumSHA256', hello.sha256],
    ['ChecksumCRC32', hello.crc32],
  ])('with a %s that does not fit is refused', (member, right) => {
    const s3 = labels();
    expect(s3.refusal('PutObject', { Key: 'a', Body: 'aGVsbG8=', [member]: 'AAAAAA==' })).toBe('400 BadDigest');
    expect(s3.refusal('HeadObject', { Key: 'a' })).toBe('404 NotFound');
    s3.put('a', 'hello', { [member]: right });
    const got = s3.call('GetObject', { Key: 'a', ChecksumMode: 'ENABLED' });
    expect(got[member]).toBe(member === 'ContentMD5' ? undefined : right);
    expect(s3.call('GetObject', { Key: 'a', ChecksumMode: 'ENABLED', Range: 'bytes=0-0' })[member]).toBeUndefined();
  });
});

/** Source: S3 user guide, "Conditional requests". Dates are epoch seconds. */
describe('conditions', () => {
  const modified = 1_795_510_800;
  test.each<[operation: string, condition: object, outcome: string]>([
    ['PutObject', { IfNoneMatch: '*' }, '412 PreconditionFailed'],
    ['PutObject', { IfMatch: '"other"' }, '412 PreconditionFailed'],
    ['PutObject', { IfMatch: hello.etag }, 'nothing was refused'],
    ['PutObject', { IfMatch: hello.etag, Key: 'new' }, '404 NoSuchKey'],
    ['PutObject', { IfNoneMatch: '*', Key: 'new' }, 'nothing was refused'],
    ['PutObject', { IfNoneMatch: hello.etag }, '501 NotImplemented'],
    ['GetObject', { IfMatch: '"other"' }, '412 PreconditionFailed'],
    ['GetObject', { IfNoneMatch: hello.etag }, '304 NotModified'],
    ['HeadObject', { IfModifiedSince: modified }, '304 NotModified'],
    ['GetObject', { IfModifiedSince: modified - 1 }, 'nothing was refused'],
    ['GetObject', { IfUnmodifiedSince: modified - 1 }, '412 PreconditionFailed'],
    ['GetObject', { IfUnmodifiedSince: modified - 1, IfMatch: hello.etag }, 'nothing was refused'],
    ['DeleteObject', { IfMatch: '"other"' }, '412 PreconditionFailed'],
    ['CopyObject', { Key: 'copy', CopySource: 'labels/a', CopySourceIfMatch: '"other"' }, '412 PreconditionFailed'],
    [
      'CopyObject',
      { Key: 'copy', CopySource: 'labels/a', CopySourceIfNoneMatch: hello.etag },
      '412 PreconditionFailed',
    ],
  ])('%s %j: %s', (operation, condition, outcome) => {
    const s3 = labels();
    s3.put('a');
    expect(s3.refusal(operation, { Key: 'a', ...condition })).toBe(outcome);
    expect(s3.text('a')).toBe(
      operation === 'PutObject' && outcome.startsWith('nothing') && !('Key' in condition) ? '' : 'hello',
    );
  });
});

/** Source: S3 API reference, ListObjectsV2, ListObjects. */
describe('listing', () => {
  function filled(): S3 {
    const s3 = labels();
    // '\u{1f4e6}' sorts after '\uffee' by bytes, before it by UTF-16 units.
    for (const key of ['b/2', 'a', 'b/1', 'c/x/1', '\u{1f4e6}', 'c/y', '\uffee', 'b!']) s3.put(key);
    return s3;
  }
  const shown = ({ Contents = [], CommonPrefixes = [] }: Json) => [
    ...Contents.map(({ Key }: Json) => Key),
    ...CommonPrefixes.map(({ Prefix }: Json) => Prefix),
  ];

  test('is in the order of bytes', () => {
    const list = filled().call('ListObjectsV2');
    expect(list).toMatchObject({ Name: 'labels', KeyCount: 8, IsTruncated: false, MaxKeys: 1000 });
    expect(list.Contents[0]).toEqual({
      Key: 'a',
      ETag: hello.etag,
      Size: 5,
      LastModified: 1_795_510_800,
      StorageClass: 'STANDARD',
    });
    expect(shown(list)).toEqual(['a', 'b!', 'b/1', 'b/2', 'c/x/1', 'c/y', '\uffee', '\u{1f4e6}']);
  });

  test.each<[input: object, keys: string[]]>([
    [{ Prefix: 'c/' }, ['c/x/1', 'c/y']],
    [{ Prefix: 'c/', Delimiter: '/' }, ['c/y', 'c/x/']],
    [{ Delimiter: '/' }, ['a', 'b!', '\uffee', '\u{1f4e6}', 'b/', 'c/']],
    [{ StartAfter: 'b/1', Prefix: 'b' }, ['b/2']],
    [{ MaxKeys: 0 }, []],
    [{ Prefix: 'b!', EncodingType: 'url' }, ['b!']],
    [{ Prefix: '\uffee', EncodingType: 'url' }, ['%EF%BF%AE']],
  ])('%j', (input, keys) => {
    expect(shown(filled().call('ListObjectsV2', input))).toEqual(keys);
  });

  test.each(['ListObjectsV2', 'ListObjects'])('%s goes on where the page ended, prefixes once', (operation) => {
    const s3 = filled();
    const pages: string[][] = [];
    let more: Json = {};
    do {
      const page = s3.call(operation, { Delimiter: '/', MaxKeys: 2, ...more });
      pages.push(shown(page));
      expect(page.IsTruncated).toBe(Boolean(page.NextContinuationToken ?? page.NextMarker));
      more = page.IsTruncated ? { ContinuationToken: page.NextContinuationToken, Marker: page.NextMarker } : undefined;
    } while (more);
    expect(pages).toEqual([
      ['a', 'b!'],
      ['b/', 'c/'],
      ['\uffee', '\u{1f4e6}'],
    ]);
  });
});

describe('buckets', () => {
  test('are made, listed and deleted when empty', () => {
    const s3 = labels();
    s3.call('CreateBucket', { Bucket: 'archive' });
    expect(s3.call('ListBuckets').Buckets).toEqual([
      { Name: 'archive', CreationDate: 1_795_510_800 },
      { Name: 'labels', CreationDate: 1_795_510_800 },
    ]);
    s3.put('a');
    expect(s3.refusal('DeleteBucket')).toBe('409 BucketNotEmpty');
    s3.call('DeleteObject', { Key: 'a' });
    s3.call('DeleteBucket');
    expect([s3.refusal('HeadBucket'), s3.refusal('PutObject', { Key: 'a' })]).toEqual([
      '404 NotFound',
      '404 NoSuchBucket',
    ]);
  });

  test('know their region; making one again is no error in us-east-1 only', () => {
    expect([labels().call('GetBucketLocation'), labels('eu-west-1').call('GetBucketLocation')]).toEqual([
      {},
      { LocationConstraint: 'eu-west-1' },
    ]);
    expect([labels().refusal('CreateBucket'), labels('eu-west-1').refusal('CreateBucket')]).toEqual([
      'nothing was refused',
      '409 BucketAlreadyOwnedByYou',
    ]);
    expect(labels().refusal('CreateBucket', { CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } })).toBe(
      '400 IllegalLocationConstraintException',
    );
  });

  test('several objects are deleted at once; each fails on its own', () => {
    const s3 = labels();
    for (const key of ['a', 'b', 'c']) s3.put(key);
    const Delete = { Objects: [{ Key: 'a' }, { Key: 'none' }, { Key: 'b', ETag: '"other"' }] };
    expect(s3.call('DeleteObjects', { Delete })).toEqual({
      Deleted: [{ Key: 'a' }, { Key: 'none' }],
      Errors: [{ Key: 'b', Code: 'PreconditionFailed', Message: expect.any(String) }],
    });
    expect(s3.call('DeleteObjects', { Delete: { Objects: [{ Key: 'c' }], Quiet: true } })).toEqual({});
    expect(s3.call('ListObjectsV2').KeyCount).toBe(1);
  });

  test('objects are copied with their metadata or with new', () => {
    const s3 = labels();
    s3.put('a b', 'hello', { ContentType: 'text/plain', Metadata: { n: '1' } });
    expect(s3.call('CopyObject', { Key: 'kept', CopySource: '/labels/a%20b' }).CopyObjectResult).toMatchObject({
      ETag: hello.etag,
    });
    s3.call('CopyObject', { Key: 'new', CopySource: 'labels/a b', MetadataDirective: 'REPLACE', Metadata: { m: '2' } });
    const about = (Key: string) => {
      const { ContentType, Metadata } = s3.call('HeadObject', { Key });
      return [ContentType, Metadata];
    };
    expect([about('kept'), about('new')]).toEqual([
      ['text/plain', { n: '1' }],
      ['application/octet-stream', { m: '2' }],
    ]);
    expect(s3.refusal('CopyObject', { Key: 'a b', CopySource: 'labels/a%20b' })).toBe('400 InvalidRequest');
    expect(s3.refusal('CopyObject', { Key: 'x', CopySource: 'labels/none' })).toBe('404 NoSuchKey');
  });

  test.each<[operation: string, input: object, error: string]>([
    ['CreateMultipartUpload', { Key: 'a' }, '501 NotImplemented'],
    ['PutBucketVersioning', {}, '501 NotImplemented'],
    ['PutObject', { Key: 'a', Tagging: 'a=b' }, '501 NotImplemented'],
    ['GetObject', { Key: 'a', VersionId: 'v' }, '501 NotImplemented'],
    ['PutObject', { Key: 'k'.repeat(1025) }, '400 KeyTooLongError'],
    ['PutObject', { Key: 'a', Metadata: { n: 'x'.repeat(2048) } }, '400 MetadataTooLarge'],
    ['CreateBucket', { Bucket: 'Labels' }, '400 InvalidBucketName'],
    ['CreateBucket', { Bucket: '10.0.0.1' }, '400 InvalidBucketName'],
    ['DeleteObjects', { Delete: { Objects: [] } }, '400 MalformedXML'],
    ['ListObjectsV2', { MaxKeys: -1 }, '400 InvalidArgument'],
    ['GetBucketPolicy', {}, '404 NoSuchBucketPolicy'],
  ])('refused: %s %j', (operation, input, error) => {
    expect(labels().refusal(operation, input)).toBe(error);
  });
});

/** Source: CloudFormation template reference, AWS::S3::Bucket, "Return values". */
test('resources of a template', () => {
  const place = {
    account: '123456789012',
    region: 'us-east-1',
    endpoint: 'http://here:1',
    stackName: 'S',
    logicalId: 'B',
  };
  const type = resourceTypes['AWS::S3::Bucket']!;
  const identity = type.identify({
    ...place,
    property: () => undefined,
    uniqueName: ({ lowerCase } = {}) => (lowerCase ? 's-b-1' : 'S-B-1'),
  });
  expect(identity).toMatchObject({
    ref: 's-b-1',
    attributes: { Arn: 'arn:aws:s3:::s-b-1', RegionalDomainName: 's-b-1.s3.us-east-1.amazonaws.com' },
  });
  const context = { ...place, identity, constructPath: 'S/B', assetDir: () => undefined };
  const s3 = new S3();
  const policy = { Bucket: 's-b-1', PolicyDocument: { Version: '2012-10-17' } };
  const requests = [
    ...type.create({ ...context, props: {} }),
    ...resourceTypes['AWS::S3::BucketPolicy']!.create({ ...context, props: policy }),
  ];
  for (const { operation, input } of requests) s3.call(operation, input);
  expect(s3.call('GetBucketPolicy', { Bucket: 's-b-1' })).toEqual({ Policy: '{"Version":"2012-10-17"}' });
});
