/** Seed after seed of one assembly, until a property is broken: how long a mistake stays hidden. */
import { faults, runSeed, type SeedResult } from '../../../lib/sim';
import { properties, workload } from '../workload';

export interface Hunt {
  assembly: string;
  /** Seeds '1' to this one. */
  seeds: number;
  /** Called after each seed. */
  onSeed?: (result: SeedResult) => void;
}

export interface Found {
  found: boolean;
  /** The property that was broken first, or 'not quiet in time'. */
  property?: string;
  /** Its sentence, with its values. */
  sentence?: string;
  /** Other properties that the same seed broke. */
  others: string[];
  seeds: number;
  virtualMs: number;
  seconds: number;
}

/** The same workload, weights, faults and properties as `npm run simulate`. */
export async function hunt({ assembly, seeds, onSeed }: Hunt): Promise<Found> {
  const started = performance.now();
  let virtualMs = 0;
  const ended = (tried: number): Pick<Found, 'seeds' | 'virtualMs' | 'seconds'> => ({
    seeds: tried,
    virtualMs,
    seconds: (performance.now() - started) / 1000,
  });
  for (let seed = 1; seed <= seeds; seed++) {
    const result = await runSeed({ assembly, workload, properties, seed: String(seed), faults });
    virtualMs += result.virtualMs;
    onSeed?.(result);
    if (result.verdict === 'passed') continue;
    const [first] = result.violations;
    const others = [...new Set(result.violations.map(({ property }) => property))].filter(
      (name) => name !== first?.property,
    );
    return {
      found: true,
      property: first?.property ?? 'not quiet in time',
      sentence: first?.found ?? result.unquiet,
      others,
      ...ended(seed),
    };
  }
  return { found: false, others: [], ...ended(seeds) };
}
