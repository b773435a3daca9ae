/**
 * Hostile input against the whole local run: most of it through the wire in this process, some over real sockets.
 *
 *   npm run test:fuzz -- --requests 50000 --seed 7
 *
 * 1. Every request is answered, never with a 500, in AWS's shape, without a stack trace or a path of this machine.
 * 2. Prototypes stay clean, and what worked before works after: a queue and a table keep what they were given.
 * 3. Memory is printed: the live heap before and after, without what was stored.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { startLocal } from '../../lib/local/start';
import { createWire, type HttpRequest, type HttpResponse } from '../../lib/local/wire';
import { hostileRequest } from './requests';

const { values: given } = parseArgs({
  options: { requests: { type: 'string', default: '50000' }, seed: { type: 'string', default: '1' } },
});
const [requests, seed] = [Number(given.requests), Number(given.seed)];

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 1048576;
};

/** What is wrong with an answer, or undefined. */
function wrongWith({ status, headers, body }: HttpResponse): string | undefined {
  const text = body.toString('utf8');
  if (status >= 500 && status !== 501) return `status ${status}`;
  if (/\bat \S+ \(|node_modules|\/lib\/local\//.test(text)) return 'a stack trace or path';
  if (status < 400 || text === '') return undefined;
  const type = headers['content-type'] ?? '';
  if (/xml/.test(type)) return /<Code>[^<]+<\/Code>/.test(text) ? undefined : 'an XML error without code';
  const content = JSON.parse(text);
  const name = content.__type ?? headers['x-amzn-errortype'];
  return typeof name === 'string' && name !== '' ? undefined : 'a JSON error without type';
}

const shown = ({ method, path, headers, body }: HttpRequest): string =>
  `${method} ${path.slice(0, 200)} ${JSON.stringify(headers)} ${body.toString('utf8').slice(0, 600)}`;

/** Long polls answer later: nobody waits for them here. */
const patienceMs = 50;
const orWaiting = <T>(answer: Promise<T>): Promise<T | undefined> =>
  Promise.race([answer, new Promise<undefined>((resolve) => setTimeout(resolve, patienceMs, undefined).unref())]);

/** Bytes on a socket that are hardly HTTP; resolves when the other side has answered or closed. */
function bytes(port: number, ...parts: (string | Buffer)[]): Promise<string> {
  return new Promise((resolve) => {
    let said = '';
    const socket = connect(port, '127.0.0.1', () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
    socket.on('data', (data) => {
      said += data.toString('latin1');
    });
    socket.on('error', () => resolve(said));
    socket.on('close', () => resolve(said));
  });
}

function overSocket(port: number, { method, path, headers, body }: HttpRequest): Promise<string> {
  return new Promise((resolve) => {
    const { 'transfer-encoding': _, expect: __, ...rest } = headers;
    try {
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers: rest }, (incoming) => {
        incoming.resume();
        incoming.on('close', () => resolve(String(incoming.statusCode)));
      });
      outgoing.setTimeout(1000, () => outgoing.destroy());
      outgoing.on('error', () => resolve('closed'));
      outgoing.end(body);
    } catch {
      // The client itself refuses such a path or header.
      resolve('not sent');
    }
  });
}

async function main(): Promise<void> {
  const assembly = mkdtempSync(join(tmpdir(), 'fuzz-'));
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'One.template.json' } };
  writeFileSync(join(assembly, 'manifest.json'), JSON.stringify({ version: '55.0.0', artifacts: { One: stack } }));
  writeFileSync(join(assembly, 'One.template.json'), JSON.stringify({ Resources: {} }));
  const local = await startLocal({ assemblyDir: assembly, port: 0 });
  const { handle } = createWire((service, operation, input, origin) =>
    local.world.request(service, operation, input, origin),
  );
  const ask = async (target: string, content: object): Promise<any> => {
    const headers = { host: '127.0.0.1', 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': target };
    const reply = await handle({ method: 'POST', path: '/', headers, body: Buffer.from(JSON.stringify(content)) });
    if (reply.status !== 200) throw new Error(`${target} was answered with ${reply.status}: ${reply.body}`);
    return JSON.parse(reply.body.toString('utf8'));
  };
  const problems: string[] = [];
  const { QueueUrl } = await ask('AmazonSQS.CreateQueue', { QueueName: 'kept' });
  await ask('AmazonSQS.SendMessage', { QueueUrl, MessageBody: 'kept' });
  await ask('DynamoDB_20120810.CreateTable', {
    TableName: 'kept',
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
  });
  await ask('DynamoDB_20120810.PutItem', { TableName: 'kept', Item: { pk: { S: 'kept' } } });

  const before = heapMb();
  const statuses = new Map<number | 'waiting', number>();
  const started = performance.now();
  const batch = 1000;
  for (let asked = 0; asked < requests; asked += batch) {
    for (const hostile of fc.sample(hostileRequest, {
      seed: seed + asked,
      numRuns: Math.min(batch, requests - asked),
    })) {
      let reply: HttpResponse | undefined;
      try {
        reply = await orWaiting(handle(hostile));
        const wrong = reply && wrongWith(reply);
        if (wrong)
          problems.push(
            `${wrong}: ${shown(hostile)}\n    -> ${reply!.status} ${reply!.body.toString('utf8').slice(0, 300)}`,
          );
      } catch (error) {
        problems.push(`${error}: ${shown(hostile)}`);
      }
      const status = reply?.status ?? 'waiting';
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
  }
  const seconds = (performance.now() - started) / 1000;

  const sockets = Math.ceil(requests / 25);
  const overSockets = new Map<string, number>();
  for (const hostile of fc.sample(hostileRequest, { seed: seed - 1, numRuns: sockets })) {
    const said = await overSocket(local.port, hostile);
    overSockets.set(said, (overSockets.get(said) ?? 0) + 1);
    if (/^5/.test(said) && said !== '501') problems.push(`over a socket, ${said}: ${shown(hostile)}`);
  }
  const line = 'POST / HTTP/1.1\r\nHost: 127.0.0.1\r\n';
  const raw: [what: string, expected: RegExp, ...parts: (string | Buffer)[]][] = [
    ['no HTTP', /^HTTP\/1\.1 400/, 'hello\r\n\r\n'],
    ['binary', /^(HTTP\/1\.1 400|$)/, Buffer.from([0, 255, 22, 3, 1, 13, 10, 13, 10])],
    ['a flood of headers', /^HTTP\/1\.1 431/, `${line}${'X-A: b\r\n'.repeat(20_000)}\r\n`],
    ['one long header', /^HTTP\/1\.1 431/, `${line}X-A: ${'b'.repeat(200_000)}\r\n\r\n`],
    ['two lengths', /^HTTP\/1\.1 400/, `${line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
    ['length and chunks', /^HTTP\/1\.1 400/, `${line}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['a chunk that is none', /^HTTP\/1\.1 400/, `${line}Transfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n`],
    ['no host', /^HTTP\/1\.1 400/, 'POST / HTTP/1.1\r\n\r\n'],
    ['a foreign host', /^HTTP\/1\.1 403/, 'POST / HTTP/1.1\r\nHost: evil.example\r\n\r\n'],
    ['a foreign page', /^HTTP\/1\.1 403/, `${line}Origin: http://evil.example\r\n\r\n`],
  ];
  for (const [what, expected, ...parts] of raw) {
    const said = await bytes(local.port, ...parts);
    if (!expected.test(said)) problems.push(`${what}: expected ${expected}, got ${JSON.stringify(said.slice(0, 200))}`);
  }

  const { Messages } = await ask('AmazonSQS.ReceiveMessage', { QueueUrl });
  if (Messages?.[0]?.Body !== 'kept') problems.push(`the queue lost its message: ${JSON.stringify(Messages)}`);
  const { Item } = await ask('DynamoDB_20120810.GetItem', { TableName: 'kept', Key: { pk: { S: 'kept' } } });
  if (Item?.pk?.S !== 'kept') problems.push(`the table lost its item: ${JSON.stringify(Item)}`);
  if (Object.keys(Object.prototype).length > 0) problems.push(`Object.prototype has ${Object.keys(Object.prototype)}`);
  const after = heapMb();
  await local.stop();
  rmSync(assembly, { recursive: true });
  console.log(
    `${requests} hostile requests in ${seconds.toFixed(0)} s (seed ${seed}): ${[...statuses].map(([status, count]) => `${count} × ${status}`).join(', ')}`,
  );
  console.log(
    `${sockets} over sockets: ${[...overSockets].map(([said, count]) => `${count} × ${said}`).join(', ')}; and ${raw.length} that are hardly HTTP`,
  );
  console.log(
    `live heap ${before.toFixed(0)} MB before, ${after.toFixed(0)} MB after (what was created in between is in it)`,
  );
  for (const problem of problems.slice(0, 20)) console.log(problem);
  if (problems.length > 0) console.log(`${problems.length} problems`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}

main();
