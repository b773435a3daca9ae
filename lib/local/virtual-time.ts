/**
 * Time that stands still while anything can still happen in it.
 *
 * 1. Work runs in the order of (time, seeded tie-break, sequence); nothing runs synchronously inside `at`.
 * 2. Before time moves, all microtasks drain and all host work (zlib, file reads) has ended.
 * 3. The same seed gives the same order.
 */
import type { HostWork, Millis, Random, Scheduler, Timer } from './ports';

/** Ties are below it. */
export const tieRange = 1 << 16;

/** Of Node's event loop. A turn costs a question to the kernel; what is counted as host work waits for as many as it needs. */
const stepsPerTurn = 8;

interface Entry {
  time: Millis;
  tie: number;
  sequence: number;
  work: (() => void) | undefined;
}

export class VirtualTime implements Scheduler {
  private readonly heap: Entry[] = [];
  private time: Millis;
  private sequence = 0;
  private readonly ties: Random;
  readonly hostWork: HostWork = hostWorkCounter();

  constructor(startMs: Millis, random: Random) {
    this.time = startMs;
    this.ties = random.fork('ties');
  }

  now(): Millis {
    return this.time;
  }

  at(timeMs: Millis, work: () => void, tie?: number): Timer {
    const entry: Entry = {
      time: Math.max(this.time, timeMs),
      tie: tie ?? this.ties.below(tieRange),
      sequence: this.sequence++,
      work,
    };
    push(this.heap, entry);
    return { cancel: () => (entry.work = undefined) };
  }

  /**
   * Runs what is due until `untilMs`, or until `stop()` says so before a step; then the clock stands at the last step,
   * or at `untilMs` when everything due by then has run. `stop` is told when the next step is due, undefined: none is.
   * `maxSteps` guards against work that breeds work for ever.
   */
  async run(options: {
    untilMs: Millis;
    stop?: (nextMs: Millis | undefined) => boolean;
    maxSteps?: number;
  }): Promise<'time' | 'stopped' | 'idle' | 'steps'> {
    let steps = options.maxSteps ?? Number.POSITIVE_INFINITY;
    return this.whenSettled(() => {
      while (this.heap[0] && !this.heap[0].work) pop(this.heap);
      const next = this.heap[0];
      if (options.stop?.(next?.time)) return 'stopped';
      if (!next || next.time > options.untilMs) {
        if (Number.isFinite(options.untilMs)) this.time = Math.max(this.time, options.untilMs);
        return next ? 'time' : 'idle';
      }
      if (steps-- <= 0) return 'steps';
      pop(this.heap);
      this.time = next.time;
      next.work?.();
      return undefined;
    });
  }

  /** Lets promises run until nothing but time could bring more. */
  async settle(): Promise<void> {
    await this.whenSettled(() => true);
  }

  /** Does `step` when all promises have settled, again and again until it gives something. */
  private whenSettled<T>(step: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      let over = false;
      const attempt = (): void => {
        if (over || this.hostWork.pending() > 0) return;
        try {
          const result = step();
          if (result === undefined) return;
          over = true;
          resolve(result);
        } catch (error) {
          over = true;
          reject(error);
        }
      };
      // Promises run between two of a turn as between two turns; a turn asks the kernel for news besides.
      const turn = (): void => {
        if (over) return;
        for (let i = 1; i < stepsPerTurn; i++) setImmediate(attempt);
        setImmediate(() => {
          attempt();
          turn();
        });
      };
      turn();
    });
  }
}

function hostWorkCounter(): HostWork {
  let open = 0;
  return {
    begin() {
      open++;
      let ended = false;
      return () => {
        if (!ended) open--;
        ended = true;
      };
    },
    pending: () => open,
  };
}

function before(a: Entry, b: Entry): boolean {
  return a.time !== b.time ? a.time < b.time : a.tie !== b.tie ? a.tie < b.tie : a.sequence < b.sequence;
}

function push(heap: Entry[], entry: Entry): void {
  let i = heap.push(entry) - 1;
  while (i > 0) {
    const parent = (i - 1) >> 1;
    if (!before(entry, heap[parent]!)) break;
    heap[i] = heap[parent]!;
    i = parent;
  }
  heap[i] = entry;
}

function pop(heap: Entry[]): Entry | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!last || heap.length === 0) return top;
  let i = 0;
  for (;;) {
    let child = 2 * i + 1;
    if (child >= heap.length) break;
    if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, last)) break;
    heap[i] = heap[child]!;
    i = child;
  }
  heap[i] = last;
  return top;
}
