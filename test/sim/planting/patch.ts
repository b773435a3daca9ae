/**
 * A planted mistake: a unified diff of the sources, as `git diff` writes it, below a few lines that say what it is.
 *
 *   Mistake: the record is put without a condition
 *   Rule: T1
 *   Breaks: two copies side by side are both handled.
 *   Caught-by: handled-once
 *
 *   diff --git a/lambdas/shared/commit.ts b/lambdas/shared/commit.ts
 *   ...
 *
 * 1. `git apply` applies it, to copies in a folder of their own: the working tree is never touched, and a patch that no
 *    longer fits is refused with git's own words.
 * 2. All header lines may be missing in other people's patches: then the file's name is the mistake's.
 * 3. What is not deployed (lib/local, lib/sim, tests) cannot be planted: it would change AWS, or the check, not the app.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

export interface Mistake {
  /** The file's name without its ending. */
  name: string;
  file: string;
  /** What somebody did wrong. */
  mistake: string;
  /** The rule of PROTOCOL.md that is left out, where it is one. */
  rule?: string;
  breaks?: string;
  /** The property that should catch it; others may be faster. */
  caughtBy?: string;
  diff: string;
}

/** Patched sources by their paths from the project's root, with slashes; undefined: deleted. */
export type Overlay = ReadonlyMap<string, string | undefined>;

export class PatchError extends Error {
  override readonly name = 'PatchError';
}

/** All mistakes of a folder (`*.patch`, `*.diff`), or of one such file, by name. */
export function readMistakes(path: string): Mistake[] {
  if (!existsSync(path)) throw new PatchError(`${path}: no such file or folder; a folder of *.patch files is wanted`);
  const isFolder = statSync(path).isDirectory();
  const files = isFolder
    ? readdirSync(path)
        .filter((name) => /\.(patch|diff)$/.test(name))
        .sort()
        .map((name) => join(path, name))
    : [path];
  if (files.length === 0) throw new PatchError(`${path} holds no *.patch and no *.diff file`);
  return files.map(readMistake);
}

function readMistake(file: string): Mistake {
  const text = readFileSync(file, 'utf8');
  const start = /^(diff --git |--- )/m.exec(text);
  if (!start) {
    throw new PatchError(`${file} holds no unified diff; make one with 'git diff > ${basename(file)}'`);
  }
  const header = text.slice(0, start.index);
  const said = (field: string): string | undefined =>
    new RegExp(`^${field}: (.*(?:\\n[ \\t]+\\S.*)*)`, 'im').exec(header)?.[1]?.replace(/\s*\n\s*/g, ' ');
  const name = basename(file).replace(/\.(patch|diff)$/, '');
  const { rule, breaks, caughtBy } = { rule: said('Rule'), breaks: said('Breaks'), caughtBy: said('Caught-by') };
  return {
    name,
    file,
    mistake: said('Mistake') ?? said('Subject') ?? name,
    ...(rule ? { rule } : {}),
    ...(breaks ? { breaks } : {}),
    ...(caughtBy ? { caughtBy } : {}),
    diff: text.slice(start.index),
  };
}

/** What is deployed: handlers, decisions, contracts, constructs, stacks. */
const plantable = /^(lambdas\/.+|lib\/(contracts|domain|constructs|stacks)\/.+|lib\/config)\.(ts|json)$/;

/** Throws PatchError, naming the file and git's reason. */
export function applied(mistake: Mistake, root: string): Overlay {
  const refuse = (why: string): never => {
    throw new PatchError(`${mistake.file} cannot be planted: ${why}`);
  };
  const folder = mkdtempSync(join(tmpdir(), 'baton-planted-'));
  try {
    const stat = git(folder, mistake, ['--numstat', '-z']);
    if (stat.status !== 0) refuse(stat.said);
    const paths = stat.out
      .split('\0')
      .filter(Boolean)
      .map((line) => line.split('\t').at(-1)!);
    if (paths.length === 0) refuse('its diff changes nothing');
    for (const path of paths) {
      if (!plantable.test(path))
        refuse(
          `it changes ${path}; what is deployed can be changed: lambdas, lib/contracts, lib/domain, lib/constructs, lib/stacks`,
        );
      const from = resolve(root, path);
      if (!existsSync(from)) continue;
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      cpSync(from, join(folder, path));
    }
    const { status, said } = git(folder, mistake, []);
    if (status !== 0)
      refuse(`${said}. The sources have changed since it was made? Mend it: apply it by hand, 'git diff' anew`);
    return new Map(
      paths.map((path) => {
        const to = join(folder, path);
        return [path, existsSync(to) ? readFileSync(to, 'utf8') : undefined];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line of context is enough to find a place, and few patches then need mending when the code near them changes. */
function git(
  folder: string,
  { diff }: Mistake,
  options: string[],
): { status: number | null; out: string; said: string } {
  const run = spawnSync('git', ['apply', '--recount', '-C1', '--whitespace=nowarn', ...options, '-'], {
    cwd: folder,
    input: diff,
    encoding: 'utf8',
    // Not a part of whatever repository the folder may lie in.
    env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder), GIT_DIR: '' },
  });
  if (run.error) return { status: 1, out: '', said: `git could not be run: ${run.error.message}` };
  return { status: run.status, out: run.stdout, said: run.stderr.trim().replace(/\s*\n\s*/g, '; ') };
}
