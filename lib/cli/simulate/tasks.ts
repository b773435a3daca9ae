/** What parent and workers say to each other: plain data, so that a run is the same wherever it is made. */
import type { Explained, SeedResult, Strike } from '../../sim';

/** The same for all tasks of a run. */
export interface Setting {
  assembly: string;
  previous?: string;
  workloadFile: string;
  /** Undefined: all. */
  faults?: string[];
  digest: boolean;
  replayCommand: string;
  outDir: string;
  shrinkMs: number;
}

export interface Task {
  seed: string;
  /** The workload of exhaustive runs. */
  single?: boolean;
  survey?: boolean;
  schedule?: Strike[];
  /** Shrink and draw it, where it fails. */
  explain?: boolean;
}

export interface Done {
  result: SeedResult;
  explained?: Explained;
}

export type ToWorker = { setting: Setting } | { task: Task };
export type FromWorker = { ready: true } | { done: Done } | { failed: string };
