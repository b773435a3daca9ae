/**
 * From a failing run to the few faults and events that matter. Delta debugging over the strikes, then over the events
 * published from outside: what can be left out while the same property still breaks is left out.
 *
 * Source: Zeller and Hildebrandt, "Simplifying and Isolating Failure-Inducing Input" (ddmin), 2002.
 * Bounded in real time: what was found by then is given.
 */
import { runSeed, type SeedOptions, type SeedResult } from './seed';
import type { Strike } from './strike';

export interface Shrunk {
  /** The run with what is left. */
  result: SeedResult;
  schedule: readonly Strike[];
  without: ReadonlySet<number>;
  /** Runs that it took. */
  runs: number;
  /** False: the failure does not come again from its schedule, so nothing could be left out. */
  repeats: boolean;
}

export async function shrink(options: SeedOptions, failed: SeedResult, withinMs: number): Promise<Shrunk> {
  const until = performance.now() + withinMs;
  const broken = new Set(failed.violations.map(({ property }) => property));
  let runs = 0;
  let best: { result: SeedResult; schedule: readonly Strike[]; without: ReadonlySet<number> } | undefined;
  /** Whether it still fails in the same way. */
  const fails = async (schedule: readonly Strike[], without: ReadonlySet<number>): Promise<boolean> => {
    if (performance.now() > until && runs > 0) return false;
    runs++;
    const result = await runSeed({ ...options, schedule, without, keepTrace: true });
    if (!result.violations.some(({ property }) => broken.has(property))) return false;
    best = { result, schedule, without };
    return true;
  };
  const none: ReadonlySet<number> = new Set();
  if (!(await fails(failed.strikes, none))) {
    const result = await runSeed({ ...options, keepTrace: true });
    return { result, schedule: failed.strikes, without: none, runs: runs + 1, repeats: false };
  }
  if (!(await fails([], none))) await reduce([...failed.strikes], (strikes) => fails(strikes, none));
  const events = Array.from({ length: countOf(best!.result) }, (_, index) => index);
  const { schedule } = best!;
  await reduce(events, (kept) => fails(schedule, new Set(events.filter((event) => !kept.includes(event)))));
  return { ...best!, runs, repeats: true };
}

const countOf = (result: SeedResult): number => result.publications;

/** ddmin: the smallest list that `fails` was true for. */
async function reduce<T>(all: T[], fails: (some: T[]) => Promise<boolean>): Promise<T[]> {
  let current = all;
  for (let parts = 2; current.length > 1; ) {
    const size = Math.ceil(current.length / parts);
    let smaller: T[] | undefined;
    for (let from = 0; from < current.length && !smaller; from += size) {
      const rest = [...current.slice(0, from), ...current.slice(from + size)];
      if (rest.length < current.length && (await fails(rest))) smaller = rest;
    }
    if (smaller) {
      current = smaller;
      parts = Math.max(2, parts - 1);
    } else if (size === 1) break;
    else parts = Math.min(current.length, parts * 2);
  }
  return current;
}
