/**
 * What runs inside a worker thread: loads the function's code, runs invocations, reports lines and ends.
 *
 * `thread` is handed to the worker as text, so it may use nothing of this module but its own parameters; types are free.
 */
import type { Transferable } from 'node:worker_threads';
import type { httpClient as HttpClientFactory } from '../sandbox/http-client';
import type { HttpRequest, HttpResponse } from '../wire/transport';

/** Given to the worker as workerData. */
export interface ThreadData {
  /** The file to load, and whether it is an ES module. */
  file: string;
  module: boolean;
  /** Names that lead to the handler inside what the file exports. */
  names: string[];
  handler: string;
  functionName: string;
  functionVersion: string;
  memoryMb: number;
  logGroupName: string;
  logStreamName: string;
  /** Below Baton's node_modules: the SDK that Lambda's runtime brings along. */
  sdkFrom: string;
  /** '127.0.0.1:4566': requests to it go by the port to the main thread. Undefined: by real HTTP. */
  direct?: string;
}

export type ToThread =
  | { type: 'invoke'; requestId: string; functionArn: string; payload: string; deadlineMs: number }
  | { type: 'answer'; id: number; response: HttpResponse };

export type FromThread =
  | { type: 'log'; level?: string; text: string }
  | { type: 'logParts'; level: string; parts: string }
  | { type: 'succeeded'; payload: string }
  | { type: 'failed'; error: ThrownValue }
  /** The thread ends after this. */
  | { type: 'crashed'; error: ThrownValue }
  | { type: 'request'; id: number; request: HttpRequest };

export interface ThrownValue {
  errorType: string;
  errorMessage: string;
  trace?: string[];
}

export function thread(
  require: NodeJS.Require,
  importModule: (url: string) => Promise<unknown>,
  httpClient: typeof HttpClientFactory,
): void {
  const { parentPort, workerData } = require('node:worker_threads') as typeof import('node:worker_threads');
  const util = require('node:util') as typeof import('node:util');
  const { pathToFileURL } = require('node:url') as typeof import('node:url');
  const port = parentPort!;
  const data = workerData as ThreadData;
  const post = (message: FromThread, transfer?: Transferable[]): void => port.postMessage(message, transfer);

  let running: Extract<ToThread, { type: 'invoke' }> | undefined;
  let started = false;
  let promised = false;
  let atEnd: (() => void) | undefined;

  const describe = (thrown: unknown): ThrownValue => {
    if (util.types.isNativeError(thrown) || (typeof thrown === 'object' && thrown !== null && 'stack' in thrown)) {
      const { name, message, stack } = thrown as Error;
      return { errorType: String(name), errorMessage: String(message), trace: String(stack ?? '').split('\n') };
    }
    return {
      errorType: typeof thrown,
      errorMessage: typeof thrown === 'string' ? thrown : util.inspect(thrown),
      trace: [],
    };
  };

  // While an invocation runs, what keeps the thread alive is what its handler waits for.
  const asked = new Map<number, (response: HttpResponse) => void>();
  const keepAlive = (): void => {
    if (running && started && asked.size === 0) port.unref();
    else port.ref();
  };

  const settle = (message: FromThread): void => {
    if (!running) return;
    running = undefined;
    started = false;
    promised = false;
    atEnd = undefined;
    keepAlive();
    post(message);
  };
  const succeed = (result: unknown): void => {
    let payload: string;
    try {
      payload = JSON.stringify(result) ?? 'null';
    } catch {
      settle({
        type: 'failed',
        error: { errorType: 'Runtime.MarshallingError', errorMessage: 'Unable to stringify response body', trace: [] },
      });
      return;
    }
    settle({ type: 'succeeded', payload });
  };
  const fail = (error: unknown): void => settle({ type: 'failed', error: describe(error) });
  const crash = (error: ThrownValue): void => {
    post({ type: 'crashed', error });
    process.exit(129);
  };

  process.on('uncaughtException', (error) => crash(describe(error)));
  process.on('unhandledRejection', (reason) => {
    const error = describe(reason);
    crash({
      ...error,
      errorType: 'Runtime.UnhandledPromiseRejection',
      errorMessage: `${error.errorType}: ${error.errorMessage}`,
    });
  });
  process.on('beforeExit', () => {
    if (!running) return;
    if (atEnd) atEnd();
    else if (promised) {
      crash({ errorType: 'Runtime.ExitError', errorMessage: 'Runtime exited without providing a reason' });
    } else succeed(null);
  });

  const json = process.env.AWS_LAMBDA_LOG_FORMAT === 'JSON';
  const levels: Record<string, string> = {
    log: 'INFO',
    info: 'INFO',
    debug: 'DEBUG',
    warn: 'WARN',
    error: 'ERROR',
    trace: 'TRACE',
    fatal: 'FATAL',
  };
  for (const name of Object.keys(levels)) {
    (console as any)[name] = (...parts: unknown[]) => {
      const level = levels[name]!;
      if (!json) {
        post({ type: 'log', level, text: util.format(...parts) });
        return;
      }
      const error = parts.find((part) => util.types.isNativeError(part)) as Error | undefined;
      const message = parts.length === 1 && !error ? parts[0] : util.format(...parts);
      const more = error && {
        errorType: error.name,
        errorMessage: error.message,
        stackTrace: String(error.stack).split('\n'),
      };
      post({ type: 'logParts', level, parts: JSON.stringify({ ...more, message }) });
    };
  }
  for (const stream of [process.stdout, process.stderr]) {
    stream.write = ((chunk: string | Uint8Array, ...rest: unknown[]) => {
      post({
        type: 'log',
        text: (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString()).replace(/\n$/, ''),
      });
      const done = rest.find((item) => typeof item === 'function') as (() => void) | undefined;
      if (done) process.nextTick(done);
      return true;
    }) as typeof stream.write;
  }

  const bufferOf = (bytes: Uint8Array): Buffer =>
    Buffer.from(bytes.buffer as ArrayBuffer, bytes.byteOffset, bytes.byteLength);

  /** Requests to the local endpoint go by the port: no socket, no parsing. Everything else goes the usual way. */
  const goDirect = (endpoint: string): void => {
    const http = require('node:http') as any;
    let requests = 0;
    const client = httpClient(require, {
      send(request, answer) {
        const id = ++requests;
        asked.set(id, answer);
        keepAlive();
        post({ type: 'request', id, request });
      },
      hold: () => () => {},
      guard: (work) => work(),
      setTimeout(work, ms) {
        const timer = setTimeout(work, ms);
        return { close: () => clearTimeout(timer), unref: () => timer.unref() };
      },
      dead: () => false,
    });
    const isEndpoint = (args: any[]): boolean => {
      const [first] = args;
      const url = typeof first === 'string' ? new URL(first) : first;
      const host = String(url?.hostname ?? url?.host ?? '').replace(/:\d+$/, '');
      return `${host}:${url?.port ?? ''}` === endpoint;
    };
    const { request: real, get: realGet } = http;
    http.request = (...args: unknown[]) => (isEndpoint(args) ? client.request('http:', args) : real(...args));
    http.get = (...args: unknown[]) => {
      if (!isEndpoint(args)) return realGet(...args);
      const request = client.request('http:', args);
      request.end();
      return request;
    };
    // Answers to CloudFormation (lib/local/custom-resources.ts): the usual senders insist on https and port 443.
    const https = require('node:https') as any;
    const realHttps = https.request;
    https.request = (...args: any[]) => {
      const [first] = args;
      const host = String((typeof first === 'string' ? new URL(first) : first)?.hostname ?? first?.host ?? '');
      return host.startsWith('cloudformation-custom-resource-response-')
        ? client.request('https:', args)
        : realHttps(...args);
    };
    (require('node:module') as typeof import('node:module')).syncBuiltinESMExports();
  };
  if (data.direct) goDirect(data.direct);

  /** As on Lambda, code that does not bring the SDK finds one, and nothing else of ours. */
  const Module = require('node:module') as any;
  const resolveFilename = Module._resolveFilename;
  Module._resolveFilename = (request: string, parent: unknown, isMain: boolean, options?: object): string => {
    try {
      return resolveFilename.call(Module, request, parent, isMain, options);
    } catch (error) {
      if (!/^@(aws-sdk|smithy)\//.test(request)) throw error;
      try {
        return resolveFilename.call(Module, request, parent, isMain, { paths: [data.sdkFrom] });
      } catch {
        // The first sentence names what was asked for, and by whom.
        throw error;
      }
    }
  };

  let handler: Promise<(...args: unknown[]) => unknown> | undefined;
  const load = async (): Promise<(...args: unknown[]) => unknown> => {
    let found: any = data.module ? await importModule(pathToFileURL(data.file).href) : require(data.file);
    for (const name of data.names) found = found?.[name];
    if (typeof found === 'function') return found;
    throw Object.assign(new Error(`${data.handler} is undefined or not exported`), { name: 'Runtime.HandlerNotFound' });
  };

  const invoke = async (message: Extract<ToThread, { type: 'invoke' }>): Promise<void> => {
    running = message;
    let work: (...args: unknown[]) => unknown;
    try {
      handler ??= load();
      work = await handler;
    } catch (error) {
      crash(describe(error));
      return;
    }
    started = true;
    keepAlive();
    const callback = (error?: unknown, result?: unknown): void => {
      if (running !== message || atEnd) return;
      const end = (): void => (error === undefined || error === null ? succeed(result) : fail(error));
      if (context.callbackWaitsForEmptyEventLoop) atEnd = end;
      else end();
    };
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      functionName: data.functionName,
      functionVersion: data.functionVersion,
      invokedFunctionArn: message.functionArn,
      memoryLimitInMB: String(data.memoryMb),
      awsRequestId: message.requestId,
      logGroupName: data.logGroupName,
      logStreamName: data.logStreamName,
      getRemainingTimeInMillis: () => Math.max(0, message.deadlineMs - Date.now()),
      done: callback,
      succeed: (result: unknown) => callback(undefined, result),
      fail: (error: unknown) => callback(error ?? 'handled'),
    };
    try {
      const result = work(JSON.parse(message.payload), context, callback);
      if (typeof (result as PromiseLike<unknown>)?.then === 'function') {
        promised = true;
        (result as PromiseLike<unknown>).then(succeed, fail);
      }
    } catch (error) {
      fail(error);
    }
  };

  port.on('message', (message: ToThread) => {
    if (message.type === 'invoke') {
      void invoke(message);
      return;
    }
    const answer = asked.get(message.id);
    asked.delete(message.id);
    keepAlive();
    answer?.({ ...message.response, body: bufferOf(message.response.body) });
  });
}
