/**
 * ConditionExpression, FilterExpression and KeyConditionExpression: parsed once, bound to a request's placeholders,
 * then tested against items. A KeyConditionExpression has the same grammar; ../query.ts restricts it.
 *
 *   or      := and (OR and)*            and := not (AND not)*            not := NOT not | primary
 *   primary := operand (= <> < <= > >=) operand | operand BETWEEN operand AND operand
 *            | operand IN '(' operand, ... ')' | function '(' operand, ... ')' | '(' or ')'
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import { type ExpressionKind, remembered, Tokens } from './lexer';
import { isKeyword, parsePath, type RawPath } from './paths';

export type Operand =
  | { kind: 'path'; path: RawPath }
  | { kind: 'value'; name: string }
  | { kind: 'function'; name: string; operands: Operand[] };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { kind: 'and' | 'or'; left: Condition; right: Condition }
  | { kind: 'not'; inner: Condition }
  | { kind: 'compare'; operator: Comparator; left: Operand; right: Operand }
  | { kind: 'between'; operand: Operand; low: Operand; high: Operand }
  | { kind: 'in'; operand: Operand; options: Operand[] }
  | { kind: 'function'; name: string; operands: Operand[] };

const comparators = ['=', '<>', '<', '<=', '>', '>='];

export const parseCondition = remembered((kind: ExpressionKind, text: string): Condition => {
  return new ConditionParser(new Tokens(kind, text)).parse();
});

class ConditionParser {
  private redundant = false;
  /** What stood in the parentheses closed last: the same node in parentheses again is redundant. */
  private wrapped: Condition | Operand | undefined;

  constructor(private readonly tokens: Tokens) {}

  parse(): Condition {
    const condition = this.asCondition(this.or());
    this.tokens.expectEnd();
    if (this.redundant) throw this.tokens.refusal('The expression has redundant parentheses;');
    return condition;
  }

  /** A lone operand may stand in parentheses, '(a) = :v'; elsewhere it is no condition. */
  private or(): Condition | Operand {
    let left = this.and();
    while (this.tokens.atWord('OR')) {
      const condition = this.asCondition(left);
      this.tokens.next();
      left = { kind: 'or', left: condition, right: this.asCondition(this.and()) };
    }
    return left;
  }

  private and(): Condition | Operand {
    let left = this.not();
    while (this.tokens.atWord('AND')) {
      const condition = this.asCondition(left);
      this.tokens.next();
      left = { kind: 'and', left: condition, right: this.asCondition(this.not()) };
    }
    return left;
  }

  private not(): Condition | Operand {
    if (!this.tokens.takeWord('NOT')) return this.primary();
    return { kind: 'not', inner: this.asCondition(this.not()) };
  }

  private primary(): Condition | Operand {
    const { tokens } = this;
    const left = tokens.at('(') ? this.parenthesised() : this.operand();
    if (left.kind !== 'path' && left.kind !== 'value' && left.kind !== 'function') return left;
    if (tokens.current.kind === 'symbol' && comparators.includes(tokens.current.text)) {
      const operator = tokens.next().text as Comparator;
      return { kind: 'compare', operator, left, right: this.operandInParentheses() };
    }
    if (tokens.takeWord('BETWEEN')) {
      const low = this.operandInParentheses();
      if (!tokens.takeWord('AND')) throw tokens.syntaxError();
      return { kind: 'between', operand: left, low, high: this.operandInParentheses() };
    }
    if (tokens.takeWord('IN')) {
      tokens.expect('(');
      const options = this.operands();
      tokens.expect(')');
      return { kind: 'in', operand: left, options };
    }
    return left;
  }

  private parenthesised(): Condition | Operand {
    this.tokens.expect('(');
    const inner = this.or();
    this.tokens.expect(')');
    if (inner === this.wrapped) this.redundant = true;
    this.wrapped = inner;
    return inner;
  }

  private operandInParentheses(): Operand {
    if (!this.tokens.take('(')) return this.operand();
    const operand = this.operandInParentheses();
    this.tokens.expect(')');
    return operand;
  }

  private operands(): Operand[] {
    const operands = [this.operandInParentheses()];
    while (this.tokens.take(',')) operands.push(this.operandInParentheses());
    return operands;
  }

  private operand(): Operand {
    const { tokens } = this;
    const { kind, text } = tokens.current;
    if (kind === 'value') return { kind: 'value', name: tokens.next().text };
    if (kind === 'word' && isKeyword(text)) throw tokens.syntaxError();
    if (kind === 'word' && tokens.following?.text === '(') {
      tokens.next();
      tokens.next();
      const operands = this.operands();
      tokens.expect(')');
      return { kind: 'function', name: text, operands };
    }
    return { kind: 'path', path: parsePath(tokens) };
  }

  private asCondition(node: Condition | Operand): Condition {
    if (node.kind === 'path' || node.kind === 'value') throw this.tokens.syntaxError();
    return node;
  }
}
