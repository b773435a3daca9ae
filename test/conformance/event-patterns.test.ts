import {
  compilePattern,
  InvalidEventPatternError,
  leavesOf,
  matches,
  parseEvent,
  RuleIndex,
} from '../../lib/local/services/event-bus/pattern';
import { invalidCases, patternCases } from './event-patterns';

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

const event = (detail: unknown): string =>
  `{"version":"0","id":"1","detail-type":"Sold","source":"shop","account":"123456789012","time":"2026-01-31T00:00:00Z",` +
  `"region":"eu-central-1","resources":[],"detail":${asText(detail)}}`;

describe('event patterns', () => {
  describe.each(Object.entries(patternCases))('%s', (_name, { pattern, matches: hits = [], misses = [] }) => {
    const compiled = compilePattern(asText(pattern));
    const judge = (detail: unknown): boolean => matches(compiled, leavesOf(parseEvent(event(detail))));
    test.each(hits.map((detail) => [asText(detail), detail]))('matches %s', (_text, detail) => {
      expect(judge(detail)).toBe(true);
    });
    test.each(misses.map((detail) => [asText(detail), detail]))('does not match %s', (_text, detail) => {
      expect(judge(detail)).toBe(false);
    });
  });

  test.each(invalidCases.map(({ pattern, reason }) => [asText(pattern), reason]))(
    '%s is refused',
    (pattern, reason) => {
      expect(() => compilePattern(pattern)).toThrow(InvalidEventPatternError);
      expect(() => compilePattern(pattern)).toThrow(
        new RegExp(`^${literally(`Event pattern is not valid. Reason: ${reason}`)}$`),
      );
    },
  );
});

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('finding rules', () => {
  const sold = { source: 'shop', 'detail-type': 'Sold', detail: { n: 1 } };
  const indexed = (patterns: Record<string, unknown>): RuleIndex<string> => {
    const index = new RuleIndex<string>();
    for (const [name, pattern] of Object.entries(patterns)) index.set(name, compilePattern(JSON.stringify(pattern)));
    return index;
  };

  test('by literal fields, by operators, by neither; in the order in which they were set', () => {
    const index = indexed({
      operator: { 'detail-type': [{ prefix: 'S' }] },
      other: { 'detail-type': ['Returned'] },
      source: { source: ['shop'] },
      detail: { detail: { n: [1] } },
      both: { source: ['elsewhere', 'shop'], 'detail-type': ['Sold', 'Returned'] },
      half: { source: ['elsewhere'], 'detail-type': ['Sold'] },
    });
    expect(index.matching(sold)).toEqual(['operator', 'source', 'detail', 'both']);
  });

  test('a rule of several alternatives is found once, and under each', () => {
    const index = indexed({ either: { $or: [{ source: ['shop'] }, { 'detail-type': ['Sold'] }] } });
    expect(index.matching(sold)).toEqual(['either']);
    expect(index.matching({ ...sold, source: 'x' })).toEqual(['either']);
    expect(index.matching({ ...sold, source: 'x', 'detail-type': 'y' } as typeof sold)).toEqual([]);
  });

  test('a pattern that is set anew keeps its place and forgets the old fields; deleted rules are gone', () => {
    const index = indexed({ a: { source: ['x'] }, b: { source: ['shop'] } });
    index.set('a', compilePattern('{"source":["shop"]}'));
    expect(index.matching(sold)).toEqual(['a', 'b']);
    expect(index.matching({ ...sold, source: 'x' })).toEqual([]);
    index.delete('a');
    expect(index.matching(sold)).toEqual(['b']);
  });

  test('rules that cannot match are not tried', () => {
    const index = new RuleIndex<number>();
    let asked = 0;
    const spied = (name: string): ReturnType<typeof compilePattern> => {
      const pattern = compilePattern(`{"detail-type":["${name}"]}`);
      for (const alternative of pattern.alternatives) {
        for (const tests of alternative.values()) {
          for (const one of tests) {
            const { holds } = one;
            one.holds = (leaf) => {
              asked++;
              return holds(leaf);
            };
          }
        }
      }
      return pattern;
    };
    for (let number = 0; number < 100; number++) index.set(number, spied(`Type${number}`));
    expect(index.matching({ source: 'shop', 'detail-type': 'Type7' })).toEqual([7]);
    expect(asked).toBe(1);
  });
});
