/**
 * Finds the patterns that an event may match without trying the others: each alternative of a pattern is filed under the
 * literal values of one of its fields; one without any such field is tried for every event.
 *
 * 1. The field is detail-type or source while few share its value, which needs no look into the event's detail; then the
 *    one, wherever it is, whose values the fewest others are filed under. The cost of an event so depends on what is
 *    filed under its own values, not on the number of rules.
 * 2. Being filed decides nothing: what is found is tried.
 */
import { keptClass } from '../../kept';
import type { Alternative, CompiledPattern } from './compile';
import { type Leaves, leavesOf } from './leaves';
import { matches } from './match';

const topFields = ['detail-type', 'source'] as const;
/** So many share a value of a top field before another field is looked for. */
const few = 8;

interface Filed<T> {
  value: T;
  pattern: CompiledPattern;
  sequence: number;
  keys: string[];
  /** Fields of the keys other than the top ones. */
  deep: string[];
}

export class RuleIndex<T> {
  private readonly byKey = new Map<string, Set<Filed<T>>>();
  private readonly filed = new Map<T, Filed<T>>();
  /** Fields other than the top ones that something is filed under, with how much. */
  private readonly deepFields = new Map<string, number>();
  private sequence = 0;

  set(value: T, pattern: CompiledPattern): void {
    const sequence = this.filed.get(value)?.sequence ?? this.sequence++;
    this.delete(value);
    const chosen = pattern.alternatives.map((alternative) => this.place(alternative));
    const entry = {
      value,
      pattern,
      sequence,
      keys: [...new Set(chosen.flatMap(({ keys }) => keys))],
      deep: chosen.flatMap(({ field }) => (field === undefined || isTop(field) ? [] : [field])),
    };
    this.filed.set(value, entry);
    for (const field of entry.deep) this.deepFields.set(field, (this.deepFields.get(field) ?? 0) + 1);
    for (const key of entry.keys) {
      const entries = this.byKey.get(key) ?? new Set();
      this.byKey.set(key, entries.add(entry));
    }
  }

  delete(value: T): void {
    const entry = this.filed.get(value);
    if (!entry) return;
    this.filed.delete(value);
    for (const field of entry.deep) {
      const left = this.deepFields.get(field)! - 1;
      if (left > 0) this.deepFields.set(field, left);
      else this.deepFields.delete(field);
    }
    for (const key of entry.keys) {
      const entries = this.byKey.get(key);
      entries?.delete(entry);
      if (entries?.size === 0) this.byKey.delete(key);
    }
  }

  /** Where to file an alternative. */
  private place(alternative: Alternative): { field?: string; keys: string[] } {
    let best: { field?: string; keys: string[]; crowd: number } | undefined;
    for (const field of [...topFields, ...alternative.keys()]) {
      const tests = alternative.get(field);
      const keys = tests && keysOf(field, tests);
      if (!keys) continue;
      const crowd = Math.max(...keys.map((key) => this.byKey.get(key)?.size ?? 0));
      if (isTop(field) && crowd < few) return { field, keys };
      if (!best || crowd < best.crowd) best = { field, keys, crowd };
    }
    return best ?? { keys: [anything] };
  }

  /** What matches, in the order in which it was first set. */
  matching(event: { source: string; 'detail-type': string }): T[] {
    const found = new Set<Filed<T>>();
    const look = (key: string) => {
      for (const entry of this.byKey.get(key) ?? []) found.add(entry);
    };
    look(anything);
    for (const field of topFields) look(keyOf(field, event[field]));
    let leaves: Leaves | undefined;
    if (this.deepFields.size > 0) {
      leaves = leavesOf(event);
      for (const [path, values] of leaves) {
        if (this.deepFields.has(path))
          for (const { string } of values) if (string !== undefined) look(keyOf(path, string));
      }
    }
    if (found.size === 0) return [];
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

const isTop = (field: string): boolean => (topFields as readonly string[]).includes(field);

/** The keys for one field's tests, or undefined where one of them is no literal. */
const keysOf = (field: string, tests: Alternative extends Map<string, infer T> ? T : never): string[] | undefined =>
  tests.every(({ literal }) => literal !== undefined) ? tests.map(({ literal }) => keyOf(field, literal!)) : undefined;

keptClass('events', { RuleIndex });
