/** Tasks on worker processes; results come in the order of the tasks, whatever the number of workers. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { projectRoot } from '../project';
import type { Done, FromWorker, Setting, Task, ToWorker } from './tasks';
import { performer } from './worker';

/**
 * For V8: what a seed makes dies with it, and is copied less often where the young have room from the beginning (by itself
 * V8 hardly lets it grow); cores are taken by workers (threads that help one to collect would wait for another); and
 * functions' code, which comes again in each seed, is worth keeping. Sizes in MB, for each of three spaces. By natives V8 tells
 * whether a built-in function is as it was (lib/local/sandbox/ground.ts).
 *
 * Code that runs in many contexts is optimized for each of them, by threads for which no core is left: a sixth of all
 * processor time. So it has to be used four times as often as by itself. Only Node 20's V8 has this flag.
 */
export const v8Flags = [
  '--min-semi-space-size=64',
  '--max-semi-space-size=64',
  '--no-parallel-scavenge',
  '--no-flush-bytecode',
  '--allow-natives-syntax',
  ...(process.versions.v8.startsWith('11.') ? ['--interrupt-budget=270000'] : []),
];

export interface Pool {
  /** Runs tasks until there are none, or `stop()`; `seen` is called in the order of the tasks. */
  run(tasks: Iterator<Task>, seen: (task: Task, done: Done) => void, stop: () => boolean): Promise<void>;
  end(): void;
}

export function createPool(setting: Setting, workers: number): Pool {
  const children: ChildProcess[] = [];
  const start = (): Promise<(task: Task) => Promise<Done>> => {
    if (workers === 1) return Promise.resolve(performer(setting));
    const child = fork(join(projectRoot, 'bin', 'baton.cjs'), ['simulate-worker'], {
      serialization: 'advanced',
      execArgv: [...process.execArgv, ...v8Flags],
    });
    children.push(child);
    const ask = (message: ToWorker): Promise<FromWorker> =>
      new Promise((resolve, reject) => {
        const died = (code: number | null, signal: string | null): void =>
          reject(new Error(`a worker process ended (${signal ?? `exit code ${code}`})`));
        child.once('exit', died);
        child.once('message', (answer: FromWorker) => {
          child.off('exit', died);
          if ('failed' in answer) reject(new Error(answer.failed));
          else resolve(answer);
        });
        child.send(message);
      });
    return ask({ setting }).then(() => async (task) => {
      const answer = await ask({ task });
      if (!('done' in answer)) throw new Error('a worker process answered out of turn');
      return answer.done;
    });
  };
  let performers: Promise<(task: Task) => Promise<Done>>[] | undefined;
  return {
    async run(tasks, seen, stop) {
      performers ??= Array.from({ length: workers }, start);
      let given = 0;
      let told = 0;
      const waiting = new Map<number, { task: Task; done: Done }>();
      const busy = performers.map(async (ready) => {
        const perform = await ready;
        for (;;) {
          if (stop()) return;
          const next = tasks.next();
          if (next.done) return;
          const number = given++;
          waiting.set(number, { task: next.value, done: await perform(next.value) });
          for (let due = waiting.get(told); due; due = waiting.get(told)) {
            waiting.delete(told++);
            seen(due.task, due.done);
          }
        }
      });
      await Promise.all(busy);
    },
    end() {
      for (const child of children) child.kill();
    },
  };
}
