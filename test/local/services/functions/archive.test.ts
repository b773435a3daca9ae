/**
 * Code that is uploaded. Source: Lambda developer guide, "Lambda quotas" (50 MB zipped, 250 MB unzipped), API reference of
 * CreateFunction, UpdateFunctionCode and UpdateFunctionConfiguration.
 */
import { createHash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import type { Json } from '../../../../lib/local/services/service';
import { Bench, start } from './support';

const text = 'exports.handler = async () => 1;';
const zipped = (files: Record<string, string | Uint8Array>): string =>
  Buffer.from(
    zipSync(Object.fromEntries(Object.entries(files).map(([k, v]) => [k, typeof v === 'string' ? strToU8(v) : v])), {
      mtime: '1980-01-02',
    }),
  ).toString('base64');

const sha256 = (base64: string): string => createHash('sha256').update(Buffer.from(base64, 'base64')).digest('base64');

/** The output, or the error itself. */
function said(bench: Bench, operation: string, input: Json): Json {
  const { reply } = bench.service.apply(bench.now, { operation, input, requestId: `said-${operation}` });
  return reply?.error ?? reply?.output;
}

const upload = (bench: Bench, Code: Json, more: Json = {}): Json =>
  said(bench, 'CreateFunction', {
    FunctionName: 'greet',
    Runtime: 'nodejs24.x',
    Handler: 'index.handler',
    Code,
    ...more,
  });

test('an archive: its size and digest are told, and the runtime gets its bytes', () => {
  const bench = new Bench();
  const ZipFile = zipped({ 'index.js': text, 'lib/deep.js': '' });
  expect(upload(bench, { ZipFile })).toMatchObject({
    State: 'Active',
    LastUpdateStatus: 'Successful',
    CodeSha256: sha256(ZipFile),
    CodeSize: Buffer.from(ZipFile, 'base64').length,
  });
  bench.invoke();
  const [run] = bench.runs();
  expect(run!.environment.codeDir).toBe('');
  expect(Buffer.from(run!.environment.archive!.bytes).toString('base64')).toBe(ZipFile);
});

describe('an archive is refused', () => {
  const outside = /has an entry '.*'; allowed: relative paths/;
  for (const [what, code, message] of [
    [
      'that is none',
      { ZipFile: Buffer.from('no zip at all').toString('base64') },
      /^Could not unzip uploaded file\. Pl/,
    ],
    ['that is cut', { ZipFile: zipped({ 'index.js': text }).slice(0, 60) }, /^Could not unzip uploaded file\. Pl/],
    ['without a file', { ZipFile: zipped({ 'folder/': '' }) }, /^Uploaded file must be a non-empty zip$/],
    ['that climbs', { ZipFile: zipped({ '../evil.js': text }) }, outside],
    ['that climbs later', { ZipFile: zipped({ 'a/../../evil.js': text }) }, outside],
    ['with an absolute name', { ZipFile: zipped({ '/etc/evil': text }) }, outside],
    ['with back slashes', { ZipFile: zipped({ '..\\evil.js': text }) }, outside],
    ['with a drive', { ZipFile: zipped({ 'C:/evil.js': text }) }, outside],
    ['as an image', { ImageUri: 'one:2' }, /images are not modelled/],
    ['that is not there', {}, /^Please provide a source for function code\.$/],
  ] as const) {
    test(what, () => {
      const { name, message: given } = upload(new Bench(), code);
      expect(name).toBe('InvalidParameterValueException');
      expect(given).toMatch(message);
    });
  }

  test('above 50 MB', () => {
    const large = Buffer.alloc(52_428_801).toString('base64');
    expect(upload(new Bench(), { ZipFile: large })).toMatchObject({
      name: 'RequestEntityTooLargeException',
      status: 413,
      message: 'Request must be smaller than 70167211 bytes for the CreateFunction operation',
    });
  });

  test('that says it is above 250 MB unzipped, before anything is unzipped', () => {
    const bytes = Buffer.from(zipped({ 'index.js': text }), 'base64');
    // The central directory's uncompressed size.
    bytes.writeUInt32LE(262_144_001, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24);
    expect(upload(new Bench(), { ZipFile: bytes.toString('base64') })).toMatchObject({
      name: 'InvalidParameterValueException',
      message: 'Unzipped size must be smaller than 262144000 bytes',
    });
  });

  test('whose sizes are not true', () => {
    const bytes = Buffer.from(zipped({ 'index.js': text }), 'base64');
    bytes.writeUInt32LE(1000, bytes.indexOf('PK\x01\x02', 0, 'latin1') + 24);
    expect(upload(new Bench(), { ZipFile: bytes.toString('base64') }).message).toMatch(/^Could not unzip/);
  });
});

test('new code runs in new environments; the one that ran the old is discarded', () => {
  const bench = new Bench();
  upload(bench, { ZipFile: zipped({ 'index.js': text }) });
  bench.invoke();
  bench.finish(bench.runs()[0]!);
  const ZipFile = zipped({ 'index.js': 'exports.handler = async () => 2;' });
  const { effects, reply } = bench.service.apply(start, {
    operation: 'UpdateFunctionCode',
    input: { FunctionName: 'greet', ZipFile, Publish: true },
    requestId: 'u',
  });
  expect(effects).toContainEqual({ kind: 'discard', environmentId: 'greet/$LATEST/1' });
  expect(reply!.output).toMatchObject({ CodeSha256: sha256(ZipFile), Version: '1' });
  bench.invoke();
  expect(bench.runs()[0]).toMatchObject({ cold: true, environment: { archive: { sha256: sha256(ZipFile) } } });
});

test('a dry run of new code changes nothing, a stale revision is refused', () => {
  const bench = new Bench();
  const before = upload(bench, { ZipFile: zipped({ 'index.js': text }) });
  const other = { FunctionName: 'greet', ZipFile: zipped({ 'index.js': '1' }) };
  expect(said(bench, 'UpdateFunctionCode', { ...other, DryRun: true }).CodeSha256).toBe(before.CodeSha256);
  expect(said(bench, 'UpdateFunctionCode', { ...other, RevisionId: 'x' })).toMatchObject({
    name: 'PreconditionFailedException',
    status: 412,
  });
  expect(said(bench, 'UpdateFunctionCode', { ...other, RevisionId: before.RevisionId }).CodeSha256).toBe(
    sha256(other.ZipFile),
  );
});

test('what a new configuration leaves out stays as it was', () => {
  const bench = new Bench();
  upload(bench, { ZipFile: zipped({ 'index.js': text }) }, { Timeout: 7, Environment: { Variables: { A: '1' } } });
  const configure = (input: Json): Json =>
    said(bench, 'UpdateFunctionConfiguration', { FunctionName: 'greet', ...input });
  expect(configure({ MemorySize: 256, Handler: 'other.main' })).toMatchObject({
    Timeout: 7,
    MemorySize: 256,
    Handler: 'other.main',
    Environment: { Variables: { A: '1' } },
  });
  expect(configure({ Environment: { Variables: { B: '2' } } }).Environment).toEqual({ Variables: { B: '2' } });
  for (const [input, message] of [
    [{ Timeout: 901 }, /^Timeout is 901; allowed: whole numbers from 1 to 900/],
    [{ Layers: ['arn:aws:lambda:us-east-1:123456789012:layer:l:1'] }, /Layers is given; layers are not modelled/],
    [{ Runtime: 'python3.13' }, /'python3\.13' is not modelled/],
    [{ Environment: { Variables: { AWS_REGION: 'x' } } }, /reserved keys .*: AWS_REGION$/],
    [{ Environment: { Variables: { A: 'x'.repeat(4100) } } }, /exceeded the 4KB limit/],
  ] as const) {
    expect(configure(input).message).toMatch(message);
  }
  expect(configure({})).toMatchObject({ Timeout: 7, MemorySize: 256 });
});

describe('code in S3', () => {
  const place = { S3Bucket: 'codes', S3Key: 'greet.zip' };
  const Body = zipped({ 'index.js': text });

  test('is fetched, then the function is made and the request answered', () => {
    const bench = new Bench();
    expect(upload(bench, place)).toBeUndefined();
    bench.ask('CreateFunction', {
      FunctionName: 'greet',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Code: place,
    });
    const [fetch] = bench.taken('call');
    expect(fetch).toMatchObject({ to: 's3', operation: 'GetObject', input: { Bucket: 'codes', Key: 'greet.zip' } });
    bench.ask('$reply', { tag: fetch!.tag, reply: { output: { Body } } });
    expect(bench.taken('reply')).toMatchObject([
      { requestId: 'request-1', reply: { output: { CodeSha256: sha256(Body) } } },
    ]);
    expect(bench.ask('GetFunction', { FunctionName: 'greet' }).Configuration.CodeSha256).toBe(sha256(Body));
  });

  test('that is not there is refused as S3 says it', () => {
    const bench = new Bench();
    bench.create();
    bench.ask('UpdateFunctionCode', { FunctionName: 'greet', ...place });
    const [fetch] = bench.taken('call');
    bench.ask('$reply', {
      tag: fetch!.tag,
      reply: { error: { name: 'NoSuchKey', message: 'The specified key does not exist.' } },
    });
    expect(bench.taken('reply')[0]!.reply.error).toEqual({
      name: 'InvalidParameterValueException',
      message:
        'Error occurred while GetObject. S3 Error Code: NoSuchKey. S3 Error Message: The specified key does not exist.',
    });
  });
});
