/**
 * What environments stand on: a vm context, its prelude and the function's compiled code. Making one and running new code
 * in it is slow, since an engine learns from what code has run: so a ground is used again by later environments, of this
 * world or the next, for the same code.
 *
 * 1. One environment at a time stands on a ground. Module code runs anew for each, in a scope of its own.
 * 2. Between two of them the context is restored (prelude.ts); one that cannot be, is dropped. So what an environment
 *    does is the same on a new ground and on a used one.
 * 3. A ground is given back when nothing of its last environment can run any more: after the microtasks that were left,
 *    and never while host work (zlib, subtle) is under way.
 */
import { types } from 'node:util';
import { type Context, createContext, Script } from 'node:vm';
import type { HostWork } from '../ports';
import { builtinParameters, type CodeFile } from './bundle';
import { hostGlobals } from './modules/globals';
import { type PreludeHost, prelude, type RealmTools } from './prelude';
import { shortWayFile } from './short-way';
import { formatStack } from './source-map';

/** What the ground asks of the environment that stands on it. */
export interface Standing {
  now(): number;
  random(): number;
  file(shownAs: string): CodeFile | undefined;
}

/** Where Node's own frames of a step's beginning are. */
const begins = new Set(['node:internal/async_hooks', 'node:internal/process/task_queues', 'node:internal/timers']);

/**
 * Without the frames of this process below the function's own (the timer that fired, the loop of virtual time): AWS has
 * none of them, and they would make a trace tell where and by whom it was made. What the SDK throws has no
 * frames: minified ones tell nobody anything, and the short way of a call (short-way.ts) has fewer of them.
 */
function ofFunction(sites: NodeJS.CallSite[], isFramed: (shownAs: string) => boolean): NodeJS.CallSite[] {
  const first = sites[0]?.getFileName();
  if (first && (first === shortWayFile || !isFramed(first))) return [];
  const own = (file: string | null | undefined): boolean => /^\/var\/(task|runtime)\//.test(file ?? '');
  // Whether a step began with a tick of Node, an immediate or a promise tells nothing about the function either.
  const seen = sites.filter((site) => !begins.has(site.getFileName() ?? ''));
  const other = (file: string | null | undefined): boolean => Boolean(file) && !own(file) && !file!.startsWith('node:');
  const end = seen.findIndex((site) => other(site.getFileName()));
  return end < 0 ? seen : [...seen.slice(0, end), ...seen.slice(end).filter((site) => own(site.getFileName()))];
}

/** undefined: V8 was not started with --allow-natives-syntax, as the simulator's workers are. */
function shapes(): PreludeHost['sameShape'] {
  try {
    return new Script('(a, b) => %HaveSameMap(a, b)').runInThisContext();
  } catch {
    return undefined;
  }
}

export type Wrapper = (...outer: unknown[]) => (...inner: unknown[]) => void;

/** More, and those of the code that was unused for the longest go. */
const mostKept = 96;

export class Ground {
  readonly tools: RealmTools;
  private readonly context: Context;
  private readonly wrappers = new Map<CodeFile, Wrapper>();
  private standing: Standing | undefined;

  constructor(globals: readonly string[]) {
    this.context = createContext({}, { name: 'function' });
    this.tools = prelude.runInContext(this.context)({
      now: () => this.standing!.now(),
      random: () => this.standing!.random(),
      formatStack: (error: unknown, sites: NodeJS.CallSite[]) =>
        formatStack(
          error,
          ofFunction(sites, (file) => this.standing?.file(file)?.framed ?? true),
          (file) => this.standing?.file(file)?.positions,
        ),
      types,
      globals,
      hostGlobals,
      builtins: builtinParameters,
      sameShape: shapes(),
    });
  }

  stand(standing: Standing, globals: Record<string, unknown>): unknown[] {
    this.standing = standing;
    return this.tools.dress(globals);
  }

  /** The functions of a script are compiled and optimized where its wrapper is one and the same. */
  wrapper(file: CodeFile): Wrapper {
    let wrapper = this.wrappers.get(file);
    if (!wrapper) {
      wrapper = file.script.runInContext(this.context) as Wrapper;
      this.wrappers.set(file, wrapper);
    }
    return wrapper;
  }

  evaluate<T>(script: Script): T {
    return script.runInContext(this.context) as T;
  }

  /** False: it is of no further use. */
  clear(): boolean {
    const restored = this.tools.restore();
    this.standing = undefined;
    return restored;
  }
}

/**
 * Unused ones by the folder of their code, the folder used last at the end. Of a folder's the last one given back is the
 * first taken: few that are warm are better than many.
 */
const kept = new Map<string, Ground[]>();
let count = 0;

export function takeGround(codeDir: string, globals: readonly string[]): Ground {
  const ground = kept.get(codeDir)?.pop();
  if (ground) count--;
  return ground ?? new Ground(globals);
}

/** When the environment has ended. */
export function leaveGround(ground: Ground, codeDir: string, hostWork: HostWork): void {
  setImmediate(() => {
    if (hostWork.pending() > 0 || !ground.clear()) return;
    const grounds = kept.get(codeDir) ?? [];
    kept.delete(codeDir);
    kept.set(codeDir, grounds);
    grounds.push(ground);
    if (++count > mostKept) forgetOne();
  });
}

function forgetOne(): void {
  for (const [dir, grounds] of kept) {
    if (grounds.length === 0) kept.delete(dir);
    else {
      grounds.shift();
      count--;
      return;
    }
  }
}
