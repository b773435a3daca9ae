/**
 * Finds the patterns that an event may match without trying the others: a pattern whose every alternative asks for
 * literal detail-types (or sources) is filed under them, all others are tried for every event.
 */
import { keptClass } from '../../kept';
import type { Alternative, CompiledPattern } from './compile';
import { type Leaves, leavesOf } from './leaves';
import { matches } from './match';

const fields = ['detail-type', 'source'] as const;

interface Filed<T> {
  value: T;
  pattern: CompiledPattern;
  sequence: number;
  keys: string[];
}

export class RuleIndex<T> {
  private readonly byKey = new Map<string, Set<Filed<T>>>();
  private readonly filed = new Map<T, Filed<T>>();
  private sequence = 0;

  set(value: T, pattern: CompiledPattern): void {
    const sequence = this.filed.get(value)?.sequence ?? this.sequence++;
    this.delete(value);
    const entry = { value, pattern, sequence, keys: [...new Set(pattern.alternatives.flatMap(keysOf))] };
    this.filed.set(value, entry);
    for (const key of entry.keys) {
      const entries = this.byKey.get(key) ?? new Set();
      this.byKey.set(key, entries.add(entry));
    }
  }

  delete(value: T): void {
    const entry = this.filed.get(value);
    if (!entry) return;
    this.filed.delete(value);
    for (const key of entry.keys) {
      const entries = this.byKey.get(key);
      entries?.delete(entry);
      if (entries?.size === 0) this.byKey.delete(key);
    }
  }

  /** What matches, in the order in which it was first set. */
  matching(event: { source: string; 'detail-type': string }): T[] {
    const found = new Set<Filed<T>>();
    for (const key of [anything, ...fields.map((field) => keyOf(field, event[field]))]) {
      for (const entry of this.byKey.get(key) ?? []) found.add(entry);
    }
    if (found.size === 0) return [];
    let leaves: Leaves | undefined;
    return [...found]
      .filter(({ pattern }) => {
        leaves ??= leavesOf(event);
        return matches(pattern, leaves);
      })
      .sort((a, b) => a.sequence - b.sequence)
      .map(({ value }) => value);
  }
}

const anything = '*';
const keyOf = (field: string, value: string): string => `${field}=${value}`;

function keysOf(alternative: Alternative): string[] {
  for (const field of fields) {
    const tests = alternative.get(field);
    if (tests?.every(({ literal }) => literal !== undefined)) return tests.map(({ literal }) => keyOf(field, literal!));
  }
  return [anything];
}

keptClass('events', { RuleIndex });
