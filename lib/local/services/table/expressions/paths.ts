/** Document paths: a.b[0].#c. */
import type { AttributeValue, Item } from '../values';
import type { Tokens } from './lexer';

/** As written: a name, '#placeholder', or a list index. */
export type RawPath = readonly (string | number)[];
/** Placeholders replaced: attribute names and list indexes; the first is a name. */
export type Path = readonly (string | number)[];

export function parsePath(tokens: Tokens): RawPath {
  const path: (string | number)[] = [parseName(tokens)];
  for (;;) {
    if (tokens.take('.')) path.push(parseName(tokens));
    else if (tokens.take('[')) {
      if (tokens.current.kind !== 'number') throw tokens.syntaxError();
      path.push(Number(tokens.next().text));
      tokens.expect(']');
    } else return path;
  }
}

/** Words of the grammar, which no name may be without a placeholder. */
const keywords = new Set(['AND', 'OR', 'NOT', 'BETWEEN', 'IN', 'SET', 'REMOVE', 'ADD', 'DELETE']);

export const isKeyword = (word: string): boolean => keywords.has(word.toUpperCase());

function parseName(tokens: Tokens): string {
  const { kind, text } = tokens.current;
  if (kind !== 'name' && (kind !== 'word' || isKeyword(text))) throw tokens.syntaxError();
  return tokens.next().text;
}

/** The value at `path`, or undefined. */
export function valueAt(item: Item, path: Path): AttributeValue | undefined {
  let value: AttributeValue | undefined = Object.hasOwn(item, path[0]!) ? item[path[0]!] : undefined;
  for (let depth = 1; depth < path.length && value; depth++) {
    const step = path[depth]!;
    if (typeof step === 'number') value = value.L?.[step];
    else value = value.M && Object.hasOwn(value.M, step) ? value.M[step] : undefined;
  }
  return value;
}

/** As AWS prints paths in messages: [a, [0], b]. */
export const showPath = (path: Path): string =>
  `[${path.map((step) => (typeof step === 'number' ? `[${step}]` : step)).join(', ')}]`;

/** Why two paths may not stand side by side, in AWS's words; undefined where they may. */
export function clash(one: Path, two: Path): string | undefined {
  const shorter = Math.min(one.length, two.length);
  for (let depth = 0; depth < shorter; depth++) {
    if (one[depth] === two[depth]) continue;
    if (typeof one[depth] === typeof two[depth]) return undefined;
    return describeClash('conflict', one, two);
  }
  return describeClash('overlap', one, two);
}

const describeClash = (how: string, one: Path, two: Path): string =>
  `Two document paths ${how} with each other; must remove or rewrite one of these paths; ` +
  `path one: ${showPath(one)}, path two: ${showPath(two)}`;

/** The first clash among `paths`, each compared with those before it. */
export function firstClash(paths: readonly Path[]): string | undefined {
  for (let second = 1; second < paths.length; second++) {
    for (let first = 0; first < second; first++) {
      if (paths[first]![0] !== paths[second]![0]) continue;
      const problem = clash(paths[first]!, paths[second]!);
      if (problem) return problem;
    }
  }
  return undefined;
}
