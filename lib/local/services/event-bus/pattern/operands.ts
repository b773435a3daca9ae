/** Literals inside operators: what anything-but may negate, and the parts of a wildcard. */
import { refuse } from './refuse';
import type { ValueTest } from './value-tests';
import * as tests from './value-tests';

/** What stands inside { "anything-but": { ... } }. */
export const negatable: Record<string, { mustBeString: string; test: (text: string) => ValueTest } | undefined> = {
  prefix: {
    mustBeString: 'prefix/suffix match pattern must be a string',
    test: (text) => tests.startsWith(notEmpty(text)),
  },
  suffix: {
    mustBeString: 'prefix/suffix match pattern must be a string',
    test: (text) => tests.endsWith(notEmpty(text)),
  },
  'equals-ignore-case': {
    mustBeString: 'Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.',
    test: (text) => tests.ignoringCase(text, 'whole'),
  },
  wildcard: {
    mustBeString: 'wildcard match pattern must be a string',
    test: (text) => tests.wildcard(wildcardParts(text)),
  },
};

export const notEmpty = (text: string): string => text || refuse('Null prefix/suffix not allowed');

/** The literal texts between the stars; positions count bytes from the opening quote, as AWS counts. */
export function wildcardParts(text: string): string[] {
  const parts = [''];
  const position = (index: number): number => Buffer.byteLength(text.slice(0, index)) + 1;
  for (let index = 0; index < text.length; index++) {
    const char = text[index]!;
    const next = text[index + 1];
    if (char === '*') {
      if (next === '*') refuse(`Consecutive wildcard characters at pos ${position(index)}`);
      parts.push('');
    } else if (char === '\\') {
      if (next !== '*' && next !== '\\') refuse(`Invalid escape character at pos ${position(index)}`);
      parts[parts.length - 1] += next;
      index++;
    } else parts[parts.length - 1] += char;
  }
  return parts;
}
