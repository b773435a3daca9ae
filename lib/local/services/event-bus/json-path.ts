/**
 * The JSON paths that rules use: `$`, `.name` (letters, digits, `_`, `-`, `/`, `:`), `[index]`, `[*]`, `['name']`.
 * Source: EventBridge User Guide, "Amazon EventBridge input transformation", supported syntax.
 */
import type { Json } from '../service';

type Step = { name: string } | { index: number } | { all: true };

const stepPattern = /\.([^.[\]'"()?@\s]+)|\[(\d+)\]|\[(\*)\]|\['([^']*)'\]/y;

/** Undefined when the text is no such path. */
export function parsePath(text: string): Step[] | undefined {
  if (!text.startsWith('$')) return undefined;
  const steps: Step[] = [];
  let at = 1;
  while (at < text.length) {
    stepPattern.lastIndex = at;
    const match = stepPattern.exec(text);
    if (!match) return undefined;
    const [whole, name, index, star, quoted] = match;
    if (star || name === '*') steps.push({ all: true });
    else if (index !== undefined) steps.push({ index: Number(index) });
    else steps.push({ name: (name ?? quoted)! });
    at += whole.length;
  }
  return steps;
}

/** Undefined when nothing is there. A path with a wildcard gives the list of what it finds. */
export function valueAt(document: Json, path: string): Json {
  const steps = parsePath(path);
  if (!steps) return undefined;
  let found: Json[] = [document];
  for (const step of steps) {
    found = found.flatMap((value) => {
      if (typeof value !== 'object' || value === null) return [];
      if ('all' in step) return Object.values(value);
      const inner = 'name' in step ? (Array.isArray(value) ? undefined : value[step.name]) : value[step.index];
      return inner === undefined ? [] : [inner];
    });
  }
  return steps.some((step) => 'all' in step) ? (found.length > 0 ? found : undefined) : found[0];
}
