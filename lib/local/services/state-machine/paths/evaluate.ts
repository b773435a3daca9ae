/** What a parsed path selects, and where a reference path writes. */
import type { Json } from '../../service';
import { isObject } from '../json';
import { passes } from './filter';
import type { Path, Step } from './parse';

/** Every value that the steps of a path reach from `root`, in document order. */
export function select(path: Path, root: Json): Json[] {
  let current: Json[] = [root];
  for (const step of path.steps) {
    const next: Json[] = [];
    for (const value of current) take(step, value, root, next);
    current = next;
    if (current.length === 0) break;
  }
  return current;
}

/** A definite path's value, undefined where there is none; a list for other paths. */
export function valueAt(path: Path, root: Json): Json {
  const found = select(path, root);
  if (!path.definite) return found;
  return found[0];
}

function take(step: Step, value: Json, root: Json, into: Json[]): void {
  switch (step.kind) {
    case 'names':
      if (!isObject(value)) return;
      for (const name of step.names) if (Object.hasOwn(value, name)) into.push(value[name]);
      return;
    case 'indices':
      if (!Array.isArray(value)) return;
      for (const index of step.indices) {
        const at = index < 0 ? value.length + index : index;
        if (at >= 0 && at < value.length) into.push(value[at]);
      }
      return;
    case 'slice':
      if (!Array.isArray(value)) return;
      into.push(...value.slice(step.from ?? 0, step.to ?? value.length).filter((_, i) => i % (step.step ?? 1) === 0));
      return;
    case 'all':
      if (typeof value === 'object' && value !== null) into.push(...Object.values(value));
      return;
    case 'deep':
      descend(value, into);
      return;
    case 'filter': {
      const items = Array.isArray(value) ? value : isObject(value) ? [value] : [];
      into.push(...items.filter((item) => passes(step.filter, item, root)));
      return;
    }
    case 'function': {
      const result = applyFunction(step.name, value);
      if (result !== undefined) into.push(result);
    }
  }
}

function descend(value: Json, into: Json[]): void {
  if (typeof value !== 'object' || value === null) return;
  into.push(value);
  for (const item of Object.values(value)) descend(item, into);
}

function applyFunction(name: string, value: Json): Json {
  if (name === 'length' || name === 'size') {
    if (Array.isArray(value) || typeof value === 'string') return value.length;
    return isObject(value) ? Object.keys(value).length : undefined;
  }
  if (name === 'keys') return isObject(value) ? Object.keys(value) : undefined;
  if (!Array.isArray(value)) return undefined;
  if (name === 'first') return value[0];
  if (name === 'last') return value.at(-1);
  if (name === 'concat') return value.map(String).join('');
  const numbers = value.filter((item) => typeof item === 'number');
  if (numbers.length === 0) return undefined;
  const sum = numbers.reduce((total, one) => total + one, 0);
  switch (name) {
    case 'min':
      return Math.min(...numbers);
    case 'max':
      return Math.max(...numbers);
    case 'sum':
      return sum;
    case 'avg':
      return sum / numbers.length;
    default: {
      const mean = sum / numbers.length;
      return Math.sqrt(numbers.reduce((total, one) => total + (one - mean) ** 2, 0) / numbers.length);
    }
  }
}

/**
 * `root` with `value` put where a reference path points; what is missing on the way is made. undefined where the way
 * leads through something that is neither object nor list. Source: ASL, "ResultPath".
 */
export function placed(path: Path, root: Json, value: Json): { value: Json } | undefined {
  const put = (at: number, here: Json): { value: Json } | undefined => {
    const step = path.steps[at];
    if (!step) return { value };
    if (step.kind === 'names') {
      const base = here === undefined || here === null ? {} : here;
      if (!isObject(base)) return undefined;
      const name = step.names[0]!;
      const inner = put(at + 1, Object.hasOwn(base, name) ? base[name] : undefined);
      return inner && { value: { ...base, [name]: inner.value } };
    }
    if (step.kind === 'indices') {
      const index = step.indices[0]!;
      if (!Array.isArray(here) || index < 0 || index >= here.length) return undefined;
      const inner = put(at + 1, here[index]);
      return inner && { value: here.map((item, i) => (i === index ? inner.value : item)) };
    }
    return undefined;
  };
  return put(0, root);
}
