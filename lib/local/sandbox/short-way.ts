/**
 * The short way of an SDK call through a function's client: the SDK's own serializer, retries and deserializer with
 * nothing between them and the sandbox's network. Left out is what nobody here could tell apart: user agent, endpoint rules
 * for each call, signatures, agents, sockets, streams, and two copies of the client's configuration. They are more than
 * half of what a call costs.
 *
 * 1. It makes no difference but time: results, requests, virtual time and draws are the same, and a seed's trace byte for
 *    byte (tests compare them). Except: of calls that begin side by side another may leave first, where they are their
 *    client's first or one of them goes the whole way.
 * 2. Only where all is as the SDK makes it. Another middleware, request handler, endpoint or option of a call: the whole way.
 * 3. Only for services that speak AWS JSON with nothing of their own on the way (DynamoDB, EventBridge, Step Functions).
 *
 * `shortenWays` is handed to the context of the shared code as text, so that its promises and errors are of that context:
 * it may use nothing of this module but its own parameters.
 */
import type { HttpClientPorts } from './http-client';

/** What the acting environment has for a call. */
export interface Outlet extends Pick<HttpClientPorts, 'send' | 'hold' | 'dead'> {
  /** Variables that a function was given. */
  env: Record<string, string | undefined>;
  after(ms: number, work: () => void): { cancel(): void };
}

export interface ShortWayPorts {
  /** Off: all calls go the whole way. */
  on(): boolean;
  outlet(): Outlet;
  bytes(body: string | Uint8Array): Buffer;
}

/** The name of its text, in stacks. */
export const shortWayFile = 'sandbox-short-way.js';

/** Changes `send` of the clients that `exports` has: an SDK package's exports, or several by their names. */
export function shortenWays(exports: any, ports: ShortWayPorts): void {
  type Middleware = (next: any, context: any) => (args: any) => Promise<any>;
  type Way = (input: unknown) => Promise<{ output: unknown }>;
  interface Start {
    /** undefined: the command is of a form that is not known here. */
    wayFor(context: any): Way | undefined;
    ways: Map<unknown, Way | undefined>;
  }

  /** The middleware of a client that nobody has changed. */
  const usual = [
    'loggerMiddleware',
    'serializerMiddleware',
    'contentLengthMiddleware',
    'getUserAgentMiddleware',
    'hostHeaderMiddleware',
    'recursionDetectionMiddleware',
    'retryMiddleware',
    'httpSigningMiddleware',
    'deserializerMiddleware',
    'httpAuthSchemeMiddleware',
    'endpointV2Middleware',
  ];
  const timeoutCodes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT'];

  /** The middleware of a stack by name; undefined: one that is not usual is among it. */
  const usualOf = (stack: any): Map<string, Middleware> | undefined => {
    const found = new Map<string, Middleware>();
    let strange = false;
    const look = (middleware: Middleware, { name }: { name?: string }): void => {
      if (name === undefined || !usual.includes(name) || found.has(name)) strange = true;
      else found.set(name, middleware);
    };
    stack.applyToStack({ add: look, addRelativeTo: look });
    return strange ? undefined : found;
  };

  /** As NodeHttpHandler, without agent and socket. */
  const exchange = (request: any, timeoutMs: number | undefined): Promise<{ response: object }> =>
    new Promise((resolve, reject) => {
      const outlet = ports.outlet();
      if (outlet.dead()) return;
      const release = outlet.hold();
      let over = false;
      const end = (): boolean => {
        if (over) return false;
        over = true;
        release();
        timer?.cancel();
        return true;
      };
      const timer = timeoutMs
        ? outlet.after(timeoutMs, () => {
            const message = `@smithy/node-http-handler - [ERROR] a request has exceeded the configured ${timeoutMs} ms requestTimeout.`;
            if (end()) reject(Object.assign(new Error(message), { name: 'TimeoutError', code: 'ETIMEDOUT' }));
          })
        : undefined;
      const headers = { host: request.hostname, ...request.headers };
      outlet.send(
        { method: request.method, path: request.path, headers, body: ports.bytes(request.body) },
        ({ status, headers, body }) => {
          if (!end()) return;
          resolve({ response: { statusCode: status, headers: { ...headers }, body } });
        },
        (error) => {
          if (!end()) return;
          reject(timeoutCodes.includes(error.code!) ? Object.assign(error, { name: 'TimeoutError' }) : error);
        },
      );
    });

  /** What all commands of a client need; undefined: they go the whole way. */
  const startOf = async (client: any): Promise<Start | undefined> => {
    const { config } = client;
    if (typeof config?.protocol?.serviceTarget !== 'string' || config.endpoint || config.isCustomEndpoint)
      return undefined;
    if (Object.keys(ports.outlet().env).some((name) => name.startsWith('AWS_ENDPOINT_URL'))) return undefined;
    const middleware = usualOf(client.middlewareStack);
    const serializer = middleware?.get('serializerMiddleware');
    const retries = middleware?.get('retryMiddleware');
    const deserializer = middleware?.get('deserializerMiddleware');
    if (!serializer || !retries || !deserializer) return undefined;
    const handler = config.requestHandler;
    const settings = handler.metadata?.handlerProtocol === 'http/1.1' ? await handler.configProvider : undefined;
    if (!settings || settings.socketTimeout) return undefined;
    if (settings.requestTimeout && !settings.throwOnRequestTimeout) return undefined;
    if ((await config.useFipsEndpoint()) || (await config.useDualstackEndpoint())) return undefined;
    const where = { Region: await config.region(), UseFIPS: false, UseDualStack: false };
    const endpoint = config.endpointProvider(where, { logger: config.logger });
    const { protocol } = config;
    /** As the SDK's serializer and deserializer, which copy configuration and context for each call. */
    const wayFor = (context: any): Way | undefined => {
      const [, namespace, name, traits, input, output] = context.__smithy_context?.operationSchema ?? [];
      if (name === undefined) return undefined;
      const operation = { namespace, name, traits, input, output };
      context.endpointV2 = endpoint;
      const serde = { ...config, ...context, endpoint: async () => endpoint };
      const attempt = async ({ request }: any): Promise<{ response: any; output: unknown }> => {
        const { response }: any = await exchange(request, settings.requestTimeout);
        try {
          if (response.statusCode < 300)
            return { response, output: await protocol.deserializeResponse(operation, serde, response) };
        } catch {
          // It is read once more: what the SDK adds to an error is its own affair.
        }
        return deserializer(() => Promise.resolve({ response }), context)({ request });
      };
      const attempts = retries(attempt, context);
      return async (given) =>
        attempts({ input: given, request: await protocol.serializeRequest(operation, given, serde) });
    };
    return { wayFor, ways: new Map() };
  };

  /** undefined: this command has middleware of its own. */
  const wayOf = (start: Start, config: object, command: any): Way | undefined => {
    let own: any;
    let context: any;
    const probe = (stack: any): object => {
      own = stack;
      return { resolve: (_: unknown, made: object) => (context = made) };
    };
    command.resolveMiddleware({ concat: probe }, config, undefined);
    return own && usualOf(own) ? start.wayFor(context) : undefined;
  };

  const shorten = (client: any): void => {
    const whole = client.send;
    const starts = new WeakMap<object, Promise<Start | undefined>>();
    /** Whoever changes a client's middleware is met by its next call. */
    const watch = (self: any): void => {
      const stack = self.middlewareStack;
      for (const name of ['add', 'addRelativeTo', 'remove', 'removeByTag']) {
        const change = stack[name];
        stack[name] = (...args: unknown[]) => {
          starts.delete(self);
          return change(...args);
        };
      }
    };
    const walk = async (self: any, command: any): Promise<unknown> => {
      let promised = starts.get(self);
      if (!promised) {
        watch(self);
        promised = startOf(self);
        starts.set(self, promised);
      }
      const start = await promised;
      if (!start || !usualOf(command.middlewareStack)) return whole.call(self, command);
      const { ways } = start;
      if (!ways.has(command.constructor)) ways.set(command.constructor, wayOf(start, self.config, command));
      const way = ways.get(command.constructor);
      return way ? (await way(command.input)).output : whole.call(self, command);
    };
    client.send = function (...args: unknown[]) {
      const [command, options, callback] = args;
      const isClient = typeof this.middlewareStack?.applyToStack === 'function';
      if (!isClient || options !== undefined || callback !== undefined || !ports.on()) return whole.apply(this, args);
      return walk(this, command);
    };
  };

  const seen = new Set<object>();
  for (const of of [exports, ...Object.values((exports as object) ?? {})]) {
    for (const made of Object.values((of as object) ?? {})) {
      let prototype = (made as any)?.prototype;
      if (typeof made !== 'function' || typeof prototype?.send !== 'function') continue;
      while (!Object.hasOwn(prototype, 'send')) prototype = Object.getPrototypeOf(prototype);
      if (!seen.has(prototype)) shorten(prototype);
      seen.add(prototype);
    }
  }
}
