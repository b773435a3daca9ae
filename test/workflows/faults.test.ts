/** Every consumer meets every fault. This file: those whose effects are rows and events; faults-outside: the others. */
import { consumers } from '../../lib/contracts';
import type { Consumer } from '../../lib/contracts/kit';
import { describeFaults } from '../support/fault-matrix';
import { flows } from '../support/flows';

/** As `baton new consumer` writes one, a consumer does nothing yet that a fault could lose or double. */
const hasEffects = ({ emits, schedules, state, outside }: Consumer): boolean =>
  emits.length + schedules.length + Object.keys(state).length > 0 || outside !== undefined;

test('every declared consumer that has effects has a flow in which faults are tried on it', () => {
  const without = consumers.filter(
    (consumer) => hasEffects(consumer) && !flows.some((row) => row.consumer === consumer),
  );
  expect(without.map(({ id }) => `${id} has no row in test/support/flows.ts`)).toEqual([]);
});

for (const row of flows.filter(({ consumer }) => !consumer.outside)) describeFaults(row);
