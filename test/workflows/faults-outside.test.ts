/** Every consumer with an outside effect meets every fault. */
import { describeFaults } from '../support/fault-matrix';
import { flows } from '../support/flows';

for (const row of flows.filter(({ consumer }) => consumer.outside)) describeFaults(row);
