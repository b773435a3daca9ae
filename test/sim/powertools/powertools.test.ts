/** Powertools' idempotency in the place of our protocol: each claim is found by the simulator, and docs/simulate.md says so. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IdempotencyConfig } from '@aws-lambda-powertools/idempotency';
import { projectRoot } from '../../../lib/constructs/bundle';
import { demand, simulate } from '../../../lib/sim';
import { assemblyDir } from '../../support/assembly';
import { chargingApp } from './app';
import { type Claim, claims, ourTiming } from './claims';
import * as promises from './properties';
import { readFound, tableInDocs, tableOf } from './table';
import { baskets } from './workload';

const outDir = mkdtempSync(join(tmpdir(), 'baton-powertools-test-'));
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

const found = readFound();
const shrinkMs = 1_000;
/** The seed that was found when it was recorded; where code of the simulator has moved it, others. */
const seedsOf = ({ name }: Claim): string[] => [
  ...new Set([found[name]!.seeds, ...Array.from({ length: 60 }, (_, index) => index + 1)].map(String)),
];

describe.each(claims.map((claim) => [claim.name, claim] as const))('%s', (name, claim) => {
  const { app, faults, timing, property, otherwise, ours } = claim;

  test(`breaks '${property.name}'`, async () => {
    const report = await simulate({
      assembly: chargingApp(app),
      workload: claim.workload,
      properties: [property],
      faults,
      timing,
      seeds: seedsOf(claim),
      outDir,
      shrinkMs,
    });
    const [failure] = report.failures;
    expect(failure?.violations.map((one) => one.property)).toContain(property.name);
    // Nothing of ours and nothing general breaks with it.
    expect(new Set(failure!.violations.map((one) => one.property)).size).toBe(1);
    expect(failure!.strikes.length > 0).toBe(faults.length > 0);
    for (const { fault } of failure!.strikes) expect(faults).toContain(fault);
  }, 120_000);

  if (otherwise) {
    test(`does not with ${JSON.stringify(otherwise)}`, async () => {
      const assembly = chargingApp({ ...app, settings: otherwise });
      const seeds = seedsOf(claim).slice(0, 2);
      const { workload } = claim;
      const report = await demand({ assembly, workload, properties: [property], faults, timing, seeds, outDir });
      expect(report.passed).toBe(2);
    }, 60_000);
  }

  test('our app keeps its promises under the same faults', async () => {
    const { seeds, ours: own } = found[name]!;
    expect(own.seeds).toBeGreaterThanOrEqual(seeds);
    expect(own.passed).toBe(own.seeds);
    expect(existsSync(join(__dirname, '..', 'planted', `${ours.planted}.patch`))).toBe(true);
    const { workload, properties } = ours;
    const app = { assembly: assemblyDir(), workload, properties, timing: ourTiming(claim) };
    await demand({ ...app, faults, seeds: [String(seeds)], outDir });
  }, 120_000);
});

test('copies within the hour are charged once, and nothing breaks without faults', async () => {
  const app = { assembly: chargingApp({ timeoutSeconds: 5 }), workload: baskets(8, 3_000), seeds: 3, outDir };
  const timing = { disturbMinutes: 2, calmMinutes: 2 };
  await demand({ ...app, properties: Object.values(promises), faults: [], timing });
  const faults = ['duplicate-delivery', 'acknowledgement-lost'];
  const report = await demand({ ...app, properties: [promises.chargedOnce, promises.noneIsForgotten], faults, timing });
  expect(report.strikes).toBeGreaterThan(0);
}, 60_000);

test('the docs have the table of what was recorded, for the version and the defaults that were run', () => {
  expect(tableInDocs()).toBe(tableOf(found));
  expect(Object.keys(found)).toEqual(claims.map(({ name }) => name));
  const read = (path: string): string => readFileSync(join(projectRoot, path), 'utf8');
  const version = JSON.parse(read('package.json')).devDependencies['@aws-lambda-powertools/idempotency'];
  expect(read('docs/simulate.md')).toContain(`idempotency (TypeScript, ${version})`);
  expect(new IdempotencyConfig({})).toMatchObject({
    expiresAfterSeconds: 3600,
    throwOnNoIdempotencyKey: false,
    useLocalCache: false,
    payloadValidationJmesPath: undefined,
  });
});
