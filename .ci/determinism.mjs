/** The same 20 seeds in one process, in two, and again: the same traces, byte for byte (their digests are compared). */
import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const seed = process.argv[2] ?? '1';
const digests = (workers) => {
  const args = ['bin/baton.cjs', 'simulate', '--seed', seed, '--seeds', '20', '--workers', String(workers)];
  const { stdout, stderr, status } = spawnSync(process.execPath, [...args, '--keep-going', '--digest', '--json'], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (!stdout.startsWith('{')) throw new Error(`simulate ended with ${status}: ${stderr}`);
  return JSON.parse(stdout).digests;
};

const first = digests(1);
const other = digests(Math.max(2, Math.min(3, availableParallelism())));
const different = Object.keys(first).filter((name) => first[name] !== other[name]);
if (Object.keys(first).length !== 20) throw new Error(`20 digests were expected: ${JSON.stringify(first)}`);
if (different.length > 0) {
  console.error(`not the same in another process: seed(s) ${different.join(', ')}`);
  process.exit(1);
}
console.log('20 seeds: the same traces in one process and in several, byte for byte');
