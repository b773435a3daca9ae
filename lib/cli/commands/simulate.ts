/** Exit codes: 0 passed, 1 failed, 2 inconclusive (or the command line itself is wrong), 130 interrupted. */
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import pc from 'picocolors';
import { demandRunnable, type Explained, faults, faultsNamed, type Report, type Strike } from '../../sim';
import { add, emptyReport } from '../../sim/simulate';
import { CliError } from '../errors';
import { projectRoot, synthesizeIfChanged } from '../project';
import { createPool } from '../simulate/pool';
import { Progress } from '../simulate/progress';
import type { Done, Setting, Task } from '../simulate/tasks';
import { loadWorkload } from '../simulate/workload-file';

export interface SimulateCommandOptions {
  assembly?: string;
  previous?: string;
  workload?: string;
  seed?: string;
  seeds?: number;
  faults?: string;
  untilFailure: boolean;
  exhaustive: boolean;
  pairs: boolean;
  budget?: number;
  workers?: number;
  keepGoing: boolean;
  digest: boolean;
  json: boolean;
  listFaults: boolean;
}

const defaultSeeds = 100;
const defaultPairsSeconds = 60;
const shrinkMs = 20_000;
const defaultWorkload = join(projectRoot, 'test', 'sim', 'workload.ts');

export async function simulateCommand(options: SimulateCommandOptions): Promise<void> {
  if (options.listFaults) {
    console.log(
      faults.map(({ name, happens, source }) => `${pc.bold(name)}\n  ${happens}\n  ${pc.dim(source)}`).join('\n'),
    );
    return;
  }
  const names = faultNames(options.faults);
  const workloadFile = resolve(options.workload ?? defaultWorkload);
  loadWorkload(workloadFile);
  const assembly = resolve(options.assembly ?? (await synthesizeIfChanged((line) => console.error(line))));
  const previous = options.previous === undefined ? undefined : resolve(options.previous);
  checked(() => demandRunnable(assembly, previous));
  const setting: Setting = {
    assembly,
    previous,
    workloadFile,
    faults: names,
    digest: options.digest,
    replayCommand: replayCommand(options),
    outDir: join(projectRoot, 'build', 'sim'),
    shrinkMs,
  };
  const one = options.seed !== undefined && options.seeds === undefined && !options.exhaustive && !options.pairs;
  const workers = one ? 1 : (options.workers ?? availableParallelism());
  const run = new Run(setting, workers, options);
  await run.go(() => (options.exhaustive || options.pairs ? run.single(options) : run.random(options)));
}

/** Seeds are numbers counted on, or a text with a number behind it: '7', '8'; 'f3a9c1-0', 'f3a9c1-1'. */
export function* seedsFrom(first: string | undefined, count: number): Generator<Task> {
  const alone = first !== undefined && count === 1;
  for (let index = 0; index < count; index++) {
    if (first === undefined) yield { seed: String(index + 1), explain: true };
    else if (alone) yield { seed: first, explain: true };
    else if (/^\d{1,15}$/.test(first)) yield { seed: String(Number(first) + index), explain: true };
    else yield { seed: `${first}-${index}`, explain: true };
  }
}

function faultNames(text: string | undefined): string[] | undefined {
  if (text === undefined) return undefined;
  const names = text === 'none' ? [] : text.split(',').map((name) => name.trim());
  checked(() => faultsNamed(names));
  return names;
}

/** What is wrong before any seed has run is no failure of the app's. */
function checked(work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new CliError((error as Error).message, 2);
  }
}

function replayCommand(options: SimulateCommandOptions): string {
  const more = [
    options.assembly && `--assembly ${options.assembly}`,
    options.previous && `--previous ${options.previous}`,
    options.workload && `--workload ${relative(process.cwd(), resolve(options.workload))}`,
    options.faults !== undefined && `--faults ${options.faults}`,
  ].filter(Boolean);
  return ['npx baton simulate --seed {seed}', ...more].join(' ');
}

class Run {
  private readonly report: Report = emptyReport();
  private readonly digests: Record<string, string> = {};
  private readonly started = performance.now();
  private readonly pool;
  private interrupted = false;

  constructor(
    setting: Setting,
    workers: number,
    private readonly options: SimulateCommandOptions,
  ) {
    this.pool = createPool(setting, workers);
  }

  async go(work: () => Promise<void>): Promise<void> {
    const interrupt = (): void => {
      // The second time it is meant.
      if (this.interrupted) process.exit(130);
      this.interrupted = true;
      console.error('\nstopping after the seeds under way ...');
    };
    process.on('SIGINT', interrupt);
    try {
      await work();
    } finally {
      this.pool.end();
      process.off('SIGINT', interrupt);
    }
    this.report.seconds = (performance.now() - this.started) / 1000;
    this.tell();
    process.exitCode = this.interrupted ? 130 : { passed: 0, failed: 1, inconclusive: 2 }[this.report.verdict];
  }

  async random({ seed, seeds, untilFailure, budget }: SimulateCommandOptions): Promise<void> {
    const forever = untilFailure || (budget !== undefined && seeds === undefined);
    const count = seeds ?? (seed !== undefined && !forever ? 1 : forever ? Number.MAX_SAFE_INTEGER : defaultSeeds);
    const progress = new Progress(process.stderr, 'seeds', forever ? undefined : count);
    const tasks = seedsFrom(seed, count);
    await this.pool.run(
      tasks,
      (_, done) => this.take(done, progress),
      () => this.enough(budget),
    );
    progress.show(this.report, true);
  }

  async single({ seed = '1', pairs, budget }: SimulateCommandOptions): Promise<void> {
    let possible: Strike[] = [];
    const survey: Task = { seed, single: true, survey: true };
    await this.pool.run(
      [survey].values(),
      (_, { result }) => {
        possible = result.possible ?? [];
        if (result.verdict !== 'passed') this.take({ result }, undefined);
      },
      () => false,
    );
    const places = new Set(possible.map(({ where }) => where)).size;
    console.error(`${places} crossings and moments, ${possible.length} faults that can strike there`);
    const schedules = pairs ? pairsOf(possible, seed) : possible.map((strike) => [strike]);
    const progress = new Progress(process.stderr, pairs ? 'pairs' : 'faults', pairs ? undefined : possible.length);
    const tasks = (function* (): Generator<Task> {
      for (const schedule of schedules) yield { seed, single: true, schedule, explain: true };
    })();
    const within = budget ?? (pairs ? defaultPairsSeconds : undefined);
    await this.pool.run(
      tasks,
      (_, done) => this.take(done, progress),
      () => this.enough(within),
    );
    progress.show(this.report, true);
  }

  private enough(budgetSeconds: number | undefined): boolean {
    if (this.interrupted) return true;
    if (this.report.failures.length > 0 && !this.options.keepGoing) return true;
    return budgetSeconds !== undefined && performance.now() - this.started > budgetSeconds * 1000;
  }

  private take({ result, explained }: Done, progress: Progress | undefined): void {
    add(this.report, result);
    if (result.digest) this.digests[result.seed] = result.digest;
    if (explained) {
      this.report.failures.push(explained);
      if (!this.options.json) console.log(`\n${explained.text}\n`);
    }
    progress?.show(this.report);
  }

  private tell(): void {
    const { report } = this;
    if (this.options.json) {
      const failures = report.failures.map(({ text: _, ...failure }: Explained) => failure);
      const digests = this.options.digest ? { digests: this.digests } : {};
      console.log(JSON.stringify({ ...report, failures, ...digests }, null, 2));
      return;
    }
    for (const { seed, unquiet } of report.inconclusive) {
      console.log(pc.yellow(`seed ${seed} is inconclusive: not quiet in time: ${unquiet}`));
    }
    const word = { passed: pc.green('passed'), failed: pc.red('failed'), inconclusive: pc.yellow('inconclusive') };
    const hours = (report.virtualMs / 3_600_000).toFixed(1);
    console.log(
      `${word[report.verdict]}: ${report.passed} of ${report.seeds}, ${report.strikes} faults, ${report.deliveries} deliveries, ${hours} virtual hours in ${report.seconds.toFixed(1)} s`,
    );
  }
}

/** Two at a time, without end, from a stride that visits all before it repeats. */
function* pairsOf(possible: readonly Strike[], seed: string): Generator<Strike[]> {
  const count = possible.length;
  if (count < 2) return;
  const total = (count * (count - 1)) / 2;
  let stride = Math.floor(total * 0.618) | 1;
  while (gcd(stride, total) !== 1) stride += 2;
  let at = [...seed].reduce((sum, sign) => (sum * 31 + sign.charCodeAt(0)) % total, 7);
  for (let index = 0; index < total; index++, at = (at + stride) % total) {
    // The number of a pair in the triangle of all pairs.
    const second = Math.floor((1 + Math.sqrt(1 + 8 * at)) / 2);
    const first = at - (second * (second - 1)) / 2;
    yield [possible[first]!, possible[second]!];
  }
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));
