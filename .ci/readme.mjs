/**
 * Runs the README's commands, in the order in which they stand there, on this clone: every line of every `sh` block that
 * is not marked `# needs an AWS account`. `npm start` stays up for the commands after it and is stopped at the end.
 * `npm ci && npm test` has run as a step of its own and is not repeated before a consumer is added.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const skip = /# needs an AWS account/;
const commands = [...readFileSync('README.md', 'utf8').matchAll(/^ *```sh\n([\s\S]*?)^ *```/gm)]
  .flatMap(([, block]) => block.split('\n'))
  .map((line) => line.trim())
  .filter((line) => line && !skip.test(line));

let passed = 0;
let failed = 0;
const report = (command, ok, said) => {
  if (ok) passed++;
  else failed++;
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${command}`);
  if (!ok) console.log(said);
};
let up;
const written = [];
const declarations = mkdtempSync(join(tmpdir(), 'baton-readme-'));
cpSync('lib/contracts', declarations, { recursive: true });

for (const command of commands) {
  if (command.endsWith('npm ci && npm test')) continue;
  if (/npm start$/.test(command)) {
    if (up) await stop(up);
    up = await start(command);
    continue;
  }
  const { status, stdout, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${command}`], { encoding: 'utf8' });
  report(command, status === 0, `${stdout}${stderr}`);
  if (/baton new /.test(command)) written.push(...[...stdout.matchAll(/^ {2}(\S+\.ts) /gm)].map(([, file]) => file));
}
if (up) await stop(up);
// The consumer that the README added was for show. Only what it wrote is taken back: whoever runs this may have work here.
for (const file of written) if (!file.startsWith('lib/contracts/')) rmSync(file, { force: true });
cpSync(declarations, 'lib/contracts', { recursive: true });
rmSync(declarations, { recursive: true });
mkdirSync('build', { recursive: true });
writeFileSync('build/readme.json', JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
process.exit(failed ? 1 : 0);

/** Starts it in a process group of its own, and waits until the sample bookings have ended. */
function start(command) {
  // The clean install has been done; doing it again under a running process would pull the floor away.
  const child = spawn('bash', ['-c', command.replace(/^npm ci && /, '')], { detached: true });
  let said = '';
  return new Promise((resolve) => {
    const timer = setTimeout(() => end(false), 60_000);
    let ended = false;
    const end = (ok) => {
      if (ended) return;
      ended = true;
      clearTimeout(timer);
      report(command, ok, said);
      resolve({ child, said: () => said, command });
    };
    const listen = (chunk) => {
      said += chunk;
      if (/It stays up/.test(said))
        end(/BookingConfirmed/.test(said) && /BookingRejected/.test(said) && /dead letters of/.test(said));
    };
    child.stdout.on('data', listen);
    child.stderr.on('data', listen);
    child.on('exit', () => end(false));
  });
}

/** Ctrl-C for the group: no process and no stack trace may remain. */
function stop({ child, said, command }) {
  return new Promise((resolve) => {
    child.removeAllListeners('exit');
    child.on('exit', () => {
      let alive = true;
      try {
        process.kill(-child.pid, 0);
      } catch {
        alive = false;
      }
      report(`Ctrl-C after ${command}`, !alive && !/^\s+at /m.test(said()), said());
      resolve();
    });
    process.kill(-child.pid, 'SIGINT');
  });
}
