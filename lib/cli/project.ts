/** Where the project is, and whether its cdk.out still says what its sources say. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { CliError } from './errors';

/** The project's root: build/cli/baton.cjs lies two folders below it. */
export const projectRoot = join(__dirname, '..', '..');

/** What synthesis reads. lib/local, lib/sim and lib/cli only read what it writes. */
const synthesisSources = ['bin/app.ts', 'lib', 'lambdas', 'cdk.json', 'package-lock.json'];
const notSynthesized = new Set(['lib/local', 'lib/sim', 'lib/cli', 'lib/contracts/CATALOG.md']);
const stampName = '.baton-sources';

/** A hash over the contents of everything that synthesis reads, settings of the environment included. */
export function sourcesHash(): string {
  const hash = createHash('sha256');
  for (const name of Object.keys(process.env).sort()) {
    if (name.startsWith('BATON_') && name !== 'BATON_DEBUG') hash.update(`${name}=${process.env[name]}\0`);
  }
  const add = (path: string): void => {
    const name = relative(projectRoot, path);
    if (notSynthesized.has(name) || !existsSync(path)) return;
    if (statSync(path).isDirectory()) {
      for (const entry of readdirSync(path).sort()) add(join(path, entry));
    } else {
      hash.update(`${name}\0`).update(readFileSync(path));
    }
  };
  for (const source of synthesisSources) add(join(projectRoot, source));
  return hash.digest('hex');
}

/**
 * Synthesizes into cdk.out when the sources changed since the last time, in a process of its own (aws-cdk-lib is large,
 * and the local run needs none of it). Resolves with the folder; throws what synthesis said.
 */
export async function synthesizeIfChanged(say: (line: string) => void): Promise<string> {
  const out = join(projectRoot, 'cdk.out');
  const stamp = join(out, stampName);
  const wanted = sourcesHash();
  const known = existsSync(stamp) ? readFileSync(stamp, 'utf8') : undefined;
  if (known === wanted && existsSync(join(out, 'manifest.json'))) return out;
  say(known ? 'Sources changed since the last synthesis: synthesizing ...' : 'No synthesis yet: synthesizing ...');
  const started = Date.now();
  // Half of a synthesis must not pass for a whole one, whatever the sources say next time.
  rmSync(stamp, { force: true });
  await synthesize(out);
  writeFileSync(stamp, wanted);
  say(`Synthesized into cdk.out in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
  return out;
}

function synthesize(out: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(projectRoot, 'bin', 'baton.cjs'), 'synth', '--out', out], {
      cwd: projectRoot,
      env: { ...process.env, CDK_VALIDATION: process.env.CDK_VALIDATION ?? 'false' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const said: Buffer[] = [];
    child.stderr.on('data', (chunk) => said.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else {
        // It has said what is wrong, and whether it is ours; only its name in front is said once.
        const why = Buffer.concat(said)
          .toString()
          .trim()
          .replace(/^baton: /, '');
        reject(new CliError(`synthesis failed: ${why || `its process ended with ${code}`}`));
      }
    });
  });
}
