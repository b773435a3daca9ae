/**
 * Capacity units, as ConsumedCapacity tells them.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */
import type { Json } from '../service';
import { invalid } from './errors';
import type { Table, Written } from './table';

/** A transaction's reads and writes cost double. */
export const transactionFactor = 2;

export const readUnits = (bytes: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(bytes / 4096)) * (consistent ? 1 : 0.5);

export const writeUnits = (bytes: number): number => Math.max(1, Math.ceil(bytes / 1024));

/** Adds up what one request consumed, by table, and words it. */
export class Consumption {
  private readonly tables = new Map<string, { table: Table; units: number; indexes: Map<string, number> }>();

  constructor(
    private readonly wanted: string | undefined,
    /** Transactions also tell reads from writes. */
    private readonly member?: 'ReadCapacityUnits' | 'WriteCapacityUnits',
  ) {
    if (wanted !== undefined && !['NONE', 'TOTAL', 'INDEXES'].includes(wanted)) {
      throw invalid(
        `1 validation error detected: Value '${wanted}' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]`,
      );
    }
  }

  /** `index`: the index that was read, or undefined for the table. */
  add(table: Table, units: number, index?: string): void {
    if (!this.wanted || this.wanted === 'NONE') return;
    let sum = this.tables.get(table.name);
    if (!sum) {
      sum = { table, units: 0, indexes: new Map() };
      this.tables.set(table.name, sum);
    }
    if (index === undefined) sum.units += units;
    else sum.indexes.set(index, (sum.indexes.get(index) ?? 0) + units);
  }

  addWrite(table: Table, written: Written, factor = 1): void {
    const units = writeUnits(Math.max(written.oldSize, written.newSize));
    this.add(table, units * factor);
    for (const [index, indexUnits] of written.indexWrites) this.add(table, indexUnits * factor, index);
  }

  /** For an operation on one table: { ConsumedCapacity: {...} }, or nothing. */
  single(): Json {
    const [one] = this.list();
    return one ? { ConsumedCapacity: one } : {};
  }

  /** For an operation on several tables: { ConsumedCapacity: [...] }, or nothing. */
  several(): Json {
    const list = this.list();
    return list.length > 0 ? { ConsumedCapacity: list } : {};
  }

  private list(): Json[] {
    return [...this.tables.values()].map(({ table, units, indexes }) => {
      const total = [...indexes.values()].reduce((sum, each) => sum + each, units);
      const result: Json = { TableName: table.name, ...this.worded(total) };
      if (this.wanted !== 'INDEXES') return result;
      result.Table = this.worded(units);
      for (const [name, each] of indexes) {
        const member = table.indexes.get(name)?.definition.global ? 'GlobalSecondaryIndexes' : 'LocalSecondaryIndexes';
        result[member] = { ...result[member], [name]: this.worded(each) };
      }
      return result;
    });
  }

  private worded(units: number): Json {
    return { CapacityUnits: units, ...(this.member ? { [this.member]: units } : {}) };
  }
}
