/** Event patterns, held to EventBridge's limit. Source: Amazon EventBridge quotas, "Event pattern size": 2,048 characters. */
import type { EventPattern } from 'aws-cdk-lib/aws-events';
import type { EventType } from '../contracts/kit';

export const maxPatternLength = 2048;

export class EventPatternError extends Error {
  override readonly name = 'EventPatternError';
}

/** One rule's pattern; `name` tells the rules of one construct apart. */
export interface NamedPattern {
  name: string;
  pattern: EventPattern;
}

/**
 * The patterns that match exactly `types`, one for each source: all sources and all names in one pattern would also
 * match pairs that nobody declared.
 */
export function patternsOf(types: readonly EventType[]): NamedPattern[] {
  return bySource(types).map(({ source, names }) =>
    within(capitalised(source), `events of source '${source}'`, [source], names),
  );
}

/**
 * The same, apart for each field that is a business key: the target of a rule takes the message group from one path.
 * Where all events have the same one, names are those of `patternsOf`.
 */
export function patternsByKey(types: readonly EventType[]): (NamedPattern & { keyField: string })[] {
  const keyFields = [...new Set(types.map(({ keyField }) => keyField))].sort();
  return keyFields.flatMap((keyField) =>
    patternsOf(types.filter((type) => type.keyField === keyField)).map(({ name, pattern }) => ({
      name: keyFields.length === 1 ? name : `${name}By${capitalised(keyField)}`,
      pattern,
      keyField,
    })),
  );
}

/** The patterns that match every event that is not one of `types`, each event by one pattern only. */
export function patternsOfOthers(types: readonly EventType[]): NamedPattern[] {
  const groups = bySource(types);
  const sources = groups.map(({ source }) => source);
  return [
    within('UnknownSource', 'events of unknown sources', [{ 'anything-but': sources }]),
    ...groups.map(({ source, names }) =>
      within(
        `UnknownOf${capitalised(source)}`,
        `unknown events of source '${source}'`,
        [source],
        [{ 'anything-but': names }],
      ),
    ),
  ];
}

type Matcher = string | { 'anything-but': string[] };

function bySource(types: readonly EventType[]): { source: string; names: string[] }[] {
  const sources = [...new Set(types.map((type) => type.source))].sort();
  return sources.map((source) => ({
    source,
    names: types
      .filter((type) => type.source === source)
      .map((type) => type.name)
      .sort(),
  }));
}

function within(name: string, what: string, source: Matcher[], detailType?: Matcher[]): NamedPattern {
  const { length } = JSON.stringify({ source, ...(detailType ? { 'detail-type': detailType } : {}) });
  if (length > maxPatternLength) {
    throw new EventPatternError(
      `the pattern for ${what} takes ${length} characters; EventBridge allows ${maxPatternLength}. ` +
        'Give some of the events a source of their own, or shorten their names.',
    );
  }
  // EventPattern's type knows strings only; EventBridge and the Rule construct take matchers as well.
  return { name, pattern: { source: source as string[], detailType: detailType as string[] | undefined } };
}

const capitalised = (word: string): string => `${word.charAt(0).toUpperCase()}${word.slice(1)}`;
