/**
 * Code that is evaluated once in this process, for all environments: files that say in their first line (`sharedMark`)
 * that they keep no state of the function that loads them, and the SDK of Lambda's runtime. An engine learns the shapes of
 * a class, and compiles for them, for each evaluation of it: an SDK that each environment evaluates for itself never
 * gets warm (figures: docs/benchmarks.md, 'Seeds').
 *
 * 1. Clock, chance, variables, timers, files, network and output are those of the environment that is acting. One at a time
 *    is: a step of virtual time enters one, and all promises settle before the next step.
 * 2. All of it has one context of its own. Its errors, promises and plain objects are of another realm than the function's,
 *    as those of Node's own modules are.
 * 3. A promise of it that is rejected unseen is the acting environment's.
 * 4. It may ask for other such files of the folder, and for nothing else: copies of a file are one where theirs are.
 * 5. What it writes to the variables when it is evaluated, each environment has that loads it.
 */

import { posix } from 'node:path';
import { Script } from 'node:vm';
import { Builtins } from './builtins';
import type { CodeFile } from './bundle';
import { Ground, type Wrapper } from './ground';
import type { Life } from './life';
import { os } from './modules/host';
import { type Outlet, shortenWays, shortWayFile } from './short-way';

/** What code asks of the environment that it runs in. */
export interface Surroundings {
  now(): number;
  random(): number;
  builtins: Builtins;
  /** Those that are the environment's own. */
  globals: Record<string, unknown>;
  outlet: Outlet;
  /** A file of the function that it has loaded, by the path that the code sees. */
  file(shownAs: string): CodeFile | undefined;
  /** What lies beside a file of it. */
  siblings(shownAs: string): Siblings;
}

/** How shared code reaches the files beside it. */
export interface Siblings {
  /** A file that is shared, and its path; throws where there is none of this name, or one that is not shared. */
  find(name: string): { file: CodeFile; shownAs: string };
  load(shownAs: string): unknown;
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
const ownClasses = ['AbortSignal', 'MessageChannel'];
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
      made[name] = classFacade(value, () => get()[name]);
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

const classFacade = (sample: object, get: () => any): object =>
  new Proxy(sample, {
    construct: (_, args) => Reflect.construct(get(), args),
    get: (_, key) => get()[key],
  });

function facades(of: Surroundings): Pick<Surroundings, 'builtins' | 'globals'> {
  const ofActing = (name: string) => () => surroundings().builtins.get(name) as Members;
  const builtins = new Builtins({
    ...Object.fromEntries(ownModules.map((name) => [name, () => facade(ofActing(name)(), ofActing(name))])),
    module: ofActing('module'),
    os,
  });
  const globals = { ...of.globals };
  for (const name of ownObjects) {
    globals[name] = facade(of.globals[name] as Members, () => surroundings().globals[name] as Members);
  }
  for (const name of ownClasses) {
    globals[name] = classFacade(of.globals[name] as object, () => surroundings().globals[name]);
  }
  for (const name of ownFunctions) {
    globals[name] = (...args: unknown[]) => (surroundings().globals[name] as (...all: unknown[]) => unknown)(...args);
  }
  return { builtins, globals };
}

// What the loader of this file calls to name functions is nothing in there.
const shortener = new Script(`((__name) => ${shortenWays})((named) => named)`, { filename: shortWayFile });

interface Evaluated {
  exports: unknown;
  /** The files that it asked for, by the names that it used. */
  asked: Map<string, CodeFile>;
  /** Variables that it set. */
  variables: Record<string, string>;
}

const evaluated = new Map<CodeFile, Evaluated>();
/** More, and the first is forgotten: versions of many apps, in a process that simulates them all. */
const mostKept = 64;

interface Common {
  ground: Ground;
  builtins: Builtins;
  /** Values of `builtinParameters`. */
  values: unknown[];
}
let common: Common | undefined;

/** Where all shared code runs; whichever environment is the first, only shows what there is. */
function commonGround(of: Surroundings): Common {
  if (common) return common;
  const { builtins, globals } = facades(of);
  const ground = new Ground(Object.keys(globals));
  const standing = {
    now: () => surroundings().now(),
    random: () => surroundings().random(),
    file: (shownAs: string) => surroundings().file(shownAs),
  };
  common = { ground, builtins, values: ground.stand(standing, globals) };
  return common;
}

/** What the file exports; `own` is of the environment that loads it now. Throws what the file throws. */
export function loadShared(file: CodeFile, shownAs: string, own: Surroundings): unknown {
  const known = evaluated.get(file);
  const siblings = own.siblings(shownAs);
  const found = [...(known?.asked ?? [])].map(([name, asked]) => ({ ...siblings.find(name), asked }));
  if (known && found.every(({ file, asked }) => file === asked)) {
    // In the order of the first time: they set their variables too.
    for (const beside of found) siblings.load(beside.shownAs);
    Object.assign(own.outlet.env, known.variables);
    return known.exports;
  }
  const { ground, builtins, values } = commonGround(own);
  const asked = new Map<string, CodeFile>();
  const require = (name: string): unknown => {
    const found = builtins.get(name.replace(/^node:/, ''));
    if (found) return found;
    // Also long after it was evaluated, when another environment acts.
    const beside = surroundings().siblings(shownAs);
    const sibling = beside.find(name);
    asked.set(name, sibling.file);
    return beside.load(sibling.shownAs);
  };
  const module = { exports: ground.tools.object() as unknown };
  const mport = (name: unknown): Promise<unknown> => ground.tools.resolve(() => require(String(name)));
  const before = { ...own.outlet.env };
  const wrapper = ground.evaluate<Wrapper>(file.script)(mport, `file://${shownAs}`, ...values);
  wrapper(module.exports, require, module, shownAs, posix.dirname(shownAs));
  const variables = Object.fromEntries(
    Object.entries(own.outlet.env).filter((pair): pair is [string, string] => before[pair[0]] !== pair[1]),
  );
  ground.evaluate<typeof shortenWays>(shortener)(module.exports, {
    on: () => shortWays.on,
    outlet: () => surroundings().outlet,
    bytes: (body) => (typeof body === 'string' ? Buffer.from(body) : Buffer.concat([body])),
  });
  if (evaluated.size >= mostKept) evaluated.delete(evaluated.keys().next().value!);
  evaluated.set(file, { exports: module.exports, asked, variables });
  return module.exports;
}

/** Made by shared code. */
export const isSharedPromise = (promise: unknown): boolean =>
  common !== undefined && Object.getPrototypeOf(promise as object) === common.ground.tools.promisePrototype;
