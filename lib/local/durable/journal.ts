/**
 * Writes down what the services act on, many acts in one synced commit.
 *
 * 1. A commit holds whole turns of the world: all that followed at once from one request, or nothing of it.
 * 2. Work that waits for safety is done in order, after the commit that holds what was written before it.
 * 3. Where nothing can be written any more, nothing leaves the world any more; `failed` is told once.
 */
import { deserialize, serialize } from 'node:v8';
import type { Outcome, Service, ServiceName } from '../services/service';
import type { Act, Journal } from './acts';
import { type Graph, NotKeptError } from './graph';
import { chunkKey, type Head, json, type Put, partKey, type Store, sealed } from './store';
import type { Track } from './track';

/** A snapshot is made when a journal has this many bytes, and more than the last snapshot had. */
const compactAtBytes = 16 << 20;
const partBytes = 1 << 20;

export interface Kept {
  service: Service;
  track: Track;
  graph: Graph;
  /** Bytes of the journal since the last snapshot, and of that snapshot. */
  journalBytes: number;
  snapshotBytes: number;
  /** Acts since the last commit. */
  acts: Buffer[];
}

export interface JournalOptions {
  store: Store;
  head: Head;
  kept: Map<ServiceName, Kept>;
  /** Called when a commit is safe and before anybody hears of it. */
  acknowledge(commit: number): void;
  failed(error: Error): void;
  /** A bug of ours: a service whose journal only grows. */
  unkept(error: Error): void;
  compactAtBytes?: number;
}

export class JournalWriter implements Journal {
  private waiting: (() => void)[] = [];
  private committing: (() => void)[] | undefined;
  private values: Put[] = [];
  /** Those of which a snapshot is wanted, however short their journal. */
  private readonly due = new Set<Kept>();
  private readonly unkept = new Set<ServiceName>();
  private dirty = false;
  private scheduled = false;
  private running: Promise<void> = Promise.resolve();
  private broken = false;

  constructor(private readonly options: JournalOptions) {}

  write(service: Service, act: Act): void {
    const kept = this.options.kept.get(service.name);
    if (!kept) return;
    kept.acts.push(frame(act));
    kept.track.acts(act);
    this.touch();
  }

  came(service: Service, outcome: Outcome, requestId: string | undefined): void {
    this.options.kept.get(service.name)?.track.came(outcome, requestId);
  }

  /** Written with the acts of this turn. */
  keep(name: string, value: unknown): void {
    this.values.push({ type: 'put', key: name === 'meta' ? name : `x/${name}`, value: json(value) });
    this.touch();
  }

  whenSafe(work: () => void): void {
    if (this.dirty) this.waiting.push(work);
    else if (this.committing) this.committing.push(work);
    else if (!this.broken) work();
  }

  /** Resolves when all that was written is safe. */
  safe(): Promise<void> {
    return new Promise((resolve) => this.whenSafe(resolve));
  }

  /** Nothing more is written, and nothing that waits is done. */
  abandon(): void {
    this.broken = true;
    this.dirty = false;
    this.waiting = [];
  }

  /** Makes snapshots of all that can be, so that the next start has nothing to repeat; writes the last. */
  async close(): Promise<void> {
    for (const kept of this.options.kept.values())
      if (kept.journalBytes > 0 || kept.acts.length > 0) this.due.add(kept);
    if (this.due.size > 0) this.touch();
    await this.running;
    while (this.scheduled) await this.running;
  }

  private touch(): void {
    this.dirty = true;
    if (this.scheduled || this.broken) return;
    this.scheduled = true;
    // Not before this turn has ended: a commit holds whole turns.
    this.running = Promise.resolve().then(() => this.commitAll());
  }

  private async commitAll(): Promise<void> {
    try {
      while (this.dirty) {
        const compacted = await this.commit();
        for (let work = this.committing?.shift(); work; work = this.committing?.shift()) work();
        this.committing = undefined;
        for (const name of compacted) await this.options.store.forget(name, this.options.head.services[name]!.from);
      }
    } catch (error) {
      this.broken = true;
      this.waiting = [];
      this.committing = undefined;
      this.options.failed(error as Error);
    } finally {
      this.scheduled = false;
    }
  }

  /** The state, and what is open. What cannot be written down keeps its journal, however long: that is told, once. */
  private snapshotOf({ service, graph, track }: Kept): Buffer | undefined {
    if (this.unkept.has(service.name)) return undefined;
    try {
      return serialize({ state: graph.write(), open: track.open });
    } catch (error) {
      if (!(error instanceof NotKeptError)) throw error;
      this.unkept.add(service.name);
      this.options.unkept(error);
      return undefined;
    }
  }

  /** Gives the services whose journal begins anew. */
  private async commit(): Promise<string[]> {
    const { store, head, kept: all } = this.options;
    this.committing = this.waiting;
    this.waiting = [];
    this.dirty = false;
    const puts = this.values;
    this.values = [];
    const parts: Put[] = [];
    const compacted: string[] = [];
    for (const kept of all.values()) {
      const name = kept.service.name;
      head.services[name] ??= { from: 0, to: 0, parts: 0 };
      const extent = head.services[name];
      const chunk = kept.acts.length > 0 ? sealed(kept.acts) : undefined;
      kept.acts = [];
      const limit = Math.max(this.options.compactAtBytes ?? compactAtBytes, kept.snapshotBytes);
      const wanted = kept.journalBytes > limit || this.due.has(kept);
      const snapshot = wanted && !kept.service.busy?.() ? this.snapshotOf(kept) : undefined;
      if (snapshot) {
        // It covers the acts of this commit too, and never takes the place of the one that still counts.
        extent.from = ++extent.to;
        extent.parts = 0;
        for (let at = 0; at < snapshot.length; at += partBytes) {
          const value = sealed([snapshot.subarray(at, at + partBytes)]);
          parts.push({ type: 'put', key: partKey(name, extent.from, extent.parts++), value });
        }
        kept.snapshotBytes = snapshot.length;
        kept.journalBytes = 0;
        compacted.push(name);
      } else if (chunk) {
        puts.push({ type: 'put', key: chunkKey(name, extent.to++), value: chunk });
        kept.journalBytes += chunk.length;
      }
    }
    this.due.clear();
    head.commit++;
    puts.push({ type: 'put', key: 'head', value: json(head) });
    if (parts.length > 0) await store.write(parts);
    await store.commit(puts);
    this.options.acknowledge(head.commit);
    return compacted;
  }
}

/** Length, then the act. */
function frame({ now, request, asker }: Act): Buffer {
  const body = serialize(request ? [now, request.operation, request.input, request.requestId, asker] : [now]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length, 0);
  return Buffer.concat([length, body]);
}

/** The acts in a chunk. */
export function* actsOf(chunk: Buffer): Generator<Act> {
  for (let at = 0; at < chunk.length; ) {
    const length = chunk.readUInt32LE(at);
    const [now, operation, input, requestId, asker] = deserialize(chunk.subarray(at + 4, at + 4 + length));
    yield operation === undefined ? { now } : { now, request: { operation, input, requestId }, asker };
    at += 4 + length;
  }
}
