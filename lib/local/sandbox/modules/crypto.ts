/**
 * `node:crypto` whose chance is seeded. Callback forms run at once and call back in the next tick, since work on the
 * thread pool would end in any order; `subtle` runs on the host, one call after another, while virtual time waits.
 */
import crypto from 'node:crypto';
import type { HostWork, Random } from '../../ports';
import { lazily } from '../lazily';
import type { Life } from '../life';

const own = Object.getOwnPropertyDescriptors(crypto);

export function createCrypto(life: Life, random: Random, hostWork: HostWork): { module(): object; webcrypto: object } {
  const bytes = (length: number): Buffer => Buffer.from(random.hex(length * 2), 'hex');
  const fill = (target: any, offset = 0, size?: number): any => {
    const view = ArrayBuffer.isView(target)
      ? Buffer.from(target.buffer as ArrayBuffer, target.byteOffset, target.byteLength)
      : Buffer.from(target as ArrayBuffer);
    const width = (target as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT ?? 1;
    const from = offset * width;
    const length = size === undefined ? view.length - from : size * width;
    bytes(length).copy(view, from);
    return target;
  };
  const integer = (low: number, high?: number): number =>
    high === undefined ? Math.floor(random.next() * low) : low + Math.floor(random.next() * (high - low));
  /** `f(...args, callback)` by way of the synchronous `f(...args)`. */
  const byCallback =
    (sync: (...args: any[]) => unknown) =>
    (...args: any[]): unknown => {
      const callback = args.at(-1);
      if (typeof callback !== 'function') return sync(...args);
      const given = args.slice(0, -1);
      process.nextTick(() =>
        life.guard(() => {
          let result: unknown;
          try {
            result = sync(...given);
          } catch (error) {
            callback(error);
            return;
          }
          callback(null, result);
        }),
      );
      return undefined;
    };
  const randomUUID = (): string => random.uuid();
  const getRandomValues = (target: any): any => fill(target);
  const webcrypto = {
    getRandomValues,
    randomUUID,
    subtle: serialised(crypto.webcrypto.subtle, hostWork, life),
    CryptoKey: (crypto.webcrypto as any).CryptoKey,
  };
  const replaced = (): Record<string, unknown> => ({
    randomBytes: byCallback(bytes),
    pseudoRandomBytes: byCallback(bytes),
    randomFillSync: fill,
    randomFill: byCallback(fill),
    randomInt: byCallback(integer),
    randomUUID,
    getRandomValues,
    webcrypto,
    subtle: webcrypto.subtle,
    pbkdf2: byCallback(crypto.pbkdf2Sync as any),
    scrypt: byCallback(crypto.scryptSync as any),
    hkdf: byCallback(crypto.hkdfSync as any),
    generateKeyPair: refused('generateKeyPair'),
    generateKeyPairSync: refused('generateKeyPairSync'),
    generateKey: refused('generateKey'),
    generateKeySync: refused('generateKeySync'),
  });
  const module = lazily(() => {
    const [made, mine] = [{}, replaced()];
    for (const [name, descriptor] of Object.entries(own)) {
      if (!(name in mine)) Object.defineProperty(made, name, descriptor);
    }
    return Object.assign(made, mine, { default: made });
  });
  return { module, webcrypto };
}

const refused = (name: string) => (): never => {
  throw new Error(`node:crypto ${name} is not modelled in the sandbox: its keys would differ from run to run.`);
};

/** One call at a time, so that answers come in the order of the calls. */
function serialised(subtle: object, hostWork: HostWork, life: Life): object {
  let last: Promise<unknown> = Promise.resolve();
  return new Proxy(subtle, {
    get(target, name) {
      const method = Reflect.get(target, name);
      if (typeof method !== 'function') return method;
      return (...args: unknown[]) => {
        const done = hostWork.begin();
        const release = life.hold();
        const result = last.then(() => method.apply(target, args));
        last = result.then(
          () => {},
          () => {},
        );
        const over = (): void => {
          done();
          release();
        };
        result.then(over, over);
        return result;
      };
    },
  });
}
