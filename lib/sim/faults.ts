/**
 * Everything that may go wrong: one row each, with the page that says it can. A row strikes at crossings (ports.ts), at
 * moments of the run, or at a publication from outside; what it does there is drawn once and kept as data (strike.ts).
 *
 * `weight`: for crossings how many of a thousand are struck while the row is on; for moments how many are drawn, on
 * average, in one run. A run has about half of the rows on. Numbers are ours: they say what is tried how often, not how
 * often it happens on AWS.
 */
import type { Crossing, FaultDecision, Millis, Random } from '../local/ports';
import type { Json } from '../local/services/service';
import type { VirtualWorld } from '../local/virtual';
import { callRows } from './faults/deliveries';
import { lambdaRows } from './faults/functions';
import { momentRows } from './faults/moments';
import { outsideRows } from './faults/outside';
import { sdkRows } from './faults/sdk-calls';
import type { SimApp, Workload } from './workload';

interface Row {
  /** Kebab-case, for --faults. */
  name: string;
  /** What happens, in one sentence. */
  happens: string;
  /** Where AWS says that it can. */
  source: string;
  weight: number;
}

/** Strikes where something is crossed. */
export interface CrossingFault extends Row {
  at: Crossing['at'];
  strikes(crossing: any, context: FaultContext): boolean;
  draw(random: Random, crossing: any): Json;
  decision(parameters: any, crossing: any): FaultDecision;
}

/** Strikes at a moment, and may last. */
export interface MomentFault extends Row {
  at: 'moment';
  draw(random: Random, context: FaultContext): Json;
  begin(parameters: any, context: MomentContext): void;
}

/** Strikes a publication from outside: when (in ms from now) the event is put. */
export interface PublicationFault extends Row {
  at: 'publication';
  draw(random: Random): Json;
  times(parameters: any): Millis[];
}

export type Fault = CrossingFault | MomentFault | PublicationFault;

export interface FaultContext {
  workload: Workload;
  app: SimApp;
  /** Names of the app's functions, sorted. */
  functions: readonly string[];
  /** UUIDs of event source mappings, sorted by their queues. */
  mappings: readonly { id: string; queue: string }[];
  archives: readonly { name: string; arn: string; busArn: string }[];
  startedMs: Millis;
}

export interface MomentContext extends FaultContext {
  world: VirtualWorld;
  /** Do it then; or at the end of the disturbance, when that comes first. */
  later(ms: Millis, work: () => void): void;
  /** While it lasts, crossings that fit are decided so. */
  while(ms: Millis, decide: (crossing: Crossing) => FaultDecision | undefined): void;
  skew(functionName: string, ms: Millis): void;
}

export const faults: readonly Fault[] = [...callRows, ...lambdaRows, ...sdkRows, ...momentRows, ...outsideRows];

/** The rows with these names; all, without names. Throws on a name that no row has. */
export function faultsNamed(names?: readonly string[]): readonly Fault[] {
  if (!names) return faults;
  const known = new Map(faults.map((fault) => [fault.name, fault]));
  return names.map((name) => {
    const fault = known.get(name);
    if (!fault) throw new UnknownFaultError(`there is no fault '${name}'; there are: ${[...known.keys()].join(', ')}`);
    return fault;
  });
}

export class UnknownFaultError extends Error {
  override readonly name = 'UnknownFaultError';
}
