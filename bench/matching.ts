/**
 * Event patterns: events a second against 1, 100 and 10,000 rules, of which one matches, beside a loop that tries every
 * rule with the same matcher. Rules differ by detail-type, by source, or only inside the detail, where no index helps.
 * Flags: --events N.
 */
import { compilePattern, leavesOf, matches, RuleIndex } from '../lib/local/services/event-bus/pattern';
import { figure, flags, median } from './support/measure';

const { events } = flags({ events: 2000 });

const kinds: Record<string, (rule: number) => object> = {
  'by detail-type': (rule) => ({ source: ['shop'], 'detail-type': [`Ordered${rule}`], detail: { state: ['open'] } }),
  'by source': (rule) => ({ source: [`shop${rule}`], detail: { state: [{ 'anything-but': 'closed' }] } }),
  'inside the detail only': (rule) => ({
    'detail-type': ['Ordered0'],
    detail: { state: ['open'], shop: [`s${rule}`] },
  }),
};
const event = {
  version: '0',
  id: '1',
  source: 'shop',
  'detail-type': 'Ordered0',
  account: '000000000000',
  time: '2026-01-01T00:00:00Z',
  region: 'us-east-1',
  resources: [],
  detail: { state: 'open', shop: 's0', lines: [{ sku: 'a', count: 2 }] },
};

/** Events a second: the median of five rounds; a round ends early where it takes over 0.4 s. */
function rate(match: () => number): number {
  if (match() !== 1) throw new Error(`one rule should match, not ${match()}`);
  const rounds = [1, 2, 3, 4, 5].map(() => {
    const started = performance.now();
    let done = 0;
    while (done < events && performance.now() - started < 400) {
      match();
      done++;
    }
    return (done * 1000) / (performance.now() - started);
  });
  return median(rounds);
}

for (const [kind, patternOf] of Object.entries(kinds)) {
  const asked = kind === 'by source' ? { ...event, source: 'shop0' } : event;
  let first: number | undefined;
  for (const rules of [1, 100, 10_000]) {
    const patterns = Array.from({ length: rules }, (_, rule) => compilePattern(JSON.stringify(patternOf(rule))));
    const index = new RuleIndex<number>();
    for (const [rule, pattern] of patterns.entries()) index.set(rule, pattern);
    const ours = rate(() => index.matching(asked).length);
    const loop = rate(() => {
      const leaves = leavesOf(asked);
      return patterns.filter((pattern) => matches(pattern, leaves)).length;
    });
    first ??= ours;
    figure(
      `patterns, ${rules} rules that differ ${kind}`,
      ours,
      'events/s',
      `an event costs ${(first / ours).toFixed(1)} times one rule's; a loop over all rules ${loop.toFixed(0)} events/s, ratio ${(ours / loop).toFixed(1)}`,
    );
  }
}
