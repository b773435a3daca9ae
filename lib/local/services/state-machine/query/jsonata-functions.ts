/**
 * The functions that Step Functions adds to JSONata: $partition, $range, $hash, $random, $uuid, $parse.
 * Source: Step Functions developer guide, "JSONata functions provided by Step Functions".
 */
import { createHash } from 'node:crypto';
import type { Random } from '../../../ports';
import { seededRandom } from '../../../random';
import type { Json } from '../../service';

const mostItems = 1000;

/** JSONata takes a list so marked as its own: one item stands for itself. */
const sequence = (items: Json[]): Json[] =>
  Object.defineProperty(items, 'sequence', { value: true, enumerable: false });

export const statesFunctions = (random: Random): Record<string, (...args: any[]) => Json> => ({
  partition,
  range: (first: number, last: number, step: number) => sequence(range(first, last, step)),
  hash: (data: Json, algorithm = 'SHA-256') => hash(data, algorithm),
  random: (seed?: number) => (seed === undefined ? random : seededRandom(`jsonata ${seed}`)).next(),
  uuid: () => random.uuid(),
  parse: (text: string) => JSON.parse(text),
});

/** Throws an Error with a sentence; so do the functions below. */
export function partition(items: Json, size: Json): Json[] {
  if (!Array.isArray(items)) throw new Error(`a list is split, not '${JSON.stringify(items)}'`);
  const chunk = Math.round(Number(size));
  if (!(chunk > 0)) throw new Error(`the size of a part is a positive number, not '${size}'`);
  const parts: Json[] = [];
  for (let at = 0; at < items.length; at += chunk) parts.push(items.slice(at, at + chunk));
  return parts;
}

export function range(first: Json, last: Json, step: Json): number[] {
  for (const one of [first, last, step]) if (typeof one !== 'number') throw new Error(`'${one}' is no number`);
  const [from, to, by] = [first, last, step].map((one) => Math.round(one)) as [number, number, number];
  if (by === 0) throw new Error('the step is zero');
  const count = Math.floor((to - from) / by) + 1;
  if (count > mostItems) throw new Error(`a range has at most ${mostItems} items, not ${count}`);
  return Array.from({ length: Math.max(0, count) }, (_, index) => from + index * by);
}

const algorithms = ['MD5', 'SHA-1', 'SHA-256', 'SHA-384', 'SHA-512'];

export function hash(data: Json, algorithm: Json): string {
  if (!algorithms.includes(algorithm)) {
    throw new Error(`'${algorithm}' is no algorithm; known are ${algorithms.join(', ')}`);
  }
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return createHash(algorithm.replace('-', '').toLowerCase()).update(text).digest('hex');
}
