/**
 * Running executions through a snapshot: their threads are generators, which cannot be written down. They are set aside,
 * and made again by repeating what came to them (engine.ts, rule 5).
 */
import type { Random } from '../../../ports';
import type { ExecutionStore } from '../execution-store';
import { Scope } from '../query/scope';
import type { Engine } from './engine';
import { type Execution, historyOf } from './execution';

/** Gives what puts everything back. */
export function setAside(engine: Engine, store: ExecutionStore): () => void {
  const back = [engine.setAside()];
  for (const execution of store.running()) {
    const { root, followers } = execution;
    Object.assign(execution, { root: undefined, followers: [] });
    back.push(() => Object.assign(execution, { root, followers }));
  }
  return () => {
    for (const one of back) one();
  };
}

/** `enter` begins an execution, as when it was new. */
export function makeAgain(
  engine: Engine,
  store: ExecutionStore,
  chance: Random,
  enter: (execution: Execution) => void,
): void {
  for (const execution of [...store.running()]) {
    const history = historyOf(execution, engine);
    const random = chance.fork(execution.arn);
    Object.assign(execution, { history, random, scope: new Scope(), steps: 0, threads: 0 });
    engine.repeat(execution, () => enter(execution));
  }
}
