/**
 * A pull reader of JSON tokens. Patterns are judged while they are read, so the first fault in the text is the one
 * reported, be it of syntax or of meaning; and numbers keep their text, since 300 and 3e2 are told apart in places.
 *
 * Source: messages as AWS's matcher gives them (aws/event-ruler reads with Jackson, whose wording this follows).
 * Only the wordings that a pattern can meet are here.
 */

export type TokenKind = '{' | '}' | '[' | ']' | 'name' | 'string' | 'number' | 'true' | 'false' | 'null';

export interface Token {
  kind: TokenKind;
  /** The decoded string, the number as written, or the token itself. */
  text: string;
}

export class JsonSyntaxError extends Error {
  override readonly name = 'JsonSyntaxError';
}

interface Level {
  kind: '{' | '[';
  start: number;
  entries: number;
}

const expectedValue = "(JSON String, Number, Array, Object or token 'null', 'true' or 'false')";
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /[\p{L}\p{N}_$]+/uy;
/** How much of the text a position quotes. */
const quotedLength = 500;

export class JsonTokens {
  private at = 0;
  private readonly levels: Level[] = [];
  /** A name has been read, its value comes next. */
  private afterName = false;

  constructor(private readonly source: string) {}

  next(): Token {
    this.skipSpace();
    const level = this.levels.at(-1);
    if (this.at >= this.source.length) throw this.endOfInput(level);
    if (this.afterName) {
      this.afterName = false;
      return this.value();
    }
    const char = this.source[this.at]!;
    if (char === '}' || char === ']') return this.close(char, level);
    if (level && level.entries++ > 0) {
      if (char !== ',') {
        const entries = level.kind === '{' ? 'Object' : 'Array';
        throw this.unexpected(`was expecting comma to separate ${entries} entries`);
      }
      this.at++;
      this.skipSpace();
      if (this.at >= this.source.length)
        throw new JsonSyntaxError('Unexpected end-of-input within/between Object entries');
    }
    if (level?.kind !== '{') return this.value();
    if (this.source[this.at] !== '"') throw this.unexpected('was expecting double-quote to start field name');
    const text = this.string('Unexpected end-of-input in field name');
    this.skipSpace();
    if (this.at >= this.source.length) throw this.endOfInput(level);
    if (this.source[this.at] !== ':') throw this.unexpected('was expecting a colon to separate field name and value');
    this.at++;
    this.afterName = true;
    return { kind: 'name', text };
  }

  /** Throws when anything but white space follows what was read. */
  end(): void {
    this.skipSpace();
    if (this.at < this.source.length) throw this.unexpected('expected nothing after the value');
  }

  private value(): Token {
    const char = this.source[this.at]!;
    if (char === '{' || char === '[') {
      this.levels.push({ kind: char, start: this.at++, entries: 0 });
      return { kind: char, text: char };
    }
    if (char === '"') {
      const text = this.string('Unexpected end-of-input: was expecting closing quote for a string value');
      return { kind: 'string', text };
    }
    if (char === '-' || (char >= '0' && char <= '9')) return this.number();
    wordPattern.lastIndex = this.at;
    const word = wordPattern.exec(this.source)?.[0];
    if (word === 'true' || word === 'false' || word === 'null') {
      this.at += word.length;
      return { kind: word, text: word };
    }
    if (word) throw new JsonSyntaxError(`Unrecognized token '${word}': was expecting ${expectedValue}`);
    throw this.unexpected(`expected a valid value ${expectedValue}`);
  }

  private number(): Token {
    numberPattern.lastIndex = this.at;
    const text = numberPattern.exec(this.source)?.[0];
    if (!text) throw this.unexpected('expected digit (0-9) to follow minus sign, for valid numeric value');
    this.at += text.length;
    const follows = this.source[this.at] ?? ' ';
    if (/\d/.test(follows) && /^-?0$/.test(text))
      throw new JsonSyntaxError('Invalid numeric value: Leading zeroes not allowed');
    if (!/[\s,\]}]/.test(follows))
      throw this.unexpected('Expected space separating root-level values or a valid number');
    return { kind: 'number', text };
  }

  private string(atEnd: string): string {
    const start = this.at++;
    for (; ; this.at++) {
      const char = this.source[this.at];
      if (char === undefined) throw new JsonSyntaxError(atEnd);
      if (char === '"') break;
      if (char === '\\') {
        const escaped = this.source[this.at + 1];
        if (escaped === undefined) throw new JsonSyntaxError('Unexpected end-of-input in character escape sequence');
        if (!'"\\/bfnrtu'.includes(escaped)) {
          throw new JsonSyntaxError(`Unrecognized character escape '${escaped}' (code ${escaped.charCodeAt(0)})`);
        }
        if (escaped === 'u' && !/^[0-9a-fA-F]{4}$/.test(this.source.slice(this.at + 2, this.at + 6)))
          throw new JsonSyntaxError(
            'Unexpected character in a \\u escape: expected a hex-digit for character escape sequence',
          );
        this.at++;
      } else if (char < ' ') {
        throw new JsonSyntaxError(
          `Illegal unquoted character ((CTRL-CHAR, code ${char.charCodeAt(0)})): ` +
            'has to be escaped using backslash to be included in string value',
        );
      }
    }
    this.at++;
    return JSON.parse(this.source.slice(start, this.at));
  }

  private close(char: '}' | ']', level: Level | undefined): Token {
    const expected = level?.kind === '{' ? '}' : ']';
    if (!level || char !== expected) {
      const where = level
        ? `expected '${expected}' (for ${nameOf(level)} starting at ${this.position(level.start)})`
        : 'no open structure';
      throw new JsonSyntaxError(`Unexpected close marker '${char}': ${where}`);
    }
    this.levels.pop();
    this.at++;
    return { kind: char, text: char };
  }

  private skipSpace(): void {
    while (this.at < this.source.length && ' \t\r\n'.includes(this.source[this.at]!)) this.at++;
  }

  private unexpected(comment: string): JsonSyntaxError {
    const char = this.source[this.at] ?? '';
    return new JsonSyntaxError(`Unexpected character ('${char}' (code ${char.codePointAt(0)})): ${comment}`);
  }

  private endOfInput(level: Level | undefined): JsonSyntaxError {
    if (!level) return new JsonSyntaxError('No content to map due to end-of-input');
    const marker = `expected close marker for ${nameOf(level)} (start marker at ${this.position(level.start)})`;
    return new JsonSyntaxError(`Unexpected end-of-input: ${marker}`);
  }

  private position(offset: number): string {
    const before = this.source.slice(0, offset).split('\n');
    const left = this.source.length - quotedLength;
    const quoted = `"${this.source.slice(0, quotedLength)}"${left > 0 ? `[truncated ${left} chars]` : ''}`;
    return `[Source: (String)${quoted}; line: ${before.length}, column: ${before.at(-1)!.length + 1}]`;
  }
}

const nameOf = (level: Level): string => (level.kind === '{' ? 'Object' : 'Array');
