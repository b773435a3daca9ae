/**
 * The life of one execution environment in virtual time: what may still happen in it, and what keeps it busy.
 *
 * 1. Nothing of a dead environment happens: timers, answers, logs and callbacks are dropped (its microtasks cannot be).
 * 2. Between invocations it is frozen: what falls due is parked, and happens in order when it is thawed.
 * 3. An error that escapes a callback is an uncaught exception and ends the environment.
 * 4. Timers of one environment that are due in the same millisecond fire in the order in which they were set, as in Node;
 *    the seed orders environments only. How many timers an environment sets changes nothing for others.
 */
import { AsyncResource } from 'node:async_hooks';
import type { Scheduler } from '../ports';
import { Heap } from '../services/heap';
import { tieRange } from '../virtual-time';
import { acting, type Surroundings } from './shared-code';

export interface Task {
  cancel(): void;
  ref(): void;
  unref(): void;
  hasRef(): boolean;
}

interface Step {
  at: number;
  order: number;
  /** undefined: it was cancelled; it may stand in the heap for long, and would keep what it was to do. */
  work: (() => void) | undefined;
}

export class Life {
  /** What shared code asks of this environment. */
  surroundings: Surroundings | undefined;
  private readonly steps = new Heap<Step>(
    (a, b) => (a.at !== b.at ? a.at < b.at : a.order < b.order),
    (step) => step.work === undefined,
  );
  private order = 0;
  private ended = false;
  private frozen = false;
  private parked: (() => void)[] = [];
  private busy = 0;

  constructor(
    private readonly scheduler: Scheduler,
    /** An error that nobody caught. */
    private readonly uncaught: (error: unknown) => void,
    /** Called when nothing more is under way (the event loop is empty). */
    private readonly emptied: () => void,
    /** 32 bits of chance: the order of this environment and others that do something in the same millisecond. */
    private readonly salt: number,
    /** A worker thread's life is part of its environment's: it freezes, thaws and ends with it. */
    private readonly parent?: Life,
  ) {}

  /** Of the environment that this life is a part of. */
  get root(): Life {
    return this.parent?.root ?? this;
  }

  get dead(): boolean {
    return this.ended || (this.parent?.dead ?? false);
  }

  now(): number {
    return this.scheduler.now();
  }

  /** True while timers or requests could still bring something. */
  get occupied(): boolean {
    return this.busy > 0;
  }

  private count(change: 1 | -1): void {
    if (this.ended) return;
    this.busy += change;
    this.parent?.count(change);
  }

  /** Does `work` after `delayMs`, in the async context of now. Until then the event loop is not empty, unless unref'd. */
  after(delayMs: number, work: () => void): Task {
    // Not AsyncResource.bind: what it makes of a function costs more than the timer.
    const context = new AsyncResource('SandboxTimer');
    let waiting = true;
    let counted = true;
    this.count(1);
    const over = (): boolean => {
      if (!waiting) return false;
      waiting = false;
      if (counted) this.count(-1);
      return true;
    };
    const cancel = this.step(delayMs, () =>
      this.happen(() => {
        if (over()) context.runInAsyncScope(() => this.guard(work));
      }),
    );
    return {
      cancel: () => {
        cancel();
        if (over()) this.lookWhetherEmpty();
      },
      ref: () => {
        if (waiting && !counted) this.count(1);
        counted = true;
      },
      unref: () => {
        if (waiting && counted) this.count(-1);
        counted = false;
      },
      hasRef: () => counted,
    };
  }

  /** Each step has its slot in the world's time; whichever comes first takes the environment's first step. */
  private step(delayMs: number, work: () => void): () => void {
    if (this.parent) return this.parent.step(delayMs, work);
    const step: Step = { at: this.now() + delayMs, order: this.order++, work };
    this.steps.push(step);
    const slot = this.scheduler.at(
      step.at,
      () => {
        if ((this.steps.peek()?.at ?? Number.POSITIVE_INFINITY) <= this.now()) this.steps.pop()!.work!();
      },
      this.tie(step.at),
    );
    return () => {
      step.work = undefined;
      slot.cancel();
    };
  }

  /** Something under way that ends by the returned function, e.g. a request without an answer yet. */
  hold(): () => void {
    this.count(1);
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.count(-1);
      this.lookWhetherEmpty();
    };
  }

  /** Something from outside (an answer, a timer) reaches the environment now, later or never. */
  happen(work: () => void): void {
    if (this.dead) return;
    if (this.parent) {
      this.parent.happen(() => {
        acting.life = this;
        if (!this.dead) work();
      });
      return;
    }
    if (this.frozen) {
      this.parked.push(work);
      return;
    }
    acting.life = this;
    work();
    this.lookWhetherEmpty();
  }

  /** Runs the function's code; what it throws is an uncaught exception. */
  guard(work: () => void): void {
    if (this.dead) return;
    acting.life = this;
    try {
      work();
    } catch (error) {
      this.uncaught(error);
    }
  }

  freeze(): void {
    this.frozen = true;
  }

  /** From now on its code runs. */
  thaw(): void {
    this.frozen = false;
    const parked = this.parked;
    this.parked = [];
    for (const work of parked) this.happen(work);
    acting.life = this;
  }

  end(): void {
    while (this.parent && this.busy > 0) this.count(-1);
    this.ended = true;
    this.parked = [];
  }

  /** Microtasks may bring more, so the look is a step of its own. */
  lookWhetherEmpty(): void {
    if (this.parent) {
      this.parent.lookWhetherEmpty();
      return;
    }
    if (this.busy > 0 || this.ended || this.frozen) return;
    const look = (): void => {
      if (this.busy === 0 && !this.ended && !this.frozen) this.emptied();
    };
    this.scheduler.at(this.now(), look, this.tie(this.now()));
  }

  /** Of a moment, not drawn: then it does not matter to others how many timers there were before. */
  private tie(atMs: number): number {
    const mixed = Math.imul((atMs ^ this.salt) | 0, 0x9e3779b1);
    return (Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b) >>> 0) % tieRange;
  }
}
