/**
 * Which bundles still say what their sources say: bundling everything takes seconds, and most changes touch few handlers.
 *
 * 1. A bundle is fresh while all its sources in the project, the locked packages and the way of bundling are the same,
 *    and its folder holds what was written. Contents decide, never times.
 * 2. Its sources are all that esbuild looked at for it, also files of which nothing was left in the bundle.
 * Not seen: a new file that would now be found in the place of an old one ('a.ts' beside 'a/index.ts').
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';
import { isOwnSource, type Uses } from './bundle-beside';

interface Known {
  /** Paths relative to the project's root. */
  sources: string[];
  sourcesHash: string;
  folderHash: string;
  /** What it uses of what lies beside. */
  uses: Uses;
  /** What each file beside was made from, by its name. */
  besides: Record<string, string>;
}

/** What decides on every bundle. */
const common = ['package-lock.json', 'tsconfig.json', 'lib/constructs/bundle.ts', 'lib/constructs/bundle-beside.ts'];

export class Freshness {
  private readonly file: string;
  private readonly commonHash: string;
  private readonly known: Record<string, Known>;

  /** `out`: the folder of the bundles' folders. */
  constructor(
    private readonly root: string,
    private readonly out: string,
  ) {
    this.file = join(out, '.fresh.json');
    this.commonHash = this.hashOf(common);
    this.known = this.load();
  }

  isFresh(id: string): boolean {
    const known = this.known[id];
    return (
      known !== undefined &&
      known.sourcesHash === this.hashOf(known.sources) &&
      known.folderHash === folderHash(join(this.out, id))
    );
  }

  /** The project's own files that its bundle was made of, relative to the root; none where that is not known. */
  sourcesOf(id: string): readonly string[] {
    return this.known[id]?.sources ?? [];
  }

  usesOf(id: string): Uses {
    return this.known[id]?.uses ?? {};
  }

  /** Its file beside was made from this, and from sources that are still the same. */
  hasBeside(id: string, file: string, key: string): boolean {
    return this.known[id]?.besides[file] === key;
  }

  /** After its file beside was written. */
  rememberBeside(id: string, file: string, key: string): void {
    const known = this.known[id];
    if (!known) return;
    const besides = { ...known.besides, [file]: key };
    this.known[id] = { ...known, besides, folderHash: folderHash(join(this.out, id)) };
  }

  /** After `id` was written, without what lies beside; `entries` are its entry points, relative to the root. */
  remember(id: string, inputs: Metafile['inputs'], entries: readonly string[], uses: Uses): void {
    const sources = [...new Set(entries.flatMap((entry) => reached(inputs, entry)))].sort();
    this.known[id] = {
      sources,
      sourcesHash: this.hashOf(sources),
      folderHash: folderHash(join(this.out, id)),
      uses,
      besides: {},
    };
  }

  save(ids: readonly string[]): void {
    const bundles = Object.fromEntries(ids.flatMap((id) => (this.known[id] ? [[id, this.known[id]]] : [])));
    writeFileSync(this.file, JSON.stringify({ common: this.commonHash, bundles }));
  }

  private load(): Record<string, Known> {
    try {
      const saved = JSON.parse(readFileSync(this.file, 'utf8'));
      return saved.common === this.commonHash ? saved.bundles : {};
    } catch {
      // Never written, or half written by a process that was killed: everything is bundled anew.
      return {};
    }
  }

  private hashOf(paths: readonly string[]): string {
    const hash = createHash('sha256');
    for (const path of paths) {
      const full = join(this.root, path);
      hash.update(`${path}\0`).update(existsSync(full) ? readFileSync(full) : '(none)');
    }
    return hash.digest('hex');
  }
}

/** The project's own files that lead from `entry` to its bundle. */
function reached(inputs: Metafile['inputs'], entry: string): string[] {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path) || !isOwnSource(path)) return;
    seen.add(path);
    for (const { path: next, external } of inputs[path]?.imports ?? []) {
      if (!external) visit(next);
    }
  };
  visit(entry);
  return [...seen];
}

function folderHash(folder: string): string {
  if (!existsSync(folder)) return '(none)';
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) hash.update(`${name}\0`).update(readFileSync(join(folder, name)));
  return hash.digest('hex');
}
