/**
 * Tokens of DynamoDB's expression language.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.html
 */
import { invalid, type Refusal } from '../errors';

export type ExpressionKind =
  | 'ConditionExpression'
  | 'FilterExpression'
  | 'KeyConditionExpression'
  | 'UpdateExpression'
  | 'ProjectionExpression';

/** `word`: a name or keyword; `name`: '#n'; `value`: ':v'; `number`: a list index; `symbol`: an operator or bracket. */
export interface Token {
  kind: 'word' | 'name' | 'value' | 'number' | 'symbol' | 'unknown' | 'end';
  text: string;
  start: number;
  end: number;
}

const grammar =
  /\s+|([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(\d+)|(<>|<=|>=|[=<>()[\].,+-])|([\s\S])/g;
const kinds = ['word', 'name', 'value', 'number', 'symbol', 'unknown'] as const;
/** AWS: "The maximum length of any expression string is 4 KB". */
const maxBytes = 4096;

/** A cursor over the tokens of one expression; knows how AWS words a syntax error. */
export class Tokens {
  private readonly tokens: Token[] = [];
  private position = 0;

  constructor(
    readonly kind: ExpressionKind,
    private readonly text: string,
  ) {
    if (typeof text !== 'string') throw this.refusal(`the expression is ${JSON.stringify(text)}, not a string`);
    if (text === '') throw this.refusal('The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > maxBytes) {
      throw this.refusal(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    for (const match of text.matchAll(grammar)) {
      const group = match.findIndex((part, index) => index > 0 && part !== undefined);
      if (group < 0) continue;
      this.tokens.push({
        kind: kinds[group - 1]!,
        text: match[0],
        start: match.index,
        end: match.index + match[0].length,
      });
    }
    this.tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  }

  get current(): Token {
    return this.tokens[this.position]!;
  }

  get following(): Token | undefined {
    return this.tokens[this.position + 1];
  }

  next(): Token {
    const token = this.current;
    if (token.kind !== 'end') this.position++;
    return token;
  }

  /** The current token is this symbol. */
  at(symbol: string): boolean {
    return this.current.kind === 'symbol' && this.current.text === symbol;
  }

  /** The current token is this keyword, in any case. */
  atWord(keyword: string): boolean {
    return this.current.kind === 'word' && this.current.text.toUpperCase() === keyword;
  }

  take(symbol: string): boolean {
    if (!this.at(symbol)) return false;
    this.next();
    return true;
  }

  takeWord(keyword: string): boolean {
    if (!this.atWord(keyword)) return false;
    this.next();
    return true;
  }

  expect(symbol: string): void {
    if (!this.take(symbol)) throw this.syntaxError();
  }

  atEnd(): boolean {
    return this.current.kind === 'end';
  }

  expectEnd(): void {
    if (!this.atEnd()) throw this.syntaxError();
  }

  /** AWS shows the offending token and the text from the token before it to the token after it. */
  syntaxError(): Refusal {
    const from = this.tokens[this.position - 1]?.start ?? (this.current.kind === 'end' ? 0 : this.current.start);
    const to = (this.following ?? this.current).end;
    return this.refusal(`Syntax error; token: "${this.current.text}", near: "${this.text.slice(from, to)}"`);
  }

  refusal(message: string): Refusal {
    return expressionRefusal(this.kind, message);
  }
}

export const expressionRefusal = (kind: ExpressionKind, message: string): Refusal =>
  invalid(`Invalid ${kind}: ${message}`);

/**
 * Parses each distinct text once: an application has few expressions and sends them for ever. A parse result holds
 * placeholders only, no values, and is never changed.
 */
export function remembered<T>(parse: (kind: ExpressionKind, text: string) => T): typeof parse {
  const known = new Map<string, T>();
  return (kind, text) => {
    const key = `${kind} ${text}`;
    let result = known.get(key);
    if (result === undefined) {
      result = parse(kind, text);
      if (known.size >= 1000) known.clear();
      known.set(key, result);
    }
    return result;
  };
}
