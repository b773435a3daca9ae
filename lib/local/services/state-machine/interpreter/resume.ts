/**
 * Where a redrive goes on.
 *
 * 1. States that ended are not run again; of a Parallel or Map, only the branches, iterations and child executions that
 *    did not succeed are.
 * 2. A state that is gone on with is not entered again: its StateEntered event has no StateExited yet.
 * 3. A Parallel or Map whose results were all there failed by itself (too much data): it runs again as a whole.
 * Not on the page, so ours: a redriven Parallel or Map has no second Started event, a redriven iteration has one.
 * Source: Step Functions developer guide, "Restarting state machine executions with redrive"; RedriveExecution.
 */
import type { Json } from '../../service';
import type { Thread } from './engine';

export interface Resume {
  state: string;
  input: Json;
  /** Of the event that says that the state was entered. */
  enteredId: number;
  /** What a branch or an iteration assigned so far. */
  variables: Record<string, Json>;
  /** What the branches of the state came to, by index; without one that has not begun. */
  branches?: Map<number, Outcome>;
  /** The Map Run that goes on. */
  mapRun?: MapRun;
}

export type Outcome = { output: Json } | Resume;

export interface MapRun {
  arn: string;
  redrives: number;
}

/** A thread's state that has not ended. */
export interface Place extends Pick<Resume, 'state' | 'input' | 'enteredId' | 'mapRun'> {
  /** The threads within it that have not succeeded, and the outputs of those that have. */
  branches?: Map<number, Thread | { output: Json }>;
}

/** undefined: no state was entered. */
export function leftOff({ place, scope }: Thread): Resume | undefined {
  if (!place) return undefined;
  const { state, input, enteredId, mapRun } = place;
  const branches = new Map<number, Outcome>();
  for (const [index, branch] of place.branches ?? []) {
    const outcome = 'output' in branch ? branch : leftOff(branch);
    if (outcome) branches.set(index, outcome);
  }
  const some = [...branches.values()].some((outcome) => !('output' in outcome));
  return { state, input, enteredId, mapRun, variables: scope.own(), branches: some ? branches : undefined };
}

/** What the branch came to before the redrive, as far as it is known. */
export function before(resume: Resume | undefined, index: number): { output?: Json; resume?: Resume } {
  const outcome = resume?.branches?.get(index);
  if (!outcome) return {};
  return 'output' in outcome ? { output: outcome.output } : { resume: outcome };
}
