/**
 * Bundles of handlers while their sources are edited: one esbuild context a handler, so that only what changed is read
 * again, and only those handlers are bundled that reach a changed file.
 *
 * 1. A bundle gets a folder named by its contents below build/watch/<owner>/<name>: a function that is still running
 *    keeps the code that it began with.
 * 2. The maps lead to the sources where they lie, so that a debugger finds them without settings. Nothing is minified.
 * 3. What does not bundle is tried again at the next change, whatever file that is in.
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { type BuildContext, type BuildResult, context } from 'esbuild';
import { bundleSettings, doesNotBundle, inputsOf, needs, slashed, workersOf } from './bundle';

interface Live {
  context: BuildContext;
  /** Paths relative to the root; undefined until the first success. */
  inputs: Set<string> | undefined;
  broken: boolean;
}

export class LiveBundles {
  private readonly live = new Map<string, Live>();

  constructor(private readonly root: string) {}

  /** Those of the open handlers whose bundles reach one of these files (absolute paths), or did not bundle last time. */
  reached(files: readonly string[]): string[] {
    const paths = files.map((file) => slashed(relative(this.root, file)));
    return [...this.live].flatMap(([id, { inputs, broken }]) =>
      broken || paths.some((path) => inputs?.has(path)) ? [id] : [],
    );
  }

  /** Bundles `lambdas/<id>.ts`; the folder with its index.js. Throws BundleError. */
  async bundle(id: string): Promise<string> {
    const live = this.live.get(id) ?? (await this.open(id));
    live.broken = true;
    const result: BuildResult = await live.context.rebuild().catch(doesNotBundle);
    live.inputs = new Set(Object.keys(result.metafile!.inputs));
    live.broken = false;
    const files = result.outputFiles!.map(({ path, contents }) => ({ name: basename(path), contents }));
    const hash = createHash('sha256');
    for (const { contents } of files) hash.update(contents);
    const folder = join(this.root, 'build', 'watch', id, hash.digest('hex').slice(0, 16));
    if (!existsSync(join(folder, 'index.js'))) {
      mkdirSync(folder, { recursive: true });
      for (const { name, contents } of files.reverse()) writeFileSync(join(folder, name), contents);
    }
    return folder;
  }

  async close(): Promise<void> {
    await Promise.all([...this.live.values()].map((live) => live.context.dispose()));
    this.live.clear();
  }

  /** What threads of its own a handler needs is known when it is bundled. */
  private async open(id: string): Promise<Live> {
    const entries = [{ in: join(this.root, 'lambdas', `${id}.ts`), out: 'index' }];
    // Beside the folders that bundles get: the same way leads to the sources.
    const outdir = join(this.root, 'build', 'watch', id, 'out');
    const opened = (entryPoints: typeof entries): Promise<BuildContext> =>
      context({ ...bundleSettings(this.root), entryPoints, outdir });
    let made = await opened(entries);
    const workers = workersOf(this.root, [id]);
    if (workers.length > 0) {
      const first = await made.rebuild().catch(() => undefined);
      const output = slashed(relative(this.root, join(outdir, 'index.js')));
      const inputs = first?.metafile ? inputsOf(first.metafile, output) : [];
      const needed = workers.filter((worker) => needs(worker, inputs, id, this.root));
      if (needed.length > 0) {
        await made.dispose();
        made = await opened([
          ...entries,
          ...needed.map((worker) => ({ in: worker.file, out: basename(worker.fileName, '.js') })),
        ]);
      }
    }
    const live = { context: made, inputs: undefined, broken: true };
    this.live.set(id, live);
    return live;
  }
}
