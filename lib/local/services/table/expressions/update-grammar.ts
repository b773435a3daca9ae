/**
 * The grammar of UpdateExpression.
 *
 *   update  := section+, each at most once       section := SET action, ... | REMOVE path, ... | ADD | DELETE path :value, ...
 *   action  := path '=' sum                       sum     := term (('+' | '-') term)?
 *   term    := path | :value | function '(' term, ... ')' | '(' term ')'; a whole sum may stand in parentheses too
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import { type ExpressionKind, remembered, Tokens } from './lexer';
import { isKeyword, parsePath, type RawPath } from './paths';

export type Operand =
  | { kind: 'path'; path: RawPath }
  | { kind: 'value'; name: string }
  | { kind: 'function'; name: string; operands: Operand[] }
  | { kind: 'sum'; operator: '+' | '-'; left: Operand; right: Operand };

export type Section = 'SET' | 'REMOVE' | 'ADD' | 'DELETE';
export type Action = { section: Section; path: RawPath; operand?: Operand };

const sections: readonly string[] = ['SET', 'REMOVE', 'ADD', 'DELETE'];
export const parseUpdate = remembered((kind: ExpressionKind, text: string): Action[] => {
  const tokens = new Tokens(kind, text);
  const actions: Action[] = [];
  const seen = new Set<string>();
  let twice: string | undefined;
  do {
    const section = tokens.current.text.toUpperCase() as Section;
    if (tokens.current.kind !== 'word' || !sections.includes(section)) throw tokens.syntaxError();
    tokens.next();
    if (seen.has(section)) twice ??= section;
    seen.add(section);
    do {
      actions.push(parseAction(tokens, section));
    } while (tokens.take(','));
  } while (!tokens.atEnd());
  if (twice) throw tokens.refusal(`The "${twice}" section can only be used once in an update expression;`);
  return actions;
});

function parseAction(tokens: Tokens, section: Section): Action {
  const path = parsePath(tokens);
  if (section === 'REMOVE') return { section, path };
  if (section === 'SET') {
    tokens.expect('=');
    return { section, path, operand: parseSum(tokens) };
  }
  if (tokens.current.kind !== 'value') throw tokens.syntaxError();
  return { section, path, operand: { kind: 'value', name: tokens.next().text } };
}

/** What a SET assigns: one operand, or two added or subtracted; in parentheses or not. */
function parseSum(tokens: Tokens): Operand {
  const left = tokens.at('(') ? parseParenthesised(tokens, parseSum) : parseOperand(tokens);
  const operator = tokens.at('+') ? '+' : tokens.at('-') ? '-' : undefined;
  if (!operator) return left;
  // A sum has two terms: neither may be a sum in parentheses.
  if (left.kind === 'sum') throw tokens.syntaxError();
  tokens.next();
  return { kind: 'sum', operator, left, right: parseTerm(tokens) };
}

function parseTerm(tokens: Tokens): Operand {
  return tokens.at('(') ? parseParenthesised(tokens, parseTerm) : parseOperand(tokens);
}

/** Operands that stood in parentheses: the same one in parentheses again is redundant. */
const wrapped = new WeakSet<Operand>();

function parseParenthesised(tokens: Tokens, parse: (tokens: Tokens) => Operand): Operand {
  tokens.expect('(');
  const inner = parse(tokens);
  tokens.expect(')');
  if (wrapped.has(inner)) throw tokens.refusal('The expression has redundant parentheses;');
  wrapped.add(inner);
  return inner;
}

function parseOperand(tokens: Tokens): Operand {
  const { kind, text } = tokens.current;
  if (kind === 'value') return { kind: 'value', name: tokens.next().text };
  if (kind === 'word' && !isKeyword(text) && tokens.following?.text === '(') {
    tokens.next();
    tokens.next();
    const operands = [parseTerm(tokens)];
    while (tokens.take(',')) operands.push(parseTerm(tokens));
    tokens.expect(')');
    return { kind: 'function', name: text, operands };
  }
  return { kind: 'path', path: parsePath(tokens) };
}
