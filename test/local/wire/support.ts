import { request } from 'node:http';
import type { Json, Reply } from '../../../lib/local/services/service';
import { createWire } from '../../../lib/local/wire';
import { startServer } from '../../../lib/local/wire/server';

export interface Call {
  service: string;
  operation: string;
  input: Json;
}

export interface Harness {
  endpoint: string;
  port: number;
  /** What reached the services since the last `answer`. */
  calls: Call[];
  /** The reply of every service from now on. */
  answer(reply: Reply | Error): void;
  config: {
    endpoint: string;
    region: string;
    credentials: { accessKeyId: string; secretAccessKey: string };
    maxAttempts: number;
  };
  /** A raw request with the node client, which may set any header. */
  raw(
    method: string,
    path: string,
    headers?: Record<string, string>,
    body?: string | Buffer,
  ): Promise<{ status: number; headers: Record<string, any>; body: string }>;
  close(): Promise<void>;
}

export async function harness(): Promise<Harness> {
  const calls: Call[] = [];
  let reply: Reply | Error = { output: {} };
  const wire = createWire(async (service, operation, input) => {
    calls.push({ service, operation, input });
    if (reply instanceof Error) throw reply;
    return reply;
  });
  const server = await startServer({ port: 0, handle: wire.handle, health: () => ({ status: 'ready' }) });
  const endpoint = `http://127.0.0.1:${server.port}`;
  return {
    endpoint,
    port: server.port,
    calls,
    answer(next) {
      calls.length = 0;
      reply = next;
    },
    config: {
      endpoint,
      region: 'us-east-1',
      credentials: { accessKeyId: 'any', secretAccessKey: 'any' },
      maxAttempts: 1,
    },
    raw: (method, path, headers = {}, body) => raw(server.port, method, path, headers, body),
    close: server.close,
  };
}

function raw(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string | Buffer,
): ReturnType<Harness['raw']> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () =>
        resolve({
          status: incoming.statusCode!,
          headers: incoming.headers as Record<string, any>,
          body: Buffer.concat(chunks).toString('utf8'),
        }),
      );
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
