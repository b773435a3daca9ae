/** `baton local`: synthesize when needed, run, show the sample bookings, stay up until told to stop. */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pc from 'picocolors';
import { version } from '../../../package.json';
import type { DataOptions } from '../../local/durable';
import { type LocalRun, startLocal } from '../../local/start';
import { CliError } from '../errors';
import { renderLogLine } from '../log-line';
import { projectRoot, synthesizeIfChanged } from '../project';
import type { Watching } from '../watch';

export interface LocalCommandOptions {
  assembly?: string;
  port: number;
  demo: number;
  data?: string;
  snapshotAtKb?: number;
  allowUnmodelled: boolean;
  parameter: Record<string, string>;
  inspect: boolean;
  watch: boolean;
  logs: boolean;
}

export async function local(options: LocalCommandOptions): Promise<void> {
  let stopping = false;
  let run: LocalRun | undefined;
  let watching: Watching | undefined;
  const stop = (): void => {
    if (stopping) process.exit(0);
    stopping = true;
    process.stdout.write('\nStopping ...\n');
    // A function that will not end must not keep us here.
    setTimeout(() => process.exit(0), 2000).unref();
    void Promise.all([watching?.close(), run?.stop()]).then(() => process.exit(0));
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);

  const assemblyDir = options.assembly
    ? assemblyAt(options.assembly)
    : () => synthesizeIfChanged((line) => console.log(line));
  run = await startLocal({
    assemblyDir,
    port: options.port,
    allowUnmodelled: options.allowUnmodelled,
    parameters: options.parameter,
    inspect: options.inspect,
    ...(options.data !== undefined && { data: dataOptions(options.data, options.snapshotAtKb) }),
    trace: (entry) => {
      if (entry.kind === 'log' && options.logs) {
        const line = renderLogLine({
          functionName: String(entry.functionName),
          atMs: Number(entry.at),
          message: String(entry.message),
        });
        if (line) console.log(line);
      }
      if (entry.kind === 'bug')
        console.error(pc.red(`A bug of the local runtime: ${entry.service} ${entry.operation}: ${entry.error}`));
    },
  });
  if (options.inspect && isOurs(options)) await (await import('../watch')).useReadableCode(run, projectRoot);
  announce(run);
  tellOfData(run, options.data);
  if (options.demo > 0) {
    const { demo } = await import('../demo');
    await demo(run, options.demo, () => stopping);
  }
  if (options.watch && !stopping) watching = await startWatch(run, options);
  if (!stopping) whatNext(run, options);
}

const isOurs = (options: LocalCommandOptions): boolean =>
  resolve(options.assembly ?? join(projectRoot, 'cdk.out')) === join(projectRoot, 'cdk.out');

async function startWatch(run: LocalRun, options: LocalCommandOptions): Promise<Watching> {
  const say = (line: string): void => console.log(line);
  const { watch } = await import('../watch');
  const root = projectRoot;
  const watching = await watch({
    run,
    say,
    ...(isOurs(options)
      ? { sources: { root, synthesize: () => synthesizeIfChanged(say) } }
      : { assemblyDir: resolve(options.assembly!) }),
  });
  say(pc.dim(isOurs(options) ? 'Watching the sources.' : 'Watching for a new synthesis in this folder.'));
  return watching;
}

function assemblyAt(dir: string): string {
  const path = resolve(dir);
  if (!existsSync(path))
    throw new CliError(
      `There is no folder ${path}. --assembly takes a cloud assembly, such as the cdk.out that 'cdk synth' writes.`,
      2,
    );
  return path;
}

const dataOptions = (dir: string, snapshotAtKb?: number): DataOptions => ({
  dir,
  version,
  failed: cannotWrite,
  unkept: (error) => console.error(pc.red(`A bug of the local runtime: its data folder only grows: ${error.message}`)),
  ...(snapshotAtKb !== undefined && { compactAtBytes: snapshotAtKb * 1024 }),
});

/** Nothing may be acknowledged any more; what was is safe. */
function cannotWrite(error: Error): void {
  console.error(
    pc.red(`baton: the data folder cannot be written to: ${error.message}. What was acknowledged is safe.`),
  );
  process.exit(1);
}

function tellOfData({ restored, provisioning }: LocalRun, dir: string | undefined): void {
  if (dir === undefined) return;
  if (!restored) {
    console.log(`Everything is kept in ${resolve(dir)}, also through kill -9; start with it again to go on.`);
    return;
  }
  const holds = restored.holds.map(([count, what]) => `${count} ${what}${count === 1 ? '' : 's'}`);
  console.log(`${pc.bold('Restored')} from ${restored.dir}: ${holds.join(', ') || 'nothing was left to do'}.`);
  if (provisioning.added.length > 0) console.log(`New in the templates: ${provisioning.added.join(', ')}.`);
  if (provisioning.changed.length > 0) console.log(`Changed by the templates: ${provisioning.changed.join(', ')}.`);
  if (provisioning.removed.length > 0)
    console.log(pc.yellow(`Gone from the templates, kept here: ${provisioning.removed.join(', ')}.`));
}

function announce(run: LocalRun): void {
  const count = (type: RegExp): number => run.plan.resources.filter((resource) => type.test(resource.type)).length;
  const parts: [number, string][] = [
    [count(/^AWS::Lambda::Function$/), 'function'],
    [count(/^AWS::SQS::Queue$/), 'queue'],
    [count(/^AWS::Events::Rule$/), 'rule'],
    [count(/^AWS::DynamoDB::(Global)?Table$/), 'table'],
  ];
  console.log(
    `${pc.bold('Baton runs')} at ${pc.cyan(run.endpoint)}: ${parts.map(([n, what]) => `${n} ${what}${n === 1 ? '' : 's'}`).join(', ')}; account 123456789012, us-east-1.`,
  );
  const observers = new Map<string, number>();
  const refused = new Set(run.plan.refusals.flatMap(({ constructPath, property }) => (property ? [] : constructPath)));
  for (const { type, constructPath } of run.plan.observers)
    if (!refused.has(constructPath)) observers.set(type, (observers.get(type) ?? 0) + 1);
  if (observers.size > 0) {
    const list = [...observers].map(([type, n]) => `${n} ${type.replace(/^AWS::/, '')}`).join(', ');
    console.log(pc.dim(`Only observed, nothing acts on them here: ${list}.`));
  }
  for (const refusal of run.plan.refusals)
    console.log(
      pc.yellow(
        `Not modelled, ignored: ${refusal.constructPath} (${refusal.type}${refusal.property ? ` ${refusal.property}` : ''}): ${refusal.why}`,
      ),
    );
}

function whatNext(run: LocalRun, options: LocalCommandOptions): void {
  const port = run.port === 4566 ? '' : ` --port ${run.port}`;
  const ours = isOurs(options);
  const aws = `AWS_ACCESS_KEY_ID=x AWS_SECRET_ACCESS_KEY=x aws --region us-east-1 --endpoint-url ${run.endpoint}`;
  console.log(`\n${pc.bold('It stays up; Ctrl-C stops it.')} Try in another terminal:`);
  if (ours) {
    console.log(`  npx baton publish BookingRequested --example | npx baton publish BookingRequested -${port}`);
    console.log(`  npx baton trace ${options.demo > 0 ? 'bk-demo-1' : '<bookingId>'}${port}`);
    console.log(`  npx baton dead-letters list${port}`);
    console.log(`  npx baton smoke${port}`);
  }
  console.log(`  ${aws} sqs list-queues`);
  if (!options.logs)
    console.log(pc.dim('Started with --logs it prints what the functions write, and what they throw.'));
}
