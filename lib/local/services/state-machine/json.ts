/** JSON values as the interpreter passes them on: never changed in place, their text made once. */
import type { Json } from '../service';

const texts = new WeakMap<object, string>();

/** The JSON text of a value; kept for objects, since a state's output is the next one's input. */
export function textOf(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const known = texts.get(value);
  if (known !== undefined) return known;
  const text = JSON.stringify(value);
  texts.set(value, text);
  return text;
}

/** Bytes of UTF-8, counted only where the length in characters leaves room for doubt. */
export const exceeds = (text: string, bytes: number): boolean =>
  text.length > bytes || (text.length * 3 > bytes && Buffer.byteLength(text) > bytes);

export function parsed(text: string): { value: Json } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

export const isObject = (value: Json): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What JSON calls the type of a value. */
export const typeOf = (value: Json): string =>
  value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value;
