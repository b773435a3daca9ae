/**
 * An event pattern's text -> what it tests, or EventBridge's refusal.
 *
 * 1. The first fault in reading order is the one reported.
 * 2. `$or` multiplies alternatives: each holds every field outside of the `$or` and the fields of one branch.
 * 3. A field that is named twice in one alternative keeps what was said last.
 * Not modelled: the limits on length, on `$or` combinations, on wildcards, and the complexity check of wildcards.
 * Source: EventBridge User Guide, "Event patterns"; rules and messages of aws/event-ruler.
 */
import { remade } from '../../kept';
import { block } from './addresses';
import { comparable } from './numbers';
import { negatable, wildcardParts } from './operands';
import { InvalidEventPatternError, refuse } from './refuse';
import { JsonSyntaxError, JsonTokens, type Token } from './tokens';
import type { ValueTest } from './value-tests';
import * as tests from './value-tests';

/** Tests by field path; a field passes when one of its tests does. */
export type Alternative = Map<string, ValueTest[]>;

export interface CompiledPattern {
  alternatives: Alternative[];
}

/** Throws InvalidEventPatternError. */
export const compilePattern = remade('events.pattern', (text: string): CompiledPattern => {
  try {
    return { alternatives: new PatternReader(new JsonTokens(text)).read() };
  } catch (error) {
    if (error instanceof JsonSyntaxError || error instanceof RangeError)
      throw new InvalidEventPatternError(error.message);
    throw error;
  }
});

/** Names that a later EventBridge may use inside `$or`. Source: aws/event-ruler, reserved field names. */
const reservedInOr = new Set(
  (
    'exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard ' +
    'not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range ' +
    'ip-address-in-range ip-address-not-in-range'
  ).split(' '),
);

const oneKey = 'Only one key allowed in match expression';
const tooMany = 'Too many elements in numeric expression';

class PatternReader {
  private alternatives: Alternative[] = [];

  constructor(private readonly tokens: JsonTokens) {}

  read(): Alternative[] {
    if (this.tokens.next().kind !== '{') refuse('Filter is not an object');
    this.object([], false);
    return this.alternatives;
  }

  private object(path: string[], insideOr: boolean): void {
    let fields = 0;
    for (let name = this.tokens.next(); name.kind !== '}'; name = this.tokens.next()) {
      fields++;
      const step = name.text;
      if (step === '$or') {
        this.or(path);
        continue;
      }
      if (insideOr && reservedInOr.has(step))
        refuse(`${step} is Ruler reserved fieldName which cannot be used inside $or.`);
      const { kind } = this.tokens.next();
      if (kind === '{') this.object([...path, step], insideOr);
      else if (kind === '[') this.field([...path, step].join('.'));
      else refuse(`"${step}" must be an object or an array`);
    }
    if (fields === 0) refuse('Empty objects are not allowed');
  }

  private or(path: string[]): void {
    if (this.tokens.next().kind !== '[') refuse('It must be an Array followed with $or.');
    const before = this.alternatives;
    const after: Alternative[] = [];
    let branches = 0;
    for (let token = this.tokens.next(); token.kind !== ']'; token = this.tokens.next()) {
      branches++;
      if (token.kind !== '{') refuse('Only JSON object is allowed in array of $or relationship.');
      this.alternatives = before.length > 0 ? before.map((alternative) => new Map(alternative)) : [new Map()];
      this.object(path, true);
      after.push(...this.alternatives);
    }
    if (branches < 2) refuse('There must have at least 2 Objects in $or relationship.');
    this.alternatives = after;
  }

  private field(path: string): void {
    const values: ValueTest[] = [];
    for (let token = this.tokens.next(); token.kind !== ']'; token = this.tokens.next())
      values.push(this.element(token));
    if (values.length === 0) refuse('Empty arrays are not allowed');
    if (this.alternatives.length === 0) this.alternatives.push(new Map());
    for (const alternative of this.alternatives) alternative.set(path, values);
  }

  private element({ kind, text }: Token): ValueTest {
    switch (kind) {
      case '{':
        return this.expression();
      case 'string':
        return tests.equalsString(text);
      case 'number':
        return tests.equalsNumber(text);
      case 'true':
      case 'false':
      case 'null':
        return tests.equalsWord(text);
      default:
        return refuse('Match value must be String, number, true, false, or null');
    }
  }

  private expression(): ValueTest {
    const name = this.tokens.next();
    if (name.kind !== 'name') refuse('Match expression name not found');
    switch (name.text) {
      case 'exactly':
        return this.closed(tests.exactly(this.string('exact match pattern must be a string')));
      case 'prefix':
        return this.affix('prefix', tests.startsWith);
      case 'suffix':
        return this.affix('suffix', tests.endsWith);
      case 'equals-ignore-case':
        return this.closed(
          tests.ignoringCase(this.string('equals-ignore-case match pattern must be a string'), 'whole'),
        );
      case 'wildcard':
        return this.closed(tests.wildcard(wildcardParts(this.string('wildcard match pattern must be a string'))));
      case 'numeric':
        return this.numeric();
      case 'anything-but':
        return this.anythingBut();
      case 'exists':
        return this.exists();
      case 'cidr':
        // AWS says 'prefix' here, and so do we.
        return this.closed(tests.inBlock(block(this.string('prefix match pattern must be a string'))));
      default:
        return refuse(`Unrecognized match type ${name.text}`);
    }
  }

  private affix(operator: 'prefix' | 'suffix', plain: (text: string) => ValueTest): ValueTest {
    const token = this.tokens.next();
    if (token.kind === 'string') return this.closed(plain(token.text));
    if (token.kind !== '{') refuse(`${operator} match pattern must be a string`);
    const name = this.tokens.next();
    if (name.kind !== 'name') refuse(`${capitalised(operator)} expression name not found`);
    if (name.text !== 'equals-ignore-case') refuse(`Unsupported ${operator} pattern: ${name.text}`);
    const test = tests.ignoringCase(this.string('equals-ignore-case match pattern must be a string'), operator);
    return this.closed(this.closed(test));
  }

  private exists(): ValueTest {
    const { kind } = this.tokens.next();
    if (kind !== 'true' && kind !== 'false') refuse('exists match pattern must be either true or false.');
    return this.closed(kind === 'true' ? tests.present : tests.absent);
  }

  private numeric(): ValueTest {
    if (this.tokens.next().kind !== '[') refuse('Value of numeric must be an array.');
    const operator = this.tokens.next();
    if (operator.kind !== 'string') refuse(`Invalid member in numeric match: ${operator.text}`);
    const value = this.tokens.next();
    const bound = (open: boolean): tests.Bound => ({ value: this.number(value, operator.text), open });
    switch (operator.text) {
      case '=':
        return this.numericEnd(tests.inRange(bound(false), bound(false)));
      case '<':
      case '<=':
        return this.numericEnd(tests.inRange(undefined, bound(operator.text === '<')));
      case '>':
      case '>=':
        return this.numericFrom(bound(operator.text === '>'));
      default:
        return refuse(`Unrecognized numeric range operator: ${operator.text}`);
    }
  }

  private numericFrom(bottom: tests.Bound): ValueTest {
    const token = this.tokens.next();
    if (token.kind === ']') return this.closed(tests.inRange(bottom, undefined), tooMany);
    if (token.kind !== 'string') refuse(`Bad value in numeric range: ${token.text}`);
    if (token.text !== '<' && token.text !== '<=') refuse(`Bad numeric range operator: ${token.text}`);
    const top = { value: this.number(this.tokens.next(), token.text), open: token.text === '<' };
    if (this.tokens.next().kind !== ']') refuse('Too many terms in numeric range expression');
    if (bottom.value >= top.value) refuse('Bottom must be less than top');
    return this.closed(tests.inRange(bottom, top), tooMany);
  }

  private numericEnd(test: ValueTest): ValueTest {
    if (this.tokens.next().kind !== ']') refuse(tooMany);
    return this.closed(test, tooMany);
  }

  private number(token: Token, operator: string): number {
    if (token.kind !== 'number') refuse(`Value of ${operator === '=' ? 'equals' : operator} must be numeric`);
    return comparable(token.text) ?? refuse(`Cannot compare number : ${token.text}`);
  }

  private anythingBut(): ValueTest {
    const token = this.tokens.next();
    if (token.kind !== '{') return this.closed(tests.anythingBut(this.anythingButValues(token)), tooMany);
    const name = this.tokens.next();
    if (name.kind !== 'name') refuse('Anything-But expression name not found');
    const operator = negatable[name.text];
    if (!operator) return refuse(`Unsupported anything-but pattern: ${name.text}`);
    const values = this.texts(this.tokens.next(), operator.mustBeString);
    const test = tests.anythingBut(values.map(operator.test));
    return this.closed(this.closed(test, tooMany), tooMany);
  }

  private anythingButValues(token: Token): ValueTest[] {
    const listed = token.kind === '[';
    const values = listed ? this.list() : [token];
    if (!listed && token.kind !== 'string' && token.kind !== 'number') refuse(anythingButValue);
    for (const { kind } of values) {
      if (kind !== 'string' && kind !== 'number')
        refuse('Inside anything but list, start|null|boolean is not supported.');
    }
    const numbers = values.filter(({ kind }) => kind === 'number');
    if (values.length === 0 || (numbers.length > 0 && numbers.length < values.length)) {
      refuse('Inside anything but list, either all values are number or string, mixed type is not supported');
    }
    for (const { text } of numbers) {
      if (comparable(text) === undefined) refuse(`Cannot compare number : ${text}`);
    }
    return values.map(({ kind, text }) => (kind === 'number' ? tests.equalsNumber(text) : tests.exactly(text)));
  }

  /** The string, or the strings of the list. */
  private texts(token: Token, mustBeString: string): string[] {
    if (token.kind !== '[' && token.kind !== 'string' && token.kind !== 'number') refuse(anythingButValue);
    const values = token.kind === '[' ? this.list(mustBeString) : [token];
    for (const { kind } of values) if (kind !== 'string') refuse(mustBeString);
    return values.map(({ text }) => text);
  }

  /** Up to the bracket that closes; what is not a plain value is refused where it stands. */
  private list(otherwise = 'Inside anything but list, start|null|boolean is not supported.'): Token[] {
    const values: Token[] = [];
    for (let token = this.tokens.next(); token.kind !== ']'; token = this.tokens.next()) {
      if (token.kind !== 'string' && token.kind !== 'number') refuse(otherwise);
      values.push(token);
    }
    return values;
  }

  private string(otherwise: string): string {
    const token = this.tokens.next();
    return token.kind === 'string' ? token.text : refuse(otherwise);
  }

  private closed(test: ValueTest, otherwise = oneKey): ValueTest {
    if (this.tokens.next().kind !== '}') refuse(otherwise);
    return test;
  }
}

const anythingButValue = 'Value of anything-but must be an array or single string/number value.';

const capitalised = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
