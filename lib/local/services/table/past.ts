/**
 * A global index as it was a moment ago: on AWS it follows its table after "a fraction of a second, under normal
 * conditions", and may be longer behind. The simulator asks for it by the internal member `$staleMs` of a Query or Scan.
 *
 * 1. Kept are the items that writes of the last `keptMs` replaced; so nobody can look further back.
 *    They are no part of the table's state: a restarted world has no past.
 * 2. The past of an index has the rows, items and order that the index had then.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html (data synchronization)
 */
import type { Millis } from '../../ports';
import { keyOf } from './keys';
import { Index, type Row, type Table } from './table';
import type { Item } from './values';

const keptMs = 10_000;

interface Replaced {
  at: Millis;
  text: string;
  /** undefined: there was none. */
  before: Item | undefined;
}

const replaced = new WeakMap<Table, Replaced[]>();

/** A write has replaced `before` in the row with this key. */
export function remember(table: Table, at: Millis, text: string, before: Item | undefined): void {
  const known = replaced.get(table) ?? [];
  const from = known[0] && known[0].at < at - 2 * keptMs ? known.findIndex((one) => one.at >= at - keptMs) : 0;
  const kept = from === 0 ? known : from < 0 ? [] : known.slice(from);
  kept.push({ at, text, before });
  if (kept !== known || kept.length === 1) replaced.set(table, kept);
}

/** `index` of `table` as it was at `then`, for reading only. */
export function indexAt(table: Table, index: Index, then: Millis): Index {
  const items = new Map<string, { row: Row; item: Item | undefined }>();
  for (const { row } of table.primary.entries) items.set(row.text, { row, item: row.item });
  for (const { at, text, before } of [...(replaced.get(table) ?? [])].reverse()) {
    if (at <= then) break;
    // What is deleted by now has no row any more.
    const row = items.get(text)?.row ?? { key: keyOf(table.schema, before ?? {})!, text, item: before ?? {}, size: 0 };
    items.set(text, { row, item: before });
  }
  const past = new Index(index.definition, table.schema);
  for (const { row, item } of items.values()) {
    const key = item && keyOf(index.definition.schema, item);
    if (key) past.entries.add({ key, row: { ...row, item } });
  }
  return past;
}
