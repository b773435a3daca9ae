/** Recorded AWS behaviour, where CI finds it beside the project, against the local endpoint. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const folder = '../shared/conformance';
const port = 4599;
const endpoint = `http://127.0.0.1:${port}`;
/** What must agree, of what the runner prints as `... N of M agree`. */
const runs = [
  ['events.mjs', 1],
  ['delivery.mjs', 1],
  ['sqs.mjs', 0.98],
  ['sfn.mjs', 0.99],
];

const local = spawn(process.execPath, ['bin/baton.cjs', 'local', '--port', String(port)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
for (let i = 0; i < 200; i++) {
  const ready = await fetch(`${endpoint}/_baton/health`).catch(() => undefined);
  if (ready?.ok) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
let passed = 0;
let failed = 0;
for (const [runner, share] of runs) {
  const { stdout, stderr } = spawnSync(process.execPath, [`${folder}/${runner}`], {
    encoding: 'utf8',
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
  });
  const [, agree, of] = /(\d+) of (\d+) agree/.exec(stdout) ?? [];
  const enough = of !== undefined && Number(agree) / Number(of) >= share;
  console.log(`${runner}: ${agree} of ${of} agree; at least ${share * 100} % wanted`);
  if (!enough) console.log(stdout.split('disagreements')[1] ?? stderr);
  if (enough) passed++;
  else failed++;
}
local.kill('SIGINT');
mkdirSync('build', { recursive: true });
writeFileSync('build/conformance.json', JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
process.exit(failed ? 1 : 0);
