import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { fail } from '../../../lib/local/services/service';
import { createWire } from '../../../lib/local/wire';
import { bucketOfHost } from '../../../lib/local/wire/s3';
import { type Harness, harness } from './support';

let wire: Harness;
let s3: S3Client;
beforeAll(async () => {
  wire = await harness();
  s3 = new S3Client(wire.config);
});
afterAll(() => wire.close());

const text = Buffer.from('hello').toString('base64');

describe('S3, spoken by the SDK', () => {
  test('put: the body arrives as the bytes that were meant, with type, metadata and checksum', async () => {
    wire.answer({ output: { ETag: '"e"' } });
    const put = await s3.send(
      new PutObjectCommand({
        Bucket: 'b',
        Key: 'a/ü +1.txt',
        Body: 'hello',
        ContentType: 'text/plain',
        Metadata: { Colour: 'red' },
        IfNoneMatch: '*',
      }),
    );
    expect(put.ETag).toBe('"e"');
    const { operation, input } = wire.calls[0]!;
    expect(operation).toBe('PutObject');
    // CRC-32 of 'hello' is 0x3610a686.
    expect(input).toMatchObject({
      Bucket: 'b',
      Key: 'a/ü +1.txt',
      Body: text,
      ContentType: 'text/plain',
      Metadata: { colour: 'red' },
      IfNoneMatch: '*',
      ChecksumCRC32: 'NhCmhg==',
      ContentLength: 5,
    });
    expect(input.ContentEncoding).toBeUndefined();
  });

  test('put of a stream: chunks are put together and their trailing checksum is read', async () => {
    wire.answer({ output: {} });
    await s3.send(
      new PutObjectCommand({
        Bucket: 'b',
        Key: 'k',
        Body: Readable.from([Buffer.from('hel'), Buffer.from('lo')]),
        ContentLength: 5,
      }),
    );
    expect(wire.calls[0]!.input).toMatchObject({ Body: text, ChecksumCRC32: 'NhCmhg==' });
    expect(wire.calls[0]!.input.ContentEncoding).toBeUndefined();
  });

  test('get: bytes, headers and metadata', async () => {
    wire.answer({
      output: {
        Body: text,
        ContentLength: 5,
        ETag: '"e"',
        LastModified: 1795510800,
        ContentType: 'text/plain',
        Metadata: { colour: 'red' },
      },
    });
    const got = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', IfNoneMatch: '"other"' }));
    expect(await got.Body!.transformToString()).toBe('hello');
    expect(got).toMatchObject({
      ETag: '"e"',
      LastModified: new Date('2026-11-24T09:00:00Z'),
      ContentType: 'text/plain',
      Metadata: { colour: 'red' },
    });
    expect(wire.calls[0]).toEqual({
      service: 's3',
      operation: 'GetObject',
      input: { Bucket: 'b', Key: 'k', IfNoneMatch: '"other"', ChecksumMode: 'ENABLED' },
    });
  });

  test('a part of an object is 206', async () => {
    wire.answer({ output: { Body: Buffer.from('ell').toString('base64'), ContentRange: 'bytes 1-3/5' } });
    const got = await s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'k', Range: 'bytes=1-3' }));
    expect([got.$metadata.httpStatusCode, got.ContentRange, await got.Body!.transformToString()]).toEqual([
      206,
      'bytes 1-3/5',
      'ell',
    ]);
    expect(wire.calls[0]!.input.Range).toBe('bytes=1-3');
  });

  test('head: the length without the bytes; not found without a body', async () => {
    wire.answer({ output: { ContentLength: 5, ETag: '"e"', LastModified: 1795510800 } });
    expect(await s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).toMatchObject({
      ContentLength: 5,
      ETag: '"e"',
    });
    wire.answer(fail('NotFound', 'Not Found', { status: 404 }));
    await expect(s3.send(new HeadObjectCommand({ Bucket: 'b', Key: 'k' }))).rejects.toMatchObject({
      name: 'NotFound',
      $metadata: { httpStatusCode: 404 },
    });
  });

  test('lists', async () => {
    wire.answer({
      output: {
        Name: 'b',
        KeyCount: 1,
        IsTruncated: false,
        Contents: [{ Key: 'a&b ', Size: 5, ETag: '"e"', LastModified: 1795510800 }],
        CommonPrefixes: [{ Prefix: 'x/' }],
      },
    });
    const listed = await s3.send(new ListObjectsV2Command({ Bucket: 'b', Prefix: 'a', Delimiter: '/', MaxKeys: 10 }));
    expect(listed).toMatchObject({
      KeyCount: 1,
      IsTruncated: false,
      Contents: [{ Key: 'a&b ', Size: 5, ETag: '"e"', LastModified: new Date('2026-11-24T09:00:00Z') }],
      CommonPrefixes: [{ Prefix: 'x/' }],
    });
    expect(wire.calls[0]).toEqual({
      service: 's3',
      operation: 'ListObjectsV2',
      input: { Bucket: 'b', Prefix: 'a', Delimiter: '/', MaxKeys: 10 },
    });
    wire.answer({ output: { Buckets: [{ Name: 'b', CreationDate: 1795510800 }], Owner: { ID: 'o' } } });
    expect((await s3.send(new ListBucketsCommand({}))).Buckets).toEqual([
      { Name: 'b', CreationDate: new Date('2026-11-24T09:00:00Z') },
    ]);
  });

  test('deletes, one and many', async () => {
    wire.answer({ output: {} });
    await s3.send(new DeleteObjectCommand({ Bucket: 'b', Key: 'k' }));
    expect(wire.calls[0]).toEqual({ service: 's3', operation: 'DeleteObject', input: { Bucket: 'b', Key: 'k' } });
    wire.answer({ output: { Deleted: [{ Key: 'a<b' }], Errors: [{ Key: 'c', Code: 'InternalError' }] } });
    const deleted = await s3.send(
      new DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a<b' }, { Key: 'c' }], Quiet: false } }),
    );
    expect(wire.calls[0]!.input).toMatchObject({
      Bucket: 'b',
      Delete: { Objects: [{ Key: 'a<b' }, { Key: 'c' }], Quiet: false },
    });
    expect([deleted.Deleted, deleted.Errors]).toEqual([[{ Key: 'a<b' }], [{ Key: 'c', Code: 'InternalError' }]]);
  });

  test('operations that share a method and a path', async () => {
    wire.answer({ output: { CopyObjectResult: { ETag: '"c"', LastModified: 1795510800 } } });
    const copied = await s3.send(new CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'b/old' }));
    expect(copied.CopyObjectResult).toMatchObject({ ETag: '"c"' });
    const parts: [string, string, Record<string, string>][] = [
      ['PUT', '/b/k?partNumber=1&uploadId=u', {}],
      ['PUT', '/b/k', {}],
      ['PUT', '/b/k', { 'x-amz-copy-source': 'b/old' }],
      ['PUT', '/b/k?tagging', {}],
      ['PUT', '/b', {}],
      ['GET', '/b', {}],
      ['GET', '/b/', {}],
      ['GET', '/b?list-type=2', {}],
      ['GET', '/b?versions', {}],
      ['GET', '/b/k?uploadId=u', {}],
      ['GET', '/b/k/', {}],
      ['GET', '/', {}],
      ['POST', '/b/k?uploads', {}],
      ['DELETE', '/b', {}],
    ];
    wire.answer({ output: {} });
    for (const [method, path, headers] of parts) await wire.raw(method, path, headers);
    expect(wire.calls.map(({ operation }) => operation)).toEqual([
      'UploadPart',
      'PutObject',
      'CopyObject',
      'PutObjectTagging',
      'CreateBucket',
      'ListObjects',
      'ListObjects',
      'ListObjectsV2',
      'ListObjectVersions',
      'ListParts',
      'GetObject',
      'ListBuckets',
      'CreateMultipartUpload',
      'DeleteBucket',
    ]);
    expect(wire.calls[10]!.input.Key).toBe('k/');
    wire.answer({ output: { ETag: '"p"' } });
    expect(
      (await s3.send(new UploadPartCommand({ Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 2, Body: 'x' }))).ETag,
    ).toBe('"p"');
    expect(wire.calls[0]!.input).toMatchObject({ UploadId: 'u', PartNumber: 2 });
    wire.answer({ output: {} });
    expect((await s3.send(new GetBucketLocationCommand({ Bucket: 'b' }))).LocationConstraint).toBeUndefined();
    await s3.send(
      new CreateBucketCommand({ Bucket: 'b', CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' } }),
    );
    expect(wire.calls[1]!.input).toEqual({
      Bucket: 'b',
      CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
    });
  });

  test('errors in XML, with the members and status of the shape', async () => {
    wire.answer(fail('NoSuchKey', 'The specified key does not exist.', { status: 404, members: { Key: 'a&b' } }));
    await expect(s3.send(new GetObjectCommand({ Bucket: 'b', Key: 'a&b' }))).rejects.toMatchObject({
      name: 'NoSuchKey',
      Key: 'a&b',
      $metadata: { httpStatusCode: 404 },
    });
    wire.answer(
      fail('PreconditionFailed', 'At least one of the pre-conditions you specified did not hold', { status: 412 }),
    );
    await expect(
      s3.send(new PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'x', IfNoneMatch: '*' })),
    ).rejects.toMatchObject({ name: 'PreconditionFailed' });
    wire.answer(fail('NotModified', 'Not Modified', { status: 304 }));
    const raw = await wire.raw('GET', '/b/k', { 'if-none-match': '"e"' });
    expect([raw.status, raw.body]).toEqual([304, '']);
    wire.answer(fail('UnknownOperationException', 's3 GetBucketAcl is not modelled here'));
    const acl = await wire.raw('GET', '/b?acl');
    expect([acl.status, acl.body]).toEqual([501, expect.stringContaining('<Code>NotImplemented</Code>')]);
  });
});

describe('S3 on the wire', () => {
  test('without a server: what must have no body has none', async () => {
    const direct = createWire(async () => fail('NotModified', 'Not Modified', { status: 304 }));
    const response = await direct.handle({
      method: 'GET',
      path: '/b/k',
      headers: { host: 'localhost' },
      body: Buffer.alloc(0),
    });
    expect([response.status, response.body.length]).toEqual([304, 0]);
  });

  test.each([
    ['b.s3.amazonaws.com', 'b'],
    ['my.dotted.bucket.s3.us-east-1.amazonaws.com', 'my.dotted.bucket'],
    ['b.s3-us-west-2.amazonaws.com', 'b'],
    ['b.localhost:4566', 'b'],
    ['b.127.0.0.1:4566', 'b'],
    ['b.s3.localhost:4566', 'b'],
    ['s3.us-east-1.amazonaws.com', undefined],
    ['s3.localhost', undefined],
    ['localhost:4566', undefined],
    ['127.0.0.1:4566', undefined],
    ['sqs.us-east-1.amazonaws.com', undefined],
  ])('the bucket of %s is %s', (host, bucket) => {
    expect(bucketOfHost(host)).toBe(bucket);
  });

  test('virtual-host style leaves the whole path to the key', async () => {
    wire.answer({ output: { Body: text } });
    await wire.raw('GET', '/a/b%20c', { host: 'bucket.s3.us-east-1.amazonaws.com' });
    await wire.raw('GET', '/?list-type=2&prefix=x', { host: `bucket.localhost:${wire.port}` });
    expect(wire.calls).toEqual([
      { service: 's3', operation: 'GetObject', input: { Bucket: 'bucket', Key: 'a/b c' } },
      { service: 's3', operation: 'ListObjectsV2', input: { Bucket: 'bucket', Prefix: 'x' } },
    ]);
  });

  const chunked = (body: string, length: number) =>
    wire.raw(
      'PUT',
      '/b/k',
      {
        'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
        'content-encoding': 'gzip,aws-chunked',
        'x-amz-decoded-content-length': String(length),
      },
      body,
    );

  test('chunks, signed or not, with a trailer', async () => {
    wire.answer({ output: {} });
    const done = await chunked(
      '3;chunk-signature=00\r\nhel\r\n2\r\nlo\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n',
      5,
    );
    expect(done.status).toBe(200);
    expect(wire.calls[0]!.input).toMatchObject({
      Body: text,
      ContentEncoding: 'gzip',
      ContentLength: 5,
      ChecksumCRC32: 'NhCmhg==',
    });
  });

  test.each([
    ['5\r\nhel', 5],
    ['3\r\nhel\r\n0\r\n\r\n', 5],
    ['zz\r\nhel\r\n0\r\n\r\n', 3],
  ])('chunks that break off: %j', async (body, length) => {
    wire.answer({ output: {} });
    const done = await chunked(body, length);
    expect([done.status, done.body, wire.calls]).toEqual([
      400,
      expect.stringContaining('<Code>IncompleteBody</Code>'),
      [],
    ]);
  });

  test.each([
    ['content-md5', 'XUFAKrxLKna5cZ2REBfFkg==', 'AAAAAAAAAAAAAAAAAAAAAA=='],
    ['x-amz-checksum-crc32', 'NhCmhg==', 'NhCmhw=='],
    ['x-amz-checksum-sha1', 'qvTGHdzF6KLavt4PO0gs2a6pQ00=', 'AAAA'],
    ['x-amz-checksum-sha256', 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=', 'AAAA'],
  ])('%s of an upload is checked', async (header, right, wrong) => {
    wire.answer({ output: {} });
    expect((await wire.raw('PUT', '/b/k', { [header]: right }, 'hello')).status).toBe(200);
    const refused = await wire.raw('PUT', '/b/k', { [header]: wrong }, 'hello');
    expect([refused.status, refused.body]).toEqual([400, expect.stringContaining('<Code>BadDigest</Code>')]);
  });

  test('XML that is none', async () => {
    wire.answer({ output: {} });
    const raw = await wire.raw('POST', '/b?delete', {}, '<Delete><Object>');
    expect([raw.status, raw.body]).toEqual([400, expect.stringContaining('<Code>MalformedXML</Code>')]);
  });
});
