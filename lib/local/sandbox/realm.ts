/**
 * A vm context (ground.ts) with everything that code may see: globals, `require`, the function's files. An environment has
 * one for the function and one for each worker thread that the function starts.
 */

import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join, posix, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';
import { Builtins } from './builtins';
import { type CodeFile, loadCode, loadRuntimePackage, runtimeRoot } from './bundle';
import { type Ground, takeGround } from './ground';
import type { Life } from './life';
import { consoleWith, os, perfHooksModule } from './modules/host';
import { createZlib } from './modules/zlib';
import type { RealmTools } from './prelude';
import { loadShared, type Siblings, type Surroundings, sharing } from './shared-code';
import type { Outlet } from './short-way';

export const taskRoot = '/var/task';

export interface RealmParts {
  codeDir: string;
  life: Life;
  /** How far the function's own clock is ahead. */
  skewMs(): number;
  /** Uniform in [0, 1): Math.random. */
  random(): number;
  clock: import('./modules/clock').Clock;
  crypto: { module(): object; webcrypto: object };
  fs(): { fs: object; promises: object };
  http(): { http: object; https: object };
  process: Record<string, unknown>;
  console: object;
  threads: Record<string, unknown>;
  fetch: unknown;
  outlet: Outlet;
}

export class Realm {
  readonly tools: RealmTools;
  readonly ground: Ground;
  /** Values of `builtinParameters`. */
  private readonly values: unknown[];
  private readonly files = new Map<string, { exports: unknown }>();
  private readonly resolved = new Map<string, string>();
  private readonly builtins: Builtins;
  private readonly code = new Map<string, CodeFile>();
  private readonly surroundings: Surroundings;

  constructor(private readonly parts: RealmParts) {
    const { clock, crypto, console, life } = parts;
    this.builtins = new Builtins({
      console: () => consoleWith(console, parts.process as never),
      crypto: crypto.module,
      fs: () => parts.fs().fs,
      'fs/promises': () => parts.fs().promises,
      http: () => parts.http().http,
      https: () => parts.http().https,
      module: () => this.moduleModule(),
      os,
      perf_hooks: () => perfHooksModule(clock.performance),
      process: () => parts.process,
      timers: () => Object.assign({ ...clock.timers }, { promises: clock.promises, default: clock.timers }),
      'timers/promises': () => Object.assign({ ...clock.promises }, { default: clock.promises }),
      worker_threads: () => parts.threads,
      zlib: () => createZlib(life),
    });
    const globals = {
      ...clock.timers,
      AbortSignal: clock.abortSignal,
      MessageChannel: parts.threads.MessageChannel,
      console,
      crypto: crypto.webcrypto,
      fetch: parts.fetch,
      performance: clock.performance,
      process: parts.process,
      queueMicrotask: (work: () => void) => queueMicrotask(() => life.guard(work)),
    };
    this.ground = takeGround(parts.codeDir, Object.keys(globals));
    this.tools = this.ground.tools;
    const own = { now: () => life.now() + parts.skewMs(), random: parts.random };
    const standing = { ...own, file: (shownAs: string) => this.code.get(shownAs) };
    this.surroundings = {
      ...standing,
      siblings: (shownAs) => this.siblingsOf(shownAs),
      builtins: this.builtins,
      globals,
      outlet: parts.outlet,
    };
    life.surroundings = this.surroundings;
    this.values = this.ground.stand(standing, globals);
  }

  /** Loads a file of the function, by the path that the code sees. */
  load(shownAs: string): unknown {
    const known = this.files.get(shownAs);
    if (known) return known.exports;
    const ofRuntime = shownAs.startsWith(runtimeRoot);
    const path = ofRuntime ? shownAs : this.realPath(shownAs);
    const module = {
      exports: this.tools.object() as unknown,
      filename: shownAs,
      id: shownAs,
      loaded: false,
      children: [],
    };
    this.files.set(shownAs, module);
    try {
      if (shownAs.endsWith('.json')) {
        module.exports = this.tools.parse(readFileSync(path, 'utf8'));
      } else {
        const file = ofRuntime ? loadRuntimePackage(shownAs, this.parts.codeDir) : loadCode(path, shownAs);
        if (!file)
          throw this.notFound(`Cannot find module '${shownAs}': neither the project nor this installation has it.`);
        this.code.set(shownAs, file);
        if (file.shared && sharing.on) {
          module.exports = loadShared(file, shownAs, this.surroundings);
          return module.exports;
        }
        const require = this.requireFrom(shownAs);
        const mport = (name: unknown): Promise<unknown> =>
          this.tools.resolve(() => this.namespace(require(String(name))));
        const wrapper = this.ground.wrapper(file)(mport, `file://${shownAs}`, ...this.values);
        wrapper(module.exports, require, module, shownAs, posix.dirname(shownAs));
      }
      module.loaded = true;
      return module.exports;
    } catch (error) {
      this.files.delete(shownAs);
      throw error;
    }
  }

  /** What `import()` of a module gives. */
  private namespace(exports: unknown): unknown {
    if (exports === null || (typeof exports !== 'object' && typeof exports !== 'function')) return { default: exports };
    if ((exports as { __esModule?: boolean }).__esModule) return exports;
    return Object.assign(this.tools.object(), exports, { default: exports });
  }

  private siblingsOf(from: string): Siblings {
    return {
      find: (name) => {
        const shownAs = this.resolveFile(name, from);
        const file = shownAs.startsWith(taskRoot) ? loadCode(this.realPath(shownAs), shownAs) : undefined;
        if (file?.shared) return { file, shownAs };
        throw this.notFound(
          `${from} asks for '${name}'; a file that is shared asks for others that are, and brings the rest.`,
        );
      },
      load: (shownAs) => this.load(shownAs),
    };
  }

  private requireFrom(from: string): (name: string) => unknown {
    const resolve = (name: string): string => {
      const bare = name.replace(/^node:/, '');
      if (this.builtins.has(bare)) return name;
      return this.resolveFile(name, from);
    };
    const require = (name: string): unknown => {
      const bare = name.replace(/^node:/, '');
      const builtin = this.builtins.get(bare);
      if (builtin) return builtin;
      if (name.startsWith('node:') || builtinModules.includes(bare)) {
        throw this.notFound(`The module '${name}' is not modelled in the sandbox (required by ${from}).`);
      }
      return this.load(this.resolveFile(name, from));
    };
    return Object.assign(require, { resolve, cache: {}, main: undefined });
  }

  /** Found once: code asks for the same file at many places, and looking for it is slow. */
  private resolveFile(name: string, from: string): string {
    const key = `${from}\n${name}`;
    const known = this.resolved.get(key) ?? this.lookFor(name, from);
    this.resolved.set(key, known);
    return known;
  }

  private lookFor(name: string, from: string): string {
    const path = name.startsWith('file:') ? fileURLToPath(name) : name;
    if (/^\.{0,2}\//.test(path)) {
      const found = this.asFile(posix.resolve(posix.dirname(from), path));
      if (found) return found;
    } else {
      for (let folder = posix.dirname(from); folder.startsWith(taskRoot); folder = posix.dirname(folder)) {
        const found = this.asFile(posix.join(folder, 'node_modules', path));
        if (found) return found;
      }
    }
    if (/^@(aws-sdk|smithy)\/[\w-]+$/.test(path)) return `${runtimeRoot}/${path}.js`;
    throw this.notFound(
      `Cannot find module '${name}' (required by ${from}). The sandbox runs what is in the function's own asset: ` +
        'bundle the module, or put it into the asset.',
    );
  }

  private asFile(shownAs: string): string | undefined {
    if (shownAs !== taskRoot && !shownAs.startsWith(`${taskRoot}/`)) return undefined;
    for (const suffix of ['', '.js', '.cjs', '.mjs', '.json', '/index.js', '/index.cjs', '/index.mjs']) {
      const path = this.realPath(shownAs + suffix);
      if (statSync(path, { throwIfNoEntry: false })?.isFile()) return shownAs + suffix;
    }
    const manifest = this.realPath(`${shownAs}/package.json`);
    if (!existsSync(manifest)) return undefined;
    const main = JSON.parse(readFileSync(manifest, 'utf8')).main;
    return main ? this.asFile(posix.join(shownAs, main)) : undefined;
  }

  private realPath(shownAs: string): string {
    const path = join(this.parts.codeDir, posix.relative(taskRoot, shownAs));
    if (relative(this.parts.codeDir, path).startsWith('..')) throw this.notFound(`Cannot find module '${shownAs}'.`);
    return path;
  }

  private notFound(message: string): Error {
    return (this.tools?.error ?? ((text: string, more: object) => Object.assign(new Error(text), more)))(message, {
      code: 'MODULE_NOT_FOUND',
    });
  }

  private moduleModule(): object {
    const module: Record<string, unknown> = {
      builtinModules: [...builtinModules],
      isBuiltin: (name: string) => builtinModules.includes(name.replace(/^node:/, '')),
      createRequire: (from: string | URL) => this.requireFrom(String(from).replace(/^file:\/\//, '')),
    };
    module.default = module;
    return module;
  }
}

/** Tells whose promise was rejected: the prototype is the context's own. */
export const isPromiseOf = (realm: Realm, promise: unknown): boolean =>
  types.isPromise(promise) && Object.getPrototypeOf(promise) === realm.tools.promisePrototype;
