/** Parallel: every branch at once; the first that fails ends the others. Source: Amazon States Language, "Parallel State". */
import type { Json } from '../../service';
import { Scope } from '../query/scope';
import { aborted } from './aborted';
import type { StateContext } from './context';
import { workInput } from './data-flow';
import type { Program } from './definition';
import type { Flow, Thread } from './engine';
import { before, type Place } from './resume';
import { runProgram } from './states';
import { mockedWork } from './test-run';

export function* runParallel(context: StateContext, effective: Json): Flow<Json> {
  const { engine, thread, state, outer } = context;
  const input = workInput(context, effective);
  const mocked = mockedWork(context);
  if (mocked) return mocked.result;
  const { history } = thread.execution;
  const left = context.takeResume();
  const startedId = left?.branches ? thread.last : history.add('ParallelStateStarted', thread.last);
  thread.last = startedId;
  const branches: Program[] = state.Branches;
  const results: Json[] = new Array(branches.length);
  let open = 0;
  const known: Place['branches'] = new Map();
  thread.place!.branches = known;
  branches.forEach((branch, index) => {
    if (thread.inbox.some(({ ended }) => ended?.failure)) return;
    const { output, resume } = before(left, index);
    if (output !== undefined) {
      results[index] = output;
      known.set(index, { output });
      return;
    }
    open++;
    engine.spawn({
      execution: thread.execution,
      scope: new Scope(thread.scope, resume?.variables),
      parent: thread,
      item: thread.item,
      index,
      last: startedId,
      flow: (child) => {
        known.set(index, child);
        return runProgram(engine, child, branch, input, outer, resume);
      },
    });
  });
  while (open > 0) {
    for (let child = thread.inbox.shift(); child; child = thread.inbox.shift()) {
      if (child.ended?.failure) {
        stopOthers(context, child);
        throw child.ended.failure;
      }
      const output = child.ended?.output;
      results[child.index] = output;
      known.set(child.index, { output });
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
