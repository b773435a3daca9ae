/** What the service knows of an event source mapping, whatever its source. */
import type { Millis } from '../../ports';
import type { Effect, Finished, Json, Reply } from '../service';
import type { MappingSettings } from './mapping-settings';

/** Starts a batch: true, or false when it was throttled. */
export type RunBatch = (batchId: number, event: Json) => boolean;

export interface BatchEnd {
  effects: Effect[];
  /** Ids of the records that did not succeed. */
  failed: string[];
  /** Why the whole batch failed, where the function itself did not throw. */
  reason?: string;
}

export interface Mapping {
  readonly settings: MappingSettings;
  lastModified: Millis;
  /** Records that are here and not yet with the function. */
  readonly holding: number;
  /** When time alone will bring something here. */
  readonly wakeAt: Millis;
  /** What is to be done now. `functionRoom`: how many invocations the function could start. */
  advance(now: Millis, functionRoom: () => number, run: RunBatch): Effect[];
  /** A call of this mapping is answered. `tag` is the one that it gave. */
  replied(now: Millis, tag: Json, reply: Reply): Effect[];
  /** It has been disabled. */
  stopped(): Effect[];
  /** A batch that runs: the ids of its records. */
  recordIds(batchId: number): string[];
  ended(now: Millis, batchId: number, finished: Finished): BatchEnd;
}

/** Between polls that fail, and before a throttled batch is tried again. */
export const pauseMs = 1000;

/** Events of mappings have the limit of a synchronous invocation. */
const mostEventBytes = 6 * 1024 * 1024;

/** How many records fit into one event; at least one. `sizeOf`: its bytes as JSON. */
export function fitting<Record>(records: Record[], most: number, sizeOf: (record: Record) => number): number {
  let bytes = 0;
  for (let count = 0; count < Math.min(most, records.length); count++) {
    bytes += sizeOf(records[count]!) + 1;
    if (bytes > mostEventBytes - 1000 && count > 0) return count;
  }
  return Math.min(most, records.length);
}
