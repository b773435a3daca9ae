/**
 * JSONPath as Step Functions reads it (Jayway's dialect): '$' or '$name' or '$$', then steps.
 *
 * Modelled: .name, ['name'], ['a','b'], [0], [-1], [0,2], [1:3], [*], .*, ..name, ..*, [?(filter)] with comparisons,
 * && || !, =~, in, nin, and the functions length(), size(), min(), max(), sum(), avg(), keys(), first(), last() at the end.
 * Source: Amazon States Language, "Paths"; Jayway JsonPath's documentation.
 */
import { type Filter, parseFilter } from './filter';

export type Step =
  | { kind: 'names'; names: string[] }
  | { kind: 'indices'; indices: number[] }
  | { kind: 'slice'; from?: number; to?: number; step?: number }
  | { kind: 'all' }
  | { kind: 'deep' }
  | { kind: 'filter'; filter: Filter }
  | { kind: 'function'; name: string };

export interface Path {
  text: string;
  /** '$': the data, '$$': the context object, otherwise a variable's name. */
  root: string;
  steps: Step[];
  /** At most one value can be meant; then a missing one is an error. */
  definite: boolean;
}

export class PathSyntaxError extends Error {
  override readonly name = 'PathSyntaxError';
}

const known = new Map<string, Path>();
const functions = new Set(['length', 'size', 'min', 'max', 'sum', 'avg', 'stddev', 'keys', 'first', 'last', 'concat']);

/** Throws PathSyntaxError. Parsed paths are kept: definitions use the same few again and again. */
export function parsePath(text: string): Path {
  const before = known.get(text);
  if (before) return before;
  const path = new PathParser(text).parse();
  if (known.size > 5000) known.clear();
  known.set(text, path);
  return path;
}

/** A path that names one place: only names and single indices. Source: ASL, "Reference Paths". */
export const isReferencePath = (path: Path): boolean =>
  path.steps.every(
    (step) =>
      (step.kind === 'names' && step.names.length === 1) || (step.kind === 'indices' && step.indices.length === 1),
  );

const nameEnd = /[.[\]()'"\s,@?&*]/;

class PathParser {
  private at = 0;
  constructor(
    private readonly text: string,
    private readonly steps: Step[] = [],
  ) {}

  parse(): Path {
    const root = /^\$\$|^\$[\p{ID_Start}_][\p{ID_Continue}]*|^\$/u.exec(this.text)?.[0];
    if (!root) throw this.error("a path begins with '$'");
    this.at = root.length;
    while (this.at < this.text.length) this.step();
    const definite = this.steps.every(
      (step) =>
        (step.kind === 'names' && step.names.length === 1) ||
        (step.kind === 'indices' && step.indices.length === 1) ||
        step.kind === 'function',
    );
    return {
      text: this.text,
      root: root.length > 1 && root !== '$$' ? root.slice(1) : root,
      steps: this.steps,
      definite,
    };
  }

  private step(): void {
    const { text } = this;
    if (text.startsWith('..', this.at)) {
      this.at += 2;
      this.steps.push({ kind: 'deep' });
      if (text[this.at] === '[') this.bracket();
      else this.name();
    } else if (text[this.at] === '.') {
      this.at++;
      if (text[this.at] === '[') this.bracket();
      else this.name();
    } else if (text[this.at] === '[') this.bracket();
    else throw this.error(`'${text[this.at]}' at position ${this.at} begins no step`);
  }

  private name(): void {
    if (this.text[this.at] === '*') {
      this.at++;
      this.steps.push({ kind: 'all' });
      return;
    }
    let end = this.at;
    while (end < this.text.length && !nameEnd.test(this.text[end]!)) end++;
    if (end === this.at) throw this.error(`a name is missing at position ${this.at}`);
    const name = this.text.slice(this.at, end);
    this.at = end;
    if (this.text.startsWith('()', this.at)) {
      if (!functions.has(name)) throw this.error(`there is no function '${name}()'`);
      this.at += 2;
      if (this.at < this.text.length) throw this.error('a function ends a path');
      this.steps.push({ kind: 'function', name });
      return;
    }
    this.steps.push({ kind: 'names', names: [name] });
  }

  private bracket(): void {
    const close = this.closing();
    const inside = this.text.slice(this.at + 1, close).trim();
    this.at = close + 1;
    if (inside === '*') this.steps.push({ kind: 'all' });
    else if (inside.startsWith('?')) {
      const filter = /^\?\s*\((.*)\)$/s.exec(inside)?.[1];
      if (filter === undefined) throw this.error(`the filter '${inside}' is not in parentheses`);
      this.steps.push({ kind: 'filter', filter: parseFilter(filter) });
    } else if (/^['"]/.test(inside)) this.steps.push({ kind: 'names', names: this.quoted(inside) });
    else if (inside.includes(':')) {
      const slice = /^(-?\d*)\s*:\s*(-?\d*)(?:\s*:\s*(-?\d+))?$/.exec(inside);
      if (!slice) throw this.error(`'${inside}' is no slice`);
      const number = (part?: string): number | undefined => (part ? Number(part) : undefined);
      this.steps.push({ kind: 'slice', from: number(slice[1]), to: number(slice[2]), step: number(slice[3]) });
    } else if (/^-?\d+(\s*,\s*-?\d+)*$/.test(inside)) {
      this.steps.push({ kind: 'indices', indices: inside.split(',').map(Number) });
    } else throw this.error(`'[${inside}]' is no step`);
  }

  private quoted(inside: string): string[] {
    const names: string[] = [];
    const one = /\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*(,|$)/sy;
    while (one.lastIndex < inside.length) {
      const found = one.exec(inside);
      if (!found) throw this.error(`'[${inside}]' is no list of names`);
      const quote = found[1] === undefined ? '"' : "'";
      names.push(
        (found[1] ?? found[2]!).replace(/\\(['"\\])/g, (all, sign) => (sign === quote || sign === '\\' ? sign : all)),
      );
    }
    return names;
  }

  /** Where the bracket that opens here ends; brackets in quotes do not count. */
  private closing(): number {
    let depth = 0;
    let quote: string | undefined;
    for (let i = this.at; i < this.text.length; i++) {
      const char = this.text[i]!;
      if (quote) {
        if (char === '\\') i++;
        else if (char === quote) quote = undefined;
      } else if (char === "'" || char === '"') quote = char;
      else if (char === '[') depth++;
      else if (char === ']' && --depth === 0) return i;
    }
    throw this.error("a '[' is not closed");
  }

  private error(why: string): PathSyntaxError {
    return new PathSyntaxError(`Invalid path '${this.text}': ${why}`);
  }
}
