/** Timers, `node:timers`, `node:timers/promises`, `performance` and `process.hrtime` on the virtual clock. */
import type { Life, Task } from '../life';

type Callback = (...args: unknown[]) => void;
const longest = 2_147_483_647;

/** As Node: 1 ms at least, and 1 ms for what is no delay at all. */
const delayOf = (ms: unknown): number => {
  const given = Number(ms);
  return given >= 1 && given <= longest ? Math.trunc(given) : 1;
};

class SandboxTimeout {
  private task: Task | undefined;

  constructor(
    private readonly life: Life,
    private readonly fire: () => void,
    private readonly delayMs: number,
    private readonly repeats: boolean,
  ) {
    this.arm(true);
  }

  private arm(ref: boolean): void {
    this.task = this.life.after(this.delayMs, () => {
      this.task = undefined;
      if (this.repeats) this.arm(true);
      this.fire();
    });
    if (!ref) this.task.unref();
  }

  ref(): this {
    this.task?.ref();
    return this;
  }
  unref(): this {
    this.task?.unref();
    return this;
  }
  hasRef(): boolean {
    return this.task?.hasRef() ?? false;
  }
  refresh(): this {
    const ref = this.task?.hasRef() ?? true;
    this.close();
    this.arm(ref);
    return this;
  }
  close(): this {
    this.task?.cancel();
    this.task = undefined;
    return this;
  }
  [Symbol.dispose](): void {
    this.close();
  }
}

export interface Clock {
  timers: Record<string, unknown>;
  promises: Record<string, unknown>;
  performance: Record<string, unknown>;
  hrtime: ((since?: [number, number]) => [number, number]) & { bigint(): bigint };
  setTimeout(work: () => void, ms: number): { close(): void; unref(): void };
  abortSignal: unknown;
}

export function createClock(life: Life, bornAt: number): Clock {
  const start =
    (repeats: boolean) =>
    (work: Callback, ms?: unknown, ...args: unknown[]) => {
      if (typeof work !== 'function') throw new TypeError('The "callback" argument must be of type function.');
      return new SandboxTimeout(life, () => work(...args), delayOf(ms), repeats);
    };
  const setTimeout = start(false);
  const setInterval = start(true);
  const setImmediate = (work: Callback, ...args: unknown[]) => new SandboxTimeout(life, () => work(...args), 0, false);
  const clear = (timer: unknown): void => {
    if (timer instanceof SandboxTimeout) timer.close();
  };
  const timers = {
    setTimeout,
    setInterval,
    setImmediate,
    clearTimeout: clear,
    clearInterval: clear,
    clearImmediate: clear,
  };
  const wait = (ms: number, value: unknown, options?: { signal?: AbortSignal; ref?: boolean }): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const signal = options?.signal;
      if (signal?.aborted) return reject(abortError(signal));
      const timer = new SandboxTimeout(
        life,
        () => {
          signal?.removeEventListener('abort', abort);
          resolve(value);
        },
        ms,
        false,
      );
      const abort = (): void => {
        timer.close();
        reject(abortError(signal));
      };
      signal?.addEventListener('abort', abort, { once: true });
      if (options?.ref === false) timer.unref();
    });
  const promises = {
    setTimeout: (ms?: unknown, value?: unknown, options?: any) => wait(delayOf(ms), value, options),
    setImmediate: (value?: unknown, options?: any) => wait(0, value, options),
    async *setInterval(ms?: unknown, value?: unknown, options?: any) {
      for (;;) yield await wait(delayOf(ms), value, options);
    },
    scheduler: {
      wait: (ms?: unknown, options?: any) => wait(delayOf(ms), undefined, options),
      yield: () => wait(0, undefined),
    },
  };
  for (const [name, promised] of [
    ['setTimeout', promises.setTimeout],
    ['setImmediate', promises.setImmediate],
  ] as const) {
    Object.defineProperty(timers[name], Symbol.for('nodejs.util.promisify.custom'), { value: promised });
  }
  const elapsed = (): number => life.now() - bornAt;
  const performance = {
    now: elapsed,
    timeOrigin: bornAt,
    mark: () => undefined,
    measure: () => undefined,
    clearMarks: () => undefined,
    clearMeasures: () => undefined,
    getEntries: () => [],
    getEntriesByName: () => [],
    getEntriesByType: () => [],
    eventLoopUtilization: () => ({ idle: 0, active: 0, utilization: 0 }),
    toJSON: () => ({ timeOrigin: bornAt }),
  };
  const bigint = (): bigint => BigInt(Math.round(elapsed() * 1e6));
  const hrtime = Object.assign(
    (since?: [number, number]): [number, number] => {
      const ns = bigint() - (since ? BigInt(since[0]) * 1_000_000_000n + BigInt(since[1]) : 0n);
      return [Number(ns / 1_000_000_000n), Number(ns % 1_000_000_000n)];
    },
    { bigint },
  );
  return { timers, promises, performance, hrtime, setTimeout, abortSignal: abortSignalOn(setTimeout) };
}

function abortError(signal: AbortSignal | undefined): Error {
  return Object.assign(new Error('The operation was aborted', { cause: signal?.reason }), {
    name: 'AbortError',
    code: 'ABORT_ERR',
  });
}

/** The host's AbortSignal, whose `timeout` alone would use real timers. */
function abortSignalOn(setTimeout: (work: () => void, ms: number) => { unref(): unknown }): unknown {
  const timeout = (ms: number): AbortSignal => {
    const controller = new AbortController();
    setTimeout(() => {
      controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
    }, ms).unref();
    return controller.signal;
  };
  return new Proxy(AbortSignal, {
    get: (target, name) => (name === 'timeout' ? timeout : Reflect.get(target, name)),
  });
}
