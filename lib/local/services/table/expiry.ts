/**
 * Time to live: which rows go when. Late, as on AWS ("within a few days" after expiry): by a seeded delay of up to
 * 48 hours, in rounds of ten minutes. A value that is no number, or lies more than five years back, expires nothing.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
import type { Millis, Random } from '../../ports';
import { keptClass, keptConstant } from '../kept';
import { SortedList } from './sorted-list';
import type { Row } from './table';
import { attributeOf } from './values';

export const maxDelayMs = 48 * 3_600_000;
const roundMs = 600_000;
const fiveYearsMs = 5 * 365 * 86_400_000;

const dueOrder = keptConstant('dynamodb.due', {
  compare: (a: Row, b: Row) => a.expiresAtMs! - b.expiresAtMs! || (a.text === b.text ? 0 : a.text < b.text ? -1 : 1),
});

export class ExpiryQueue {
  private readonly due = new SortedList<Row>(dueOrder);
  /** The attribute's value behind a row's place in the queue: an unchanged value keeps the delay it drew. */
  private readonly values = new Map<Row, string>();
  /** In place of drawn delays: the simulator's. */
  private fixedMs: Millis | undefined;

  constructor(
    readonly attribute: string,
    private readonly random: Random,
  ) {}

  /** From now on every row goes so long after its time, those of before included; undefined: as it is drawn. */
  delayBy(ms: Millis | undefined, now: Millis): void {
    this.fixedMs = ms;
    const rows = [...this.values.keys()];
    for (const row of rows) {
      this.remove(row);
      this.update(row, now);
    }
  }

  /** After a row was written. */
  update(row: Row, now: Millis): void {
    const value: string | undefined = attributeOf(row.item, this.attribute)?.N;
    if (value !== undefined && this.values.get(row) === value) return;
    this.remove(row);
    if (value === undefined) return;
    const expiresMs = Number(value) * 1000;
    if (expiresMs < now - fiveYearsMs) return;
    const drawnMs = this.random.below(maxDelayMs);
    const dueMs =
      this.fixedMs === undefined ? Math.max(expiresMs, now) + drawnMs : Math.max(expiresMs + this.fixedMs, now);
    row.expiresAtMs = Math.ceil(dueMs / roundMs) * roundMs;
    this.values.set(row, value);
    this.due.add(row);
  }

  remove(row: Row): void {
    if (row.expiresAtMs === undefined) return;
    this.due.remove(row);
    this.values.delete(row);
    row.expiresAtMs = undefined;
  }

  clear(): void {
    for (const row of this.values.keys()) row.expiresAtMs = undefined;
  }

  get nextMs(): Millis | undefined {
    return this.due.first?.expiresAtMs;
  }

  /** The row that is due longest, if any. */
  dueAt(now: Millis): Row | undefined {
    const row = this.due.first;
    return row && row.expiresAtMs! <= now ? row : undefined;
  }
}

keptClass('dynamodb', { ExpiryQueue });
