/**
 * The AWS SDK of a bundle lies beside it, as sdk.js: what all handlers use of the clients that this one uses. So handlers
 * that use the same clients have the same bytes there, and whoever runs many of them in one process (the simulator) can
 * have the SDK loaded and compiled once: in a bundle of its own it never got warm (bench/simulate.ts).
 *
 * 1. The SDK's packages are imported by name (`import { PutItemCommand } from '@aws-sdk/client-dynamodb'`), and no more
 *    of them is in the file.
 * 2. A handler that is the first to use a command of a client changes the sdk.js of all that use this client.
 */
import { join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';

/** Names of each package: { '@aws-sdk/client-dynamodb': ['DynamoDBClient', 'PutItemCommand'] }. */
export type SdkUse = Readonly<Record<string, readonly string[]>>;

export const sdkFile = 'sdk.js';
const ofSdk = /^@(aws-sdk|smithy)\//;

/**
 * The first line of a file that keeps no state of the function that loads it: the sandbox evaluates such a file once for
 * all functions (lib/local/sandbox/bundle.ts has the same text, since constructs and the local run do not import each
 * other; a test holds them together).
 */
export const sharedMark = '/* baton:shared */';

type Settings = BuildOptions & { write: false };

/** What each of these handlers uses of the SDK. */
export async function sdkUses(
  root: string,
  ids: readonly string[],
  settings: Settings,
  plugins: readonly Plugin[],
): Promise<Map<string, SdkUse>> {
  const outdir = join(root, 'build', 'handlers');
  const { outputFiles } = await build({
    ...settings,
    entryPoints: ids.map((id) => ({ in: join(root, 'lambdas', `${id}.ts`), out: id })),
    outdir,
    packages: 'external',
    format: 'esm',
    sourcemap: false,
    plugins: [...plugins, onlyWhatIsUsed],
  });
  const textOf = new Map(outputFiles.map(({ path, text }) => [path, text]));
  return new Map(ids.map((id) => [id, importsOf(textOf.get(join(outdir, `${id}.js`))!)]));
}

/** An import of which nothing is used is not in the output. */
const onlyWhatIsUsed: Plugin = {
  name: 'only what is used of the SDK',
  setup({ onResolve }) {
    onResolve({ filter: ofSdk }, ({ path }) => ({ path, external: true, sideEffects: false }));
  },
};

/** As esbuild writes imports that it leaves alone; each in a line or a few of its own. */
const importOfNames = /^import \{([^}]*)\} from "([^"]+)";$/gm;

function importsOf(text: string): SdkUse {
  const use: Record<string, string[]> = {};
  for (const [, names, from] of text.matchAll(importOfNames)) {
    if (!ofSdk.test(from!)) continue;
    use[from!] = [...(use[from!] ?? []), ...names!.split(',').map((name) => name.trim().split(' as ')[0]!)];
  }
  return use;
}

/** What the handler's sdk.js has, in one order: all that any of `all` uses of the packages of `own`. */
export function sdkWith(own: SdkUse, all: readonly SdkUse[]): SdkUse {
  const used = (name: string): string[] => [...new Set(all.flatMap((use) => use[name] ?? []))].sort();
  return Object.fromEntries(
    Object.keys(own)
      .sort()
      .map((name) => [name, used(name)]),
  );
}

/** The text of sdk.js: it exports an object of the used names for each package, under the package's name. */
export async function sdkText(root: string, use: SdkUse, settings: Settings): Promise<string> {
  const packages = Object.entries(use);
  const contents = packages.map(
    ([name, names], index) =>
      `import { ${names.map((one, at) => `${one} as _${index}_${at}`).join(', ')} } from '${name}';
const p${index} = { ${names.map((one, at) => `${one}: _${index}_${at}`).join(', ')} };
export { p${index} as '${name}' };`,
  );
  const { outputFiles } = await build({
    ...settings,
    stdin: { contents: contents.join('\n'), resolveDir: root },
    banner: { js: sharedMark },
    minify: true,
    // Of frames in the SDK names are enough, and its map is larger than all else together.
    sourcemap: false,
    metafile: false,
  });
  return outputFiles[0]!.text;
}

/** Whether an input of a bundle is a file of the project, and not of a package or a stand-in for one. */
export const isOwnSource = (input: string): boolean => !input.includes('node_modules/') && !input.startsWith('sdk:');

/** Imports of the SDK in the project's own files lead to sdk.js; packages that use the SDK themselves keep theirs. */
export const sdkBeside: Plugin = {
  name: 'sdk beside the bundle',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: ofSdk }, ({ path, importer, kind }) =>
      kind === 'import-statement' && !/[\\/]node_modules[\\/]/.test(importer) ? { path, namespace: 'sdk' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'sdk' }, ({ path }) => ({
      contents: `module.exports = require('./${sdkFile}')['${path}'];`,
    }));
    onResolve({ filter: new RegExp(`^\\./${sdkFile.replace('.', '\\.')}$`), namespace: 'sdk' }, ({ path }) => ({
      path,
      external: true,
    }));
  },
};
