/**
 * What runs inside each new vm context before any code of the function. It is text, since it must be made of the
 * context's own Date, Math and Error; `host` brings what they ask: PreludeHost.
 *
 * 1. Date, Date.now, Math.random, Error stacks come from the ports.
 * 2. Buffers and typed arrays are the host's own, so that host modules accept them.
 * 3. `x instanceof Error` (Date, Promise, Map, Set, Array, RegExp) holds for the host's values as well.
 */
import { Script } from 'node:vm';

export interface PreludeHost {
  now(): number;
  random(): number;
  formatStack(error: unknown, sites: NodeJS.CallSite[]): string;
  /** From node:util: tells an Error, Date, ... of any realm. */
  types: typeof import('node:util').types;
  globals: Record<string, unknown>;
  /** Names of globals to be handed out as `values`. */
  builtins: readonly string[];
}

export const prelude = new Script(
  `(function (host) {
  'use strict';
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
  for (const name of Object.keys(host.globals)) define(globalThis, name, host.globals[name]);
  define(globalThis, 'global', globalThis);

  const RealDate = Date;
  function VirtualDate(...parts) {
    if (!new.target) return new RealDate(host.now()).toString();
    const made = parts.length === 0 ? [host.now()] : parts.map((p) => (host.types.isDate(p) ? +p : p));
    return Reflect.construct(RealDate, made, new.target === VirtualDate ? RealDate : new.target);
  }
  VirtualDate.prototype = RealDate.prototype;
  define(VirtualDate.prototype, 'constructor', VirtualDate);
  define(VirtualDate, 'name', 'Date');
  define(VirtualDate, 'length', 7);
  define(VirtualDate, 'UTC', RealDate.UTC);
  define(VirtualDate, 'parse', RealDate.parse);
  define(VirtualDate, 'now', () => host.now());
  define(globalThis, 'Date', VirtualDate);
  define(Math, 'random', () => host.random());

  // As Node does: seen on the class alone, not on what extends it.
  const ordinary = Function.prototype[Symbol.hasInstance];
  const widen = (type, isOne) =>
    Object.defineProperty(type, Symbol.hasInstance, {
      value(x) { return ordinary.call(this, x) || (this === type && isOne(x)); },
      configurable: true,
    });
  widen(Error, host.types.isNativeError);
  widen(VirtualDate, host.types.isDate);
  widen(Promise, host.types.isPromise);
  widen(Map, host.types.isMap);
  widen(Set, host.types.isSet);
  widen(RegExp, host.types.isRegExp);
  widen(Array, Array.isArray);
  widen(Object, (x) => (typeof x === 'object' && x !== null) || typeof x === 'function');
  widen(Function, (x) => typeof x === 'function');

  Atomics.wait = () => {
    throw new Error('Atomics.wait would stop virtual time: in the sandbox all threads share one.');
  };
  Error.stackTraceLimit = 20;
  Error.prepareStackTrace = (error, sites) => host.formatStack(error, sites);
  return {
    parse: JSON.parse, stringify: JSON.stringify, promisePrototype: Promise.prototype,
    values: host.builtins.map((name) => globalThis[name]),
    error: (message, more) => Object.assign(new Error(message), more),
    object: () => ({}), resolve: (work) => Promise.resolve().then(work),
  };
})`,
  { filename: 'sandbox-prelude.js' },
);

/** Functions of the context's own realm. */
export interface RealmTools {
  parse(text: string): unknown;
  stringify(value: unknown): string | undefined;
  promisePrototype: object;
  error(message: string, more?: object): Error;
  object(): Record<string, unknown>;
  values: unknown[];
  resolve(work: () => unknown): Promise<unknown>;
}
