import { connect } from 'node:net';
import { maxBodyBytes } from '../../../lib/local/wire';
import { refusalOf } from '../../../lib/local/wire/guard';
import { PortInUseError, startServer } from '../../../lib/local/wire/server';
import { type Harness, harness } from './support';

let wire: Harness;
beforeAll(async () => {
  wire = await harness();
});
afterAll(() => wire.close());

describe('who may speak', () => {
  test.each([
    '127.0.0.1:4566',
    'localhost',
    'LOCALHOST:1',
    '[::1]:4566',
    'bucket.localhost:4566',
    'bucket.127.0.0.1:4566',
    'sqs.us-east-1.amazonaws.com',
    'b.s3.amazonaws.com:443',
  ])('the host %s', (host) => expect(refusalOf({ host })).toBeUndefined());

  test.each([
    'evil.example',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'amazonaws.com.evil.example',
    'evilamazonaws.com',
    '10.0.0.1',
    'notlocalhost',
    '',
  ])('not the host %p', (host) => expect(refusalOf({ host })).toMatch(/not this machine/));

  test.each<[Record<string, string>, boolean]>([
    [{ origin: 'http://localhost:3000' }, true],
    [{ origin: 'https://127.0.0.1' }, true],
    [{ origin: 'https://evil.example' }, false],
    [{ origin: 'https://evil.s3.amazonaws.com' }, false],
    [{ origin: 'null' }, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-origin' }, true],
  ])('a web page with %p: %p', (headers, allowed) => {
    expect(refusalOf({ host: '127.0.0.1', ...headers }) === undefined).toBe(allowed);
  });

  test('a refused request is 403 and reaches no service', async () => {
    wire.answer({ output: {} });
    const raw = await wire.raw('POST', '/', { host: 'evil.example', 'x-amz-target': 'AmazonSQS.ListQueues' }, '{}');
    expect([raw.status, JSON.parse(raw.body).message, wire.calls]).toEqual([
      403,
      expect.stringContaining("'evil.example' is not this machine"),
      [],
    ]);
  });
});

describe('the port', () => {
  test('health, before and after being ready', async () => {
    let ready: object | undefined;
    const server = await startServer({
      port: 0,
      health: () => ready,
      handle: async () => ({ status: 200, headers: {}, body: Buffer.from('served') }),
    });
    const get = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`);
    expect([(await get('/_baton/health')).status, (await get('/')).status]).toEqual([503, 503]);
    ready = { status: 'ready', stacks: ['One'] };
    const health = await get('/_baton/health');
    expect([health.status, await health.json(), await (await get('/')).text()]).toEqual([
      200,
      { status: 'ready', stacks: ['One'] },
      'served',
    ]);
    await server.close();
  });

  test('a port in use is told with what to do', async () => {
    const again = startServer({
      port: wire.port,
      health: () => ({}),
      handle: async () => ({ status: 200, headers: {}, body: Buffer.alloc(0) }),
    });
    await expect(again).rejects.toThrow(PortInUseError);
    await expect(again).rejects.toThrow(
      `port ${wire.port} is in use; choose another with --port N, or stop what listens there`,
    );
  });

  test('a body above the limit is 413, announced or not', async () => {
    wire.answer({ output: {} });
    const head = `POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Amz-Target: AmazonSQS.SendMessage\r\n`;
    expect(await firstLine(`${head}Content-Length: ${maxBodyBytes + 1}\r\n\r\n`)).toBe(
      'HTTP/1.1 413 Payload Too Large',
    );
    const chunk = `${(1024 * 1024).toString(16)}\r\n${'x'.repeat(1024 * 1024)}\r\n`;
    expect(await firstLine(`${head}Transfer-Encoding: chunked\r\n\r\n`, chunk.repeat(11))).toBe(
      'HTTP/1.1 413 Payload Too Large',
    );
    expect(wire.calls).toEqual([]);
  });

  test("a function's code may be larger: what 50 MB in base64 need, and not a byte more", async () => {
    wire.answer({ output: {} });
    const length = (bytes: number): string => `Host: 127.0.0.1\r\nContent-Length: ${bytes}\r\n`;
    for (const [method, path] of [
      ['POST', '/2015-03-31/functions'],
      ['PUT', '/2015-03-31/functions/greet/code'],
    ]) {
      const line = `${method} ${path} HTTP/1.1\r\n`;
      expect(await firstLine(`${line}${length(70_167_212)}\r\n`)).toBe('HTTP/1.1 413 Payload Too Large');
      // It is read on: the server says so before the body comes.
      expect(await firstLine(`${line}${length(70_167_211)}Expect: 100-continue\r\n\r\n`)).toBe('HTTP/1.1 100 Continue');
    }
    const invoke = 'POST /2015-03-31/functions/greet/invocations HTTP/1.1\r\n';
    expect(await firstLine(`${invoke}${length(maxBodyBytes + 1)}\r\n`)).toBe('HTTP/1.1 413 Payload Too Large');
  });

  test('closing ends requests that wait', async () => {
    const server = await startServer({ port: 0, health: () => ({}), handle: () => new Promise(() => {}) });
    const waiting = fetch(`http://127.0.0.1:${server.port}/`).catch(() => 'ended');
    // The health answer comes after the other request was taken.
    await fetch(`http://127.0.0.1:${server.port}/_baton/health`);
    await server.close();
    expect(await waiting).toBe('ended');
  });
});

function firstLine(...parts: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(wire.port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
    });
    socket.once('data', (data) => {
      resolve(data.toString('latin1').split('\r\n')[0]!);
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
