/**
 * A local run that outlives its process (`baton local --data DIR`).
 *
 * Services are deterministic: what they are follows from what they acted on. So their acts are written down before
 * anything that follows from them leaves the process, and a new process does them again, with nothing leaving it.
 * A service that can be written down as it stands gets a snapshot from time to time, and its journal begins anew.
 *
 * 1. What was acknowledged is there after a restart. What was not may or may not be, as with any lost answer.
 * 2. A turn is kept whole or not at all: no call between two services is ever lost on its way.
 * 3. Functions that were running have crashed (world.ts, `resume`).
 */
import { deserialize } from 'node:v8';
import type { Millis } from '../ports';
import type { Service, ServiceName } from '../services/service';
import type { Resumed } from './acts';
import { DataFolderError } from './errors';
import { DataFolder } from './folder';
import { Graph } from './graph';
import { actsOf, JournalWriter, type Kept } from './journal';
import { Store, type Stored } from './store';
import { Track } from './track';

export { DataFolderError } from './errors';

export interface DataOptions {
  dir: string;
  /** Of Baton. */
  version: string;
  /** The disk is full, or gone: nothing is acknowledged any more. */
  failed(error: Error): void;
  /** A bug of ours: the state of a service is not written down, so that its journal only grows. */
  unkept?(error: Error): void;
  compactAtBytes?: number;
}

interface Meta {
  /** Of all chance in the services: what they draw again is what they drew. */
  seed: string;
  createdAtMs: Millis;
}

export class DurableData {
  private journal: JournalWriter | undefined;
  private acknowledger: ReturnType<DataFolder['acknowledger']> | undefined;

  private constructor(
    private readonly options: DataOptions,
    private readonly folder: DataFolder,
    private readonly store: Store,
    private readonly stored: Stored | undefined,
    readonly meta: Meta,
  ) {}

  /** Throws DataFolderError. `now`: of a folder that begins. */
  static async open(options: DataOptions, folder: DataFolder, now: Millis): Promise<DurableData> {
    const { store, stored } = await Store.open(folder);
    const meta: Meta = stored?.meta ?? { seed: `${now}-${folder.dir}`, createdAtMs: now };
    return new DurableData(options, folder, store, stored, meta);
  }

  get isNew(): boolean {
    return this.stored === undefined;
  }

  get dir(): string {
    return this.folder.dir;
  }

  value(name: string): any {
    return this.stored?.values.get(name);
  }

  /** Brings fresh services to where they were, and gives the journal that goes on. */
  restore(services: Service[]): { journal: JournalWriter; resumed: Resumed; repeated: number } {
    const kept = new Map<ServiceName, Kept>();
    let repeated = 0;
    for (const service of services) {
      if (service.stateless) continue;
      const known = this.stored?.services.get(service.name);
      const one: Kept = {
        service,
        graph: new Graph(service),
        track: new Track(),
        journalBytes: 0,
        snapshotBytes: 0,
        acts: [],
      };
      if (known?.snapshot) {
        const { state, open } = deserialize(known.snapshot);
        one.graph.read(state);
        one.track = new Track(open);
        one.snapshotBytes = known.snapshot.length;
      }
      kept.set(service.name, one);
      for (const chunk of known?.chunks ?? []) {
        one.journalBytes += chunk.length;
        repeated += repeat(one, chunk);
      }
    }
    this.acknowledger = this.folder.acknowledger();
    this.journal = new JournalWriter({
      store: this.store,
      head: this.stored?.head ?? { commit: 0, services: {} },
      kept,
      acknowledge: this.acknowledger.tell,
      failed: this.options.failed,
      unkept: this.options.unkept ?? (() => {}),
      compactAtBytes: this.options.compactAtBytes,
    });
    if (this.isNew) this.journal.keep('meta', this.meta);
    return { journal: this.journal, resumed: resumedFrom(kept), repeated };
  }

  /** What this start began is not kept: it failed. */
  abandon(): void {
    this.journal?.abandon();
  }

  async close(): Promise<void> {
    await this.journal?.close();
    await this.store.close();
    this.acknowledger?.close();
    await this.folder.close();
  }
}

/** Does what was done; its effects were performed then, and came back as acts. */
function repeat({ service, track }: Kept, chunk: Buffer): number {
  let count = 0;
  for (const act of actsOf(chunk)) {
    count++;
    track.acts(act);
    try {
      const outcome = act.request ? service.apply(act.now, act.request) : service.wake(act.now);
      track.came(outcome, act.request?.requestId);
    } catch {
      // It failed then too, and its caller was told (world.ts, rule 4).
      if (act.request) track.open.waiting.delete(act.request.requestId);
    }
  }
  return count;
}

function resumedFrom(kept: Map<ServiceName, Kept>): Resumed {
  const resumed: Resumed = { wakeAt: [], open: [], running: [] };
  for (const { service, track } of kept.values()) {
    const { wakeAt, waiting, running } = track.open;
    if (wakeAt !== undefined) resumed.wakeAt.push({ service: service.name, at: wakeAt });
    for (const [requestId, asker] of waiting) resumed.open.push({ service: service.name, requestId, asker });
    resumed.running.push(...running.values());
  }
  return resumed;
}

/** Takes the folder: it is ours, nobody else uses it. Throws DataFolderError. */
export async function takeFolder({ dir, version }: DataOptions, port: number): Promise<DataFolder> {
  const folder = await DataFolder.open(dir, version);
  if (folder.port === undefined || port === 0 || folder.port === port) return folder;
  await folder.close();
  throw new DataFolderError(
    `The stacks in ${folder.dir} live at port ${folder.port}, and their queues and functions know it; this run asks for ` +
      `port ${port}. Start with --port ${folder.port}, or with another folder.`,
  );
}
