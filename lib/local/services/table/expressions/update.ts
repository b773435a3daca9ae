/**
 * UpdateExpression: SET, REMOVE, ADD, DELETE.
 *
 * 1. Every right-hand side is evaluated against the item as it was before the update.
 * 2. SET beyond the end of a list appends, in order of the indexes; REMOVE of list elements counts by old positions.
 * 3. No two actions may touch overlapping paths.
 * Containers are copied on the way to a change; nothing of the old item is changed in place.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.UpdateExpressions.html
 */
import { invalid, type Refusal } from '../errors';
import { addNumbers, subtractNumbers } from '../numbers';
import { type AttributeType, type AttributeValue, type Item, type SetType, setOf, typeOf } from '../values';
import { expressionRefusal } from './lexer';
import type { Placeholders } from './names';
import { firstClash, type Path, valueAt } from './paths';
import { type Action, type Operand, parseUpdate, type Section } from './update-grammar';

const updateFunctions = ['if_not_exists', 'list_append'];
const conditionFunctions = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
];

/** An update bound to a request. */
export interface Update {
  /** Every path that an action changes. */
  paths: readonly Path[];
  /** The new item; refuses what does not fit the old one. Attributes are added to the old item's, in order. */
  apply(item: Item): Item;
}

type Evaluate = (item: Item) => AttributeValue;
interface BoundAction {
  section: Section;
  path: Path;
  evaluate?: Evaluate;
  constant?: AttributeValue;
}

const kind = 'UpdateExpression';

export function bindUpdate(text: string, placeholders: Placeholders): Update {
  const actions = parseUpdate(kind, text).map((action) => bindAction(action, placeholders));
  const paths = actions.map(({ path }) => path);
  const problem = firstClash(paths);
  if (problem) throw expressionRefusal(kind, problem);
  return { paths, apply: (item) => applyActions(item, actions) };
}

/** Type names as the messages about ADD and DELETE have them. */
const longNames: Record<AttributeType, string> = {
  S: 'STRING',
  N: 'NUMBER',
  B: 'BINARY',
  BOOL: 'BOOLEAN',
  NULL: 'NULL',
  L: 'LIST',
  M: 'MAP',
  SS: 'STRING_SET',
  NS: 'NUMBER_SET',
  BS: 'BINARY_SET',
};

const isSet = (type: AttributeType): type is SetType => type === 'SS' || type === 'NS' || type === 'BS';

function bindAction({ section, path: raw, operand }: Action, placeholders: Placeholders): BoundAction {
  const path = placeholders.path(kind, raw);
  if (!operand) return { section, path };
  if (section === 'SET') return { section, path, evaluate: bindOperand(operand, placeholders).evaluate };
  const constant = placeholders.value(kind, (operand as { name: string }).name);
  const type = typeOf(constant);
  if (!isSet(type) && !(section === 'ADD' && type === 'N')) {
    throw expressionRefusal(
      kind,
      `Incorrect operand type for operator or function; operator: ${section}, operand type: ${longNames[type]}, typeSet: ALLOWED_FOR_${section}_OPERAND`,
    );
  }
  return { section, path, constant };
}

interface BoundOperand {
  evaluate: Evaluate;
  path?: Path;
  /** The type of a constant. */
  type?: AttributeType;
}

function bindOperand(operand: Operand, placeholders: Placeholders): BoundOperand {
  switch (operand.kind) {
    case 'value': {
      const constant = placeholders.value(kind, operand.name);
      return { evaluate: () => constant, type: typeOf(constant) };
    }
    case 'path': {
      const path = placeholders.path(kind, operand.path);
      return {
        path,
        evaluate: (item) => {
          const value = valueAt(item, path);
          if (!value) throw invalid('The provided expression refers to an attribute that does not exist in the item');
          return value;
        },
      };
    }
    case 'sum': {
      const { operator } = operand;
      const left = bindOperand(operand.left, placeholders);
      const right = bindOperand(operand.right, placeholders);
      for (const { type } of [left, right]) if (type && type !== 'N') throw wrongType(operator, type);
      const compute = operator === '+' ? addNumbers : subtractNumbers;
      return {
        evaluate: (item) => {
          const a = left.evaluate(item);
          const b = right.evaluate(item);
          if (a.N === undefined || b.N === undefined) throw wrongOperand();
          return { N: compute(a.N, b.N) };
        },
        type: 'N',
      };
    }
    case 'function':
      return bindFunction(operand.name, operand.operands, placeholders);
  }
}

function bindFunction(name: string, raw: Operand[], placeholders: Placeholders): BoundOperand {
  if (!updateFunctions.includes(name)) {
    throw expressionRefusal(
      kind,
      conditionFunctions.includes(name)
        ? `The function is not allowed in an update expression; function: ${name}`
        : `Invalid function name; function: ${name}`,
    );
  }
  if (raw.length !== 2) {
    throw expressionRefusal(
      kind,
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${raw.length}`,
    );
  }
  if (raw.some((operand) => operand.kind === 'function' && operand.name === 'list_append')) {
    throw expressionRefusal(
      kind,
      'The function is not allowed to be used this way in an expression; function: list_append',
    );
  }
  const [first, second] = raw.map((operand) => bindOperand(operand, placeholders)) as [BoundOperand, BoundOperand];
  if (name === 'if_not_exists') {
    const { path } = first;
    if (!path) {
      throw expressionRefusal(kind, `Operator or function requires a document path; operator or function: ${name}`);
    }
    return { evaluate: (item) => valueAt(item, path) ?? second.evaluate(item) };
  }
  for (const { type } of [first, second]) if (type && type !== 'L') throw wrongType(name, type);
  return {
    evaluate: (item) => {
      const head = first.evaluate(item);
      const tail = second.evaluate(item);
      if (!head.L || !tail.L) throw wrongOperand();
      return { L: [...head.L, ...tail.L] };
    },
    type: 'L',
  };
}

const wrongType = (name: string, type: AttributeType): Refusal =>
  expressionRefusal(
    kind,
    `Incorrect operand type for operator or function; operator or function: ${name}, operand type: ${type}`,
  );

const wrongOperand = (): Refusal => invalid('An operand in the update expression has an incorrect data type');

/** A value to put at a path; undefined removes. */
interface Change {
  path: Path;
  value: AttributeValue | undefined;
}

function applyActions(item: Item, actions: readonly BoundAction[]): Item {
  const changes: Change[] = [];
  for (const action of actions) {
    const change = changeOf(item, action);
    if (change) changes.push(change);
  }
  // List positions are those before the update: first write (ascending, so that appends keep their order), then remove
  // from the back.
  const written = changes.filter(({ value }) => value !== undefined).sort((a, b) => compareEnds(a.path, b.path));
  const removed = changes.filter(({ value }) => value === undefined).sort((a, b) => compareEnds(b.path, a.path));
  let result = item;
  for (const { path, value } of [...written, ...removed]) result = changeMap(result, path, 0, value);
  return result;
}

/** By list index where both end in one; otherwise as they stand. */
function compareEnds(a: Path, b: Path): number {
  const left = a[a.length - 1];
  const right = b[b.length - 1];
  return typeof left === 'number' && typeof right === 'number' ? left - right : 0;
}

function changeOf(item: Item, action: BoundAction): Change | undefined {
  const { section, path, evaluate, constant } = action;
  if (section === 'SET') return { path, value: evaluate!(item) };
  if (section === 'REMOVE') return { path, value: undefined };
  const old = valueAt(item, path);
  const type = typeOf(constant!);
  if (section === 'ADD') {
    if (!old) return { path, value: constant };
    if (typeOf(old) !== type) throw wrongOperand();
    if (!isSet(type)) return { path, value: { N: addNumbers(old.N, constant!.N) } };
    return { path, value: setOf(type, [...new Set<string>([...old[type], ...constant![type]])]) };
  }
  if (!old) {
    checkParent(item, path);
    return undefined;
  }
  if (typeOf(old) !== type) throw wrongOperand();
  const left = old[type].filter((member: string) => !constant![type].includes(member));
  return { path, value: left.length > 0 ? { [type]: left } : undefined };
}

/** DELETE from nothing changes nothing, yet the path must lead somewhere. */
function checkParent(item: Item, path: Path): void {
  if (path.length === 1) return;
  const parent = valueAt(item, path.slice(0, -1));
  if (!(typeof path.at(-1) === 'number' ? parent?.L : parent?.M)) throw badPath();
}

const badPath = (): Refusal => invalid('The document path provided in the update expression is invalid for update');

function changeMap(map: Item, path: Path, depth: number, value: AttributeValue | undefined): Item {
  const name = path[depth] as string;
  const last = depth === path.length - 1;
  const old = Object.hasOwn(map, name) ? map[name] : undefined;
  const next = last ? value : changeInside(old, path, depth + 1, value);
  const result: Record<string, AttributeValue> = { ...map };
  if (next === undefined) delete result[name];
  else Object.defineProperty(result, name, { value: next, enumerable: true, configurable: true, writable: true });
  return result;
}

function changeInside(
  container: AttributeValue | undefined,
  path: Path,
  depth: number,
  value: AttributeValue | undefined,
): AttributeValue {
  const step = path[depth]!;
  if (typeof step === 'string') {
    if (!container?.M) throw badPath();
    return { M: changeMap(container.M, path, depth, value) };
  }
  if (!container?.L) throw badPath();
  const list = [...container.L];
  if (depth < path.length - 1) {
    if (step >= list.length) throw badPath();
    list[step] = changeInside(list[step], path, depth + 1, value);
  } else if (value === undefined) list.splice(step, 1);
  else if (step >= list.length) list.push(value);
  else list[step] = value;
  return { L: list };
}
