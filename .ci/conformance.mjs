/** Recorded AWS behaviour, where CI finds it beside the project, against the local endpoint. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

const folder = '../shared/conformance';
const port = 4599;
const endpoint = `http://127.0.0.1:${port}`;
/** What does not need what the runner cannot provide: its own S3 objects, topics, APIs, and people who answer tokens. */
const provided = 'core,lambda,dynamodb,sqs,states,events,sdk:dynamodb,sdk:sfn';
/** What must agree, of what the runner prints as `... N of M agree`; for executions the event types too. */
const runs = [
  ['events.mjs', 1],
  ['delivery.mjs', 1],
  ['sqs.mjs', 0.98],
  ['sfn.mjs', 0.99, [], 0.97],
  ['sfn.mjs', 0.95, ['--needs', provided], 0.97],
  ['sfn.mjs', 0.9, ['--suite', 'errors']],
  ['sfn.mjs', 0.9, ['--suite', 'validate']],
  ['sfn.mjs', 0.9, ['--suite', 'teststate']],
];

const local = spawn(process.execPath, ['bin/baton.cjs', 'local', '--port', String(port)], {
  stdio: ['ignore', 'inherit', 'inherit'],
});
// The first start after a change of the stacks synthesizes them, which takes a minute on a busy machine.
for (let i = 0; i < 1800; i++) {
  const ready = await fetch(`${endpoint}/_baton/health`).catch(() => undefined);
  if (ready?.ok) break;
  await new Promise((resolve) => setTimeout(resolve, 100));
}
let passed = 0;
let failed = 0;
for (const [runner, share, flags = [], types] of runs) {
  const { stdout, stderr } = spawnSync(process.execPath, [`${folder}/${runner}`, ...flags], {
    encoding: 'utf8',
    env: { ...process.env, AWS_ENDPOINT_URL: endpoint },
  });
  const [, agree, of] = /(\d+) of (\d+) agree/.exec(stdout) ?? [];
  const enough = of !== undefined && Number(agree) / Number(of) >= share;
  const name = [runner, ...flags].join(' ');
  console.log(`${name}: ${agree} of ${of} agree; at least ${share * 100} % wanted`);
  if (types !== undefined) {
    const [, right, all] = /^ {2}total +\S+ \(\S+%\) +\S+ \(\S+%\) +(\d+)\/(\d+)/m.exec(stdout) ?? [];
    console.log(`${name}: event types of ${right} of ${all}; at least ${types * 100} % wanted`);
    if (all !== undefined && Number(right) / Number(all) >= types) passed++;
    else failed++;
  }
  if (!enough) console.log(stdout.split('disagreements')[1] ?? stderr);
  if (enough) passed++;
  else failed++;
}
local.kill('SIGINT');
mkdirSync('build', { recursive: true });
writeFileSync('build/conformance.json', JSON.stringify({ numPassedTests: passed, numFailedTests: failed }));
process.exit(failed ? 1 : 0);
