/**
 * The longest files first, so that no core idles at the end. On a fresh clone jest knows no times and goes by the size of
 * the files, which says little here: a flow test of five lines runs for a minute.
 */
const { existsSync } = require('node:fs');
const { join } = require('node:path');
const { default: Sequencer } = require('@jest/test-sequencer');

/** In the order in which they should start; what is not listed comes after, by jest's own order. */
const long = [
  'sim/simulate',
  'workflows/faults',
  'workflows/faults-outside',
  'cli/command-line',
  'domain/any-order',
  'sim/faults',
  'workflows/deadline',
  'workflows/booking',
  'workflows/gateway',
  'cli/simulate',
  'stacks/state-stack',
  'stacks/checks',
];

for (const name of long)
  if (!existsSync(join(__dirname, '..', `${name}.test.ts`)))
    throw new Error(`test/support/longest-first.js names '${name}', and there is no test/${name}.test.ts: take it out`);

const placeOf = ({ path }) => {
  const place = long.findIndex((name) => path.endsWith(`/test/${name}.test.ts`));
  return place < 0 ? long.length : place;
};

module.exports = class extends Sequencer {
  sort(tests) {
    return [...super.sort(tests)].sort((a, b) => placeOf(a) - placeOf(b));
  }
};
