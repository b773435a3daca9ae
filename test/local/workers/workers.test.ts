import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FunctionLog } from '../../../lib/local/sandbox';
import type { Finished, FunctionRuntime } from '../../../lib/local/services/service';
import { createWorkerRuntime } from '../../../lib/local/workers';
import { bundled, codeDir, type Invoked, invocation } from '../sandbox/support';

let server: Server;
let runtime: FunctionRuntime;
const logs: FunctionLog[] = [];
const received: { url?: string; method?: string; target?: string; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      const { url, method, headers } = request;
      received.push({ url, method, target: headers['x-amz-target'] as string, body: Buffer.concat(chunks).toString() });
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  runtime = createWorkerRuntime({ endpoint: `http://127.0.0.1:${port}`, log: (entry) => logs.push(entry) });
});

afterAll(async () => {
  await runtime.stop();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

beforeEach(() => {
  logs.length = 0;
  received.length = 0;
});

function invoke(folder: string, event: unknown, how: Invoked): Promise<Finished & { json: any }> {
  return new Promise((resolve) => {
    runtime.run(invocation(folder, event, Date.now(), how), (finished) =>
      resolve({ ...finished, json: JSON.parse(finished.payload) }),
    );
  });
}

const greeting = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
const client = new DynamoDBClient({});
let warm = 0;
export const handler = middy(async (event: { name: string }) => {
  await client.send(new PutItemCommand({ TableName: 'greetings', Item: { name: { S: event.name } } }));
  console.log('greeted %s', event.name);
  return { warm: warm++, variable: process.env.COLOUR, name: process.env.AWS_LAMBDA_FUNCTION_NAME };
});
`;

describe('a bundled handler with the AWS SDK and middy', () => {
  for (const format of ['cjs', 'esm'] as const) {
    test(`${format}: calls DynamoDB at the endpoint and stays warm`, async () => {
      const folder = bundled(greeting, { format });
      const how = { environmentId: `greet/${format}`, variables: { COLOUR: 'green' }, timeoutSeconds: 10 };
      const first = await invoke(folder, { name: 'Ada' }, how);
      expect(first).toMatchObject({ functionError: undefined, reusable: true });
      expect(first.json).toEqual({ warm: 0, variable: 'green', name: 'greet' });
      expect((await invoke(folder, { name: 'Ben' }, { ...how, cold: false })).json.warm).toBe(1);
      expect(received.map(({ target }) => target)).toEqual(['DynamoDB_20120810.PutItem', 'DynamoDB_20120810.PutItem']);
      expect(logs.map(({ message }) => message)).toContainEqual(expect.stringMatching(/\tINFO\tgreeted Ada$/));
    });
  }
});

describe('the end of an environment', () => {
  test('an endless loop is killed at the deadline', async () => {
    const folder = codeDir({ 'index.js': 'exports.handler = async () => { for (;;); };' });
    const end = await invoke(folder, {}, { environmentId: 'loop', timeoutSeconds: 1 });
    expect(end).toMatchObject({ functionError: 'Timeout', reusable: false });
    expect(end.json.errorMessage).toMatch(/ Task timed out after 1\.00 seconds$/);
  });

  test('process.exit is a crash', async () => {
    const folder = codeDir({ 'index.js': 'exports.handler = async () => process.exit(3);' });
    const end = await invoke(folder, {}, { environmentId: 'exit' });
    expect(end).toMatchObject({ functionError: 'Crash', reusable: false });
    expect(end.json).toMatchObject({
      errorType: 'Runtime.ExitError',
      errorMessage: expect.stringMatching(/exit status 3$/),
    });
  });

  test('an uncaught exception is a crash with its error', async () => {
    const code = 'exports.handler = () => new Promise(() => setTimeout(() => { throw new RangeError("late"); }, 1));';
    const end = await invoke(codeDir({ 'index.js': code }), {}, { environmentId: 'uncaught' });
    expect(end).toMatchObject({ functionError: 'Crash', reusable: false });
    expect(end.json).toMatchObject({ errorType: 'RangeError', errorMessage: 'late' });
  });

  test('a rejected promise that nobody awaits is a crash', async () => {
    const code =
      'exports.handler = async () => { Promise.reject(new Error("unseen")); await new Promise((r) => setTimeout(r, 50)); };';
    const end = await invoke(codeDir({ 'index.js': code }), {}, { environmentId: 'unseen' });
    expect(end.json).toMatchObject({ errorType: 'Runtime.UnhandledPromiseRejection', errorMessage: 'Error: unseen' });
  });

  test('a promise that nothing can settle ends the runtime', async () => {
    const code = 'exports.handler = () => new Promise(() => {});';
    const end = await invoke(codeDir({ 'index.js': code }), {}, { environmentId: 'never' });
    expect(end).toMatchObject({ functionError: 'Crash', reusable: false });
  });

  test('a missing handler is named', async () => {
    const end = await invoke(codeDir({ 'index.js': 'exports.other = 1;' }), {}, { environmentId: 'missing' });
    expect(end.json).toMatchObject({
      errorType: 'Runtime.HandlerNotFound',
      errorMessage: expect.stringMatching(/index\.handler/),
    });
    const none = await invoke(codeDir({}), {}, { environmentId: 'none' });
    expect(none.json).toMatchObject({ errorType: 'Runtime.ImportModuleError' });
  });
});

test('an error points into the TypeScript and leaves the environment usable', async () => {
  const folder = bundled(`export const handler = async (event: { fail: boolean }) => {
  if (event.fail) throw new TypeError('wrong colour');
  return 'fine';
};`);
  const how = { environmentId: 'stack' };
  const end = await invoke(folder, { fail: true }, how);
  expect(end).toMatchObject({ functionError: 'Unhandled', reusable: true });
  expect(end.json.errorType).toBe('TypeError');
  expect(end.json.trace[1]).toMatch(/lambdas\/greet\.ts:2:25/);
  expect((await invoke(folder, { fail: false }, { ...how, cold: false })).json).toBe('fine');
});

test('a callback waits for the event loop, unless told not to', async () => {
  const folder = codeDir({
    'index.js': `let done = 0;
exports.waits = (event, context, callback) => { setTimeout(() => done++, 20); callback(null, 'x'); };
exports.goes = (event, context, callback) => {
  context.callbackWaitsForEmptyEventLoop = false; setTimeout(() => {}, 5000); callback(null, done);
};
exports.nothing = () => {};`,
  });
  const end = await invoke(folder, {}, { environmentId: 'callback', handler: 'index.waits' });
  expect(end.json).toBe('x');
  expect((await invoke(folder, {}, { environmentId: 'goes', handler: 'index.goes' })).json).toBe(0);
  expect((await invoke(folder, {}, { environmentId: 'nothing', handler: 'index.nothing' })).json).toBeNull();
});

describe('requests to the endpoint', () => {
  const source = `
import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
const table = new DynamoDBClient({});
const bucket = new S3Client({});
export const handler = async () => {
  await table.send(new PutItemCommand({ TableName: 'greetings', Item: { id: { S: 'a' } } }));
  const { Body } = await bucket.send(new GetObjectCommand({ Bucket: 'labels', Key: 'a/b.svg' }));
  return Body!.transformToString();
};`;

  test('S3 is asked by path: names before an IP address do not resolve', async () => {
    const end = await invoke(bundled(source), {}, { environmentId: 's3', timeoutSeconds: 10 });
    expect(end.json).toBe('{}');
    expect(received[1]!.url).toMatch(/^\/labels\/a\/b\.svg/);
  });

  test('with a transport they come here without a socket, and say who sent them', async () => {
    const seen: unknown[] = [];
    const direct = createWorkerRuntime({
      endpoint: 'http://127.0.0.1:1',
      log: (entry) => logs.push(entry),
      transport: async ({ method, path, body }, origin) => {
        seen.push({ method, path: path.split('?')[0], body: body.toString(), origin });
        return { status: 200, headers: { 'content-type': 'application/x-amz-json-1.0' }, body: Buffer.from('{}') };
      },
    });
    try {
      const run = invocation(bundled(source), {}, Date.now(), { environmentId: 'direct', timeoutSeconds: 10 });
      const end = await new Promise<Finished>((resolve) => direct.run(run, resolve));
      expect(JSON.parse(end.payload)).toBe('{}');
      const { invocationId, functionName } = run;
      expect(seen).toEqual([
        {
          method: 'POST',
          path: '/',
          body: '{"TableName":"greetings","Item":{"id":{"S":"a"}}}',
          origin: { functionName, invocationId, index: 0 },
        },
        { method: 'GET', path: '/labels/a/b.svg', body: '', origin: { functionName, invocationId, index: 1 } },
      ]);
      expect(received).toEqual([]);
    } finally {
      await direct.stop();
    }
  });
});
