/**
 * A function's code on disk -> scripts that any number of contexts run. Read, transformed and compiled once a process.
 *
 * 1. CommonJS runs as it is, but for `import(...)`, which vm would refuse or answer with the real module: it becomes a
 *    call of `$mport(...)`, six letters again, so that columns still fit the source map.
 * 2. ES modules are turned into CommonJS by esbuild; top-level await cannot be, and is refused by name.
 * 3. Builtins that code names often are parameters of the wrapping function: a lookup in a vm context's global costs much
 *    more than a local.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { Script } from 'node:vm';
import { buildSync } from 'esbuild';
import { type Positions, positionsOf } from './source-map';

export interface CodeFile {
  /** Evaluates to ($mport, $url, ...builtins) => (exports, require, module, __filename, __dirname) => void. */
  script: Script;
  positions: Positions;
  /** Evaluated once for all environments (shared-code.ts). */
  shared: boolean;
  /** Frames of it are in stacks: not those of shared code without a map, which tell nobody anything. */
  framed: boolean;
}

/** The first line of such a file; lib/constructs/bundle-beside.ts writes it. */
export const sharedMark = '/* baton:shared */';

/** Globals that no program replaces. */
export const builtinParameters = [
  'Object',
  'Array',
  'Promise',
  'Error',
  'TypeError',
  'RangeError',
  'Map',
  'Set',
  'WeakMap',
  'WeakSet',
  'Symbol',
  'JSON',
  'Math',
  'Number',
  'String',
  'Boolean',
  'RegExp',
  'Date',
  'Reflect',
  'BigInt',
  'Uint8Array',
  'ArrayBuffer',
  'DataView',
  'parseInt',
  'parseFloat',
  'isNaN',
  'encodeURIComponent',
  'decodeURIComponent',
  'Buffer',
  'process',
  'globalThis',
  'Function',
  'Infinity',
  'NaN',
  'isFinite',
  'URL',
  'URLSearchParams',
  'TextEncoder',
  'TextDecoder',
  'AbortController',
  'AbortSignal',
  'Uint32Array',
  'Int32Array',
  'WeakRef',
  'Proxy',
] as const;

// Two functions, so that code may declare any of the outer names itself (const { URL } = require('url')).
const outer = ['$mport', '$url', ...builtinParameters];
const prefix = `(function (${outer.join(', ')}) { return function (exports, require, module, __filename, __dirname) {`;
/** Not a method's definition (`import(x) {`), not a property (`.import(`). */
const dynamicImport = /(?<![\w$.])import(?=\s*\((?![^()]*\)\s*\{))/g;

const cache = new Map<string, CodeFile>();

/** `shownAs` is the path that the code itself sees, e.g. '/var/task/index.js'. Throws SyntaxError and the like. */
export function loadCode(path: string, shownAs: string): CodeFile {
  const { mtimeMs, size } = statSync(path);
  const key = `${path}\n${shownAs}\n${mtimeMs}\n${size}`;
  const known = cache.get(key);
  if (known) return known;
  const { code, map } = isModule(path) ? fromModule(path) : { code: readFileSync(path, 'utf8'), map: mapBeside(path) };
  const shared = code.startsWith(`${sharedMark}\n`);
  // Copies of a shared file are one file.
  const textKey = shared ? `${shownAs}\n${createHash('sha256').update(code).digest('hex')}` : key;
  const loaded = cache.get(textKey) ?? {
    script: scriptOf(code, shownAs),
    positions: positionsOf(map),
    shared,
    framed: !shared || existsSync(`${path}.map`),
  };
  cache.set(textKey, loaded);
  cache.set(key, loaded);
  return loaded;
}

const scriptOf = (code: string, shownAs: string): Script =>
  new Script(`${prefix}${code.replace(/^#!.*/, '').replace(dynamicImport, '$$mport')}\n}})`, {
    filename: shownAs,
    columnOffset: -prefix.length,
  });

/** Where Lambda's runtime has the SDK, for code that brings none. */
export const runtimeRoot = '/var/runtime/node_modules';

/**
 * A package of the SDK as one file: that of the project which the code belongs to, else that of this installation.
 * Undefined: neither has it. `shownAs`: below `runtimeRoot`.
 * Source: docs.aws.amazon.com/lambda/latest/dg/lambda-nodejs.html (Runtime-included SDK versions).
 */
export function loadRuntimePackage(shownAs: string, codeDir: string): CodeFile | undefined {
  const name = shownAs.slice(runtimeRoot.length + 1).replace(/\.js$/, '');
  for (const resolveDir of [codeDir, __dirname]) {
    const key = `${resolveDir}\n${shownAs}`;
    const known = cache.get(key);
    if (known) return known;
    const code = packageText(name, resolveDir);
    if (code === undefined) continue;
    const script = scriptOf(code, shownAs);
    const loaded: CodeFile = { script, positions: positionsOf(() => undefined), shared: true, framed: false };
    cache.set(key, loaded);
    return loaded;
  }
  return undefined;
}

function packageText(name: string, resolveDir: string): string | undefined {
  try {
    const built = buildSync({
      stdin: { contents: `module.exports = require(${JSON.stringify(name)})`, resolveDir },
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      mainFields: ['module', 'main'],
      write: false,
      logLevel: 'silent',
    });
    return built.outputFiles[0]!.text;
  } catch {
    return undefined;
  }
}

/** The file that a handler names, as Lambda's runtime looks for it; undefined when there is none. */
export function findCode(codeDir: string, file: string): string | undefined {
  for (const extension of ['', '.js', '.mjs', '.cjs']) {
    const path = join(codeDir, file + extension);
    if (existsSync(path) && statSync(path).isFile()) return path;
  }
  return undefined;
}

export function isModule(path: string): boolean {
  const extension = extname(path);
  if (extension === '.mjs') return true;
  if (extension !== '.js') return false;
  const manifest = join(dirname(path), 'package.json');
  return existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).type === 'module';
}

function fromModule(path: string): { code: string; map: () => string | undefined } {
  const built = buildSync({
    entryPoints: [path],
    bundle: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    define: { 'import.meta.url': '$url' },
    sourcemap: 'external',
    outdir: dirname(path),
    write: false,
    logLevel: 'silent',
  });
  const text = (suffix: string): string | undefined =>
    built.outputFiles.find((file) => file.path.endsWith(suffix))?.text;
  return { code: text('.js') ?? '', map: () => text('.map') };
}

function mapBeside(path: string): () => string | undefined {
  return () => (existsSync(`${path}.map`) ? readFileSync(`${path}.map`, 'utf8') : undefined);
}
