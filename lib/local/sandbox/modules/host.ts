/** Which modules a sandboxed function may have: pure ones are the host's own, the rest are made here or refused by name. */

import assert from 'node:assert';
import * as asyncHooks from 'node:async_hooks';
import * as buffer from 'node:buffer';
import * as diagnostics from 'node:diagnostics_channel';
import events from 'node:events';
import * as net from 'node:net';
import * as path from 'node:path';
import * as perfHooks from 'node:perf_hooks';
import * as querystring from 'node:querystring';
import stream from 'node:stream';
import * as streamPromises from 'node:stream/promises';
import * as streamWeb from 'node:stream/web';
import * as stringDecoder from 'node:string_decoder';
import * as url from 'node:url';
import util from 'node:util';
import { consoleClass } from './console-class';

/** No clock, no chance, no outside: shared by all environments. */
export const pureModules: Record<string, unknown> = {
  assert,
  'assert/strict': assert.strict,
  async_hooks: asyncHooks,
  buffer,
  diagnostics_channel: diagnostics,
  events,
  path,
  'path/posix': path.posix,
  querystring,
  stream,
  'stream/promises': streamPromises,
  'stream/web': streamWeb,
  string_decoder: stringDecoder,
  url,
  util,
  'util/types': util.types,
};

/** Modules that bundles load without using them: they load, and refuse when they are used. */
const refusing: Record<string, string> = {
  child_process: 'a function starts no processes here',
  cluster: 'a function starts no processes here',
  dgram: 'a function has no network here but the AWS services',
  dns: 'a function has no network here but the AWS services',
  'dns/promises': 'a function has no network here but the AWS services',
  http2: 'AWS services are reached by HTTP/1.1 here',
  inspector: 'use baton local --inspect, which runs functions in worker threads',
  net: 'a function has no network here but the AWS services',
  readline: 'a function has no terminal',
  repl: 'a function has no terminal',
  tls: 'a function has no network here but the AWS services',
  tty: 'a function has no terminal',
  v8: 'the engine is shared with the local runtime',
  vm: 'the engine is shared with the local runtime',
};

const harmless: Record<string, Record<string, unknown>> = {
  net: { isIP: net.isIP, isIPv4: net.isIPv4, isIPv6: net.isIPv6 },
  http2: { constants: {}, sensitiveHeaders: Symbol('nodejs.http2.sensitiveHeaders') },
  tty: { isatty: () => false },
};

export function refusingModule(name: string): object | undefined {
  if (!Object.hasOwn(refusing, name)) return undefined;
  const why = refusing[name];
  const known = harmless[name] ?? {};
  return new Proxy(Object.assign(() => {}, known) as object, {
    get(target, member) {
      if (member === 'default') return refusingModule(name);
      if (typeof member === 'symbol' || member in known) return Reflect.get(target, member);
      if (member === '__esModule' || member === 'then' || member === 'prototype') return undefined;
      return function refused(): never {
        throw new Error(`node:${name} ${member} is not available in the sandbox: ${why}.`);
      };
    },
    ownKeys: (target) => Reflect.ownKeys(target),
  });
}

export const os = (): object => {
  const module = {
    EOL: '\n',
    arch: () => 'x64',
    platform: () => 'linux',
    type: () => 'Linux',
    release: () => '5.10.0',
    version: () => '#1 SMP',
    machine: () => 'x86_64',
    endianness: () => 'LE',
    hostname: () => '169.254.0.1',
    homedir: () => '/home/sbx_user1051',
    tmpdir: () => '/tmp',
    userInfo: () => ({
      username: 'sbx_user1051',
      uid: 993,
      gid: 990,
      shell: '/bin/false',
      homedir: '/home/sbx_user1051',
    }),
    cpus: () => Array.from({ length: 2 }, () => ({ model: 'virtual', speed: 2500, times: {} })),
    availableParallelism: () => 2,
    totalmem: () => 1_073_741_824,
    freemem: () => 536_870_912,
    loadavg: () => [0, 0, 0],
    uptime: () => 60,
    networkInterfaces: () => ({}),
    constants: { signals: {}, errno: {}, priority: {} },
  };
  return Object.assign(module, { default: module });
};

export const perfHooksModule = (performance: object): object => {
  const module = {
    performance,
    createHistogram: perfHooks.createHistogram,
    constants: perfHooks.constants,
    monitorEventLoopDelay: () => {
      throw new Error('node:perf_hooks monitorEventLoopDelay is not modelled in the sandbox: its loop is virtual.');
    },
    PerformanceObserver: class {
      static supportedEntryTypes = [];
      observe(): void {}
      disconnect(): void {}
    },
  };
  return Object.assign(module, { default: module });
};

export const consoleWith = (console: object, streams: Parameters<typeof consoleClass>[0]): object => {
  const module = { ...console, Console: consoleClass(streams) };
  return Object.assign(module, { default: module });
};
