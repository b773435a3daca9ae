/**
 * `node:http` and `node:https` as a client: a request is collected, handed to `send`, and its answer comes back as one
 * chunk. Not modelled: servers, upgrade, trailers, informational answers other than 100 (which is never sent).
 */
import { EventEmitter } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import { Readable, Writable } from 'node:stream';
import type { HttpRequest, HttpResponse } from '../../wire/transport';
import type { Life } from '../life';
import type { Clock } from './clock';

/** Answers, fails like a socket, or never does either. Returns a function that gives the request up. */
export type Send = (
  request: HttpRequest,
  answer: (response: HttpResponse) => void,
  broken: (error: NodeJS.ErrnoException) => void,
) => void;

type Options = http.RequestOptions & { href?: string; search?: string };

class IncomingMessage extends Readable {
  readonly httpVersion = '1.1';
  readonly httpVersionMajor = 1;
  readonly httpVersionMinor = 1;
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly headers: Record<string, string>;
  readonly rawHeaders: string[];
  readonly trailers = {};
  readonly socket: EventEmitter;
  complete = false;
  aborted = false;

  constructor(response: HttpResponse, socket: EventEmitter) {
    super({ read() {} });
    this.statusCode = response.status;
    this.statusMessage = http.STATUS_CODES[response.status] ?? '';
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
  readonly socket: EventEmitter & Record<string, unknown>;
  aborted = false;
  reusedSocket = false;
  res: IncomingMessage | undefined;
  private readonly headers = new Map<string, string>();
  private readonly chunks: Buffer[] = [];
  private release: (() => void) | undefined;
  private idle: { close(): void } | undefined;

  constructor(
    private readonly life: Life,
    private readonly clock: Clock,
    private readonly transmit: Send,
    protocol: 'http:' | 'https:',
    options: Options,
    callback?: (response: IncomingMessage) => void,
  ) {
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
    }) as unknown as EventEmitter & Record<string, unknown>;
    if (typeof options.timeout === 'number') this.setTimeout(options.timeout);
    const signal = options.signal;
    if (signal) {
      const abort = (): void => {
        this.destroy(Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' }));
      };
      if (signal.aborted) process.nextTick(abort);
      else signal.addEventListener('abort', abort, { once: true });
    }
    process.nextTick(() => this.life.guard(() => this.emit('socket', this.socket)));
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
      this.idle = this.clock.setTimeout(() => {
        if (!this.res) this.emit('timeout');
      }, ms);
      (this.idle as unknown as { unref(): void }).unref();
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
    if (this.destroyed || this.life.dead) return;
    const body = Buffer.concat(this.chunks);
    if (body.length > 0 && !this.headers.has('content-length')) this.setHeader('content-length', body.length);
    this.headers.delete('transfer-encoding');
    this.release = this.life.hold();
    this.transmit(
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
    const hangUp = this.res ? null : Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    done(error ?? hangUp);
  }

  private over(): void {
    this.release?.();
    this.release = undefined;
    this.idle?.close();
    this.idle = undefined;
  }
}

export function createHttp(life: Life, clock: Clock, send: Send): { http: object; https: object } {
  const build = (real: typeof http | typeof https, protocol: 'http:' | 'https:'): object => {
    const request = (...args: any[]): ClientRequest => {
      let options: Options = {};
      let callback: ((response: IncomingMessage) => void) | undefined;
      for (const arg of args) {
        if (typeof arg === 'string') options = { ...options, ...urlOptions(new URL(arg)) };
        else if (typeof arg === 'function') callback = arg;
        else if (arg && typeof arg.searchParams === 'object') options = { ...options, ...urlOptions(arg) };
        else if (arg) options = { ...options, ...arg };
      }
      return new ClientRequest(life, clock, send, protocol, options, callback);
    };
    const get = (...args: any[]): ClientRequest => {
      const made = request(...args);
      made.end();
      return made;
    };
    const server = (): never => {
      throw new Error('node:http servers are not modelled in the sandbox: a function is invoked, it does not listen.');
    };
    const module: Record<string, unknown> = {
      Agent: real.Agent,
      globalAgent: real.globalAgent,
      METHODS: http.METHODS,
      STATUS_CODES: http.STATUS_CODES,
      maxHeaderSize: http.maxHeaderSize,
      IncomingMessage,
      ClientRequest,
      request,
      get,
      createServer: server,
      Server: server,
    };
    module.default = module;
    return module;
  };
  return { http: build(http, 'http:'), https: build(https, 'https:') };
}

function urlOptions(url: URL): Options {
  const { protocol, hostname, port, pathname, search } = url;
  return { protocol, hostname: hostname.replace(/^\[|\]$/g, ''), port, path: `${pathname}${search}` };
}
