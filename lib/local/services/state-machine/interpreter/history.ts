/**
 * The events of one execution.
 *
 * 1. Ids count from 1; the first event after ExecutionStarted names 0 as its predecessor, as AWS's does.
 * 2. A Standard execution ends at 25,000 events: the last is its failure. Express executions have no such limit.
 * Source: Step Functions API reference, HistoryEvent; developer guide, "Quotas".
 */
import type { Millis } from '../../../ports';
import { keptClass } from '../../kept';
import type { Effect, Json } from '../../service';
import { HistoryFull } from '../failure';
import { type ExecutionLog, writeLog } from './execution-log';

export interface HistoryEvent {
  id: number;
  previousEventId: number;
  timestamp: number;
  type: string;
  [details: string]: Json;
}

const mostEvents = 25_000;

export class History {
  readonly events: HistoryEvent[] = [];
  private count = 0;

  constructor(
    /** 'kept': events can be asked for. 'counted': they can not, but are limited. 'free': neither. */
    private readonly mode: 'kept' | 'counted' | 'free',
    private readonly clock: { readonly now: Millis; readonly effects: Effect[] },
    /** Where the events are written to as well. */
    private readonly log?: ExecutionLog,
  ) {}

  get length(): number {
    return this.count;
  }

  /** Gives the event's id. Throws HistoryFull where only the last place is left. */
  add(type: string, previousEventId: number, details?: Record<string, Json>): number {
    if (this.mode !== 'free' && this.count >= mostEvents - 1) throw new HistoryFull();
    return this.end(type, previousEventId, details);
  }

  /** The event that ends the execution: it always has a place. */
  end(type: string, previousEventId: number, details?: Record<string, Json>): number {
    const id = ++this.count;
    if (this.mode !== 'kept' && !this.log) return id;
    const event: HistoryEvent = { timestamp: this.clock.now / 1000, type, id, previousEventId, ...details };
    if (this.mode === 'kept') this.events.push(event);
    if (this.log) writeLog(this.log, event, details, this.clock.effects);
    return id;
  }
}

/** Whole payloads: nothing is truncated here. */
export const whole = { truncated: false };

keptClass('states', { History });
