/**
 * The app's cloud assembly, with its real handlers, for tests: synthesized at most once for one state of the sources,
 * whichever suite or worker asks first, and kept for the next run. Loads no CDK itself.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot, sourcesHash } from '../../lib/cli/project';

export type TemplateResource = { Type: string; Properties: any; Metadata?: any; DeletionPolicy?: string };
export interface StackTemplate {
  Resources: Record<string, TemplateResource>;
  Outputs: Record<string, { Value: unknown; Export?: { Name: string } }>;
}

const cache = join(projectRoot, 'build', 'assemblies');
/** More than any synthesis takes on a busy machine. */
const patienceMs = 120_000;

let known: string | undefined;

/** The assembly's folder, as `baton local --assembly` takes it. */
export function assemblyDir(): string {
  if (known) return known;
  const dir = join(cache, sourcesHash().slice(0, 16));
  mkdirSync(cache, { recursive: true });
  const lock = `${dir}.lock`;
  const started = Date.now();
  while (!isComplete(dir)) {
    if (take(lock)) {
      try {
        if (!isComplete(dir)) synthesizeInto(dir);
      } finally {
        rmSync(lock, { force: true });
      }
    } else if (Date.now() - started > patienceMs) {
      throw new Error(`another process has been synthesizing for ${patienceMs / 1000} s; if none is, remove ${lock}`);
    } else {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 50);
    }
  }
  known = dir;
  return dir;
}

/** `stack`: an id of lib/stacks/names.ts. */
export const templateOf = (stack: string): StackTemplate =>
  JSON.parse(readFileSync(join(assemblyDir(), `${stack}.template.json`), 'utf8'));

const isComplete = (dir: string): boolean => existsSync(join(dir, 'manifest.json'));

/** True when this process now holds the lock. A lock whose owner is gone is taken away. */
function take(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    try {
      process.kill(Number(readFileSync(lock, 'utf8')), 0);
    } catch (error) {
      // ENOENT: released meanwhile. ESRCH: its owner died.
      if ((error as NodeJS.ErrnoException).code === 'ESRCH') rmSync(lock, { force: true });
    }
    return false;
  }
}

function synthesizeInto(dir: string): void {
  removeOld();
  const fresh = `${dir}.${process.pid}`;
  const run = spawnSync(process.execPath, ['--import', 'tsx', join(projectRoot, 'bin', 'app.ts')], {
    cwd: projectRoot,
    env: { ...process.env, CDK_OUTDIR: fresh, CDK_VALIDATION: 'false' },
    encoding: 'utf8',
  });
  if (run.status !== 0) {
    rmSync(fresh, { recursive: true, force: true });
    throw new Error(`the app does not synthesize:\n${run.stderr || run.stdout}`);
  }
  renameSync(fresh, dir);
}

/** The last few states of the sources stay, for going back and forth; a run may still be reading the newest. */
function removeOld(): void {
  const byAge = readdirSync(cache)
    .filter((name) => !name.includes('.'))
    .map((name) => ({ path: join(cache, name), at: statSync(join(cache, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of byAge.slice(3)) rmSync(path, { recursive: true, force: true });
}
