/**
 * One esbuild run bundles every handler whose sources have changed: lambdas/<owner>/<name>.ts -> build/handlers/<owner>/<name>/index.js (+ map),
 * and beside it, as far as they are used, the AWS SDK, packages and contracts (bundle-beside.ts).
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
import {
  besideFiles,
  besideFolder,
  besides,
  besideText,
  contentOf,
  isOwnSource,
  leadingTo,
  madeOnce,
  type Used,
  type Uses,
  usesOf,
} from './bundle-beside';
import { Freshness } from './bundle-freshness';

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
  /** Handlers whose use of packages counts for what lies beside each one (bundle-beside.ts). Default: `ids`. */
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
  const uses = new Map([...ids, ...others].map((id) => [id, freshness.usesOf(id)]));
  if (unknown.length > 0) {
    const found = await usesOf(root, unknown, bundleSettings(root), plugins).catch(doesNotBundle);
    for (const [id, use] of found.uses) uses.set(id, use);
    if (stale.length > 0) await bundle(root, out, stale, freshness, plugins, found);
  }
  await writeBesides(root, out, ids, freshness, plugins, uses);
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
  { uses, names, metafile }: Used,
): Promise<void> {
  const workers = workersOf(root, ids);
  const settings = { ...bundleSettings(root), outdir: out, minify: true };
  // Each by itself: what its files name of what lies beside decides on its text, and not what others name.
  const handler = (id: string) =>
    build({
      ...settings,
      entryPoints: [{ in: join(root, 'lambdas', `${id}.ts`), out: `${id}/index` }],
      plugins: [...plugins, leadingTo(root, besides, names.get(id)!)],
    });
  const [handlers, threads] = await Promise.all([
    Promise.all(ids.map(handler)),
    build({
      ...settings,
      entryPoints: workers.map(({ file, key }) => ({ in: file, out: key })),
      plugins: [...plugins],
    }),
  ]).catch(doesNotBundle);
  const built = new Map(
    [...handlers, threads]
      .flatMap(({ outputFiles }) => outputFiles)
      .map((file) => {
        const name = slashed(relative(out, file.path));
        return [name, name.endsWith('.map') ? relativeToProject(file.text, dirname(file.path), root) : file.text];
      }),
  );
  const inputs = { ...metafile.inputs, ...threads.metafile.inputs };
  for (const [index, id] of ids.entries()) {
    const files = new Map([['index.js', built.get(`${id}/index.js`)!]]);
    files.set('index.js.map', built.get(`${id}/index.js.map`)!);
    const own = inputsOf(handlers[index]!.metafile, slashed(relative(root, join(out, id, 'index.js'))));
    const needed = workers.filter((candidate) => needs(candidate, own, id, root));
    for (const worker of needed) {
      files.set(worker.fileName, built.get(`${worker.key}.js`)!);
      files.set(`${worker.fileName}.map`, built.get(`${worker.key}.js.map`)!);
    }
    writeFolder(join(out, id), files, besideFiles);
    const sources = [`lambdas/${id}.ts`, ...needed.map((worker) => slashed(relative(root, worker.file)))];
    freshness.remember(id, inputs, sources, uses.get(id)!);
  }
}

type Made = ReturnType<typeof besideText>;

/** One for many handlers. */
const ofPackages: Map<string, Made> = new Map();

/** What lies beside each bundle, where it is not what it has to be. */
async function writeBesides(
  root: string,
  out: string,
  ids: readonly string[],
  freshness: Freshness,
  plugins: readonly Plugin[],
  uses: ReadonlyMap<string, Uses>,
): Promise<void> {
  const all = [...uses.values()];
  const settings = bundleSettings(root);
  for (const id of ids) {
    const folder = join(out, id);
    for (const beside of besides) {
      const { file, usedBy } = beside;
      const content = contentOf(beside, uses.get(id)!, all);
      const key = JSON.stringify(content);
      if (freshness.hasBeside(id, file, key)) continue;
      const make = (): Made => besideText(root, beside, content, uses.get(id)!, settings, plugins);
      const made = usedBy === 'all' ? madeOnce(ofPackages, `${root}\n${file}\n${key}`, make) : make();
      const { text, map } = await made.catch(doesNotBundle);
      putFile(join(folder, file), text);
      putFile(join(folder, `${file}.map`), map && relativeToProject(map, besideFolder(root), root));
      freshness.rememberBeside(id, file, key);
    }
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
  '@smithy/credential-provider-imds',
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

/** undefined: there is to be none. */
function putFile(path: string, text: string | undefined): void {
  if (text === undefined) rmSync(path, { force: true });
  else replaceFile(path, text);
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
