/**
 * Code that came as archives, unpacked for the runtimes: into one folder of this run, which is removed when it ends.
 *
 * 1. An archive is unpacked once, when an environment first needs it. Services only keep its bytes: they do no I/O, and
 *    a run that goes on with a data folder has its code without knowing where it once lay.
 * 2. Folders of runs that ended without notice are removed by the next run.
 * 3. As in Lambda, code that is not bundled finds the AWS SDK: the clients that this installation has.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, sep } from 'node:path';
import { filesOf } from './services/functions/archive';
import type { EnvironmentSpec } from './services/service';

const prefix = 'baton-functions-';

export class UnpackedCode {
  private folder: string | undefined;
  private readonly unpacked = new Map<string, string>();

  /** The same, its code in a folder. Throws what writing throws. */
  located<Spec extends EnvironmentSpec>(spec: Spec): Spec {
    const { archive } = spec;
    if (!archive) return spec;
    let codeDir = this.unpacked.get(archive.sha256);
    if (!codeDir) {
      codeDir = join(this.run(), createHash('sha256').update(archive.sha256).digest('hex').slice(0, 16));
      for (const [name, content] of Object.entries(filesOf(archive.bytes))) {
        const path = join(codeDir, name);
        // Checked when it was uploaded; this is the place where it would do harm.
        if (!path.startsWith(codeDir + sep)) throw new Error(`'${name}' lies outside of the function's folder`);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, content, { mode: 0o755 });
      }
      this.unpacked.set(archive.sha256, codeDir);
    }
    return { ...spec, codeDir };
  }

  remove(): void {
    if (this.folder) rmSync(this.folder, { recursive: true, force: true });
    this.folder = undefined;
    this.unpacked.clear();
  }

  private run(): string {
    if (this.folder) return this.folder;
    removeLeftovers();
    this.folder = mkdtempSync(join(tmpdir(), `${prefix}${process.pid}-`));
    for (const scope of ['@aws-sdk', '@smithy']) linkModules(this.folder, scope);
    return this.folder;
  }
}

/** `node_modules/<scope>` beside the functions leads to that of this installation. */
function linkModules(folder: string, scope: string): void {
  for (const modules of module.paths) {
    try {
      readdirSync(join(modules, scope));
    } catch {
      continue;
    }
    mkdirSync(join(folder, 'node_modules'), { recursive: true });
    symlinkSync(join(modules, scope), join(folder, 'node_modules', scope), 'junction');
    return;
  }
}

function removeLeftovers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number(name.slice(prefix.length).split('-')[0]) : 0;
    if (!(pid > 0) || isAlive(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
