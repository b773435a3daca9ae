/**
 * An event as patterns see it: leaf values by dotted path, each knowing in which element of which array it stood.
 *
 * 1. Only leaves exist: an object or an empty array is nothing by itself.
 * 2. Arrays add no step to a path, nested arrays neither; a dotted key equals nested keys.
 * 3. `places` holds the array elements that objects or arrays on the way stood in; the direct elements of an array
 *    carry none for it, so two values of one array of plain values may serve two fields.
 * Source: aws/event-ruler, README "Matching within arrays" (array consistency), and the recorded cases.
 */
import type { Json } from '../../service';
import { type Address, address } from './addresses';
import { comparable } from './numbers';
import { JsonTokens, type Token } from './tokens';

/** A number as written, where JSON.parse would lose digits. */
export class NumberText {
  constructor(readonly text: string) {}

  toJSON(): number {
    return Number(this.text);
  }
}

export type Place = [array: number, element: number];

export class Leaf {
  /** The text of a string value; undefined for other kinds. */
  readonly string: string | undefined;
  /** The text of a number, true, false or null; undefined for strings. */
  readonly word: string | undefined;
  private parsedAddress: Address | null | undefined;
  private parsedNumber: number | null | undefined;

  constructor(
    value: Json,
    readonly places: readonly Place[],
  ) {
    this.string = typeof value === 'string' ? value : undefined;
    this.word = typeof value === 'string' ? undefined : value instanceof NumberText ? value.text : String(value);
  }

  /** Undefined when it is no number that can be compared. */
  get number(): number | undefined {
    if (this.parsedNumber === undefined) {
      const numeric = this.word !== undefined && /^-?\d/.test(this.word);
      this.parsedNumber = (numeric ? comparable(this.word!) : undefined) ?? null;
    }
    return this.parsedNumber ?? undefined;
  }

  get address(): Address | undefined {
    if (this.parsedAddress === undefined)
      this.parsedAddress = (this.string === undefined ? undefined : address(this.string)) ?? null;
    return this.parsedAddress ?? undefined;
  }
}

export type Leaves = Map<string, Leaf[]>;

export function leavesOf(event: Json): Leaves {
  const leaves: Leaves = new Map();
  let arrays = 0;
  const walk = (value: Json, path: string, places: readonly Place[]): void => {
    if (Array.isArray(value)) {
      const array = arrays++;
      value.forEach((item, element) => {
        walk(item, path, isNested(item) ? [...places, [array, element]] : places);
      });
    } else if (isNested(value)) {
      for (const key of Object.keys(value)) walk(value[key], path === '' ? key : `${path}.${key}`, places);
    } else {
      const leaf = new Leaf(value, places);
      const known = leaves.get(path);
      if (known) known.push(leaf);
      else leaves.set(path, [leaf]);
    }
  };
  walk(event, '', []);
  return leaves;
}

const isNested = (value: Json): boolean =>
  typeof value === 'object' && value !== null && !(value instanceof NumberText);

/** JSON.parse that keeps the digits of long numbers. Throws on bad JSON. */
export function parseEvent(text: string): Json {
  if (!/\d{16}|\d\.\d{15}|\d[eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, ''))) return JSON.parse(text);
  const tokens = new JsonTokens(text);
  const value = build(tokens, tokens.next());
  tokens.end();
  return value;
}

function build(tokens: JsonTokens, token: Token): Json {
  switch (token.kind) {
    case '{': {
      const object: Record<string, Json> = {};
      for (let name = tokens.next(); name.kind !== '}'; name = tokens.next()) {
        const value = build(tokens, tokens.next());
        // A plain assignment to __proto__ would lose the field.
        Object.defineProperty(object, name.text, { value, enumerable: true, configurable: true, writable: true });
      }
      return object;
    }
    case '[': {
      const array: Json[] = [];
      for (let item = tokens.next(); item.kind !== ']'; item = tokens.next()) array.push(build(tokens, item));
      return array;
    }
    case 'number':
      return comparable(token.text) ?? new NumberText(token.text);
    case 'true':
      return true;
    case 'false':
      return false;
    case 'null':
      return null;
    default:
      return token.text;
  }
}
