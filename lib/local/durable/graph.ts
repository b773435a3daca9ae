/**
 * A service as bytes, and back: everything that can be reached from it, with what is shared and what goes in circles.
 *
 * 1. What the service had when it was new (its parts, their functions) is found again in a new one by its place, and is
 *    filled and not replaced: so functions that know their `this` stay true.
 * 2. What came later is plain data, or named in services/kept.ts. Anything else is refused with its path.
 */
import { types } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { kept } from '../services/kept';
import type { Service } from '../services/service';

/** It cannot be written down as it stands now. */
export class NotKeptError extends Error {
  override readonly name = 'NotKeptError';
}

/** A key that data does not have; where it does, it is wrapped. */
const tag = '\u0000';

export class Graph {
  /** What the service has when it is new, in the order in which it is found. */
  private readonly places: object[] = [];
  private readonly placeOf = new Map<object, number>();

  /** Of a service that has not acted yet. */
  constructor(private readonly service: Service) {
    this.find(service);
  }

  /** Throws NotKeptError. */
  write(): Buffer {
    if (isPlain(Object.getPrototypeOf(this.service)) && !this.service.state) {
      throw new NotKeptError(`${this.service.name} is neither an instance of a class nor shows its 'state'`);
    }
    const putBack = this.service.setAside?.();
    try {
      return serialize(new Writer(this.placeOf).write(this.service, this.service.name));
    } finally {
      putBack?.();
    }
  }

  /** Into the service, which must be as new. */
  read(bytes: Uint8Array): void {
    new Reader(this.places).read(deserialize(bytes));
    this.service.makeAgain?.();
  }

  private find(value: unknown): void {
    if (!isObject(value) || this.placeOf.has(value)) return;
    this.placeOf.set(value, this.places.length);
    this.places.push(value);
    if (typeof value === 'function' || ArrayBuffer.isView(value)) return;
    if (types.isMap(value)) for (const pair of value) for (const one of pair) this.find(one);
    else if (types.isSet(value)) for (const one of value) this.find(one);
    else for (const key of Object.keys(value)) this.find((value as any)[key]);
  }
}

class Writer {
  private readonly written = new Map<object, unknown>();
  /** How the value was reached, for what cannot be written. */
  private readonly trail: (string | number)[] = [];

  constructor(private readonly placeOf: ReadonlyMap<object, number>) {}

  write(value: unknown, step: string | number): unknown {
    if (typeof value === 'symbol') this.refuse(step, 'is a symbol');
    if (!isObject(value)) return value;
    const known = this.written.get(value);
    if (known !== undefined) return known;
    this.trail.push(step);
    const written = this.writeNew(value);
    this.trail.pop();
    return written;
  }

  private writeNew(value: object): unknown {
    const origin = kept.originOf(value);
    if (origin) return this.as(value, { [tag]: 'made', origin });
    const place = this.placeOf.get(value);
    if (typeof value === 'function') {
      if (place === undefined) this.refuse(undefined, 'is a function that came later than its service');
      return this.as(value, { [tag]: 'place', place });
    }
    if (place !== undefined) return this.tagged(value, { [tag]: 'place', place });
    if (isData(value)) {
      const clash = isPlain(Object.getPrototypeOf(value)) && Object.hasOwn(value, tag);
      return clash ? this.tagged(value, { [tag]: 'data' }) : this.body(value, true);
    }
    const name = kept.className(Object.getPrototypeOf(value));
    if (name === undefined) {
      this.refuse(undefined, `is of the class ${value.constructor?.name}, which services/kept.ts does not know`);
    }
    return this.tagged(value, { [tag]: 'instance', name });
  }

  private tagged(value: object, copy: { [field: string]: unknown }): unknown {
    this.written.set(value, copy);
    copy.body = this.body(value, false);
    return copy;
  }

  private as<T>(value: object, copy: T): T {
    this.written.set(value, copy);
    return copy;
  }

  /** A copy, its members written; `itself`: it stands for the value. */
  private body(value: object, itself: boolean): unknown {
    if (isLeaf(value)) return itself ? this.as(value, value) : value;
    if (Array.isArray(value)) {
      const copy: unknown[] = new Array(value.length);
      if (itself) this.written.set(value, copy);
      // Holes stay holes.
      value.forEach((one, index) => {
        copy[index] = this.write(one, index);
      });
      return copy;
    }
    if (types.isMap(value)) {
      const copy = new Map();
      if (itself) this.written.set(value, copy);
      for (const [key, one] of value) copy.set(this.write(key, 'key'), this.write(one, 'get()'));
      return copy;
    }
    if (types.isSet(value)) {
      const copy = new Set();
      if (itself) this.written.set(value, copy);
      for (const one of value) copy.add(this.write(one, 'member'));
      return copy;
    }
    const copy: Record<string, unknown> = {};
    if (itself) this.written.set(value, copy);
    const names = types.isNativeError(value) ? Object.getOwnPropertyNames(value) : Object.keys(value);
    for (const name of names) set(copy, name, this.write((value as any)[name], name));
    return copy;
  }

  private refuse(step: string | number | undefined, why: string): never {
    const steps = step === undefined ? this.trail : [...this.trail, step];
    const path = steps.map((one) => (typeof one === 'number' ? `[${one}]` : `.${one}`)).join('');
    throw new NotKeptError(`${path.slice(1)} ${why}`);
  }
}

class Reader {
  private readonly done = new Map<object, unknown>();

  constructor(private readonly places: readonly object[]) {}

  read(raw: unknown): unknown {
    if (!isObject(raw)) return raw;
    if (this.done.has(raw)) return this.done.get(raw);
    const { [tag]: kind, place, name, origin, body } = raw as any;
    switch (kind) {
      case 'made':
        return this.as(raw, kept.made(origin));
      case 'place': {
        const target = this.as(raw, this.places[place]!);
        if (typeof target !== 'function') this.fill(target, body);
        return target;
      }
      case 'data':
        return this.fill(this.as(raw, {}), body);
      case 'instance':
        return this.fill(this.as(raw, Object.create(kept.classOf(name)!.prototype)), body);
      default:
        return isLeaf(raw) ? raw : this.fill(this.as(raw, emptyLike(raw)), raw);
    }
  }

  private as<T>(raw: object, value: T): T {
    this.done.set(raw, value);
    return value;
  }

  private fill(target: any, body: any): unknown {
    if (Array.isArray(body)) {
      target.length = body.length;
      body.forEach((one, index) => {
        target[index] = this.read(one);
      });
    } else if (types.isMap(body)) {
      target.clear();
      for (const [key, one] of body) target.set(this.read(key), this.read(one));
    } else if (types.isSet(body)) {
      target.clear();
      for (const one of body) target.add(this.read(one));
    } else {
      // In its order, which data may depend on.
      for (const name of Object.keys(target)) delete target[name];
      for (const name of Object.keys(body)) set(target, name, this.read(body[name]));
    }
    return target;
  }
}

const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';

/** Of whatever realm: tests run in one of their own. */
const isPlain = (prototype: object | null): boolean => prototype === null || Object.getPrototypeOf(prototype) === null;

const isLeaf = (value: object): boolean => ArrayBuffer.isView(value) || types.isDate(value) || types.isRegExp(value);

const isData = (value: object): boolean =>
  isPlain(Object.getPrototypeOf(value)) ||
  Array.isArray(value) ||
  isLeaf(value) ||
  types.isMap(value) ||
  types.isSet(value);

const emptyLike = (value: object): object =>
  Array.isArray(value) ? [] : types.isMap(value) ? new Map() : types.isSet(value) ? new Set() : {};

/** Like an assignment, for any name: '__proto__' is data too. */
function set(target: object, name: string, value: unknown): void {
  if (name === '__proto__')
    Object.defineProperty(target, name, { value, enumerable: true, configurable: true, writable: true });
  else (target as any)[name] = value;
}
