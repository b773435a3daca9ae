/** Somebody else's app, workload and properties, by the jest helper: what docs/simulate.md tells users to do. */
import { existsSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demand, type SimulationError } from '../../../lib/sim';
import { counting, remembering, shop } from './shop';
import { properties, timing, workload } from './workload';

const outDir = mkdtempSync(join(tmpdir(), 'baton-shop-pictures-'));

test('the shop that remembers keeps its promise', async () => {
  const report = await demand({ assembly: shop(remembering), workload, properties, timing, seeds: 20, outDir });
  expect(report.passed).toBe(20);
  expect(report.strikes).toBeGreaterThan(20);
});

test('the shop that counts does not, and is told why by one fault and a picture', async () => {
  const failing = demand({ assembly: shop(counting), workload, properties, timing, seeds: 20, outDir });
  const error: SimulationError = await failing.then(
    () => {
      throw new Error('it passed');
    },
    (failed) => failed,
  );
  const [failure] = error.report.failures;
  expect(failure!.violations[0]!.found).toMatch(/'customer-\d' placed \d+ order\(s\), and \d+ were counted/);
  expect(failure!.strikes).toHaveLength(1);
  expect(failure!.publications).toBe(1);
  expect(error.message).toContain(failure!.picture);
  expect(existsSync(failure!.picture)).toBe(true);
});
