/**
 * Code that is evaluated once in this process, for all environments: files that say in their first line (`sharedMark`)
 * that they keep no state of the function that loads them, and the SDK of Lambda's runtime. An engine learns the shapes of
 * a class, and compiles for them, for each evaluation of it: an SDK that each environment evaluates for itself never
 * gets warm (figures: docs/benchmarks.md, 'Seeds').
 *
 * 1. Clock, chance, variables, timers, files, network and output are those of the environment that is acting. One at a time
 *    is: a step of virtual time enters one, and all promises settle before the next step.
 * 2. It has a context of its own. Its errors, promises and plain objects are of another realm than the function's, as those
 *    of Node's own modules are.
 * 3. A promise of it that is rejected unseen is the acting environment's.
 */

import { posix } from 'node:path';
import { Script } from 'node:vm';
import type { CodeFile } from './bundle';
import { Ground } from './ground';
import type { Life } from './life';
import { type Outlet, shortenWays, shortWayFile } from './short-way';

/** What code asks of the environment that it runs in. */
export interface Surroundings {
  now(): number;
  random(): number;
  /** `require` of each module that the sandbox models. */
  builtins: Record<string, unknown>;
  globals: Record<string, unknown>;
  outlet: Outlet;
}

/** Whose code runs now, or ran last. */
export const acting: { life: Life | undefined } = { life: undefined };

/** Off: each environment evaluates such files for itself. It makes no difference but time (a test compares traces). */
export const sharing = { on: true };

/** Off: SDK calls go the whole way (short-way.ts says what differs). */
export const shortWays = { on: true };

function surroundings(): Surroundings {
  const found = acting.life?.surroundings;
  if (!found) throw new Error('shared code runs, and no environment is acting: a bug of the sandbox');
  return found;
}

/** The modules and globals that are each environment's own; all others are the same for all. */
const ownModules = [
  'console',
  'crypto',
  'fs',
  'fs/promises',
  'http',
  'https',
  'perf_hooks',
  'process',
  'timers',
  'timers/promises',
  'worker_threads',
  'zlib',
];
const ownObjects = ['console', 'crypto', 'performance', 'process'];
const ownFunctions = [
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
  'fetch',
  'queueMicrotask',
];

type Members = Record<string, any>;

/** Has the members of `sample`; each leads to what the acting environment has there. */
function facade(sample: Members, get: () => Members): Members {
  const made: Members = {};
  for (const [name, value] of Object.entries(sample)) {
    if (name === 'default') continue;
    if (typeof value !== 'function') {
      Object.defineProperty(made, name, { get: () => get()[name], set: (to) => (get()[name] = to), enumerable: true });
    } else if (/^[A-Z]/.test(name)) {
      made[name] = new Proxy(value, {
        construct: (_, args) => Reflect.construct(get()[name], args),
        get: (_, key) => get()[name][key],
      });
    } else {
      made[name] = (...args: unknown[]) => get()[name](...args);
      for (const key of Reflect.ownKeys(value)) {
        if (typeof value[key] === 'function' && key !== 'default')
          made[name][key] = (...args: unknown[]) => get()[name][key](...args);
      }
    }
  }
  made.default = made;
  return made;
}

function facades(of: Surroundings): Pick<Surroundings, 'builtins' | 'globals'> {
  const builtins = { ...of.builtins };
  for (const name of ownModules) {
    builtins[name] = facade(of.builtins[name] as Members, () => surroundings().builtins[name] as Members);
  }
  const globals = { ...of.globals };
  for (const name of ownObjects) {
    globals[name] = facade(of.globals[name] as Members, () => surroundings().globals[name] as Members);
  }
  for (const name of ownFunctions) {
    globals[name] = (...args: unknown[]) => (surroundings().globals[name] as (...all: unknown[]) => unknown)(...args);
  }
  return { builtins, globals };
}

// What the loader of this file calls to name functions is nothing in there.
const shortener = new Script(`((__name) => ${shortenWays})((named) => named)`, { filename: shortWayFile });

const evaluated = new Map<CodeFile, unknown>();
const promises = new Set<object>();
/** More, and the first is forgotten: other versions of the SDK, in a process that simulates many apps. */
const mostKept = 32;

/** What the file exports; `own` is of the environment that loads it now. Throws what the file throws. */
export function loadShared(file: CodeFile, shownAs: string, own: Surroundings): unknown {
  if (evaluated.has(file)) return evaluated.get(file);
  const { builtins, globals } = facades(own);
  const ground = new Ground(Object.keys(globals));
  const standing = { now: () => surroundings().now(), random: () => surroundings().random(), file: () => file };
  const values = ground.stand(standing, globals);
  const require = (name: string): unknown => {
    const found = builtins[name.replace(/^node:/, '')];
    if (found) return found;
    throw ground.tools.error(`${shownAs} asks for the module '${name}'; a file that is shared brings all its code.`, {
      code: 'MODULE_NOT_FOUND',
    });
  };
  const module = { exports: ground.tools.object() as unknown };
  const mport = (name: unknown): Promise<unknown> => ground.tools.resolve(() => require(String(name)));
  const wrapper = ground.wrapper(file)(mport, `file://${shownAs}`, ...values);
  wrapper(module.exports, require, module, shownAs, posix.dirname(shownAs));
  ground.evaluate<typeof shortenWays>(shortener)(module.exports, {
    on: () => shortWays.on,
    outlet: () => surroundings().outlet,
    bytes: (body) => (typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body])),
  });
  if (evaluated.size >= mostKept) evaluated.delete(evaluated.keys().next().value!);
  evaluated.set(file, module.exports);
  promises.add(ground.tools.promisePrototype);
  return module.exports;
}

/** Made by shared code. */
export const isSharedPromise = (promise: unknown): boolean =>
  promises.has(Object.getPrototypeOf(promise as object) as object);
