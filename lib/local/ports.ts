/**
 * Everything the local runtime needs from outside itself. Real time passes real ones, virtual time and the
 * simulator pass seeded ones; no other file under lib/local may touch a clock, chance or timers.
 */

/** Milliseconds since the epoch. */
export type Millis = number;

export interface Timer {
  cancel(): void;
}

/** Time, and work to be done later. `at` runs `work` once, never synchronously, and never before `timeMs`. */
export interface Scheduler {
  now(): Millis;
  /** `tie` orders what is due at the same time, lower first; default: drawn. Real time has none. */
  at(timeMs: Millis, work: () => void, tie?: number): Timer;
}

/** Chance. Forked by name, so that a new draw here does not change the schedule there. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Uniform integer in [0, below). */
  below(below: number): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** A version 4 UUID. */
  uuid(): string;
  fork(name: string): Random;
}

/** One line of what happened. `at` is set by the world. Fields are plain JSON. */
export interface TraceEntry {
  at: Millis;
  /** e.g. 'published', 'delivered', 'invoked', 'finished', 'api', 'dead-lettered', 'log', 'fault'. */
  kind: string;
  [field: string]: unknown;
}

export interface Trace {
  record(entry: TraceEntry): void;
}

/**
 * A place where the world may be unreliable. `call`: one service asks another (bus -> queue, mapping -> function).
 * `sdk`: a function's own call to a service, `index` counting from 0 in that invocation. `invoke`: a function starts.
 */
export type Crossing =
  | { at: 'call'; from: string; to: string; operation: string; input: unknown }
  | {
      at: 'sdk';
      functionName: string;
      invocationId: string;
      index: number;
      service: string;
      operation: string;
      input: unknown;
    }
  | { at: 'invoke'; functionName: string; invocationId: string; input: unknown };

/**
 * What to do at a crossing; undefined means: deliver it. `fail-before` answers with an error and nothing happened;
 * `fail-after` does it and then answers with an error (a lost response); `crash-*` kills the calling function
 * before or after the call took effect (`sdk` only; `crash-before` and `timeout` also at `invoke`); `crash-after` with
 * `laterMs` kills it at once, and the call takes effect so much later.
 * `error` is an AWS error name such as 'ProvisionedThroughputExceededException'; 'network' is a broken connection;
 * `members` are the error's own, such as a cancelled transaction's CancellationReasons.
 * `rewrite-input` asks something else instead, and may change the answer (partial PutEvents failures, stale reads);
 * `answer-lost` does it, and no answer ever comes (`sdk` only).
 */
export type FaultDecision =
  | { do: 'lose' }
  | { do: 'twice'; laterMs?: number }
  | { do: 'later'; laterMs: number }
  | { do: 'fail-before'; error: string; message?: string; status?: number; members?: Record<string, unknown> }
  | { do: 'fail-after'; error: string; message?: string; status?: number; members?: Record<string, unknown> }
  | {
      do: 'rewrite-input';
      rewrite: (input: any) => any;
      /** `input` is the request before it was rewritten. */
      rewriteReply?: (output: any, input: any) => any;
    }
  | { do: 'answer-lost' }
  | { do: 'crash-before' }
  | { do: 'crash-after'; laterMs?: number }
  | { do: 'timeout' };

export interface Faults {
  decide(crossing: Crossing): FaultDecision | undefined;
  /** How far the clock of a function's environments is ahead; asked at each look at the clock. Default: not at all. */
  skewMs?(functionName: string): Millis;
}

export const noFaults: Faults = { decide: () => undefined };

/** Real asynchronous work (zlib, file reads) that virtual time waits for: `const done = begin(); ... done()`. */
export interface HostWork {
  begin(): () => void;
  pending(): number;
}
