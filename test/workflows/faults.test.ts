/** Every consumer meets every fault. This file: those whose effects are rows and events; faults-outside: the others. */
import { consumers } from '../../lib/contracts';
import { describeFaults } from '../support/fault-matrix';
import { flows } from '../support/flows';

test('every declared consumer has a flow in which faults are tried on it', () => {
  expect(flows.map(({ consumer }) => consumer.id).sort()).toEqual(consumers.map(({ id }) => id).sort());
});

for (const row of flows.filter(({ consumer }) => !consumer.outside)) describeFaults(row);
