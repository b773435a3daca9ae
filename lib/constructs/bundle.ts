/**
 * One esbuild run bundles every handler whose sources have changed: lambdas/<owner>/<name>.ts -> build/handlers/<owner>/<name>/index.js (+ map),
 * and beside it the AWS SDK as far as it is used, sdk.js (bundle-sdk.ts; measured: 90 ms to import both, against 400 ms
 * with the SDK of Lambda's runtime).
 *
 * 1. The same sources give the same bytes, wherever the project lies: paths in the maps are relative to the project.
 * 2. A folder holds what its function needs and nothing else, so a change of one handler changes one asset.
 * 3. A handler whose code names '<x>.worker' gets lambdas/<owner>/<x>.worker.ts beside it, as <x>.worker.js; one that
 *    uses piscina gets piscina's own worker.js, which piscina looks up beside the code that it is bundled into.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, posix, relative, sep } from 'node:path';
import { type BuildFailure, type BuildOptions, build, formatMessages, type Metafile, type Plugin } from 'esbuild';
import { consumers } from '../contracts';
import { Freshness } from './bundle-freshness';
import { isOwnSource, type SdkUse, sdkBeside, sdkFile, sdkText, sdkUses, sdkWith } from './bundle-sdk';

/** The project's root: this file, and the bundled command line, lie two folders below it. */
export const projectRoot = join(__dirname, '..', '..');

/** The handler that belongs to no consumer. */
export const sweeperId = 'shared/sweep';

/** Handlers are named by '<owner>/<name>'. */
export interface HandlerBundles {
  /** The folder with `index.js`, whose export `handler` is the function. */
  folderOf(id: string): string;
}

export class BundleError extends Error {
  override readonly name = 'BundleError';
}

export interface BundleOptions {
  root?: string;
  /** Ids of the handlers; default: one for each declared consumer, and the sweeper. */
  ids?: readonly string[];
  /** Where the bundles' folders are; default: build/handlers. */
  out?: string;
  /** Handlers whose use of the SDK counts for each one's sdk.js. Default: `ids`. */
  beside?: readonly string[];
  /** Sees the sources before they are bundled. */
  plugins?: readonly Plugin[];
}

export const handlerIds = (): string[] => [...consumers.map((consumer) => consumer.id), sweeperId];

/** Bundles what is stale, and writes only what differs from what is there. Throws BundleError, naming the file. */
export async function bundleHandlers(options: BundleOptions = {}): Promise<HandlerBundles> {
  const root = options.root ?? projectRoot;
  const ids = options.ids ?? handlerIds();
  refuseMissing(root, ids);
  const out = options.out ?? join(root, 'build', 'handlers');
  const freshness = new Freshness(root, out);
  const plugins = options.plugins ?? [];
  const stale = ids.filter((id) => !freshness.isFresh(id));
  const others = (options.beside ?? []).filter((id) => !ids.includes(id));
  const unknown = [...stale, ...others.filter((id) => !freshness.isFresh(id))];
  const uses = new Map([...ids, ...others].map((id) => [id, freshness.sdkOf(id)]));
  if (unknown.length > 0) {
    const found = await sdkUses(root, unknown, bundleSettings(root), plugins).catch(doesNotBundle);
    for (const [id, use] of found) uses.set(id, use);
  }
  if (stale.length > 0) await bundle(root, out, stale, freshness, plugins, uses);
  await writeSdks(root, out, ids, freshness, uses);
  if (existsSync(out)) removeOthers(out, ids);
  freshness.save(ids);
  return { folderOf: (id) => join(out, id) };
}

/** What every bundle of a handler is made with. */
export const bundleSettings = (root: string) =>
  ({
    absWorkingDir: root,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    mainFields: ['module', 'main'],
    external: neverLoaded,
    sourcemap: 'linked',
    sourcesContent: false,
    legalComments: 'none',
    // CommonJS needs no import(); a bundle without it also runs where modules cannot be linked (node:vm).
    supported: { 'dynamic-import': false },
    metafile: true,
    write: false,
    logLevel: 'silent',
  }) satisfies BuildOptions;

export async function doesNotBundle(failure: BuildFailure): Promise<never> {
  const lines = await formatMessages(failure.errors ?? [], { kind: 'error', color: false });
  throw new BundleError(`the handlers do not bundle:\n${lines.join('\n') || failure.message}`, { cause: failure });
}

async function bundle(
  root: string,
  out: string,
  ids: readonly string[],
  freshness: Freshness,
  plugins: readonly Plugin[],
  uses: ReadonlyMap<string, SdkUse>,
): Promise<void> {
  const workers = workersOf(root, ids);
  const entries = [
    ...ids.map((id) => ({ in: join(root, 'lambdas', `${id}.ts`), out: `${id}/index` })),
    ...workers.map((worker) => ({ in: worker.file, out: worker.key })),
  ];
  const result = await build({
    ...bundleSettings(root),
    entryPoints: entries,
    outdir: out,
    minify: true,
    plugins: [...plugins, sdkBeside],
  }).catch(doesNotBundle);
  const built = new Map(
    result.outputFiles.map((file) => {
      const name = slashed(relative(out, file.path));
      return [name, name.endsWith('.map') ? relativeToProject(file.text, dirname(file.path), root) : file.text];
    }),
  );
  for (const id of ids) {
    const files = new Map([['index.js', built.get(`${id}/index.js`)!]]);
    files.set('index.js.map', built.get(`${id}/index.js.map`)!);
    const inputs = inputsOf(result.metafile, slashed(relative(root, join(out, id, 'index.js'))));
    const needed = workers.filter((candidate) => needs(candidate, inputs, id, root));
    for (const worker of needed) {
      files.set(worker.fileName, built.get(`${worker.key}.js`)!);
      files.set(`${worker.fileName}.map`, built.get(`${worker.key}.js.map`)!);
    }
    writeFolder(join(out, id), files, [sdkFile]);
    const sources = [`lambdas/${id}.ts`, ...needed.map((worker) => slashed(relative(root, worker.file)))];
    freshness.remember(id, result.metafile, sources, uses.get(id)!);
  }
}

/** One for many handlers, and in a process that bundles often the same each time. */
const sdkTexts = new Map<string, Promise<string>>();

/** Every bundle's sdk.js, where it is not what it has to be. */
async function writeSdks(
  root: string,
  out: string,
  ids: readonly string[],
  freshness: Freshness,
  uses: ReadonlyMap<string, SdkUse>,
): Promise<void> {
  const all = [...uses.values()];
  for (const id of ids) {
    const wanted = sdkWith(uses.get(id)!, all);
    const key = JSON.stringify(wanted);
    if (freshness.hasSdk(id, key)) continue;
    const file = join(out, id, sdkFile);
    if (Object.keys(wanted).length === 0) rmSync(file, { force: true });
    else {
      const known = `${root}\n${key}`;
      const text = sdkTexts.get(known) ?? sdkText(root, wanted, bundleSettings(root)).catch(doesNotBundle);
      sdkTexts.set(known, text);
      replaceFile(file, await text);
    }
    freshness.rememberSdk(id, key);
  }
}

/**
 * Named by what is bundled, and never reached in a function: it takes its credentials from its environment (a fifth of
 * every bundle otherwise), and piscina lowers the priority of its threads, by a native library, only when asked to.
 */
const neverLoaded = [
  '@aws-sdk/credential-provider-ini',
  '@aws-sdk/credential-provider-process',
  '@aws-sdk/credential-provider-sso',
  '@aws-sdk/credential-provider-web-identity',
  '@napi-rs/nice',
];

interface Worker {
  /** Output path without '.js', relative to build/handlers. */
  key: string;
  file: string;
  fileName: string;
}

const piscinaWorker = 'node_modules/piscina/dist/worker.js';

export function workersOf(root: string, ids: readonly string[]): Worker[] {
  const owners = [...new Set(ids.map((id) => posix.dirname(id)))];
  const own = owners.flatMap((owner) =>
    readdirSync(join(root, 'lambdas', owner))
      .filter((file) => file.endsWith('.worker.ts'))
      .sort()
      .map((file) => {
        const name = file.slice(0, -'.ts'.length);
        return { key: `${owner}/${name}`, file: join(root, 'lambdas', owner, file), fileName: `${name}.js` };
      }),
  );
  const piscina = join(root, piscinaWorker);
  if (own.length === 0 || !existsSync(piscina)) return own;
  return [...own, { key: 'piscina/worker', file: piscina, fileName: 'worker.js' }];
}

export const inputsOf = (metafile: Metafile, output: string): string[] =>
  Object.keys(metafile.outputs[output]?.inputs ?? {});

export function needs(worker: Worker, inputs: readonly string[], id: string, root: string): boolean {
  if (worker.fileName === 'worker.js') return inputs.some((path) => path.startsWith('node_modules/piscina/'));
  if (posix.dirname(worker.key) !== posix.dirname(id)) return false;
  const name = basename(worker.key);
  return inputs.filter(isOwnSource).some((path) => readFileSync(join(root, path), 'utf8').includes(name));
}

function refuseMissing(root: string, ids: readonly string[]): void {
  const missing = ids.filter((id) => !existsSync(join(root, 'lambdas', `${id}.ts`)));
  if (missing.length === 0) return;
  throw new BundleError(
    `${missing.map((id) => `lambdas/${id}.ts`).join(', ')}: no such file; each declared consumer has its handler there. ` +
      'Write it (`npx baton new consumer` shows the shape), or take the declaration out of lib/contracts/consumers.',
  );
}

/** A map's sources, as esbuild writes them, lead from the output folder to the file; wanted: from the project's root. */
function relativeToProject(text: string, folder: string, root: string): string {
  const map = JSON.parse(text) as { sources: string[] };
  map.sources = map.sources.map((source) => slashed(relative(root, join(folder, source))));
  return JSON.stringify(map);
}

/** Another process may be reading the folder: a file is replaced in one step, and only when it differs. */
function writeFolder(folder: string, files: Map<string, string>, keep: readonly string[]): void {
  mkdirSync(folder, { recursive: true });
  for (const old of readdirSync(folder)) {
    if (!files.has(old) && !keep.includes(old)) rmSync(join(folder, old), { recursive: true });
  }
  for (const [name, text] of files) replaceFile(join(folder, name), text);
}

function replaceFile(path: string, text: string): void {
  if (existsSync(path) && readFileSync(path, 'utf8') === text) return;
  const folder = dirname(path);
  const fresh = join(dirname(folder), `.${basename(folder)}-${basename(path)}.${process.pid}`);
  writeFileSync(fresh, text);
  renameSync(fresh, path);
}

function removeOthers(out: string, ids: readonly string[]): void {
  for (const owner of readdirSync(out, { withFileTypes: true })) {
    if (!owner.isDirectory()) continue;
    for (const name of readdirSync(join(out, owner.name), { withFileTypes: true })) {
      const known = !name.isDirectory() || ids.includes(`${owner.name}/${name.name}`);
      if (!known) rmSync(join(out, owner.name, name.name), { recursive: true });
    }
  }
}

export const slashed = (path: string): string => path.split(sep).join('/');
