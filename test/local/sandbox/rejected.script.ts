/**
 * Run by rejections.test.ts in a process of its own: jest would take a rejection for a failure of the test. With the
 * argument 'shared' the promise is one of shared code.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noFaults } from '../../../lib/local/ports';
import { seededRandom } from '../../../lib/local/random';
import { createSandboxRuntime } from '../../../lib/local/sandbox';
import { sharedMark } from '../../../lib/local/sandbox/bundle';
import type { Finished } from '../../../lib/local/services/service';
import { VirtualTime } from '../../../lib/local/virtual-time';

async function main(): Promise<void> {
  const codeDir = mkdtempSync(join(tmpdir(), 'baton-rejected-'));
  writeFileSync(
    join(codeDir, 'index.js'),
    `exports.handler = async () => {
  require('./library').reject(new TypeError('unseen'));
  await new Promise((resolve) => setTimeout(resolve, 1000));
};`,
  );
  const mark = process.argv[2] === 'shared' ? `${sharedMark}\n` : '';
  writeFileSync(join(codeDir, 'library.js'), `${mark}exports.reject = (error) => void Promise.reject(error);`);
  const random = seededRandom('rejected');
  const time = new VirtualTime(0, random);
  const runtime = createSandboxRuntime({
    scheduler: time,
    random,
    faults: noFaults,
    hostWork: time.hostWork,
    transport: () => Promise.reject(new Error('nothing is sent')),
    log: () => {},
  });
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:greet';
  let end: Finished | undefined;
  runtime.run(
    {
      invocationId: 'i',
      requestId: 'r',
      functionArn,
      functionName: 'greet',
      environmentId: 'e',
      cold: true,
      payload: '{}',
      deadlineMs: 3000,
      environment: {
        functionName: 'greet',
        functionArn,
        version: '$LATEST',
        codeDir,
        handler: 'index.handler',
        memoryMb: 128,
        timeoutSeconds: 3,
        variables: {},
        logGroupName: 'g',
      },
    },
    (finished) => {
      end = finished;
    },
  );
  await time.run({ untilMs: 10_000, stop: () => end !== undefined });
  console.log(
    JSON.stringify({ functionError: end?.functionError, at: time.now(), ...JSON.parse(end?.payload ?? '{}') }),
  );
  await runtime.stop();
  rmSync(codeDir, { recursive: true });
  // Nobody's promise ends the process, as it would without a sandbox.
  Promise.reject(new Error('of the host'));
}

void main();
