/**
 * Filters of JSONPath: [?(@.price < 10 && @.title =~ /a.*b/i)]. `@` is the item, `$` the root of the data.
 * Source: Jayway JsonPath's documentation, "Filter Operators".
 */
import type { Json } from '../../service';
import { select } from './evaluate';
import { type Path, PathSyntaxError, parsePath } from './parse';

type Operand =
  | { kind: 'value'; value: Json }
  | { kind: 'path'; path: Path; ofItem: boolean }
  | { kind: 'pattern'; pattern: RegExp };

export type Filter =
  | { kind: 'or' | 'and'; parts: Filter[] }
  | { kind: 'not'; part: Filter }
  | { kind: 'exists'; operand: Operand }
  | { kind: 'compare'; operator: string; left: Operand; right: Operand };

const token =
  /\s*(\|\||&&|==|!=|<=|>=|=~|<|>|!|\(|\)|'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\/(?:[^/\\]|\\.)*\/[a-z]*|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|[@$](?:\.\.|\.(?=[\w*[])|\[(?:'[^']*'|"[^"]*"|[^\]'"])*\]|[\w-]+(?:\(\))?|\*)*|\[[^\]]*\]|\w+)/sy;

export function parseFilter(text: string): Filter {
  const tokens: string[] = [];
  token.lastIndex = 0;
  let end = 0;
  while (text.slice(end).trim() !== '') {
    const found = token.exec(text);
    if (!found) throw new PathSyntaxError(`Invalid filter '${text}': unexpected text at position ${end}`);
    tokens.push(found[1]!);
    end = token.lastIndex;
  }
  let at = 0;
  const fail = (): never => {
    throw new PathSyntaxError(`Invalid filter '${text}': unexpected '${tokens[at] ?? 'end'}'`);
  };
  const chain = (kind: 'or' | 'and', sign: string, next: () => Filter): Filter => {
    const parts = [next()];
    while (tokens[at] === sign) {
      at++;
      parts.push(next());
    }
    return parts.length === 1 ? parts[0]! : { kind, parts };
  };
  const or = (): Filter => chain('or', '||', () => chain('and', '&&', unary));
  const unary = (): Filter => {
    if (tokens[at] === '!') {
      at++;
      return { kind: 'not', part: unary() };
    }
    if (tokens[at] === '(') {
      at++;
      const inner = or();
      if (tokens[at++] !== ')') fail();
      return inner;
    }
    const left = operand();
    const operator = tokens[at];
    if (operator && /^(==|!=|<=|>=|<|>|=~|in|nin)$/.test(operator)) {
      at++;
      return { kind: 'compare', operator, left, right: operand() };
    }
    return { kind: 'exists', operand: left };
  };
  const operand = (): Operand => {
    const text = tokens[at] ?? fail();
    at++;
    if (/^[@$]/.test(text)) return { kind: 'path', path: parsePath(`$${text.slice(1)}`), ofItem: text[0] === '@' };
    if (/^'/.test(text)) return { kind: 'value', value: text.slice(1, -1).replace(/\\(.)/gs, '$1') };
    if (text[0] === '/') {
      const [, source, flags] = /^\/(.*)\/([a-z]*)$/s.exec(text)!;
      return { kind: 'pattern', pattern: new RegExp(source!, flags) };
    }
    try {
      return { kind: 'value', value: JSON.parse(text[0] === '[' ? text.replaceAll("'", '"') : text) };
    } catch {
      at--;
      return fail();
    }
  };
  const filter = or();
  if (at < tokens.length) fail();
  return filter;
}

export function passes(filter: Filter, item: Json, root: Json): boolean {
  switch (filter.kind) {
    case 'or':
      return filter.parts.some((part) => passes(part, item, root));
    case 'and':
      return filter.parts.every((part) => passes(part, item, root));
    case 'not':
      return !passes(filter.part, item, root);
    case 'exists':
      return value(filter.operand, item, root) !== undefined;
    case 'compare':
      return compare(filter.operator, value(filter.left, item, root), filter.right, item, root);
  }
}

function value(operand: Operand, item: Json, root: Json): Json {
  if (operand.kind === 'value') return operand.value;
  if (operand.kind === 'pattern') return undefined;
  const found = select(operand.path, operand.ofItem ? item : root);
  return operand.path.definite ? found[0] : found.length > 0 ? found : undefined;
}

function compare(operator: string, left: Json, other: Operand, item: Json, root: Json): boolean {
  if (operator === '=~') return other.kind === 'pattern' && typeof left === 'string' && other.pattern.test(left);
  const right = value(other, item, root);
  const same = JSON.stringify(left) === JSON.stringify(right);
  const ordered = typeof left === typeof right && (typeof left === 'number' || typeof left === 'string');
  switch (operator) {
    case '==':
      return same;
    case '!=':
      return !same;
    case 'in':
      return Array.isArray(right) && right.some((one) => JSON.stringify(one) === JSON.stringify(left));
    case 'nin':
      return Array.isArray(right) && !right.some((one) => JSON.stringify(one) === JSON.stringify(left));
    case '<':
      return ordered && left < right;
    case '<=':
      return ordered && left <= right;
    case '>':
      return ordered && left > right;
    default:
      return ordered && left >= right;
  }
}
