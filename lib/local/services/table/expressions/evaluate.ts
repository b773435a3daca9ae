/**
 * Binds a parsed condition to a request's placeholders, with AWS's checks of operand kinds, and gives a test of items.
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
import {
  type AttributeType,
  type AttributeValue,
  attributeTypes,
  base64Length,
  bytesOf,
  compare,
  equal,
  type Item,
  typeOf,
} from '../values';
import type { Comparator, Condition, Operand } from './condition';
import { type ExpressionKind, expressionRefusal } from './lexer';
import type { Placeholders } from './names';
import { type Path, showPath, valueAt } from './paths';

export type Test = (item: Item) => boolean;

/** An operand with its placeholders replaced. */
export interface BoundOperand {
  valueIn(item: Item): AttributeValue | undefined;
  path?: Path;
  constant?: AttributeValue;
  /** The type it certainly has, where known before an item is seen. */
  type?: AttributeType;
  functionName?: string;
}

const conditionFunctions: Record<string, number> = {
  attribute_exists: 1,
  attribute_not_exists: 1,
  attribute_type: 2,
  begins_with: 2,
  contains: 2,
  size: 1,
};
const updateFunctions = ['if_not_exists', 'list_append'];

export class ConditionBinder {
  constructor(
    readonly kind: ExpressionKind,
    readonly placeholders: Placeholders,
    /** Sees every path that the condition reads. */
    private readonly onPath: (path: Path) => void = () => {},
  ) {}

  bind(condition: Condition): Test {
    switch (condition.kind) {
      case 'and': {
        const left = this.bind(condition.left);
        const right = this.bind(condition.right);
        return (item) => left(item) && right(item);
      }
      case 'or': {
        const left = this.bind(condition.left);
        const right = this.bind(condition.right);
        return (item) => left(item) || right(item);
      }
      case 'not': {
        const inner = this.bind(condition.inner);
        return (item) => !inner(item);
      }
      case 'compare':
        return this.comparison(condition.operator, this.operand(condition.left), this.operand(condition.right));
      case 'between':
        return this.between(this.operand(condition.operand), this.operand(condition.low), this.operand(condition.high));
      case 'in': {
        const operand = this.operand(condition.operand);
        const options = condition.options.map((option) => this.operand(option));
        if (options.length > 100) {
          throw this.refusal(
            `Too many operands for operator or function; operator or function: IN, number of operands: ${options.length + 1}`,
          );
        }
        this.checkDistinct('IN', operand, options);
        return (item) => {
          const value = operand.valueIn(item);
          return value !== undefined && options.some((option) => sameValue(value, option.valueIn(item)));
        };
      }
      case 'function':
        return this.functionTest(condition.name, condition.operands);
    }
  }

  operand(operand: Operand): BoundOperand {
    if (operand.kind === 'value') {
      const constant = this.placeholders.value(this.kind, operand.name);
      return { valueIn: () => constant, constant, type: typeOf(constant) };
    }
    if (operand.kind === 'path') {
      const path = this.placeholders.path(this.kind, operand.path);
      this.onPath(path);
      return { valueIn: (item) => valueAt(item, path), path };
    }
    this.checkFunction(operand.name, operand.operands.length);
    if (operand.name !== 'size') throw this.misused(operand.name);
    const measured = this.operand(operand.operands[0]!);
    if (measured.type && !sizedTypes.includes(measured.type)) throw this.wrongType('size', measured.type);
    return {
      type: 'N',
      functionName: 'size',
      valueIn: (item) => {
        const value = measured.valueIn(item);
        const size = value && sizeOf(value);
        return size === undefined ? undefined : { N: String(size) };
      },
    };
  }

  private comparison(operator: Comparator, left: BoundOperand, right: BoundOperand): Test {
    this.checkDistinct(operator, left, [right]);
    if (operator === '=') return (item) => sameValue(left.valueIn(item), right.valueIn(item));
    // A missing attribute differs from every value, as DynamoDB Local (3.3.0) answers too.
    if (operator === '<>') return (item) => !sameValue(left.valueIn(item), right.valueIn(item));
    for (const operand of [left, right]) this.checkOrdered(operator, operand);
    return (item) => {
      const order = orderOf(left.valueIn(item), right.valueIn(item));
      if (order === undefined) return false;
      if (operator === '<') return order < 0;
      if (operator === '<=') return order <= 0;
      return operator === '>' ? order > 0 : order >= 0;
    };
  }

  private between(operand: BoundOperand, low: BoundOperand, high: BoundOperand): Test {
    for (const each of [operand, low, high]) this.checkOrdered('BETWEEN', each);
    if (low.constant && high.constant) {
      const bounds =
        `lower bound operand: AttributeValue: ${showValue(low.constant)}, ` +
        `upper bound operand: AttributeValue: ${showValue(high.constant)}`;
      if (low.type !== high.type) {
        throw this.refusal(`The BETWEEN operator requires same data type for lower and upper bounds; ${bounds}`);
      }
      if (compare(low.constant, high.constant)! > 0) {
        throw this.refusal(
          `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${bounds}`,
        );
      }
    }
    this.checkDistinct('BETWEEN', operand, [low, high]);
    return (item) => {
      const value = operand.valueIn(item);
      const above = orderOf(value, low.valueIn(item));
      const below = orderOf(value, high.valueIn(item));
      return above !== undefined && below !== undefined && above >= 0 && below <= 0;
    };
  }

  private functionTest(name: string, raw: Operand[]): Test {
    this.checkFunction(name, raw.length);
    if (name === 'size') throw this.misused(name);
    if (name === 'attribute_exists' || name === 'attribute_not_exists') {
      if (raw[0]!.kind !== 'path') throw this.needsPath(name);
      const wanted = name === 'attribute_exists';
      const { valueIn } = this.operand(raw[0]!);
      return (item) => (valueIn(item) !== undefined) === wanted;
    }
    const [first, second] = raw.map((operand) => this.operand(operand)) as [BoundOperand, BoundOperand];
    if (name === 'attribute_type') {
      if (!first.path) throw this.needsPath(name);
      if (second.type !== 'S') throw this.wrongType(name, second.type ?? 'a document path');
      const type = second.constant!.S;
      if (!attributeTypes.includes(type)) {
        throw this.refusal(
          `Invalid attribute type name found; type: ${type}, valid types: {${attributeTypes.join(',')}}`,
        );
      }
      return (item) => {
        const value = first.valueIn(item);
        return value !== undefined && typeOf(value) === type;
      };
    }
    this.checkDistinct(name, first, [second]);
    if (name === 'begins_with') {
      for (const { type } of [first, second])
        if (type && type !== 'S' && type !== 'B') throw this.wrongType(name, type);
      return (item) => beginsWith(first.valueIn(item), second.valueIn(item));
    }
    return (item) => contains(first.valueIn(item), second.valueIn(item));
  }

  private checkFunction(name: string, operands: number): void {
    const expected = Object.hasOwn(conditionFunctions, name) ? conditionFunctions[name] : undefined;
    if (expected === undefined) {
      throw this.refusal(
        updateFunctions.includes(name)
          ? `The function is not allowed in a condition expression; function: ${name}`
          : `Invalid function name; function: ${name}`,
      );
    }
    if (operands !== expected) {
      throw this.refusal(
        `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands}`,
      );
    }
  }

  private checkOrdered(operator: string, { type }: BoundOperand): void {
    if (type && type !== 'S' && type !== 'N' && type !== 'B') {
      throw this.refusal(
        `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
      );
    }
  }

  private checkDistinct(operator: string, first: BoundOperand, rest: BoundOperand[]): void {
    if (!first.path) return;
    const shown = showPath(first.path);
    if (rest.some(({ path }) => path && showPath(path) === shown)) {
      throw this.refusal(
        `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${shown}`,
      );
    }
  }

  private needsPath(name: string) {
    return this.refusal(`Operator or function requires a document path; operator or function: ${name}`);
  }

  private misused(name: string) {
    return this.refusal(`The function is not allowed to be used this way in an expression; function: ${name}`);
  }

  private wrongType(name: string, type: string) {
    return this.refusal(
      `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
    );
  }

  private refusal(message: string) {
    return expressionRefusal(this.kind, message);
  }
}

/** As AWS prints values in messages: {S:abc}. */
const showValue = (value: AttributeValue): string => {
  const type = typeOf(value);
  return `{${type}:${value[type]}}`;
};

const sameValue = (a: AttributeValue | undefined, b: AttributeValue | undefined): boolean =>
  a !== undefined && b !== undefined && equal(a, b);

const orderOf = (a: AttributeValue | undefined, b: AttributeValue | undefined): number | undefined =>
  a && b ? compare(a, b) : undefined;

const sizedTypes: AttributeType[] = ['S', 'B', 'L', 'M', 'SS', 'NS', 'BS'];

function sizeOf(value: AttributeValue): number | undefined {
  const type = typeOf(value);
  const content = value[type];
  switch (type) {
    case 'S':
    case 'L':
    case 'SS':
    case 'NS':
    case 'BS':
      return content.length;
    case 'B':
      return base64Length(content);
    case 'M':
      return Object.keys(content).length;
    default:
      return undefined;
  }
}

export function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value?.S !== undefined && prefix?.S !== undefined) return value.S.startsWith(prefix.S);
  if (value?.B !== undefined && prefix?.B !== undefined) return bytesOf(value.B).startsWith(bytesOf(prefix.B));
  return false;
}

function contains(whole: AttributeValue | undefined, part: AttributeValue | undefined): boolean {
  if (!whole || !part) return false;
  switch (typeOf(whole)) {
    case 'S':
      return part.S !== undefined && whole.S.includes(part.S);
    case 'B':
      return part.B !== undefined && bytesOf(whole.B).includes(bytesOf(part.B));
    case 'SS':
      return part.S !== undefined && whole.SS.includes(part.S);
    case 'NS':
      return part.N !== undefined && whole.NS.includes(part.N);
    case 'BS':
      return part.B !== undefined && whole.BS.includes(part.B);
    case 'L':
      return whole.L.some((element: AttributeValue) => equal(element, part));
    default:
      return false;
  }
}
