/** Of the asks of one step, the one whose token counts: each attempt replaces the token of the one before. */
import type { Reply } from '../contracts/kit';

/** `known`: kept in the row. Events come in any order, so the later attempt is told by its own time. */
export function newest(known: Reply | undefined, asked: Reply | undefined): Reply | undefined {
  if (!known || !asked) return asked ?? known;
  return Date.parse(asked.askedAt) < Date.parse(known.askedAt) ? known : asked;
}
