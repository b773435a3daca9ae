/** Real time: what functions may do there, and that none of them stands in the way of the rest. */
import { strToU8, zipSync } from 'fflate';
import type { Json } from '../../../lib/local/services/service';
import { type LocalRun, startLocal } from '../../../lib/local/start';
import { assembly, removeFolders } from '../assembly/support';

const fn = (FunctionName: string, ZipFile: string, Timeout = 30): Json => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    FunctionName,
    Runtime: 'nodejs22.x',
    Handler: 'index.handler',
    Role: 'arn:aws:iam::123456789012:role/r',
    Code: { ZipFile },
    Timeout,
  },
});

/** It says that it is there, and then nothing more is heard of it. */
const blocks = `
exports.handler = async () => {
  console.log('blocking');
  for (;;);
};`;

const uses = `
const { execFileSync } = require('node:child_process');
const { createServer, connect } = require('node:net');
const fs = require('node:fs');
exports.handler = async (event, context) => {
  const answer = await new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.end('over a socket')).listen(0, '127.0.0.1', () => {
      let text = '';
      connect(server.address().port, '127.0.0.1')
        .on('data', (chunk) => (text += chunk))
        .on('end', () => server.close(() => resolve(text)))
        .on('error', reject);
    });
  });
  const folder = fs.mkdtempSync('/tmp/baton-real-');
  fs.writeFileSync(folder + '/file', 'from a file');
  const file = fs.readFileSync(folder + '/file', 'utf8');
  fs.rmSync(folder, { recursive: true });
  return {
    child: execFileSync(process.execPath, ['-p', '6 * 7']).toString().trim(),
    answer,
    file,
    left: context.getRemainingTimeInMillis() > 0 && context.getRemainingTimeInMillis() <= 30_000,
    name: context.functionName,
    // A native addon of an installed package.
    native: typeof require(event.addon).transformSync,
  };
};`;

let run: LocalRun;
let heard: (line: string) => void = () => {};
beforeAll(async () => {
  const Resources = {
    Blocks: fn('blocks', blocks, 900),
    Uses: fn('uses', uses),
    Quick: fn('quick', 'exports.handler = async (e) => e.n + 1;'),
  };
  run = await startLocal({
    assemblyDir: assembly({ App: { template: { Resources } } }),
    port: 0,
    trace: ({ kind, message }) => kind === 'log' && heard(String(message)),
  });
});
afterAll(async () => {
  await run.stop();
  removeFolders();
});

/** Over the port, as any client. */
async function post(path: string, body: Json, headers: Record<string, string> = {}): Promise<Json> {
  const response = await fetch(`${run.endpoint}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  return { status: response.status, error: response.headers.get('x-amz-function-error'), body: await response.json() };
}

const invoke = (name: string, event: Json): Promise<Json> => post(`/2015-03-31/functions/${name}/invocations`, event);

test('a handler that blocks its CPU stops neither functions nor services', async () => {
  const blocking = new Promise<void>((resolve) => {
    heard = (line) => line.includes('blocking') && resolve();
  });
  run.world.requestNow('lambda', 'Invoke', { FunctionName: 'blocks', InvocationType: 'Event' });
  await blocking;
  for (let n = 0; n < 20; n++) expect(await invoke('quick', { n })).toEqual({ status: 200, error: null, body: n + 1 });
  const list = await post(
    '/',
    {},
    { 'x-amz-target': 'AmazonSQS.ListQueues', 'content-type': 'application/x-amz-json-1.0' },
  );
  expect(list.status).toBe(200);
  expect(run.world.running).toBe(1);
});

describe('code that a client uploads', () => {
  const zipped = (text: string, more: Record<string, Uint8Array> = {}): Buffer =>
    Buffer.from(zipSync({ 'index.js': strToU8(text), ...more }, { level: 0 }));
  const create = (FunctionName: string, Code: Json): Promise<Json> =>
    post('/2015-03-31/functions', {
      FunctionName,
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: 'arn:aws:iam::123456789012:role/r',
      Code,
    });

  test('runs, from an archive larger than other requests may be, and then the new code', async () => {
    const large = zipped('exports.handler = async () => "old";', { 'data.bin': Buffer.alloc(12 * 1024 * 1024, 7) });
    expect((await create('uploaded', { ZipFile: large.toString('base64') })).status).toBe(201);
    expect((await invoke('uploaded', {})).body).toBe('old');
    const ZipFile = zipped('exports.handler = async () => "new";').toString('base64');
    run.world.requestNow('lambda', 'UpdateFunctionCode', { FunctionName: 'uploaded', ZipFile });
    expect((await invoke('uploaded', {})).body).toBe('new');
  });

  test('runs from an object in the local S3; what is not there is refused', async () => {
    const Body = zipped('exports.handler = async () => "from S3";').toString('base64');
    run.world.requestNow('s3', 'CreateBucket', { Bucket: 'codes' });
    run.world.requestNow('s3', 'PutObject', { Bucket: 'codes', Key: 'fn.zip', Body });
    expect((await create('stored', { S3Bucket: 'codes', S3Key: 'fn.zip' })).status).toBe(201);
    expect((await invoke('stored', {})).body).toBe('from S3');
    expect(await create('missing', { S3Bucket: 'codes', S3Key: 'other.zip' })).toMatchObject({
      status: 400,
      body: { Message: expect.stringContaining('Error occurred while GetObject. S3 Error Code: NoSuchKey.') },
    });
  });
});

test('child processes, sockets, files and native addons are there', async () => {
  const addon = require.resolve('@swc/core');
  expect(await invoke('uses', { addon })).toEqual({
    status: 200,
    error: null,
    body: { child: '42', answer: 'over a socket', file: 'from a file', left: true, name: 'uses', native: 'function' },
  });
});
