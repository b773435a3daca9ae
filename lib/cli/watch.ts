/**
 * `baton local --watch`: what is saved is live, and nothing that is going on is lost.
 *
 * 1. A file that handlers reach: those handlers are bundled, and the next invocation of their functions is run by new code.
 *    Where there are many, the function that ran last comes first: whoever saves looks at it next, and all take a second;
 *    a save in that second does not wait for the rest.
 * 2. A file that the stacks are made of: synthesized again, and applied in place (lib/local/apply.ts).
 * 3. What does not bundle, synthesize or apply is said, and what ran before goes on.
 * Somebody else's assembly has no sources here: each new synthesis in its folder is applied.
 */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { watch as watchFiles } from 'chokidar';
import pc from 'picocolors';
import { LiveBundles } from '../constructs/bundle-live';
import type { LocalRun } from '../local/start';

export interface WatchOptions {
  run: LocalRun;
  say(line: string): void;
  /** The project, for sources of ours; `synthesize` gives the folder. */
  sources?: { root: string; synthesize(): Promise<string> };
  /** The assembly, for one of somebody else's. */
  assemblyDir?: string;
}

export interface Watching {
  close(): Promise<void>;
}

const stackSources =
  /^(lib\/(stacks|constructs|contracts)\/|lib\/config\.ts$|bin\/app\.ts$|cdk\.json$|package-lock\.json$)/;
const notOurs = /^lib\/(local|sim|cli)(\/|$)|CATALOG\.md$/;
/** Editors write several times for one save; a synthesis writes for a while. */
const quietMs = { sources: 10, assembly: 300 };

/** chokidar drops a second change of a file that comes within 50 ms of the first: it is looked at once more. */
const chokidarDeafMs = 80;
const stampOf = (file: string): string => {
  const stat = statSync(file, { throwIfNoEntry: false });
  return `${stat?.ino} ${stat?.mtimeMs} ${stat?.size}`;
};

/** Resolves when changes are seen. */
export async function watch(options: WatchOptions): Promise<Watching> {
  return options.sources ? watchSources(options, options.sources) : watchAssembly(options, options.assemblyDir!);
}

async function watchSources({ run, say }: WatchOptions, { root, synthesize }: NonNullable<WatchOptions['sources']>) {
  const live = new LiveBundles(root);
  let functions = functionsByHandler(run, root);
  const name = (file: string): string => relative(root, file).split(sep).join('/');
  const exchange = async (id: string): Promise<void> => putCode(run, functions.get(id) ?? [], await live.bundle(id));
  /** Handlers whose code is older than their sources. */
  const behind = new Set<string>();
  const changed = async (files: string[], more: () => boolean): Promise<void> => {
    const started = performance.now();
    const what = files.map(name).join(', ');
    const tell = (ids: string[], rest = ''): void =>
      say(`${what}: ${ids.join(', ')} live in ${Math.round(performance.now() - started)} ms${rest}.`);
    const ids = live.reached(files);
    for (const id of ids) behind.add(id);
    const done: string[] = [];
    let failed: Error | undefined;
    for (const [place, id] of latestFirst(run, [...behind], functions).entries()) {
      // Saved again meanwhile: the rest comes with that.
      if (place > 0 && more()) break;
      behind.delete(id);
      try {
        await exchange(id);
        done.push(id);
      } catch (error) {
        failed ??= error as Error;
      }
      if (place === 0 && done.length > 0 && behind.size > 0) tell(done.splice(0), `; ${behind.size} more follow`);
    }
    if (failed) return refuse(say, what, failed);
    if (done.length > 0) tell(done);
    if (ids.length > 0 && !files.some((file) => stackSources.test(name(file)))) return;
    await apply(run, say, what, await synthesize());
    const before = functions;
    functions = functionsByHandler(run, root);
    for (const id of functions.keys()) if (!before.has(id)) await live.bundle(id);
  };
  for (const id of functions.keys()) await live.bundle(id);
  const paths = ['lambdas', 'lib', 'bin/app.ts', 'cdk.json', 'package-lock.json'].map((path) => join(root, path));
  const watching = await whenQuiet(paths, (path) => notOurs.test(name(path)), quietMs.sources, changed, say);
  return {
    async close() {
      await watching.close();
      await live.close();
    },
  };
}

async function watchAssembly({ run, say }: WatchOptions, dir: string): Promise<Watching> {
  const isAsset = (path: string): boolean => /^asset\./.test(relative(dir, path));
  return whenQuiet([dir], isAsset, quietMs.assembly, () => apply(run, say, relative('.', dir) || dir, dir), say);
}

/** Has `work` done for the files of each burst of changes, one after the other; `more` says that another one waits. */
async function whenQuiet(
  paths: string[],
  ignored: (path: string) => boolean,
  ms: number,
  work: (files: string[], more: () => boolean) => Promise<void>,
  say: (line: string) => void,
): Promise<Watching> {
  const waiting = new Set<string>();
  const timers = new Set<NodeJS.Timeout>();
  let quiet: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  let waitingWork = 0;
  const later = (act: () => void, afterMs: number): NodeJS.Timeout => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, afterMs);
    timers.add(timer);
    return timer;
  };
  const begin = (): void => {
    const files = [...waiting];
    waiting.clear();
    const stamps = files.map(stampOf);
    waitingWork++;
    working = working
      .then(() => {
        waitingWork--;
        return work(files, () => waitingWork > 0);
      })
      .catch((error) => refuse(say, files.join(', '), error));
    later(() => {
      for (const [index, file] of files.entries()) if (stampOf(file) !== stamps[index]) changed(file);
    }, chokidarDeafMs);
  };
  const changed = (path: string): void => {
    waiting.add(path);
    clearTimeout(quiet);
    quiet = later(begin, ms);
  };
  const watcher = watchFiles(paths, { ignored, ignoreInitial: true });
  watcher.on('all', (_event, path) => changed(path));
  watcher.on('error', (error) => say(pc.red(`Watching failed: ${(error as Error).message}`)));
  await new Promise<void>((resolve) => watcher.once('ready', () => resolve()));
  return {
    async close() {
      for (const timer of timers) clearTimeout(timer);
      await watcher.close();
      await working;
    },
  };
}

async function apply(run: LocalRun, say: (line: string) => void, what: string, dir: string): Promise<void> {
  const { added, changed, removed, kept } = await run.apply(dir);
  const parts = Object.entries({ added, changed, removed }).filter(([, names]) => names.length > 0);
  for (const [verb, names] of parts) say(`${what}: ${verb} ${names.join(', ')}.`);
  for (const { resource, why } of kept)
    say(pc.yellow(`${what}: gone from the templates, kept here: ${resource}; ${why}.`));
  if (parts.length + kept.length === 0) say(`${what}: nothing that runs here changed.`);
}

function refuse(say: (line: string) => void, what: string, error: Error): void {
  say(pc.red(`${what}: what ran before goes on. ${error.message}`));
}

/** Names of functions by handler id ('<owner>/<name>'): a function's asset has the bytes of its handler's bundle. */
function functionsByHandler(run: LocalRun, root: string): Map<string, string[]> {
  const out = join(root, 'build', 'handlers');
  const text = (folder: string): string | undefined => {
    const file = join(folder, 'index.js');
    return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  };
  const folders = (dir: string): string[] =>
    readdirSync(dir, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  const idOf = new Map<string, string>();
  if (existsSync(out)) {
    for (const owner of folders(out)) {
      for (const handler of folders(join(out, owner))) {
        const code = text(join(out, owner, handler));
        if (code !== undefined) idOf.set(code, `${owner}/${handler}`);
      }
    }
  }
  const functions = new Map<string, string[]>();
  for (const { type, requests, identity } of run.plan.resources) {
    const dir = type === 'AWS::Lambda::Function' ? requests[0]?.input.Code?.$dir : undefined;
    const id = dir && idOf.get(text(dir) ?? '');
    if (id) functions.set(id, [...(functions.get(id) ?? []), identity.ref]);
  }
  return functions;
}

/** By when their functions last wrote a line, which each does in each invocation. */
function latestFirst(run: LocalRun, ids: string[], functions: Map<string, string[]>): string[] {
  const ask = (service: 'lambda' | 'logs', operation: string, input: object) =>
    run.world.requestNow(service, operation, input).output;
  const lastMs = (FunctionName: string): number => {
    const { LoggingConfig } = ask('lambda', 'GetFunctionConfiguration', { FunctionName }) ?? {};
    const { logStreams = [] } = ask('logs', 'DescribeLogStreams', { logGroupName: LoggingConfig?.LogGroup }) ?? {};
    return Math.max(0, ...logStreams.map((stream: { lastEventTimestamp?: number }) => stream.lastEventTimestamp ?? 0));
  };
  const last = new Map(ids.map((id) => [id, Math.max(0, ...(functions.get(id) ?? []).map(lastMs))]));
  return [...ids].sort((a, b) => last.get(b)! - last.get(a)!);
}

function putCode(run: LocalRun, names: readonly string[], codeDir: string): void {
  for (const FunctionName of names) {
    const { error } = run.world.requestNow('lambda', '$replaceCode', { FunctionName, codeDir });
    if (error) throw new Error(`${FunctionName}: ${error.message}`);
  }
}

/** Every function of ours from a bundle whose maps lead to the sources: what a debugger needs. */
export async function useReadableCode(run: LocalRun, root: string): Promise<void> {
  const live = new LiveBundles(root);
  try {
    for (const [id, names] of functionsByHandler(run, root)) putCode(run, names, await live.bundle(id));
  } finally {
    await live.close();
  }
}
