/**
 * What an expression may not say, though it parses: an expression has no context item, and $states.errorOutput is there
 * in a catcher only. A name within a path, a predicate or a function's body has something that it is of.
 * Codes and texts as AWS gives them, reported in github.com/floci-io/floci, issues 2670 and 2745; the text for $$ and
 * errorOutput is ours.
 */
import type { Json } from '../../service';
import { checkJsonata, expressionTree, JsonataError } from '../query/jsonata';
import type { Diagnostics } from './diagnostics';

export function checkExpression(text: string, location: string, report: Diagnostics): void {
  try {
    checkJsonata(text);
  } catch (thrown) {
    if (!(thrown instanceof JsonataError)) throw thrown;
    report.error(location, thrown.message.replace(/^[A-Z]\d{4}: /, ''), 'INVALID_JSONATA_EXPRESSION');
    return;
  }
  const names = new Set<string>();
  topLevel(expressionTree(text), names);
  if (!/\/Catch\[\d+\]\//.test(location) && readsErrorOutput(expressionTree(text))) names.add('$states.errorOutput');
  for (const name of names) {
    report.error(
      location,
      `Reference to '${name}' at the top level is not supported.`,
      'UNSUPPORTED_JSONATA_EXPRESSION',
    );
  }
}

/** Adds the names that are read of nothing. */
function topLevel(node: Json, names: Set<string>): void {
  if (Array.isArray(node)) {
    for (const one of node) topLevel(one, names);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  switch (node.type) {
    case 'name':
      names.add(node.value);
      return;
    case 'variable':
      if (node.value === '$') names.add('$$');
      return;
    case 'path':
      // The steps after the first are of what it gives.
      topLevel(node.steps[0], names);
      return;
    case 'lambda':
    case 'transform':
    case 'regex':
      return;
    case 'unary':
      topLevel(node.expression, names);
      topLevel(node.expressions, names);
      // An object's members: pairs of name and value.
      topLevel(node.lhs, names);
      return;
    case 'function':
    case 'partial':
      topLevel(node.procedure, names);
      topLevel(node.arguments, names);
      return;
    case 'block':
      topLevel(node.expressions, names);
      return;
    case 'condition':
      for (const part of ['condition', 'then', 'else']) topLevel(node[part], names);
      return;
    case 'bind':
      topLevel(node.rhs, names);
      return;
    case 'binary':
    case 'apply':
      topLevel(node.lhs, names);
      topLevel(node.rhs, names);
  }
}

function readsErrorOutput(node: Json): boolean {
  if (typeof node !== 'object' || node === null) return false;
  const [first, second] = node.type === 'path' ? node.steps : [];
  if (first?.type === 'variable' && first.value === 'states' && second?.value === 'errorOutput') return true;
  return Object.values(node).some(readsErrorOutput);
}
