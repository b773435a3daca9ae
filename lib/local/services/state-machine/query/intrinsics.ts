/**
 * Intrinsic functions of JSONPath states: States.Format('{}', $.name) and the other seventeen.
 * Source: Amazon States Language, "Intrinsic Functions"; Step Functions developer guide of the same name.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Random } from '../../../ports';
import { seededRandom } from '../../../random';
import type { Json } from '../../service';
import { isObject, textOf } from '../json';
import { hash, partition, range } from './jsonata-functions';

type Argument = { value: Json } | { path: string } | { call: Call };
export interface Call {
  name: string;
  args: Argument[];
  text: string;
}

export class IntrinsicError extends Error {
  override readonly name = 'IntrinsicError';
}

const known = new Map<string, Call>();
const mostNesting = 10;

export const isIntrinsic = (text: string): boolean => text.startsWith('States.');

/** Throws IntrinsicError where the text is no call. */
export function parseIntrinsic(text: string): Call {
  const before = known.get(text);
  if (before) return before;
  let at = 0;
  const fail = (why: string): never => {
    throw new IntrinsicError(`Invalid intrinsic function '${text}': ${why}`);
  };
  const space = (): void => {
    while (/\s/.test(text[at] ?? '')) at++;
  };
  const call = (depth: number): Call => {
    if (depth > mostNesting) fail(`calls are nested at most ${mostNesting} deep`);
    const start = at;
    const name = /^States\.(\w+)\s*\(/.exec(text.slice(at));
    if (!name) fail(`at position ${at} no function begins`);
    if (!Object.hasOwn(functions, name![1]!)) fail(`there is no function 'States.${name![1]}'`);
    at += name![0].length;
    const args: Argument[] = [];
    space();
    while (text[at] !== ')') {
      args.push(argument(depth));
      space();
      if (text[at] === ',') {
        at++;
        space();
        if (text[at] === ')') fail('an argument is missing');
      } else if (text[at] !== ')') fail(`',' or ')' is missing at position ${at}`);
    }
    at++;
    return { name: name![1]!, args, text: text.slice(start, at) };
  };
  const argument = (depth: number): Argument => {
    const rest = text.slice(at);
    if (rest.startsWith('States.')) return { call: call(depth + 1) };
    if (rest[0] === '$') {
      const path = pathAt(rest);
      at += path.length;
      return { path };
    }
    const quoted = /^'((?:[^'\\]|\\.)*)'/s.exec(rest);
    if (quoted) {
      at += quoted[0].length;
      return { value: quoted[1]!.replace(/\\(['\\])/g, '$1') };
    }
    const literal = /^(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)\b/.exec(rest);
    if (!literal) return fail(`'${rest.slice(0, 10)}' is no argument`);
    at += literal[0].length;
    return { value: JSON.parse(literal[0]) };
  };
  const result = call(1);
  if (at < text.length) fail(`'${text.slice(at)}' follows the call`);
  known.set(text, result);
  return result;
}

/** A path ends at a comma or parenthesis that is in no bracket and no quotes. */
function pathAt(text: string): string {
  let depth = 0;
  let quote: string | undefined;
  for (let i = 0; i < text.length; i++) {
    const char = text[i]!;
    if (quote) {
      if (char === quote) quote = undefined;
    } else if (depth > 0 && (char === "'" || char === '"')) quote = char;
    else if (char === '[' || char === '(') depth++;
    else if (char === ']') depth--;
    else if (char === ')') {
      if (depth === 0) return text.slice(0, i).trimEnd();
      depth--;
    } else if (char === ',' && depth === 0) return text.slice(0, i).trimEnd();
  }
  return text;
}

/** Throws IntrinsicError with what the function said; `read` gives the value at a path, or throws. */
export function evaluateIntrinsic(call: Call, read: (path: string) => Json, random: Random): Json {
  const args = call.args.map((arg) =>
    'value' in arg ? arg.value : 'path' in arg ? read(arg.path) : evaluateIntrinsic(arg.call, read, random),
  );
  try {
    const { least, most, run } = functions[call.name]!;
    if (args.length < least || args.length > most) {
      throw new Error(`it takes ${least === most ? least : `${least} to ${most}`} arguments, not ${args.length}`);
    }
    return run(args, random);
  } catch (thrown) {
    if (thrown instanceof IntrinsicError) throw thrown;
    throw new IntrinsicError(`The function '${call.text}' had the following error: ${(thrown as Error).message}`);
  }
}

interface IntrinsicFunction {
  least: number;
  most: number;
  run(args: Json[], random: Random): Json;
}

const of = (least: number, run: IntrinsicFunction['run'], most = least): IntrinsicFunction => ({ least, most, run });

const functions: Record<string, IntrinsicFunction> = {
  Array: of(0, (args) => args, Number.POSITIVE_INFINITY),
  ArrayPartition: of(2, ([items, size]) => partition(items, numeric(size))),
  ArrayContains: of(2, ([items, item]) => list(items).some((one) => isDeepStrictEqual(one, item))),
  ArrayRange: of(3, ([first, last, step]) => range(first, last, step)),
  ArrayGetItem: of(2, ([items, index]) => {
    const at = Math.round(numeric(index));
    if (at < 0 || at >= list(items).length) throw new Error(`the list has no item ${index}`);
    return items[at];
  }),
  ArrayLength: of(1, ([items]) => list(items).length),
  ArrayUnique: of(1, ([items]) => {
    const found: Json[] = [];
    for (const item of list(items)) if (!found.some((one) => isDeepStrictEqual(one, item))) found.push(item);
    return found;
  }),
  Base64Encode: of(1, ([text]) => Buffer.from(limited(text)).toString('base64')),
  Base64Decode: of(1, ([text]) => Buffer.from(limited(text), 'base64').toString('utf8')),
  Format: of(1, ([template, ...values]) => format(string(template), values), Number.POSITIVE_INFINITY),
  Hash: of(2, ([data, algorithm]) => hash(data, algorithm)),
  JsonMerge: of(3, ([first, second, deep]) => {
    if (deep !== false) throw new Error('only the shallow merge is supported: the third argument is false');
    if (!isObject(first) || !isObject(second)) throw new Error('two objects are merged');
    return { ...first, ...second };
  }),
  JsonToString: of(1, ([value]) => textOf(value)),
  MathAdd: of(2, ([first, second]) => Math.round(numeric(first)) + Math.round(numeric(second))),
  MathRandom: of(
    2,
    ([start, end, seed], random) => {
      const [from, to] = [Math.round(numeric(start)), Math.round(numeric(end))];
      if (from >= to) throw new Error('the start is below the end');
      const chance = seed === undefined ? random : seededRandom(`States.MathRandom ${Math.round(numeric(seed))}`);
      return from + chance.below(to - from);
    },
    3,
  ),
  StringSplit: of(2, ([text, separators]) => split(string(text), string(separators))),
  StringToJson: of(1, ([text]) => (string(text).trim() === '' ? null : JSON.parse(text))),
  UUID: of(0, (_, random) => random.uuid()),
};

function list(value: Json): Json[] {
  if (!Array.isArray(value)) throw new Error(`a list is expected, not '${textOf(value)}'`);
  return value;
}

function string(value: Json): string {
  if (typeof value !== 'string') throw new Error(`a string is expected, not '${textOf(value)}'`);
  return value;
}

function numeric(value: Json): number {
  if (typeof value !== 'number') throw new Error(`a number is expected, not '${textOf(value)}'`);
  return value;
}

function limited(value: Json): string {
  if (string(value).length > 10_000) throw new Error('the text has more than 10,000 characters');
  return value;
}

/** Any of the characters separates, and what is empty is left out. */
function split(text: string, separators: string): string[] {
  const parts: string[] = [''];
  for (const char of text) {
    if (separators.includes(char)) parts.push('');
    else parts[parts.length - 1] += char;
  }
  return parts.filter((part) => part !== '');
}

function format(template: string, values: Json[]): string {
  let used = 0;
  const result = template.replace(/\\([{}\\'])|\{\}/g, (found, escaped?: string) => {
    if (escaped !== undefined) return escaped;
    if (used >= values.length)
      throw new Error(`the template has more '{}' than there are arguments (${values.length})`);
    return found && shown(values[used++]);
  });
  if (used < values.length) throw new Error(`${values.length} arguments for ${used} '{}'`);
  return result;
}

/** AWS shows objects as Java does: {Id=1, Name=x}. */
function shown(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (isObject(value)) {
    const members = Object.entries(value).map(([name, member]) => `${name}=${shown(member)}`);
    return `{${members.join(', ')}}`;
  }
  return String(value);
}
