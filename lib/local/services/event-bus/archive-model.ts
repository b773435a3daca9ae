/** What archives.ts keeps of an archive and of a replay. */
import type { Millis } from '../../ports';
import type { Json } from '../service';
import type { BusEvent } from './event';
import type { CompiledPattern } from './pattern';

export interface Archive {
  name: string;
  arn: string;
  busArn: string;
  description?: string;
  patternText?: string;
  pattern?: CompiledPattern;
  retentionDays: number;
  createdMs: Millis;
  events: BusEvent[];
  bytes: number;
}

export interface Replay {
  name: string;
  arn: string;
  input: Json;
  state: 'STARTING' | 'RUNNING' | 'COMPLETED' | 'CANCELLED';
  startedMs: Millis;
  endedMs?: Millis;
  lastReplayedMs?: Millis;
  /** What is still to be sent, a list for each minute. */
  minutes: BusEvent[][];
  nextMs?: Millis;
}
