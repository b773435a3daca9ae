/**
 * The states of a program as a graph: some state ends it, and every state is reached.
 * Codes, texts and places as AWS gives them, measured with validate-state-machine-definition and reported in
 * github.com/floci-io/floci, issue 2735 and pull request 2786.
 */
import type { Json } from '../../service';
import type { Diagnostics } from './diagnostics';

type States = Record<string, Json>;

/** Where it has none, nothing more is said of what is reached. */
export function checkEnd(states: States, report: Diagnostics): boolean {
  if (Object.values(states).some(({ Type, End }) => End === true || Type === 'Succeed' || Type === 'Fail')) return true;
  report.error(undefined, 'Workflow has no terminal state', 'MISSING_END_STATE');
  return false;
}

export function checkReached(startAt: string, states: States, location: string, report: Diagnostics): void {
  const reached = new Set<string>();
  const open = [startAt];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (reached.has(name) || !Object.hasOwn(states, name)) continue;
    reached.add(name);
    const { Next, Default, Choices = [], Catch = [] } = states[name]!;
    open.push(...[Next, Default, ...[...Choices, ...Catch].map((one: Json) => one.Next)].filter(Boolean));
  }
  for (const name of Object.keys(states)) {
    if (!reached.has(name)) {
      const message = `State "${name}" is not reachable.`;
      report.error(`${location}/States/${name}`, message, 'MISSING_TRANSITION_TARGET');
    }
  }
}
