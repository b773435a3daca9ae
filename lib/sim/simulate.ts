/**
 * Many seeds of an app, in this process: the jest helper, and what a worker of the command line runs.
 * Stops at the first failure unless told; a failure is shrunk and drawn.
 */
import { join } from 'node:path';
import { type Explained, explain } from './explain';
import { type Fault, faultsNamed } from './faults';
import { runSeed, type SeedOptions, type SeedResult } from './seed';
import type { Property, Workload } from './workload';

export interface SimulateOptions {
  /** The folder of a cloud assembly (cdk.out) of any CDK app. */
  assembly: string;
  /** The cloud assembly of the release before, for a deployment in the middle of it (rollout.ts). */
  previous?: string;
  workload: Workload;
  /** Besides the general ones, which always hold. */
  properties?: readonly Property[];
  /** How many seeds, or which ones. Default: 30. */
  seeds?: number | readonly string[];
  /** Names of rows of lib/sim/faults.ts. Default: all. */
  faults?: readonly string[];
  /** Milliseconds of real time after which no new seed begins. */
  budgetMs?: number;
  /** Where pictures of failures go. Default: build/sim. */
  outDir?: string;
  /** How long a failure is shrunk, in ms of real time. Default: 20,000. */
  shrinkMs?: number;
  /** Go on after a failure. */
  keepGoing?: boolean;
  onSeed?: (result: SeedResult) => void;
  /** How a user runs one seed again; '{seed}' is replaced. */
  replayCommand?: string;
  /** More for every seed: how long to disturb, when to be quiet. */
  timing?: Pick<SeedOptions, 'disturbMinutes' | 'quietWithinMinutes' | 'calmMinutes'>;
}

export interface Report {
  verdict: 'passed' | 'failed' | 'inconclusive';
  seeds: number;
  passed: number;
  failures: Explained[];
  inconclusive: SeedResult[];
  virtualMs: number;
  deliveries: number;
  invocations: number;
  strikes: number;
  seconds: number;
}

export const defaultReplayCommand = 'npm run simulate -- --seed {seed}';

/** Throws nothing for a failing app: the report says it. See `demand` for tests. */
export async function simulate(options: SimulateOptions): Promise<Report> {
  const { seeds = 30 } = options;
  const names = typeof seeds === 'number' ? Array.from({ length: seeds }, (_, index) => String(index + 1)) : seeds;
  const faults = faultsNamed(options.faults);
  const started = performance.now();
  const report = emptyReport();
  for (const seed of names) {
    if (options.budgetMs !== undefined && performance.now() - started > options.budgetMs) break;
    const result = await runSeed(seedOptions(options, faults, seed));
    add(report, result);
    options.onSeed?.(result);
    if (result.verdict === 'failed') {
      report.failures.push(
        await explain(seedOptions(options, faults, seed), result, {
          outDir: options.outDir ?? join('build', 'sim'),
          shrinkMs: options.shrinkMs ?? 20_000,
          replayCommand: options.replayCommand ?? defaultReplayCommand,
        }),
      );
      if (!options.keepGoing) break;
    }
  }
  report.seconds = (performance.now() - started) / 1000;
  return report;
}

/** For tests: throws what failed, with its seed, its picture and the command that runs it again. */
export async function demand(options: SimulateOptions): Promise<Report> {
  const report = await simulate(options);
  if (report.verdict === 'passed') return report;
  const said = [
    ...report.failures.map(({ text }) => text),
    ...report.inconclusive.map(({ seed, unquiet }) => `seed ${seed} is inconclusive: not quiet in time: ${unquiet}`),
  ];
  throw new SimulationError(said.join('\n\n'), report);
}

export class SimulationError extends Error {
  override readonly name = 'SimulationError';
  constructor(
    message: string,
    readonly report: Report,
  ) {
    super(message);
  }
}

export const seedOptions = (options: SimulateOptions, faults: readonly Fault[], seed: string): SeedOptions => ({
  assembly: options.assembly,
  previous: options.previous,
  workload: options.workload,
  properties: options.properties ?? [],
  seed,
  faults,
  ...options.timing,
});

export const emptyReport = (): Report => ({
  verdict: 'passed',
  seeds: 0,
  passed: 0,
  failures: [],
  inconclusive: [],
  virtualMs: 0,
  deliveries: 0,
  invocations: 0,
  strikes: 0,
  seconds: 0,
});

/** Adds a seed's result; its explanation, where it failed, comes separately. */
export function add(report: Report, result: SeedResult): void {
  report.seeds++;
  report.virtualMs += result.virtualMs;
  report.deliveries += result.deliveries;
  report.invocations += result.invocations;
  report.strikes += result.strikes.length;
  if (result.verdict === 'passed') report.passed++;
  else if (result.verdict === 'failed') report.verdict = 'failed';
  else {
    report.inconclusive.push(result);
    if (report.verdict === 'passed') report.verdict = 'inconclusive';
  }
}
