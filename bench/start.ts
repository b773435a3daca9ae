/**
 * How long `npm start` takes to be ready, whole process: from a synthesis that is there, after a change of one handler,
 * after a change of what every handler uses, and after a change that only the stacks read. On a copy of the project, so
 * that nobody's sources are touched.
 * Targets on two cores with nothing else running: 1.0 s, and 3.5 s with synthesis. Flags: --runs N (default 5).
 */
import { appendFileSync, cpSync, linkSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { figure, flags, median, nodeProcessMs } from './support/measure';
import { startBaton } from './support/process';

const project = join(__dirname, '..');
const copy = join(project, 'build', 'bench', `project-${process.pid}`);
const { runs } = flags({ runs: 5 });

/** node_modules by hard links: the bundles are then made as in the project, and nothing is copied. */
function link(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) link(source, target);
    else if (entry.isFile()) linkSync(source, target);
    else symlinkSync(join(source), target);
  }
}

const idle: number[] = [];

/** Prints the median of `runs` starts, each after `change`; `synthesizes`: whether it has to. */
async function measure(
  name: string,
  targetS: number,
  synthesizes: boolean,
  change: (run: number) => void,
): Promise<void> {
  const times: number[] = [];
  const floors: number[] = [];
  const cpu: number[] = [];
  for (let run = 0; run < runs; run++) {
    // Beside each start, since the machine is not equally busy all the time.
    floors.push(await nodeProcessMs());
    change(run);
    const baton = await startBaton(copy);
    times.push(baton.readyMs);
    cpu.push(baton.cpuMs);
    if (!synthesizes) idle.push(baton.rssMb());
    const said = baton.said();
    await baton.stop();
    if (/ynthesiz/.test(said) !== synthesizes) throw new Error(`unexpected synthesis, or none:\n${said}`);
  }
  const seconds = (ms: number): string => (ms / 1000).toFixed(2);
  figure(
    `start, ${name}`,
    median(times) / 1000,
    's',
    `target ${targetS} s; best ${seconds(Math.min(...times))} s; ${seconds(median(cpu))} s of CPU; an empty node process beside it ${seconds(median(floors))} s`,
  );
}

async function main(): Promise<void> {
  for (const part of ['bin', 'lib', 'lambdas', 'package.json', 'package-lock.json', 'cdk.json', 'tsconfig.json']) {
    cpSync(join(project, part), join(copy, part), { recursive: true });
  }
  link(join(project, 'node_modules'), join(copy, 'node_modules'));
  const first = await startBaton(copy);
  await first.stop();
  const touch = (file: string) => (run: number) => appendFileSync(join(copy, file), `\n// touched: ${run}\n`);
  figure('start, first of a fresh clone', first.readyMs / 1000, 's', 'one run; command line, bundles and stacks made');
  await measure('from an existing cdk.out', 1, false, () => {});
  await measure('one handler changed', 3.5, true, touch('lambdas/dispatch/reserve-capacity.ts'));
  await measure('the code of every handler changed', 3.5, true, touch('lambdas/shared/handle.ts'));
  await measure('a stack changed', 3.5, true, touch('lib/stacks/workflow-stack.ts'));
  figure('start, idle memory', median(idle), 'MB', 'RSS of the one process at the moment it is ready');
}

main().finally(() => rmSync(copy, { recursive: true, force: true }));
