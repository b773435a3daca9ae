/**
 * HTTP as a client, without sockets: a request is collected, handed to `send`, and its answer comes back as one chunk.
 * Used by the sandbox and, inside worker threads, for requests to the local endpoint. Not modelled: upgrade, trailers,
 * informational answers.
 *
 * `httpClient` is handed to worker threads as text, so it may use nothing of this module but its own parameters.
 */
import type { EventEmitter as Emitter } from 'node:events';
import type * as Http from 'node:http';
import type { HttpRequest, HttpResponse } from '../wire/transport';

/** Calls `answer` or `broken` at most once; neither where the answer is lost. */
export type Send = (
  request: HttpRequest,
  answer: (response: HttpResponse) => void,
  broken: (error: NodeJS.ErrnoException) => void,
) => void;

export interface HttpClientPorts {
  send: Send;
  /** Keeps the event loop alive until the returned function is called. */
  hold(): () => void;
  /** Runs a callback of the function; what it throws is an uncaught exception. */
  guard(work: () => void): void;
  setTimeout(work: () => void, ms: number): { close(): void; unref(): void };
  /** Nothing more is sent. */
  dead(): boolean;
}

export interface HttpClient {
  /** As http.request: (options), (url), (url, options), each with a callback or without. */
  request(protocol: 'http:' | 'https:', args: unknown[]): Http.ClientRequest;
  ClientRequest: unknown;
  IncomingMessage: unknown;
}

type Options = Http.RequestOptions & { signal?: AbortSignal };

export function httpClient(require: NodeJS.Require, ports: HttpClientPorts): HttpClient {
  const { EventEmitter } = require('node:events') as typeof import('node:events');
  const { Readable, Writable } = require('node:stream') as typeof import('node:stream');
  const { STATUS_CODES } = require('node:http') as typeof import('node:http');

  class IncomingMessage extends Readable {
    readonly httpVersion = '1.1';
    readonly httpVersionMajor = 1;
    readonly httpVersionMinor = 1;
    readonly statusCode: number;
    readonly statusMessage: string;
    readonly headers: Record<string, string>;
    readonly rawHeaders: string[];
    readonly trailers = {};
    readonly socket: Emitter;
    complete = false;
    aborted = false;

    constructor(response: HttpResponse, socket: Emitter) {
      super({ read() {} });
      this.statusCode = response.status;
      this.statusMessage = STATUS_CODES[response.status] ?? '';
      this.headers = response.headers;
      this.rawHeaders = Object.entries(response.headers).flat();
      this.socket = socket;
      if (response.body.length > 0) this.push(response.body);
      this.push(null);
      this.complete = true;
    }

    setTimeout(): this {
      return this;
    }
  }

  class ClientRequest extends Writable {
    readonly method: string;
    readonly path: string;
    readonly host: string;
    readonly protocol: string;
    readonly socket: Emitter & Record<string, unknown>;
    aborted = false;
    reusedSocket = false;
    res: IncomingMessage | undefined;
    private readonly headers = new Map<string, string>();
    private readonly chunks: Buffer[] = [];
    private release: (() => void) | undefined;
    private idle: { close(): void; unref(): void } | undefined;

    constructor(protocol: 'http:' | 'https:', options: Options, callback?: (response: IncomingMessage) => void) {
      super({ autoDestroy: false, emitClose: false });
      this.protocol = options.protocol ?? protocol;
      this.method = (options.method ?? 'GET').toUpperCase();
      this.path = options.path ?? '/';
      this.host = String(options.hostname ?? options.host ?? 'localhost').replace(/:\d+$/, '');
      const port = options.port ? Number(options.port) : undefined;
      const usual = this.protocol === 'https:' ? 443 : 80;
      this.headers.set('host', port && port !== usual ? `${this.host}:${port}` : this.host);
      for (const [name, value] of Object.entries(options.headers ?? {})) {
        if (value !== undefined) this.setHeader(name, value as string);
      }
      if (options.auth) {
        this.headers.set('authorization', `Basic ${Buffer.from(String(options.auth)).toString('base64')}`);
      }
      if (callback) this.once('response', callback);
      this.socket = Object.assign(new EventEmitter(), {
        connecting: false,
        destroyed: false,
        setKeepAlive: () => this.socket,
        setNoDelay: () => this.socket,
        setTimeout: () => this.socket,
        ref: () => this.socket,
        unref: () => this.socket,
        destroy: () => this.destroy(),
      }) as unknown as Emitter & Record<string, unknown>;
      if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
      const signal = options.signal;
      if (signal) {
        const abort = (): void => {
          this.destroy(
            Object.assign(new Error('The operation was aborted'), {
              name: 'AbortError',
              code: 'ABORT_ERR',
              // No frames of this process: a trace would tell who made it.
              stack: 'AbortError: The operation was aborted',
            }),
          );
        };
        if (signal.aborted) process.nextTick(abort);
        else signal.addEventListener('abort', abort, { once: true });
      }
      process.nextTick(() => ports.guard(() => this.emit('socket', this.socket)));
    }

    setHeader(name: string, value: string | number | readonly string[]): this {
      this.headers.set(name.toLowerCase(), Array.isArray(value) ? value.join(', ') : String(value));
      return this;
    }
    getHeader(name: string): string | undefined {
      return this.headers.get(name.toLowerCase());
    }
    hasHeader(name: string): boolean {
      return this.headers.has(name.toLowerCase());
    }
    removeHeader(name: string): void {
      this.headers.delete(name.toLowerCase());
    }
    getHeaders(): Record<string, string> {
      return Object.fromEntries(this.headers);
    }
    getHeaderNames(): string[] {
      return [...this.headers.keys()];
    }
    flushHeaders(): void {}
    setNoDelay(): void {}
    setSocketKeepAlive(): void {}
    setTimeout(ms: number, callback?: () => void): this {
      if (callback) this.once('timeout', callback);
      this.idle?.close();
      this.idle = undefined;
      if (ms > 0) {
        this.idle = ports.setTimeout(() => {
          if (!this.res) this.emit('timeout');
        }, ms);
        this.idle.unref();
      }
      return this;
    }
    abort(): void {
      if (this.aborted) return;
      this.aborted = true;
      this.emit('abort');
      this.destroy();
    }

    override _write(chunk: Buffer | string, encoding: BufferEncoding, done: () => void): void {
      this.chunks.push(typeof chunk === 'string' ? Buffer.from(chunk, encoding) : Buffer.from(chunk));
      done();
    }

    override _final(done: () => void): void {
      done();
      if (this.destroyed || ports.dead()) return;
      const body = Buffer.concat(this.chunks);
      if (body.length > 0 && !this.headers.has('content-length')) this.setHeader('content-length', body.length);
      this.headers.delete('transfer-encoding');
      this.release = ports.hold();
      ports.send(
        { method: this.method, path: this.path, headers: this.getHeaders(), body },
        (response) => this.receive(response),
        (error) => {
          if (!this.destroyed) this.destroy(error);
        },
      );
    }

    private receive(response: HttpResponse): void {
      this.over();
      if (this.destroyed) return;
      this.res = new IncomingMessage(response, this.socket);
      if (!this.emit('response', this.res)) this.res.resume();
      this.emit('close');
    }

    override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
      this.over();
      const hangUp = this.res
        ? null
        : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', stack: 'Error: socket hang up' });
      done(error ?? hangUp);
    }

    private over(): void {
      this.release?.();
      this.release = undefined;
      this.idle?.close();
      this.idle = undefined;
    }
  }

  const urlOptions = (url: URL): Options => ({
    protocol: url.protocol,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port,
    path: `${url.pathname}${url.search}`,
  });

  return {
    ClientRequest,
    IncomingMessage,
    request(protocol, args: any[]) {
      let options: Options = {};
      let callback: ((response: IncomingMessage) => void) | undefined;
      for (const arg of args) {
        if (typeof arg === 'string') options = { ...options, ...urlOptions(new URL(arg)) };
        else if (typeof arg === 'function') callback = arg;
        else if (arg && typeof arg.searchParams === 'object') options = { ...options, ...urlOptions(arg) };
        else if (arg) options = { ...options, ...arg };
      }
      return new ClientRequest(protocol, options, callback) as unknown as Http.ClientRequest;
    },
  };
}
