/**
 * One element of a pattern's array: a test on one leaf value.
 * Source: EventBridge User Guide, "Comparison operators for use in event patterns"; aws/event-ruler README.
 */
import { address, type Block, within } from './addresses';
import type { Leaf } from './leaves';
import { comparable } from './numbers';

export interface ValueTest {
  /** True for { "exists": false }: holds when the field has no leaf at all. */
  absent?: true;
  /** The string this equals, where that is all it tests: rules are found by it. */
  literal?: string;
  holds(leaf: Leaf): boolean;
}

export const absent: ValueTest = { absent: true, holds: () => false };
export const present: ValueTest = { holds: () => true };

/** An IP address equals every spelling of itself. */
export function equalsString(text: string): ValueTest {
  const bytes = address(text);
  if (bytes) return inBlock({ low: bytes, high: bytes });
  return { literal: text, holds: (leaf) => leaf.string === text };
}

export function exactly(text: string): ValueTest {
  return { literal: text, holds: (leaf) => leaf.string === text };
}

/** true, false, null. */
export function equalsWord(text: string): ValueTest {
  return { holds: (leaf) => leaf.word === text };
}

/** By value; a number that no double holds, by its text. */
export function equalsNumber(text: string): ValueTest {
  const value = comparable(text);
  return { holds: (leaf) => (value !== undefined && leaf.number === value) || leaf.word === text };
}

export function startsWith(text: string): ValueTest {
  return { holds: (leaf) => leaf.string?.startsWith(text) ?? false };
}

export function endsWith(text: string): ValueTest {
  return { holds: (leaf) => leaf.string?.endsWith(text) ?? false };
}

export function ignoringCase(text: string, where: 'prefix' | 'suffix' | 'whole'): ValueTest {
  const body = anyCase(text);
  const pattern = new RegExp(`${where === 'suffix' ? '' : '^'}(?:${body})${where === 'prefix' ? '' : '$'}`);
  return { holds: (leaf) => leaf.string !== undefined && pattern.test(leaf.string) };
}

/** Each character in lower or upper case, which may be of different lengths. */
function anyCase(text: string): string {
  return text
    .split('')
    .map((char) => {
      const [lower, upper] = [char.toLowerCase(), char.toUpperCase()];
      return lower === upper ? escapeRegExp(lower) : `(?:${escapeRegExp(lower)}|${escapeRegExp(upper)})`;
    })
    .join('');
}

const escapeRegExp = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');

/** `parts` are the literal texts between the stars. */
export function wildcard(parts: string[]): ValueTest {
  if (parts.length === 1) return { holds: (leaf) => leaf.string === parts[0] };
  const first = parts[0]!;
  const last = parts.at(-1)!;
  const inner = parts.slice(1, -1);
  return {
    holds: ({ string }) => {
      if (string === undefined || string.length < first.length + last.length) return false;
      if (!string.startsWith(first) || !string.endsWith(last)) return false;
      let from = first.length;
      for (const part of inner) {
        const found = string.indexOf(part, from);
        if (found < 0) return false;
        from = found + part.length;
      }
      return from <= string.length - last.length;
    },
  };
}

export function inBlock(cidr: Block): ValueTest {
  return { holds: (leaf) => leaf.address !== undefined && within(leaf.address, cidr) };
}

export interface Bound {
  value: number;
  open: boolean;
}

export function inRange(bottom: Bound | undefined, top: Bound | undefined): ValueTest {
  return {
    holds: ({ number }) => {
      if (number === undefined) return false;
      if (bottom && (bottom.open ? number <= bottom.value : number < bottom.value)) return false;
      return !top || (top.open ? number < top.value : number <= top.value);
    },
  };
}

/** Any leaf, null included, for which none of the tests holds. */
export function anythingBut(tests: ValueTest[]): ValueTest {
  return { holds: (leaf) => !tests.some((test) => test.holds(leaf)) };
}
