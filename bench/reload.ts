/**
 * `baton local --watch`: from a save to the answer of the next invocation that runs the new code, its cold start included.
 * One handler's own file, a decision that one handler reaches, and what every handler reaches. On a copy of the project.
 * Target: 300 ms. Flags: --runs N (default 9).
 */
import { appendFileSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { InvokeCommand, LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { figure, flags, median } from './support/measure';
import { startBaton } from './support/process';

const project = join(__dirname, '..');
const copy = join(project, 'build', 'bench', `reload-${process.pid}`);
const { runs } = flags({ runs: 9 });

function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) link(source, target);
    else if (entry.isFile()) linkSync(source, target);
    else symlinkSync(join(source), target);
  }
}

async function main(): Promise<void> {
  for (const part of ['bin', 'lib', 'lambdas', 'package.json', 'package-lock.json', 'cdk.json', 'tsconfig.json']) {
    cpSync(join(project, part), join(copy, part), { recursive: true });
  }
  link(join(project, 'node_modules'), join(copy, 'node_modules'));
  const baton = await startBaton(copy, { args: ['--watch'] });
  const lambda = new LambdaClient({
    endpoint: baton.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'x', secretAccessKey: 'x' },
  });
  while (!baton.said().includes('Watching the sources')) await new Promise((resolve) => setTimeout(resolve, 20));
  const { Functions = [] } = await lambda.send(new ListFunctionsCommand({}));
  const name = Functions.map(({ FunctionName }) => FunctionName!).find((one) => /reservecapacity/i.test(one))!;
  const Payload = Buffer.from(JSON.stringify({ Records: [] }));
  const log = async (): Promise<string> => {
    const { LogResult } = await lambda.send(new InvokeCommand({ FunctionName: name, LogType: 'Tail', Payload }));
    return Buffer.from(LogResult ?? '', 'base64').toString();
  };
  await log();
  let saves = 0;
  for (const [what, file] of [
    ['the handler itself', 'lambdas/dispatch/reserve-capacity.ts'],
    ['its decision', 'lib/domain/dispatch/reserve-capacity.ts'],
    ['what every handler reaches', 'lambdas/shared/handle.ts'],
  ] as const) {
    const times: number[] = [];
    for (let run = 0; run < runs; run++) {
      const mark = `reload-${++saves}-mark`;
      const started = performance.now();
      appendFileSync(join(copy, file), `\nconsole.log('${mark}');\n`);
      while (!(await log()).includes(mark)) {
        if (performance.now() - started > 20_000) throw new Error(`not live after 20 s:\n${baton.said()}`);
        await new Promise((resolve) => setTimeout(resolve, 2));
      }
      times.push(performance.now() - started);
    }
    figure(`reload, ${what}`, median(times), 'ms', `target 300 ms; best ${Math.round(Math.min(...times))} ms`);
  }
  lambda.destroy();
  await baton.stop();
}

main().finally(() => rmSync(copy, { recursive: true, force: true }));
