/** `node:http` and `node:https` of the sandbox: a client that knows no sockets. Servers are refused by name. */
import http from 'node:http';
import https from 'node:https';
import { httpClient, type Send } from '../http-client';
import type { Life } from '../life';
import type { Clock } from './clock';

export function createHttp(life: Life, clock: Clock, send: Send): { http: object; https: object } {
  const client = httpClient(require, {
    send,
    hold: () => life.hold(),
    guard: (work) => life.guard(work),
    setTimeout: (work, ms) => clock.setTimeout(work, ms),
    dead: () => life.dead,
  });
  const build = (real: typeof http | typeof https, protocol: 'http:' | 'https:'): object => {
    const server = (): never => {
      throw new Error('node:http servers are not modelled in the sandbox: a function is invoked, it does not listen.');
    };
    const module: Record<string, unknown> = {
      Agent: real.Agent,
      globalAgent: real.globalAgent,
      METHODS: http.METHODS,
      STATUS_CODES: http.STATUS_CODES,
      maxHeaderSize: http.maxHeaderSize,
      IncomingMessage: client.IncomingMessage,
      ClientRequest: client.ClientRequest,
      request: (...args: unknown[]) => client.request(protocol, args),
      get(...args: unknown[]) {
        const request = client.request(protocol, args);
        request.end();
        return request;
      },
      createServer: server,
      Server: server,
    };
    module.default = module;
    return module;
  };
  return { http: build(http, 'http:'), https: build(https, 'https:') };
}
