/** Timestamps of the Amazon States Language: RFC 3339 with an upper-case T and a zone ('Z' or an offset). */
import type { Json } from '../service';

const shape = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:?\d{2})$/;

/** Epoch milliseconds; undefined for what is no timestamp. */
export function timestampMs(value: Json): number | undefined {
  if (typeof value !== 'string') return undefined;
  const parts = shape.exec(value);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0)) as number[];
  const date = Date.UTC(year!, month! - 1, day!, hour!, minute!, second!);
  const same = new Date(date);
  if (same.getUTCMonth() !== month! - 1 || same.getUTCDate() !== day || same.getUTCHours() !== hour) return undefined;
  if (minute! > 59 || second! > 59) return undefined;
  const zone = parts[8]!;
  const offset =
    zone === 'Z' ? 0 : (zone[0] === '-' ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2)));
  return date + Number(`0.${parts[7] ?? 0}`) * 1000 - offset * 60_000;
}
