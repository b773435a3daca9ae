/**
 * What lies beside a bundle, in files of its own, since it keeps no state of the function that loads it. Whoever runs many
 * functions in one process (the simulator) can have such a file evaluated and compiled once: in a bundle, where each
 * environment evaluates it anew, it never gets warm (bench/simulate.ts).
 *
 * - sdk.js: the AWS SDK; packages.js: zod, middy and Powertools. Each has what all handlers use of the packages that this
 *   one uses, so that handlers that use the same packages have the same bytes there.
 * - contracts.js: of lib/contracts what this handler uses, and nothing else: a contract changes the functions that use it.
 *
 * 1. What is used is what is imported by name (`import { PutItemCommand } from '@aws-sdk/client-dynamodb'`), or named as a
 *    member (`z.object` of `import * as z from 'zod/mini'`). Of the SDK, and of contracts, `import *` means the whole.
 * 2. A handler that is the first to use something of a package changes that file of all that use this package.
 * 3. Only the project's own imports lead there; packages that use one another bring what they use. Worker threads' files
 *    bring all.
 */
import { join, relative, sep } from 'node:path';
import { type BuildOptions, build, type Metafile, type OnResolveArgs, type Plugin } from 'esbuild';

/** Names of each module: { '@aws-sdk/client-dynamodb': ['DynamoDBClient', 'PutItemCommand'], 'lib/contracts/record': ['own'] }. */
export type Uses = Readonly<Record<string, readonly string[]>>;

export interface Beside {
  file: 'sdk.js' | 'packages.js' | 'contracts.js';
  /** Names of its modules: of packages as they are imported, of the project's files as paths from the root. */
  holds: RegExp;
  /** It has what all handlers use of a module, or what this one uses. */
  usedBy: 'all' | 'one';
  /** Of frames in the SDK names are enough, and its map is larger than all else together. */
  map: boolean;
}

const contracts: Beside = { file: 'contracts.js', holds: /^lib\/contracts(\/|$)/, usedBy: 'one', map: true };
export const besides: readonly Beside[] = [
  { file: 'sdk.js', holds: /^@(aws-sdk|smithy)\//, usedBy: 'all', map: false },
  {
    file: 'packages.js',
    holds: /^(zod|@middy\/core|@aws-lambda-powertools\/(logger|metrics))(\/|$)/,
    usedBy: 'all',
    map: true,
  },
  contracts,
];
const packages = besides.filter((beside) => beside !== contracts);

/** Files beside index.js and its map. */
export const besideFiles: readonly string[] = besides.flatMap(({ file, map }) =>
  map ? [file, `${file}.map`] : [file],
);

/**
 * The first line of a file that keeps no state of the function that loads it: the sandbox evaluates such a file once for
 * all functions (lib/local/sandbox/bundle.ts has the same text, since constructs and the local run do not import each
 * other; a test holds them together).
 */
export const sharedMark = '/* baton:shared */';

/** Where esbuild is told that they lie: paths in their maps begin there, wherever they are written. */
export const besideFolder = (root: string): string => join(root, 'build', 'handlers');

type Settings = BuildOptions & { write: false };

export interface Used {
  /** What each handler uses of what lies beside. */
  uses: Map<string, Uses>;
  /** And what its files name, used or not. */
  names: Map<string, Uses>;
  /** Of what the bundles are made. */
  metafile: Metafile;
}

/** Found in the imports that esbuild leaves in place. */
export async function usesOf(
  root: string,
  ids: readonly string[],
  settings: Settings,
  plugins: readonly Plugin[],
): Promise<Used> {
  const outdir = besideFolder(root);
  const importsBut = async (
    outside: readonly Beside[],
    treeShaking = true,
  ): Promise<{ texts: string[]; metafile: Metafile }> => {
    const { outputFiles, metafile } = await build({
      ...settings,
      treeShaking,
      metafile: true,
      entryPoints: ids.map((id) => ({ in: join(root, 'lambdas', `${id}.ts`), out: id })),
      outdir,
      packages: 'external',
      format: 'esm',
      sourcemap: false,
      plugins: [...plugins, leavingOut(root, outside, settings)],
    });
    const textOf = new Map(outputFiles.map(({ path, text }) => [path, text]));
    return { texts: ids.map((id) => textOf.get(join(outdir, `${id}.js`))!), metafile };
  };
  // Contracts use packages themselves; what is used of contracts shows where they are left out.
  const [ofPackages, ofContracts, ofAll] = await Promise.all([
    importsBut(packages),
    importsBut(besides),
    importsBut(besides, false),
  ]);
  const uses = ids.map((id, index): [string, Uses] => [
    id,
    {
      ...importsOf(ofPackages.texts[index]!, packages),
      ...importsOf(ofContracts.texts[index]!, [contracts]),
    },
  ]);
  const names = ids.map((id, index): [string, Uses] => [id, importsOf(ofAll.texts[index]!, besides)]);
  return { uses: new Map(uses), names: new Map(names), metafile: ofPackages.metafile };
}

/** The module of a file beside that an import of the project's own code leads to; undefined: none of these has it. */
function moduleOf(
  root: string,
  of: readonly Beside[],
  { path, importer, resolveDir }: OnResolveArgs,
): string | undefined {
  if (/[\\/]node_modules[\\/]/.test(importer)) return undefined;
  const name = /^\.{1,2}(\/|$)/.test(path) ? relative(root, join(resolveDir, path)).split(sep).join('/') : path;
  return of.some(({ holds }) => holds.test(name)) ? name : undefined;
}

/** An import of which nothing is used is not in the output. */
const leavingOut = (root: string, of: readonly Beside[], settings: Settings): Plugin => ({
  name: 'only what is used of what lies beside',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/ }, (args) => {
      const module = args.kind === 'import-statement' ? moduleOf(root, of, args) : undefined;
      if (module === undefined) return undefined;
      return {
        path: module,
        sideEffects: false,
        ...(memberwise.test(module) ? { namespace } : { external: true }),
      };
    });
    // In the place of the package, so that esbuild finds out which members of `import * as z` are used.
    onLoad({ filter: /.*/, namespace }, async ({ path }) => ({
      contents: (await exportsOf(root, path, settings))
        .map(
          (name, index) =>
            `const _${index} = /* @__PURE__ */ ${mention}("${path}", "${name}"); export { _${index} as "${name}" };`,
        )
        .join('\n'),
    }));
  },
});

const namespace = 'beside';
const memberwise = /^zod\//;
const mention = '$batonUses';

const exportsKnown = new Map<string, Promise<string[]>>();

/** Names that a package's module exports. */
function exportsOf(root: string, name: string, settings: Settings): Promise<string[]> {
  const key = `${root}\n${name}`;
  const list = async (): Promise<string[]> => {
    const made = { ...settings, outdir: besideFolder(root), format: 'esm', sourcemap: false, metafile: true } as const;
    const { metafile } = await build({ ...made, entryPoints: [name] });
    return Object.values(metafile.outputs)[0]!.exports;
  };
  return madeOnce(exportsKnown, key, list);
}

/** In a process that bundles often the same each time; what failed is tried anew. */
export function madeOnce<T>(known: Map<string, Promise<T>>, key: string, make: () => Promise<T>): Promise<T> {
  let made = known.get(key);
  if (!made) {
    made = make();
    known.set(key, made);
    made.catch(() => known.delete(key));
  }
  return made;
}

const whole = '*';
/** As esbuild writes imports that it leaves alone; each in a line or a few of its own. */
const importOfNames = /^(?:import|export) \{([^}]*)\} from "([^"]+)";$/gm;
const importOfAll = /^(?:import|export) \*(?: as [\w$]+)? from "([^"]+)";$/gm;
const mentionOf = new RegExp(`\\${mention}\\("([^"]+)", "([^"]+)"\\)`, 'g');
const importOfDefault = /^import [\w$]+(?:, \{([^}]*)\})? from "([^"]+)";$/gm;

function importsOf(text: string, of: readonly Beside[]): Uses {
  const use: Record<string, string[]> = {};
  const add = (from: string, names: string[]): void => {
    if (of.some(({ holds }) => holds.test(from))) use[from] = [...new Set([...(use[from] ?? []), ...names])];
  };
  const named = (names = ''): string[] =>
    names.split(',').flatMap((name) => (name.trim() ? [name.trim().split(' as ')[0]!] : []));
  for (const [, names, from] of text.matchAll(importOfNames)) add(from!, named(names));
  for (const [, from, name] of text.matchAll(mentionOf)) add(from!, [name!]);
  for (const [, from] of text.matchAll(importOfAll)) add(from!, [whole]);
  for (const [, names, from] of text.matchAll(importOfDefault)) add(from!, ['default', ...named(names)]);
  return use;
}

/** What a handler's file has, in one order; `all`: the uses of all handlers. */
export function contentOf({ holds, usedBy }: Beside, own: Uses, all: readonly Uses[]): Uses {
  const used = (name: string): string[] => {
    const names = (usedBy === 'all' ? all : [own]).flatMap((use) => use[name] ?? []);
    return [...new Set(names)].sort();
  };
  return Object.fromEntries(
    Object.keys(own)
      .filter((name) => holds.test(name))
      .sort()
      .map((name) => [name, used(name)]),
  );
}

/**
 * The text of such a file, and its map: it exports an object of the used names for each module, under the module's name.
 * `use`: all that the handler uses which it is for. Where it would have nothing, there is none.
 */
export async function besideText(
  root: string,
  beside: Beside,
  content: Uses,
  use: Uses,
  settings: Settings,
  plugins: readonly Plugin[],
): Promise<{ text: string | undefined; map: string | undefined }> {
  if (Object.keys(content).length === 0) return { text: undefined, map: undefined };
  const parts = Object.entries(content).map(([name, names], index) => {
    const from = beside === contracts ? `./${name}` : name;
    const single = names.filter((one) => one !== whole);
    const all = names.includes(whole) ? [`import * as w${index} from '${from}';`] : [];
    const members = [
      ...(all.length > 0 ? [`...w${index}`] : []),
      ...single.map((one, at) => `${JSON.stringify(one)}: _${index}_${at}`),
    ];
    return [
      ...all,
      `import { ${single.map((one, at) => `${one} as _${index}_${at}`).join(', ')} } from '${from}';`,
      `const p${index} = { __esModule: true, ${members.join(', ')} };`,
      `export { p${index} as '${name}' };`,
    ].join('\n');
  });
  const { outputFiles } = await build({
    ...settings,
    stdin: { contents: parts.join('\n'), resolveDir: root },
    outfile: join(besideFolder(root), beside.file),
    banner: { js: sharedMark },
    minify: true,
    sourcemap: beside.map ? 'linked' : false,
    metafile: false,
    plugins: [...plugins, ...(beside === contracts ? [leadingTo(root, packages, membersOf(use))] : [])],
  });
  const endingIn = (end: string): string | undefined => outputFiles.find(({ path }) => path.endsWith(end))?.text;
  return { text: endingIn('.js'), map: endingIn('.js.map') };
}

/** Of packages whose members are used: what files name of others, used or not, is not known here. */
const membersOf = (use: Uses): Uses =>
  Object.fromEntries(Object.entries(use).filter(([module]) => memberwise.test(module)));

/** Whether an input of a bundle is a file of the project, and not of a package or a stand-in for one. */
export const isOwnSource = (input: string): boolean =>
  !input.includes('node_modules/') && !input.startsWith(`${namespace}:`);

/** Imports in the project's own files lead to the files beside; `named`: what those files name of them. */
export const leadingTo = (root: string, of: readonly Beside[], named: Uses): Plugin => ({
  name: 'beside the bundle',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /.*/, namespace: 'file' }, (args) => {
      const module = args.kind === 'import-statement' ? moduleOf(root, of, args) : undefined;
      // What is imported for its effects alone has none: it keeps no state.
      return module === undefined ? undefined : { path: module, namespace, sideEffects: false };
    });
    onLoad({ filter: /.*/, namespace }, ({ path }) => {
      const found = `require('./${of.find(({ holds }) => holds.test(path))!.file}')['${path}']`;
      const names = named[path] ?? [];
      if (names.length === 0 || names.includes(whole)) return { contents: `module.exports = ${found};` };
      // Variables of their own: members of what `require` gives, esbuild would copy as getters for each file that names them.
      // What is named and not used is left out of the bundle, as of the file beside.
      const variables = names.map((name, at) => `const _${at} = /* @__PURE__ */ of(${JSON.stringify(name)});`);
      const exported = names.map((name, at) => `_${at} as ${JSON.stringify(name)}`);
      const own = ['const of = (name) => from[name];', ...variables, `export { ${exported.join(', ')} };`];
      return { contents: `const from = ${found};\n${own.join('\n')}` };
    });
    onResolve({ filter: /^\.\/\w+\.js$/, namespace }, ({ path }) => ({ path, external: true }));
  },
});
