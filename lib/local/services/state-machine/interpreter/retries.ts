/** Retry: how long a failed attempt waits for the next. Source: Amazon States Language, "Retrying after error". */
import type { Json } from '../../service';
import type { StateFailure } from '../failure';
import type { StateContext } from './context';
import { catches } from './states';

interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds?: number;
  MaxAttempts?: number;
  BackoffRate?: number;
  MaxDelaySeconds?: number;
  JitterStrategy?: 'FULL' | 'NONE';
}

export class Retries {
  private readonly counts = new Map<Retrier, number>();
  constructor(private readonly context: StateContext) {}

  /** Milliseconds until the next attempt; undefined where there is none. */
  next(failure: StateFailure): number | undefined {
    if (!failure.catchable) return undefined;
    const retriers: Json[] = this.context.state.Retry ?? [];
    const retrier: Retrier | undefined = retriers.find((one) => catches(one.ErrorEquals, failure));
    if (!retrier) return undefined;
    const done = this.counts.get(retrier) ?? 0;
    const delay = retryDelayMs(retrier, done);
    if (done >= (retrier.MaxAttempts ?? 3)) return undefined;
    this.counts.set(retrier, done + 1);
    return retrier.JitterStrategy === 'FULL' ? Math.floor(this.context.engine.random.next() * delay) : delay;
  }
}

/** Before jitter; `done` retries came before. */
export function retryDelayMs(retrier: Retrier, done: number): number {
  const { IntervalSeconds = 1, BackoffRate = 2, MaxDelaySeconds = Number.POSITIVE_INFINITY } = retrier;
  return Math.round(Math.min(IntervalSeconds * BackoffRate ** done, MaxDelaySeconds) * 1000);
}
