/** What the history says of states that an abort ended. Source: Step Functions API reference, HistoryEvent types. */
import type { Thread } from './engine';

const abortable = new Set(['Task', 'Wait', 'Map', 'Parallel']);

/** Notes the states within which a thread and its children were; gives the last event's id. */
export function aborted(thread: Thread, previousEventId: number): number {
  let last = previousEventId;
  for (const child of thread.children) last = aborted(child, last);
  for (const { type } of [...thread.inside].reverse()) {
    if (abortable.has(type)) last = thread.execution.history.add(`${type}StateAborted`, last);
  }
  thread.inside.length = 0;
  return last;
}
