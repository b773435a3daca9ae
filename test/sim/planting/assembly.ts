/**
 * The cloud assembly of the app with a mistake in it: patched bundles of the handlers that the patch reaches, everything
 * else as it is, synthesized from patched constructs, in this process.
 *
 * 1. The working tree is not touched: esbuild is given the patched text wherever it would read a patched file.
 * 2. A patch of which nothing is deployed is refused: it would be 'not found' for a reason that says nothing.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, extname, join, relative, resolve } from 'node:path';
import { type BuildFailure, build, formatMessages, type Plugin } from 'esbuild';
import type { HandlerBundles } from '../../../lib/constructs/bundle';
import { bundleHandlers, handlerIds, projectRoot } from '../../../lib/constructs/bundle';
import { Freshness } from '../../../lib/constructs/bundle-freshness';
import type { createApp } from '../../../lib/stacks/app';
import { type Mistake, type Overlay, PatchError } from './patch';

const stacksEntry = 'lib/stacks/app.ts';

/** Writes the assembly into `outDir`, which is replaced. Throws PatchError; BundleError where the patched code is no code. */
export async function plant(mistake: Mistake, overlay: Overlay, outDir: string): Promise<void> {
  rmSync(outDir, { recursive: true, force: true });
  mkdirSync(outDir, { recursive: true });
  const plugin = overlaying(overlay);
  const plain = join(projectRoot, 'build', 'handlers');
  const handlers = await bundleHandlers();
  const freshness = new Freshness(projectRoot, plain);
  const patched = handlerIds().filter((id) => freshness.sourcesOf(id).some((path) => overlay.has(path)));
  const planted =
    patched.length > 0 ? await bundlePatched(mistake, patched, join(outDir, 'handlers'), plugin) : undefined;
  const { create, sources } = await patchedStacks(mistake, outDir, plugin);
  if (patched.length === 0 && !sources.some((path) => overlay.has(path))) {
    throw new PatchError(`${mistake.file} changes nothing that is deployed: ${[...overlay.keys()].join(', ')}`);
  }
  const folderOf = (id: string): string => (planted && patched.includes(id) ? planted : handlers).folderOf(id);
  create({ folderOf }, join(outDir, 'cdk.out')).synth();
}

export const assemblyIn = (outDir: string): string => join(outDir, 'cdk.out');

async function bundlePatched(mistake: Mistake, ids: string[], out: string, plugin: Plugin): Promise<HandlerBundles> {
  try {
    return await bundleHandlers({ ids, out, plugins: [plugin], beside: handlerIds() });
  } catch (error) {
    throw new PatchError(`${mistake.file} makes code that does not bundle: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

/** The stacks' code with the patch in it, as one module; the CDK itself is loaded once and shared. */
async function patchedStacks(
  mistake: Mistake,
  outDir: string,
  plugin: Plugin,
): Promise<{ create: typeof createApp; sources: string[] }> {
  // Two folders below the project's root, as lib/constructs/bundle.ts needs it.
  const outfile = join(projectRoot, 'build', 'planted', `stacks-${basename(outDir)}-${process.pid}.cjs`);
  const result = await build({
    entryPoints: [join(projectRoot, stacksEntry)],
    absWorkingDir: projectRoot,
    outfile,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    metafile: true,
    logLevel: 'silent',
    plugins: [plugin],
  }).catch(async (failure: BuildFailure) => {
    const lines = await formatMessages(failure.errors ?? [], { kind: 'error', color: false });
    throw new PatchError(`${mistake.file} makes stacks that do not bundle: ${lines.join('\n') || failure.message}`);
  });
  try {
    const { createApp: create } = createRequire(outfile)(outfile);
    return { create, sources: Object.keys(result.metafile.inputs) };
  } catch (error) {
    throw new PatchError(`${mistake.file} makes stacks that do not load: ${(error as Error).message}`, {
      cause: error,
    });
  } finally {
    rmSync(outfile, { force: true });
  }
}

/** Patched text in the place of what lies on the disk; new files are found as if they lay there. */
function overlaying(overlay: Overlay): Plugin {
  const texts = new Map([...overlay].map(([path, text]) => [resolve(projectRoot, path), text]));
  return {
    name: 'planted',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /^\.\.?\// }, ({ path, resolveDir }) => {
        const full = join(resolveDir, path);
        const found = [full, `${full}.ts`, join(full, 'index.ts')].find(
          (candidate) => texts.get(candidate) !== undefined,
        );
        return found ? { path: found } : undefined;
      });
      onLoad({ filter: /\.(ts|json)$/ }, ({ path }) => {
        if (!texts.has(path)) return undefined;
        const contents = texts.get(path);
        if (contents === undefined)
          return { errors: [{ text: `${relative(projectRoot, path)} was deleted by the patch` }] };
        return { contents, loader: extname(path) === '.json' ? 'json' : 'ts', resolveDir: dirname(path) };
      });
    },
  };
}
