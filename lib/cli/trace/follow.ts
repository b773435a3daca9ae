/** Follows one flow until nothing in it is under way, by reading its records again and again. */
import type { Aws } from '../aws';
import { readFlow } from './read';
import { buildTree, type TraceTree } from './tree';

const everyMs = 200;
/** Looking into every dead-letter queue is many calls; records are one. */
const deadLettersEveryMs = 2000;

/** The tree when it is complete or the time is over; undefined when nothing is known of it by then. */
export async function followToEnd(aws: Aws, id: string, options: { withinMs: number }): Promise<TraceTree | undefined> {
  const until = Date.now() + options.withinMs;
  let looked = Date.now();
  for (;;) {
    const last = Date.now() + everyMs > until;
    const deadLetters = last || Date.now() - looked >= deadLettersEveryMs;
    if (deadLetters) looked = Date.now();
    const flow = await readFlow(aws, id, { deadLetters });
    const tree = flow && buildTree(flow, Date.now());
    if (last || (tree?.complete && deadLetters)) return tree;
    if (tree?.complete) looked = 0;
    else await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}
