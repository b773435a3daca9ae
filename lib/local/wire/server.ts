/** The port: HTTP/1.1 with keep-alive on 127.0.0.1 only. What a request means is for `handle` to say. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { refusalOf } from './guard';
import { type HttpResponse, maxBytesOf, type Transport } from './transport';

export interface ServerOptions {
  /** 0: any free port. */
  port: number;
  handle: Transport;
  /** What GET /_baton/health answers with status 200; undefined while not ready: 503, for all other requests too. */
  health: () => object | undefined;
}

export class PortInUseError extends Error {
  override readonly name = 'PortInUseError';
  constructor(readonly port: number) {
    super(`port ${port} is in use; choose another with --port N, or stop what listens there`);
  }
}

/** Throws PortInUseError. `close` ends open connections, long polls included. */
export async function startServer(options: ServerOptions): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer(
    {
      maxHeaderSize: 64 * 1024,
      headersTimeout: 10_000,
      // For receiving a request; answers may take as long as they take (long polls, functions).
      requestTimeout: 60_000,
      keepAliveTimeout: 65_000,
      noDelay: true,
    },
    (incoming, outgoing) => {
      serve(incoming, outgoing, options).catch(() => outgoing.destroy());
    },
  );
  await listen(server, options.port);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? new PortInUseError(port) : error),
    );
    server.listen(port, '127.0.0.1', () => {
      server.removeAllListeners('error');
      resolve();
    });
  });
}

async function serve(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  { handle, health }: ServerOptions,
): Promise<void> {
  const method = incoming.method ?? 'GET';
  const path = incoming.url ?? '/';
  const headers = headersOf(incoming);
  const refusal = refusalOf(headers);
  if (refusal !== undefined) return send(outgoing, method, plain(403, { message: `Refused: ${refusal}.` }), true);
  const ready = health();
  if (path.split('?')[0] === '/_baton/health')
    return send(outgoing, method, plain(ready ? 200 : 503, ready ?? { status: 'starting' }));
  if (!ready)
    return send(outgoing, method, plain(503, { __type: 'ServiceUnavailable', message: 'Still starting.' }), true);
  const most = maxBytesOf(method, path, headers['x-amz-target']);
  const body = await receive(incoming, most);
  if (!body) {
    const message = `The request's body has more than ${most} bytes; no more are allowed here.`;
    return send(outgoing, method, plain(413, { __type: 'RequestEntityTooLargeException', message }), true);
  }
  send(outgoing, method, await handle({ method, path, headers, body }));
}

/** Node joins what came several times, all but this one. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const cookies = headers['set-cookie'];
  return (cookies ? { ...headers, 'set-cookie': cookies.join(', ') } : headers) as Record<string, string>;
}

/** Undefined where the body is too large; the rest of it is not read. */
function receive(incoming: IncomingMessage, most: number): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    if (Number(incoming.headers['content-length'] ?? 0) > most) return resolve(undefined);
    incoming.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) {
        incoming.pause();
        resolve(undefined);
      } else chunks.push(chunk);
    });
    incoming.on('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    incoming.on('error', reject);
  });
}

function send(outgoing: ServerResponse, method: string, response: HttpResponse, last = false): void {
  const { headers } = response;
  const silent = method === 'HEAD' || response.status === 204 || response.status === 304;
  if (!silent) headers['content-length'] = String(response.body.length);
  if (last) headers.connection = 'close';
  outgoing.writeHead(response.status, headers);
  outgoing.end(silent ? undefined : response.body);
}

const plain = (status: number, content: object): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from(JSON.stringify(content), 'utf8'),
});
