/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request: what '#n' and ':v' stand for.
 * Every placeholder that is given must be used, and every one that is used must be given.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ExpressionAttributeNames.html
 */
import { invalid, Refusal } from '../errors';
import { type AttributeValue, readValue } from '../values';
import { type ExpressionKind, expressionRefusal } from './lexer';
import type { Path, RawPath } from './paths';
import { isReserved } from './reserved';

export class Placeholders {
  private readonly names: Record<string, string>;
  private readonly values: Record<string, unknown>;
  private readonly read = new Map<string, AttributeValue>();
  private readonly unusedNames: Set<string>;
  private readonly unusedValues: Set<string>;

  /**
   * `keyAttribute` tells of a name whether it is a key attribute ('Key') or one of an index ('IndexKey').
   * `expressions` are the request's expression parameters: placeholders without an expression are refused.
   */
  constructor(
    private readonly keyAttribute: (name: string) => 'Key' | 'IndexKey' | undefined,
    input: { ExpressionAttributeNames?: any; ExpressionAttributeValues?: any },
    expressions: { [kind in ExpressionKind]?: string | undefined },
  ) {
    const given = Object.keys(expressions) as ExpressionKind[];
    const any = given.some((kind) => expressions[kind] !== undefined);
    const { ExpressionAttributeNames: names, ExpressionAttributeValues: values } = input;
    if (names && !any) throw invalid('ExpressionAttributeNames can only be specified when using expressions');
    if (values && !any) {
      const absent = given.filter((kind) => kind !== 'ProjectionExpression').join(' and ');
      throw invalid(
        `ExpressionAttributeValues can only be specified when using expressions: ${absent} ${absent.includes(' ') ? 'are' : 'is'} null`,
      );
    }
    this.names = names ?? {};
    this.values = values ?? {};
    this.unusedNames = new Set(Object.keys(this.names));
    this.unusedValues = new Set(Object.keys(this.values));
    if (names && this.unusedNames.size === 0) throw invalid('ExpressionAttributeNames must not be empty');
    if (values && this.unusedValues.size === 0) throw invalid('ExpressionAttributeValues must not be empty');
    for (const name of this.unusedNames) {
      if (!/^#[A-Za-z0-9_]+$/.test(name)) {
        throw invalid(`ExpressionAttributeNames contains invalid key: Syntax error; key: "${name}"`);
      }
      if (typeof this.names[name] !== 'string' || this.names[name] === '') {
        throw invalid(`ExpressionAttributeNames contains invalid value for key ${name}: an attribute name is needed`);
      }
    }
    for (const name of this.unusedValues) {
      if (!/^:[A-Za-z0-9_]+$/.test(name)) {
        throw invalid(`ExpressionAttributeValues contains invalid key: Syntax error; key: "${name}"`);
      }
      this.read.set(name, this.readPlaceholder(name));
    }
  }

  private readPlaceholder(name: string): AttributeValue {
    try {
      return readValue(this.values[name]);
    } catch (problem) {
      if (!(problem instanceof Refusal) || problem.name !== 'ValidationException') throw problem;
      throw invalid(`ExpressionAttributeValues contains invalid value: ${problem.message} for key ${name}`);
    }
  }

  path(kind: ExpressionKind, raw: RawPath): Path {
    const path = raw.map((step) => {
      if (typeof step === 'number') return step;
      if (!step.startsWith('#')) {
        if (!isReserved(step)) return step;
        throw expressionRefusal(kind, `Attribute name is a reserved keyword; reserved keyword: ${step}`);
      }
      const name = Object.hasOwn(this.names, step) ? this.names[step] : undefined;
      if (name === undefined) {
        throw expressionRefusal(
          kind,
          `An expression attribute name used in the document path is not defined; attribute name: ${step}`,
        );
      }
      this.unusedNames.delete(step);
      return name;
    });
    const first = path[0] as string;
    const key = path.length > 1 ? this.keyAttribute(first) : undefined;
    if (!key) return path;
    throw invalid(
      `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: ${key}: ${first}`,
    );
  }

  value(kind: ExpressionKind, name: string): AttributeValue {
    const value = this.read.get(name);
    if (!value) {
      throw expressionRefusal(
        kind,
        `An expression attribute value used in expression is not defined; attribute value: ${name}`,
      );
    }
    this.unusedValues.delete(name);
    return value;
  }

  /** To be called after all expressions of the request were bound. */
  checkAllUsed(): void {
    for (const [parameter, unused] of [
      ['ExpressionAttributeNames', this.unusedNames],
      ['ExpressionAttributeValues', this.unusedValues],
    ] as const) {
      if (unused.size > 0) {
        throw invalid(`Value provided in ${parameter} unused in expressions: keys: {${[...unused].join(', ')}}`);
      }
    }
  }
}
