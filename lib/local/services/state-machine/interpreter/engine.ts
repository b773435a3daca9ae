/**
 * Runs executions as threads: one for the states of the machine, one for each branch and iteration.
 *
 * 1. A thread is a generator. It runs until it must wait; a signal (time, an answer, a token, an ended child) goes on.
 * 2. A timer or an answer counts only for the wait that it belongs to; what comes later is ignored.
 * 3. A thread that is aborted never runs again, nor does anything below it.
 * 4. Nothing here waits, draws or looks at a clock: `now` is set by whoever calls.
 * 5. A running execution follows from its start, what came to it and what it saw: a generator cannot be written down, and
 *    is made again by repeating them.
 */
import type { Millis, Random } from '../../../ports';
import { Heap } from '../../heap';
import type { Effect, Json, Reply, ServiceName, ServiceOptions } from '../../service';
import { HistoryFull, StateFailure } from '../failure';
import type { Scope } from '../query/scope';
import type { Execution, Seen } from './execution';
import type { Place } from './resume';

export type Signal =
  | { kind: 'time' }
  | { kind: 'child' }
  | { kind: 'reply'; reply: Reply }
  | { kind: 'token'; output: Json }
  | { kind: 'token-failed'; error?: string; cause?: string }
  | { kind: 'heartbeat' }
  | { kind: 'execution-ended'; execution: Execution };

/** What a thread waits for; undefined `atMs`: for a signal other than time. */
export interface Wait {
  atMs?: Millis;
}

export type Flow<T> = Generator<Wait, T, Signal>;

export interface MapItem {
  Index: number;
  Value: Json;
}

export type Ended = { output: Json; failure?: undefined } | { failure: StateFailure; output?: undefined };

export class Thread {
  /** The id of the event that the next one follows. */
  last = 0;
  /** Within which state, for what an abort must say. */
  inside: { name: string; type: string }[] = [];
  /** Children that ended and have not been looked at. */
  readonly inbox: Thread[] = [];
  readonly children = new Set<Thread>();
  ended?: Ended;
  dead = false;
  waiting = false;
  /** Counts the waits, so that stale timers are known. */
  wait = 0;
  /** Counts the calls, so that stale answers are known. */
  calls = 0;
  token?: string;
  place?: Place;
  /** The execution whose end it waits for (.sync). */
  following?: Execution;
  flow!: Flow<Json>;
  /** Of its first thread; another one where it is a child execution of a Map. */
  readonly family: Execution;

  constructor(
    readonly id: string,
    readonly execution: Execution,
    readonly scope: Scope,
    readonly parent?: Thread,
    readonly item?: MapItem,
    readonly index = 0,
  ) {
    this.family = parent?.family ?? execution;
  }
}

interface Timer {
  atMs: Millis;
  order: number;
  thread: Thread;
  wait: number;
}

export interface CallTag {
  thread: string;
  call: number;
}

export const historyFull = 'The execution reached the maximum number of history events (25000).';

export class Engine {
  now: Millis = 0;
  effects: Effect[] = [];
  readonly tokens = new Map<string, Thread>();
  private readonly threads = new Map<string, Thread>();
  /** Of the execution whose thread runs. */
  private current: Random | undefined;
  /** What is still to be seen by an execution that is repeated. */
  private repeating: Seen[] | undefined;
  private orders = 0;
  private readonly timers = new Heap<Timer>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
    ({ thread, wait }) => thread.dead || thread.ended !== undefined || thread.wait !== wait,
  );

  constructor(
    readonly place: Pick<ServiceOptions, 'account' | 'region' | 'endpoint'>,
    /** The execution with an ARN. */
    private readonly lookup: (arn: string) => Execution | undefined,
    /** An execution's first thread ended. */
    private readonly finished: (execution: Execution, ended: Ended) => void,
    /** The events of an execution are used up. */
    private readonly full: (execution: Execution) => void,
    /** Who waited for the end of an execution does so no more. */
    private readonly abandoned: (execution: Execution) => void,
  ) {}

  get random(): Random {
    return this.current!;
  }

  get nextMs(): Millis | undefined {
    return this.timers.peek()?.atMs;
  }

  /** Threads that have not ended. */
  get alive(): number {
    return this.threads.size;
  }

  /** A thread that belongs to `parent`, or the first of an execution. It runs at once, until it must wait. */
  spawn(thread: NewThread): Thread {
    const { execution, scope, parent, item, index, last, flow } = thread;
    const family = parent?.family ?? execution;
    const made = new Thread(`${family.arn} ${++family.threads}`, execution, scope, parent, item, index);
    made.last = last;
    made.flow = flow(made);
    this.threads.set(made.id, made);
    parent?.children.add(made);
    this.step(made, { kind: 'time' });
    return made;
  }

  /** An answer, a token, ...: goes on where the thread waits for one. */
  signal(thread: Thread, signal: Signal): void {
    if (thread.dead || thread.ended || !thread.waiting) return;
    this.guarded(thread, signal);
  }

  answered({ thread: id, call }: CallTag, reply: Reply): void {
    const thread = this.threads.get(id);
    if (thread && thread.calls === call) this.signal(thread, { kind: 'reply', reply });
  }

  advance(now: Millis): void {
    for (let due = this.timers.peek(); due && due.atMs <= now; due = this.timers.peek()) {
      this.timers.pop();
      this.guarded(due.thread, { kind: 'time' });
    }
  }

  call(thread: Thread, to: ServiceName, operation: string, input: Json): void {
    const tag: CallTag = { thread: thread.id, call: ++thread.calls };
    this.effects.push({ kind: 'call', to, operation, input, tag });
  }

  /** Another execution as it is now. */
  see(thread: Thread, arn: string): Seen {
    const execution = this.lookup(arn);
    const seen = this.repeating?.shift() ?? { execution, running: execution?.status === 'RUNNING' };
    if (!this.repeating) thread.family.seen.push(seen);
    return seen;
  }

  follow(thread: Thread, execution: Execution): void {
    thread.following = execution;
    // When it is repeated, the other may have ended since; its end is among what came.
    if (execution.status === 'RUNNING') execution.followers.push(thread);
  }

  /** The wait for another execution is over, for whatever reason: what still runs is abandoned. */
  release(thread: Thread): void {
    const { following } = thread;
    thread.following = undefined;
    if (following?.status === 'RUNNING' && !this.repeating) this.abandoned(following);
  }

  abort(thread: Thread): void {
    thread.dead = true;
    this.forget(thread);
    for (const child of thread.children) this.abort(child);
  }

  /** A history without room ends the execution, from wherever in it. */
  guarded(thread: Thread, signal: Signal): void {
    if (!this.repeating) thread.family.came.push({ now: this.now, thread: thread.id, signal });
    this.protect(thread.execution, () => this.step(thread, signal));
  }

  protect(execution: Execution, act: () => void): void {
    try {
      act();
    } catch (thrown) {
      if (!(thrown instanceof HistoryFull)) throw thrown;
      this.full(execution);
    }
  }

  private step(thread: Thread, signal: Signal): void {
    thread.wait++;
    thread.waiting = false;
    let ended: Ended;
    const before = this.current;
    this.current = thread.family.random;
    try {
      const result = thread.flow.next(signal);
      if (!result.done) {
        thread.waiting = true;
        const { atMs } = result.value;
        if (atMs !== undefined) this.timers.push({ atMs, order: this.orders++, thread, wait: thread.wait });
        return;
      }
      ended = { output: result.value };
    } catch (thrown) {
      ended = { failure: this.failureOf(thread, thrown) };
    } finally {
      this.current = before;
    }
    if (thread.dead) return;
    thread.ended = ended;
    this.forget(thread);
    if (!thread.parent) {
      this.finished(thread.execution, ended);
      return;
    }
    thread.parent.children.delete(thread);
    thread.parent.inbox.push(thread);
    if (thread.parent.waiting) this.step(thread.parent, { kind: 'child' });
  }

  /** A child execution whose history is full fails; its parent goes on. What is no failure is thrown on. */
  private failureOf({ parent, execution }: Thread, thrown: unknown): StateFailure {
    if (thrown instanceof StateFailure) return thrown;
    const childExecution = parent !== undefined && parent.execution !== execution;
    if (thrown instanceof HistoryFull && childExecution) return new StateFailure('States.Runtime', historyFull);
    throw thrown;
  }

  /** Some thread cannot be made again: of a test, or of an execution that goes on from where it failed. */
  get unrepeatable(): boolean {
    return [...this.threads.values()].some(({ family }) => family.test !== undefined || family.redrives > 0);
  }

  /** Takes the threads out; gives what puts them back. */
  setAside(): () => void {
    const threads = [...this.threads];
    const tokens = [...this.tokens];
    const timers = this.timers.setAside();
    this.threads.clear();
    this.tokens.clear();
    return () => {
      timers();
      for (const [id, thread] of threads) this.threads.set(id, thread);
      for (const [token, thread] of tokens) this.tokens.set(token, thread);
    };
  }

  /** `start` spawns its first thread; all it would do to others has been done. */
  repeat({ startMs, came, seen }: Execution, start: () => void): void {
    const { now, effects } = this;
    this.repeating = [...seen];
    this.effects = [];
    this.now = startMs;
    start();
    for (const one of came) {
      this.now = one.now;
      this.guarded(this.threads.get(one.thread)!, one.signal);
    }
    this.repeating = undefined;
    this.now = now;
    this.effects = effects;
  }

  private forget(thread: Thread): void {
    this.threads.delete(thread.id);
    this.release(thread);
    if (thread.token !== undefined) this.tokens.delete(thread.token);
    thread.token = undefined;
  }
}

export interface NewThread {
  execution: Execution;
  scope: Scope;
  parent?: Thread;
  item?: MapItem;
  index?: number;
  last: number;
  flow: (thread: Thread) => Flow<Json>;
}
