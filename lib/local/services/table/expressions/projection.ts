/**
 * ProjectionExpression: which parts of an item to return.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ProjectionExpressions.html
 */
import { type AttributeValue, copyValue, type Item } from '../values';
import { type ExpressionKind, expressionRefusal, remembered, Tokens } from './lexer';
import type { Placeholders } from './names';
import { firstClash, type Path, parsePath, type RawPath, valueAt } from './paths';

const parseProjection = remembered((kind: ExpressionKind, text: string): RawPath[] => {
  const tokens = new Tokens(kind, text);
  const paths = [parsePath(tokens)];
  while (tokens.take(',')) paths.push(parsePath(tokens));
  tokens.expectEnd();
  return paths;
});

export function bindProjection(text: string, placeholders: Placeholders): Path[] {
  const kind = 'ProjectionExpression';
  const paths = parseProjection(kind, text).map((path) => placeholders.path(kind, path));
  const problem = firstClash(paths);
  if (problem) throw expressionRefusal(kind, problem);
  return paths;
}

/** A tree of wanted steps; `whole`: everything below is wanted. */
interface Wanted {
  whole: boolean;
  steps: Map<string | number, Wanted>;
}

/** A copy of what `item` has at `paths`. List elements keep their order, without gaps. */
export function project(item: Item, paths: readonly Path[]): Record<string, AttributeValue> {
  const root: Wanted = { whole: false, steps: new Map() };
  for (const path of paths) {
    if (valueAt(item, path) === undefined) continue;
    let node = root;
    for (const step of path) {
      let below = node.steps.get(step);
      if (!below) {
        below = { whole: false, steps: new Map() };
        node.steps.set(step, below);
      }
      node = below;
    }
    node.whole = true;
  }
  return pickMap(item, root);
}

function pickMap(item: Item, wanted: Wanted): Record<string, AttributeValue> {
  const result: Record<string, AttributeValue> = {};
  for (const [name, below] of wanted.steps) {
    const value = pick(item[name]!, below);
    Object.defineProperty(result, name, { value, enumerable: true, configurable: true, writable: true });
  }
  return result;
}

function pick(value: AttributeValue, wanted: Wanted): AttributeValue {
  if (wanted.whole) return copyValue(value);
  if (value.M) return { M: pickMap(value.M, wanted) };
  const indexes = [...wanted.steps.keys()].map(Number).sort((a, b) => a - b);
  return { L: indexes.map((index) => pick(value.L[index], wanted.steps.get(index)!)) };
}
