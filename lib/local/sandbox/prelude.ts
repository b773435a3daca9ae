/**
 * What runs inside each new vm context before any code of the function. It is text, since it must be made of the
 * context's own Date, Math and Error; `host` brings what they ask: PreludeHost.
 *
 * 1. Date, Date.now, Math.random, Error stacks come from the ports.
 * 2. Buffers and typed arrays are the host's own, so that host modules accept them.
 * 3. `x instanceof Error` (Date, Promise, Map, Set, Array, RegExp) holds for the host's values as well.
 * 4. `dress` gives an environment its globals; `restore` makes the context as it was before any code ran, or says that
 *    it cannot. It uses nothing that code could have replaced.
 */
import { Script } from 'node:vm';

export interface PreludeHost {
  now(): number;
  random(): number;
  formatStack(error: unknown, sites: NodeJS.CallSite[]): string;
  /** From node:util: tells an Error, Date, ... of any realm. */
  types: typeof import('node:util').types;
  /** Globals that are the same for every environment. */
  hostGlobals: Record<string, unknown>;
  /** Names of the globals that every environment brings. */
  globals: readonly string[];
  /** Names of globals to be handed out by `dress`. */
  builtins: readonly string[];
  /** Whether two objects have one hidden class; undefined: the engine does not tell. */
  sameShape: ((a: object, b: object) => boolean) | undefined;
}

export const prelude = new Script(
  `(function (host) {
  'use strict';
  const define = (target, name, value) =>
    Object.defineProperty(target, name, { value, writable: true, configurable: true, enumerable: false });
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

  const { getOwnPropertyDescriptor, getPrototypeOf, isExtensible, is } = Object;
  const { ownKeys, deleteProperty, defineProperty } = Reflect;
  const seen = new Set();
  for (const [name, value] of Object.entries(host.hostGlobals)) {
    define(globalThis, name, value);
    // It is not this context's to put in order.
    seen.add(value);
  }
  const brought = Object.create(null);
  const undress = () => {
    for (let i = 0; i < host.globals.length; i++) define(globalThis, host.globals[i], true);
  };
  for (const name of host.globals) brought[name] = true;
  undress();
  const builtins = host.builtins.map((name) => [name, globalThis[name]]);

  // A built-in function has the hidden class of this one for as long as nobody changes what it has, and no code reaches this.
  const { sameShape } = host;
  const model = () => {};

  // What there is, object by object, from the globals and from what only syntax reaches.
  const fresh = [];
  const look = (object) => {
    if (object === null || (typeof object !== 'object' && typeof object !== 'function') || seen.has(object)) return;
    seen.add(object);
    const keys = ownKeys(object);
    // All of one shape, which is what makes comparing them fast.
    const properties = keys.map((key) => {
      const { value, get, set, writable, enumerable, configurable } = getOwnPropertyDescriptor(object, key);
      const accessor = get !== undefined || set !== undefined;
      const free = object === globalThis && brought[key] === true;
      return { value, get, set, writable, enumerable, configurable, accessor, free };
    });
    // Four of five are functions of two properties.
    const plain = keys.length === 2 && keys[0] === 'length' && keys[1] === 'name';
    const modelled = plain && sameShape !== undefined && sameShape(model, object);
    const [prototype, extensible] = [getPrototypeOf(object), isExtensible(object)];
    fresh.push({ object, keys, properties, plain, modelled, prototype, extensible });
    look(prototype);
    for (const { value, get, set } of properties) [value, get, set].forEach(look);
  };
  look(globalThis);
  [function* () {}, async function () {}, async function* () {}, [].values(), ''[Symbol.iterator](), new Map().values(),
    new Set().values(), 'a'.matchAll(/a/g)].forEach((one) => look(getPrototypeOf(one)));
  const count = fresh.length;
  const same = (now, then) =>
    now !== undefined && now.configurable === then.configurable &&
    (then.free || (now.enumerable === then.enumerable &&
      (then.accessor ? now.get === then.get && now.set === then.set
        : now.writable === then.writable && is(now.value, then.value))));
  // Thousands of times at each end of an environment: so without a destructured parameter, a closure or an iterator.
  const untouched = (one) => {
    const object = one.object;
    if (one.modelled && sameShape(model, object)) return true;
    if (getPrototypeOf(object) !== one.prototype || isExtensible(object) !== one.extensible) return false;
    const keys = one.keys;
    const now = ownKeys(object);
    if (now.length !== keys.length) return false;
    if (one.plain) {
      if (now[0] !== 'length' || now[1] !== 'name') return false;
      return same(getOwnPropertyDescriptor(object, 'length'), one.properties[0]) &&
        same(getOwnPropertyDescriptor(object, 'name'), one.properties[1]);
    }
    const properties = one.properties;
    for (let i = 0; i < keys.length; i++)
      if (now[i] !== keys[i] || !same(getOwnPropertyDescriptor(object, keys[i]), properties[i])) return false;
    return true;
  };
  const mend = ({ object, keys, properties }) => {
    const now = ownKeys(object);
    for (let i = 0; i < now.length; i++) {
      let known = false;
      for (let j = 0; j < keys.length && !known; j++) known = keys[j] === now[i];
      if (!known) deleteProperty(object, now[i]);
    }
    for (let i = 0; i < keys.length; i++) {
      if (same(getOwnPropertyDescriptor(object, keys[i]), properties[i])) continue;
      const { accessor, value, get, set, writable, enumerable, configurable } = properties[i];
      defineProperty(object, keys[i],
        accessor ? { get, set, enumerable, configurable } : { value, writable, enumerable, configurable });
    }
  };
  return {
    parse: JSON.parse, stringify: JSON.stringify, promisePrototype: Promise.prototype,
    error: (message, more) => Object.assign(new Error(message), more),
    object: () => ({}), resolve: (work) => Promise.resolve().then(work),
    dress(globals) {
      for (let i = 0; i < host.globals.length; i++) define(globalThis, host.globals[i], globals[host.globals[i]]);
      return builtins.map(([name, value]) => (brought[name] ? globals[name] : value));
    },
    restore() {
      for (let i = 0; i < count; i++) {
        if (untouched(fresh[i])) continue;
        mend(fresh[i]);
        if (!untouched(fresh[i])) return false;
      }
      // What the last match left in RegExp.$1 and its like.
      /(?:)/.test('');
      // A ground that waits for its next environment would keep the last one alive, with all that it has loaded.
      undress();
      return true;
    },
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
  resolve(work: () => unknown): Promise<unknown>;
  /** Gives an environment its globals (`PreludeHost.globals`); returns the values of `builtins`. */
  dress(globals: Record<string, unknown>): unknown[];
  /** Before the next environment. False: something was changed for good, and the context is of no further use. */
  restore(): boolean;
}
