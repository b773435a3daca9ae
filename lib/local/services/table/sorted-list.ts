/**
 * A list that stays sorted: blocks of at most `maxBlock` entries. Finding costs O(log n), adding and removing O(log n)
 * and a move within one block; going on from a position costs O(1).
 * Positions are valid until the list changes.
 */
import { keptClass } from '../kept';

const maxBlock = 512;

export interface Position {
  block: number;
  index: number;
}

export class SortedList<T> {
  private readonly blocks: T[][] = [];
  size = 0;

  /** `order.compare` orders entries totally: only the same entry is equal to itself. */
  constructor(private readonly order: { compare(a: T, b: T): number }) {}

  add(entry: T): void {
    const at = this.firstAtOrAfter((other) => this.order.compare(other, entry));
    this.size++;
    if (this.blocks.length === 0) {
      this.blocks.push([entry]);
      return;
    }
    // Past the end: into the last block.
    const { block, index } =
      at.block < this.blocks.length
        ? at
        : { block: this.blocks.length - 1, index: this.blocks[this.blocks.length - 1]!.length };
    const entries = this.blocks[block]!;
    entries.splice(index, 0, entry);
    if (entries.length <= maxBlock) return;
    // Keys that only grow (times, ids) fill blocks to the brim instead of leaving each half empty.
    const keep = block === this.blocks.length - 1 && index === entries.length - 1 ? maxBlock : maxBlock / 2;
    this.blocks.splice(block + 1, 0, entries.splice(keep));
  }

  /** Removes an entry equal to `entry`; false when there is none. */
  remove(entry: T): boolean {
    const { block, index } = this.firstAtOrAfter((other) => this.order.compare(other, entry));
    const entries = this.blocks[block];
    if (!entries || this.order.compare(entries[index]!, entry) !== 0) return false;
    entries.splice(index, 1);
    if (entries.length === 0) this.blocks.splice(block, 1);
    this.size--;
    return true;
  }

  get first(): T | undefined {
    return this.blocks[0]?.[0];
  }

  /** The first entry for which `order` is not negative. `order` must rise along the list; it compares an entry with a place. */
  firstAtOrAfter(order: (entry: T) => number): Position {
    let low = 0;
    let high = this.blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const entries = this.blocks[middle]!;
      if (order(entries[entries.length - 1]!) < 0) low = middle + 1;
      else high = middle;
    }
    const entries = this.blocks[low];
    if (!entries) return { block: low, index: 0 };
    let from = 0;
    let to = entries.length;
    while (from < to) {
      const middle = (from + to) >>> 1;
      if (order(entries[middle]!) < 0) from = middle + 1;
      else to = middle;
    }
    return { block: low, index: from };
  }

  at(position: Position): T | undefined {
    return this.blocks[position.block]?.[position.index];
  }

  after({ block, index }: Position): Position {
    const length = this.blocks[block]?.length ?? 0;
    return index + 1 < length ? { block, index: index + 1 } : { block: block + 1, index: 0 };
  }

  /** Before the first entry: a position that holds nothing. */
  before({ block, index }: Position): Position {
    if (index > 0) return { block, index: index - 1 };
    return { block: block - 1, index: (this.blocks[block - 1]?.length ?? 0) - 1 };
  }

  *[Symbol.iterator](): Iterator<T> {
    for (const entries of this.blocks) yield* entries;
  }
}

keptClass('dynamodb', { SortedList });
