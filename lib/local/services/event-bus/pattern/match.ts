/** Whether an event matches: every field of one alternative, with leaves that fit together (leaves.ts, 3). */
import type { Alternative, CompiledPattern } from './compile';
import type { Leaves, Place } from './leaves';

export function matches({ alternatives }: CompiledPattern, leaves: Leaves): boolean {
  return alternatives.some((alternative) => matchesAll(alternative, leaves));
}

function matchesAll(alternative: Alternative, leaves: Leaves): boolean {
  /** For each field that only matches inside of arrays: the places of its matching leaves. */
  const open: (readonly Place[])[][] = [];
  for (const [path, tests] of alternative) {
    const values = leaves.get(path);
    if (!values) {
      if (tests.some((test) => test.absent)) continue;
      return false;
    }
    const fitting = values.filter((leaf) => tests.some((test) => test.holds(leaf)));
    if (fitting.length === 0) return false;
    if (!fitting.some(({ places }) => places.length === 0)) open.push(distinct(fitting.map(({ places }) => places)));
  }
  return fitTogether(open, 0, new Map());
}

/** One leaf for each field, such that no array serves two different elements. */
function fitTogether(open: (readonly Place[])[][], index: number, chosen: Map<number, number>): boolean {
  if (index === open.length) return true;
  return open[index]!.some((places) => {
    if (places.some(([array, element]) => (chosen.get(array) ?? element) !== element)) return false;
    const added = places.filter(([array]) => !chosen.has(array));
    for (const [array, element] of added) chosen.set(array, element);
    const fits = fitTogether(open, index + 1, chosen);
    for (const [array] of added) chosen.delete(array);
    return fits;
  });
}

function distinct(all: (readonly Place[])[]): (readonly Place[])[] {
  return [...new Map(all.map((places) => [places.join(';'), places])).values()];
}
