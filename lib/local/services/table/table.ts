/**
 * One table: its rows, its indexes, its expiry queue and its stream. Knows nothing of expressions or requests.
 *
 * 1. `rows` finds a row by its key; every index (the table's own included) keeps entries in the order of its key.
 * 2. An index entry points to the row, so a change that leaves an index key alone does not touch that index.
 * 3. Indexes are exact at once; what they were a moment ago can be asked for (past.ts), as on AWS a global index lags.
 * 4. Items are immutable: a write replaces a row's item.
 */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';
import { writeUnits } from './capacity';
import type { ExpiryQueue } from './expiry';
import { attributesOf, comparePartitions, type Key, type KeySchema, keyOf, keyText, sortOrders } from './keys';
import { remember } from './past';
import { SortedList } from './sorted-list';
import type { TableStream } from './streams/stream';
import { type AttributeValue, copyItem, equal, type Item, itemSize } from './values';

export interface Row {
  readonly key: Key;
  readonly text: string;
  item: Item;
  size: number;
  /** When time to live removes it; undefined: never. */
  expiresAtMs?: Millis;
}

export interface Entry {
  key: Key;
  row: Row;
}

export interface IndexDefinition {
  name: string;
  global: boolean;
  schema: KeySchema;
  projection: { type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; attributes: string[] };
}

export class Index {
  readonly entries: SortedList<Entry>;
  /** The attributes that it has; undefined: all. */
  readonly attributes: ReadonlySet<string> | undefined;

  constructor(
    readonly definition: IndexDefinition,
    tableSchema: KeySchema,
  ) {
    const { schema, projection } = definition;
    this.entries = new SortedList(this);
    if (projection.type !== 'ALL') {
      const keys = [...attributesOf(tableSchema), ...attributesOf(schema)].map(({ name }) => name);
      this.attributes = new Set([...keys, ...projection.attributes]);
    }
  }

  /** Order of sort keys in a partition. */
  get sortOrder(): (a: string, b: string) => number {
    return sortOrders[this.definition.schema.range?.type ?? 'S'];
  }

  compare(a: Entry, b: Entry): number {
    return (
      comparePartitions(a.key, b.key) ||
      this.sortOrder(a.key.sk, b.key.sk) ||
      (a.row.text === b.row.text ? 0 : a.row.text < b.row.text ? -1 : 1)
    );
  }

  /** What of an item this index holds: not a copy. */
  projected(item: Item): Item {
    const { attributes } = this;
    if (!attributes) return item;
    const result: Record<string, AttributeValue> = {};
    for (const name in item) if (attributes.has(name)) result[name] = item[name]!;
    return result;
  }

  /** Bytes that a row takes in this index. */
  sizeOf({ item, size }: Pick<Row, 'item' | 'size'>): number {
    return this.attributes ? itemSize(this.projected(item)) : size;
  }
}

/** What a write did, for capacity and streams. */
export interface Written {
  old: Item | undefined;
  oldSize: number;
  newSize: number;
  /** Names of the indexes whose entries changed, with the write units of each. */
  indexWrites: Map<string, number>;
}

export class Table {
  readonly primary: Index;
  readonly indexes = new Map<string, Index>();
  private readonly rows = new Map<string, Row>();
  private bytes = 0;
  expiry: ExpiryQueue | undefined;
  stream: TableStream | undefined;

  constructor(
    readonly name: string,
    readonly schema: KeySchema,
    indexes: readonly IndexDefinition[],
  ) {
    this.primary = new Index({ name: '', global: false, schema, projection: { type: 'ALL', attributes: [] } }, schema);
    for (const definition of indexes) this.addIndex(definition);
  }

  get itemCount(): number {
    return this.rows.size;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** Whether a name is part of the key, or of an index's key. */
  get keyAttribute(): (name: string) => 'Key' | 'IndexKey' | undefined {
    return (name) => {
      const isIn = (schema: KeySchema) => schema.hash.name === name || schema.range?.name === name;
      if (isIn(this.schema)) return 'Key';
      for (const { definition } of this.indexes.values()) if (isIn(definition.schema)) return 'IndexKey';
      return undefined;
    };
  }

  /** Bytes that an item of `size` bytes takes in the local indexes. */
  localIndexBytes(item: Item, size: number): number {
    let bytes = 0;
    for (const index of this.indexes.values()) {
      const { global, schema } = index.definition;
      if (!global && keyOf(schema, item)) bytes += index.sizeOf({ item, size });
    }
    return bytes;
  }

  addIndex(definition: IndexDefinition): void {
    const index = new Index(definition, this.schema);
    for (const { row } of this.primary.entries) {
      const key = keyOf(definition.schema, row.item);
      if (key) index.entries.add({ key, row });
    }
    this.indexes.set(definition.name, index);
  }

  /** Starts time to live on an attribute, or ends it. */
  expireBy(expiry: ExpiryQueue | undefined, now: Millis): void {
    this.expiry?.clear();
    this.expiry = expiry;
    if (expiry) for (const { row } of this.primary.entries) expiry.update(row, now);
  }

  find(item: Item): Row | undefined {
    const key = keyOf(this.schema, item);
    return key && this.rows.get(keyText(key));
  }

  /** Stores a checked item in place of what has its key. */
  put(item: Item, size: number, now: Millis): Written {
    const key = keyOf(this.schema, item)!;
    const text = keyText(key);
    const existing = this.rows.get(text);
    const indexWrites = new Map<string, number>();
    if (!existing) {
      const row: Row = { key, text, item, size };
      this.rows.set(text, row);
      this.primary.entries.add({ key, row });
      for (const [name, index] of this.indexes) {
        const indexKey = keyOf(index.definition.schema, item);
        if (!indexKey) continue;
        index.entries.add({ key: indexKey, row });
        indexWrites.set(name, writeUnits(index.sizeOf(row)));
      }
      this.bytes += size;
      this.expiry?.update(row, now);
      this.stream?.record(now, undefined, item);
      remember(this, now, text, undefined);
      return { old: undefined, oldSize: 0, newSize: size, indexWrites };
    }
    const { item: old, size: oldSize } = existing;
    for (const [name, index] of this.indexes) {
      const units = this.reindex(index, existing, { item, size });
      if (units > 0) indexWrites.set(name, units);
    }
    existing.item = item;
    existing.size = size;
    this.bytes += size - oldSize;
    this.expiry?.update(existing, now);
    this.stream?.record(now, old, item);
    remember(this, now, text, old);
    return { old, oldSize, newSize: size, indexWrites };
  }

  /**
   * Removes and adds the row's entry where its key in the index changed; the write units that AWS would count: a changed
   * key is a deletion and a put, a changed projection one write of the larger entry.
   * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html#GSI.ThroughputConsiderations.Writes
   */
  private reindex(index: Index, row: Row, next: Pick<Row, 'item' | 'size'>): number {
    const before = keyOf(index.definition.schema, row.item);
    const after = keyOf(index.definition.schema, next.item);
    if (before && after && before.pk === after.pk && before.sk === after.sk) {
      if (sameItem(index.projected(row.item), index.projected(next.item))) return 0;
      return writeUnits(Math.max(index.sizeOf(row), index.sizeOf(next)));
    }
    if (before) index.entries.remove({ key: before, row });
    if (after) index.entries.add({ key: after, row });
    return (before ? writeUnits(index.sizeOf(row)) : 0) + (after ? writeUnits(index.sizeOf(next)) : 0);
  }

  /** `by`: who deletes, where it is not a request. */
  delete(row: Row, now: Millis, by?: 'time to live'): Written {
    const indexWrites = new Map<string, number>();
    this.rows.delete(row.text);
    this.primary.entries.remove({ key: row.key, row });
    for (const [name, index] of this.indexes) {
      const key = keyOf(index.definition.schema, row.item);
      if (!key) continue;
      index.entries.remove({ key, row });
      indexWrites.set(name, writeUnits(index.sizeOf(row)));
    }
    this.bytes -= row.size;
    this.expiry?.remove(row);
    this.stream?.record(now, row.item, undefined, by);
    remember(this, now, row.text, row.item);
    return { old: row.item, oldSize: row.size, newSize: 0, indexWrites };
  }

  /** A copy of the row's item for a client. */
  static copy(row: Row): Record<string, AttributeValue> {
    return copyItem(row.item);
  }
}

/** Updates share unchanged values with the item before: then the comparison ends early. */
function sameItem(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => a[name] === b[name] || (Object.hasOwn(b, name) && equal(a[name]!, b[name]!)))
  );
}

keptClass('dynamodb', { Table, Index });
