/** Seed after seed of one assembly, until a property is broken: how long a mistake stays hidden. */
import { faults, runSeed } from '../../../lib/sim';
import { properties, workload } from '../workload';

/** Seeds `from` (default 1), and every `step`-th after it (default 1), to `seeds`. */
export interface Seeds {
  seeds: number;
  from?: number;
  step?: number;
}

export interface Hunt extends Seeds {
  assembly: string;
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
export async function hunt({ assembly, seeds, from = 1, step = 1 }: Hunt): Promise<Found> {
  const started = performance.now();
  let virtualMs = 0;
  const ended = (count: number): Pick<Found, 'seeds' | 'virtualMs' | 'seconds'> => ({
    seeds: count,
    virtualMs,
    seconds: (performance.now() - started) / 1000,
  });
  let tried = 0;
  for (let seed = from; seed <= seeds; seed += step) {
    tried++;
    const result = await runSeed({ assembly, workload, properties, seed: String(seed), faults });
    virtualMs += result.virtualMs;
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
      ...ended(tried),
    };
  }
  return { found: false, others: [], ...ended(tried) };
}
