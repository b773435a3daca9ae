/**
 * Log groups and streams in memory: the newest 10,000 events of a group, in the order in which they came.
 * Retention is applied when a group is read or written.
 */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';

export const maxEventsPerGroup = 10_000;

export interface LogEvent {
  stream: string;
  timestamp: Millis;
  ingestionTime: Millis;
  message: string;
  /** Counts the events of a group. */
  sequence: number;
}

export interface LogStream {
  name: string;
  createdMs: Millis;
  firstMs?: Millis;
  lastMs?: Millis;
  lastIngestionMs?: Millis;
}

export class LogGroup {
  readonly streams = new Map<string, LogStream>();
  readonly tags = new Map<string, string>();
  retentionDays: number | undefined;
  private kept: LogEvent[] = [];
  private sequence = 0;

  constructor(
    readonly name: string,
    readonly arn: string,
    readonly createdMs: Millis,
  ) {}

  stream(name: string, now: Millis): LogStream {
    const known = this.streams.get(name);
    if (known) return known;
    const stream: LogStream = { name, createdMs: now };
    this.streams.set(name, stream);
    return stream;
  }

  add(now: Millis, stream: LogStream, timestamp: Millis, message: string): void {
    this.kept.push({ stream: stream.name, timestamp, ingestionTime: now, message, sequence: this.sequence++ });
    stream.firstMs = Math.min(stream.firstMs ?? timestamp, timestamp);
    stream.lastMs = Math.max(stream.lastMs ?? timestamp, timestamp);
    stream.lastIngestionMs = now;
    // Dropped in bulk: one shift for each event would move the whole list each time.
    if (this.kept.length >= 2 * maxEventsPerGroup) this.kept = this.kept.slice(-maxEventsPerGroup);
  }

  /** By time, and by arrival within one time. */
  events(now: Millis): LogEvent[] {
    const oldest = this.retentionDays === undefined ? Number.NEGATIVE_INFINITY : now - this.retentionDays * 86_400_000;
    return this.kept
      .slice(-maxEventsPerGroup)
      .filter(({ timestamp }) => timestamp >= oldest)
      .sort((a, b) => a.timestamp - b.timestamp || a.sequence - b.sequence);
  }

  bytes(): number {
    return this.kept.slice(-maxEventsPerGroup).reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
  }
}

keptClass('logs', { LogGroup });
