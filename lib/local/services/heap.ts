/**
 * A binary heap whose entries may become stale while they lie in it: what changes is pushed again, not searched for.
 *
 * 1. `peek` and `pop` never give a stale entry.
 * 2. Memory is bound by the entries that count: when a heap has doubled, the stale ones are dropped.
 */
import { keptClass, keptConstant } from './kept';

/** Constants of a module, where a heap comes later than its service (kept.ts). */
export interface HeapOrder<T> {
  before: (a: T, b: T) => boolean;
  stale: (item: T) => boolean;
}

export class Heap<T> {
  private items: T[] = [];
  private sweepAt = 128;

  constructor(
    private readonly before: (a: T, b: T) => boolean,
    private readonly stale: (item: T) => boolean,
  ) {}

  push(item: T): void {
    if (this.items.length >= this.sweepAt) this.sweep();
    this.items.push(item);
    this.up(this.items.length - 1);
  }

  peek(): T | undefined {
    for (let top = this.items[0]; top !== undefined; top = this.items[0]) {
      if (!this.stale(top)) return top;
      this.removeTop();
    }
    return undefined;
  }

  pop(): T | undefined {
    const top = this.peek();
    if (top !== undefined) this.removeTop();
    return top;
  }

  /** Empties it; gives what puts everything back. */
  setAside(): () => void {
    const { items } = this;
    this.items = [];
    return () => {
      this.items = items;
    };
  }

  clear(): void {
    this.items = [];
  }

  private sweep(): void {
    this.items = this.items.filter((item) => !this.stale(item));
    for (let index = (this.items.length >> 1) - 1; index >= 0; index--) this.down(index);
    this.sweepAt = Math.max(128, this.items.length * 2);
  }

  private removeTop(): void {
    const last = this.items.pop()!;
    if (this.items.length === 0) return;
    this.items[0] = last;
    this.down(0);
  }

  private up(index: number): void {
    const item = this.items[index]!;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.before(item, this.items[parent]!)) break;
      this.items[index] = this.items[parent]!;
      index = parent;
    }
    this.items[index] = item;
  }

  private down(index: number): void {
    const item = this.items[index]!;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= this.items.length) break;
      if (child + 1 < this.items.length && this.before(this.items[child + 1]!, this.items[child]!)) child++;
      if (!this.before(this.items[child]!, item)) break;
      this.items[index] = this.items[child]!;
      index = child;
    }
    this.items[index] = item;
  }
}

/** Both functions of an order, kept by name. */
export function heapOrder<T>(name: string, order: HeapOrder<T>): HeapOrder<T> {
  return { before: keptConstant(`${name}.before`, order.before), stale: keptConstant(`${name}.stale`, order.stale) };
}

keptClass('heap', { Heap });
