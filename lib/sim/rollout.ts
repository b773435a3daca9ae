/**
 * A release that comes while messages are in flight: functions begin with the code of the release before it, and each gets
 * the new code at a moment of its own; the last ones when all is well again.
 *
 * 1. Of the release before only the code of functions counts. Resources, settings and state machines are the new ones from
 *    the beginning: old code must stand the new template anyway, since a deployment does not change all at once.
 * 2. Functions that only one of the two has are left alone.
 * 3. The other way round (`assembly` the old release, `previous` the new one) it is a rollback: old code meets new data.
 * 4. Where no function's code differs there is nothing to bring out: a RolloutError, for it would prove nothing.
 */
import { basename } from 'node:path';
import type { Millis, Random } from '../local/ports';
import type { Code } from '../local/services/functions/configuration';
import { VirtualWorld } from '../local/virtual';
import { drawnMoment } from './strike';

/** Functions of one deployment get their code within so long, in drawn order. Ours: CloudFormation gives no bound. */
const deploymentMs: Millis = 120_000;

export class Rollout {
  private readonly waiting = new Map<string, Code>();

  /** `previous`: the folder of the cloud assembly of the release before. */
  constructor(
    private readonly world: VirtualWorld,
    previous: string,
  ) {
    const before = codeOf(previous);
    for (const [name, newCode] of codeIn(world)) {
      const oldCode = before.get(name);
      if (oldCode === undefined || contentOf(oldCode) === contentOf(newCode)) continue;
      this.waiting.set(name, newCode);
      world.replaceCode(name, oldCode);
    }
    if (this.waiting.size === 0) {
      throw new RolloutError(
        `the release before, ${previous}, has the same code for every function that both releases have; give the cloud assembly of another release.`,
      );
    }
  }

  /** The deployment begins at a moment within `disturbMs`. */
  begin(random: Random, disturbMs: Millis): void {
    const { time } = this.world;
    const begins = time.now() + drawnMoment(random, disturbMs);
    const quick = random.below(2) === 0;
    for (const name of this.waiting.keys()) {
      time.at(begins + random.below(quick ? 2_000 : deploymentMs), () => this.deploy(name));
    }
  }

  /** Whatever still runs the old code gets the new one now. */
  end(): void {
    for (const name of [...this.waiting.keys()]) this.deploy(name);
  }

  private deploy(name: string): void {
    const code = this.waiting.get(name);
    if (code === undefined) return;
    this.waiting.delete(name);
    this.world.replaceCode(name, code);
    this.world.trace.push({ at: this.world.time.now(), kind: 'deployed', functionName: name });
  }
}

export class RolloutError extends Error {
  override readonly name = 'RolloutError';
}

/** Throws what would keep every seed from running: an assembly that is none, one that cannot be run here, no new code. */
export function demandRunnable(assemblyDir: string, previous?: string): void {
  const world = new VirtualWorld({ assemblyDir });
  if (previous !== undefined) new Rollout(world, previous);
}

/** Equal for equal code: an asset's folder is named by what is in it. */
const contentOf = ({ codeDir, archive }: Code): string => archive?.sha256 ?? basename(codeDir);

const known = new Map<string, ReadonlyMap<string, Code>>();

/** Where each function's code is, read once a process. Throws what is wrong with the assembly. */
function codeOf(assemblyDir: string): ReadonlyMap<string, Code> {
  let code = known.get(assemblyDir);
  if (!code) {
    code = codeIn(new VirtualWorld({ assemblyDir }));
    known.set(assemblyDir, code);
  }
  return code;
}

function codeIn(world: VirtualWorld): Map<string, Code> {
  return new Map(world.functions().map(({ FunctionName }) => [FunctionName, world.codeOf(FunctionName)]));
}
