/**
 * Threads that draw, so that the handler's event loop stays free for AWS's answers meanwhile.
 *
 * 1. No more threads than the function has CPUs, no more drawings waiting than `waiting`: what comes on top is refused at
 *    once and redelivered, instead of ageing in memory.
 * 2. A drawing that takes too long is given up with its thread; the next one gets a new thread.
 */
import { join } from 'node:path';
import { Piscina } from 'piscina';
import type { LabelText } from '../../lib/domain/labels/render-label';
import * as env from '../shared/environment';
import { messageOf } from '../shared/errors';

/** Lambda gives one CPU for each of these. Source: Lambda developer guide, 'Configure Lambda function memory'. */
const mbPerCpu = 1_769;

export interface PoolOptions {
  threads: number;
  /** Drawings that may wait for a thread. */
  waiting: number;
  timeoutMs: number;
  /** draw.worker.ts, bundled. */
  workerFile: string;
}

/** Nothing was drawn, and so nothing stored: proof for the claim that asking again does no harm (C2). */
export class NotDrawnError extends Error {
  override readonly name = 'NotDrawnError';
  readonly executed = 'no';
}

export class DrawingPool {
  private readonly pool: Piscina;
  private underWay = 0;

  constructor(private readonly options: PoolOptions) {
    this.pool = new Piscina({
      filename: options.workerFile,
      minThreads: options.threads,
      maxThreads: options.threads,
      // A thread that waits in Atomics.wait cannot be told apart from one that hangs where threads are simulated.
      atomics: 'disabled',
      recordTiming: false,
    });
  }

  /** The SVG. Throws NotDrawnError. */
  async draw(label: LabelText): Promise<string> {
    const { threads, waiting, timeoutMs } = this.options;
    // Counted here: piscina 5.3.2 does not count tasks that carry an abort signal towards its maxQueue.
    if (this.underWay >= threads + waiting) {
      throw new NotDrawnError(`label of ${label.parcelId} was not drawn: ${this.underWay} drawings are under way`);
    }
    this.underWay += 1;
    const controller = new AbortController();
    let late = false;
    const cancel = env.after(timeoutMs, () => {
      late = true;
      controller.abort();
    });
    try {
      return await this.pool.run(label, { signal: controller.signal });
    } catch (error) {
      const why = late ? `it took longer than ${timeoutMs} ms` : messageOf(error);
      throw new NotDrawnError(`label of ${label.parcelId} was not drawn: ${why}`, { cause: error });
    } finally {
      this.underWay -= 1;
      cancel();
    }
  }

  close(): Promise<void> {
    return this.pool.destroy();
  }
}

let shared: DrawingPool | undefined;

/** The function's own pool, made on first use and kept while the function is warm. */
export function drawingPool(): DrawingPool {
  const memoryMb = Number(env.variable('AWS_LAMBDA_FUNCTION_MEMORY_SIZE'));
  shared ??= new DrawingPool({
    threads: Math.max(1, Math.floor(memoryMb / mbPerCpu)),
    waiting: 32,
    timeoutMs: 10_000,
    workerFile: join(__dirname, 'draw.worker.js'),
  });
  return shared;
}
