/** Parallel: every branch at once; the first that fails ends the others. Source: Amazon States Language, "Parallel State". */
import type { Json } from '../../service';
import { Scope } from '../query/scope';
import { aborted } from './aborted';
import type { StateContext } from './context';
import { workInput } from './data-flow';
import type { Program } from './definition';
import type { Flow, Thread } from './engine';
import { runProgram } from './states';
import { mockedWork } from './test-run';

export function* runParallel(context: StateContext, effective: Json): Flow<Json> {
  const { engine, thread, state, outer } = context;
  const input = workInput(context, effective);
  const mocked = mockedWork(context);
  if (mocked) return mocked.result;
  const { history } = thread.execution;
  const startedId = history.add('ParallelStateStarted', thread.last);
  thread.last = startedId;
  const branches: Program[] = state.Branches;
  const results: Json[] = new Array(branches.length);
  let open = branches.length;
  branches.forEach((branch, index) => {
    if (thread.inbox.some(({ ended }) => ended?.failure)) return;
    engine.spawn({
      execution: thread.execution,
      scope: new Scope(thread.scope),
      parent: thread,
      item: thread.item,
      index,
      last: startedId,
      flow: (child) => runProgram(engine, child, branch, input, outer),
    });
  });
  while (open > 0) {
    for (let child = thread.inbox.shift(); child; child = thread.inbox.shift()) {
      if (child.ended?.failure) {
        stopOthers(context, child);
        throw child.ended.failure;
      }
      results[child.index] = child.ended?.output;
      thread.last = child.last;
      open--;
    }
    if (open > 0) yield {};
  }
  history.add('ParallelStateSucceeded', thread.last);
  return results;
}

function stopOthers({ engine, thread }: StateContext, failed: Thread): void {
  thread.last = aborted(failed, failed.last);
  for (const child of [...thread.children]) {
    engine.abort(child);
    thread.last = aborted(child, thread.last);
  }
  thread.children.clear();
  thread.inbox.length = 0;
}
