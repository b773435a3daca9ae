/** The engine: what it does is the seed's, what fails is found, shrunk, drawn and replayed. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BookingRequested } from '../../lib/contracts/events/booking';
import { demand, faults, faultsNamed, type Property, runSeed, simulate } from '../../lib/sim';
import { assemblyDir } from '../support/assembly';
import { parcels, properties, single, workload } from './workload';

const outDir = mkdtempSync(join(tmpdir(), 'baton-sim-'));
afterAll(() => rmSync(outDir, { recursive: true, force: true }));

/** More: BATON_TEST_SEEDS=300 BATON_TEST_SEED=<text> npx jest test/sim/simulate */
const count = Number(process.env.BATON_TEST_SEEDS ?? 30);
const base = process.env.BATON_TEST_SEED;
const seeds = Array.from({ length: count }, (_, index) => (base ? `${base}-${index}` : String(index + 1)));

test(
  `the app keeps its promises in ${count} seeds`,
  async () => {
    const report = await demand({ assembly: assemblyDir(), workload, properties, seeds });
    expect(report.passed).toBe(count);
    expect(report.strikes).toBeGreaterThan(count);
  },
  count * 20_000,
);

test('the lines that once failed pass', async () => {
  const lines: { seed: string }[] = JSON.parse(readFileSync(join(__dirname, 'seeds.json'), 'utf8')).seeds;
  for (const { seed } of lines) {
    await demand({ assembly: assemblyDir(), workload, properties, seeds: [seed] });
  }
}, 300_000);

/** 20 in CI (.ci/determinism.mjs), also in other processes and with other numbers of workers. */
test.each([['3'], ['some text']])('seed %s gives the same trace twice, byte for byte', async (seed) => {
  const run = () =>
    runSeed({ assembly: assemblyDir(), workload: parcels(2), properties, seed, faults, keepTrace: true });
  const [first, second] = [await run(), await run()];
  expect(first.trace!.length).toBeGreaterThan(100);
  expect(JSON.stringify(second.trace)).toBe(JSON.stringify(first.trace));
  expect(second.strikes).toEqual(first.strikes);
});

/** Wrong on purpose: EventBridge may deliver twice, and most of what it delivers is. */
const neverTwice: Property = {
  name: 'never-twice',
  says: 'No request reaches open-booking twice.',
  check: ({ trace }) => {
    const queue = /openbooking/i;
    const struck = trace.filter(
      ({ kind, fault, operation, from }) =>
        kind === 'fault' && fault === 'twice' && from === 'events' && operation === 'SendMessage',
    );
    const delivered = trace.filter(({ kind, target }) => kind === 'delivered' && queue.test(String(target)));
    return struck.length > 0 ? [`${struck.length} of ${delivered.length} deliveries came twice, one for 'bk-1'`] : [];
  },
};

test('a failure is shrunk to one fault and no more events than it needs, drawn, and told', async () => {
  const report = await simulate({
    assembly: assemblyDir(),
    workload: single,
    properties: [neverTwice],
    seeds: ['1', '2', '3', '4', '5', '6'],
    faults: ['duplicate-delivery', 'reordering', 'slow-call'],
    outDir,
    shrinkMs: 60_000,
    timing: { disturbMinutes: 2, calmMinutes: 1 },
  });
  expect(report.verdict).toBe('failed');
  const [failure] = report.failures;
  expect(failure!.found.strikes).toBeGreaterThan(1);
  expect(failure!.strikes.map(({ fault }) => fault)).toEqual(['duplicate-delivery']);
  expect(failure!.publications).toBe(1);
  expect(failure!.text).toMatch(/never-twice: No request reaches open-booking twice\.\n/);
  expect(failure!.text).toContain(`npm run simulate -- --seed ${failure!.seed}`);
  expect(failure!.text).toMatch(/\+00:00:\d\d\.\d{3} ! events -> sqs: twice at SendMessage/);
  expect(existsSync(failure!.picture)).toBe(true);
  const picture = readFileSync(failure!.picture, 'utf8');
  expect(picture).toContain('<svg');
  // Self-contained: nothing is fetched.
  expect(picture).not.toMatch(/<script|<link|src=/);
}, 120_000);

test('the jest helper throws the whole story', async () => {
  const never: Property = { name: 'never', says: 'Nothing is ever published.', check: () => ["'bk-1' was published"] };
  await expect(
    demand({ assembly: assemblyDir(), workload: single, properties: [never], seeds: 1, faults: [], outDir }),
  ).rejects.toThrow(/seed 1 fails[\s\S]*never: Nothing is ever published\.[\s\S]*picture: .*seed-1\.html/);
});

test('what does not come to rest is inconclusive, not passed', async () => {
  const result = await runSeed({
    assembly: assemblyDir(),
    workload: {
      name: 'an outage that is looked at too early',
      run: (app) =>
        app.publish({
          source: 'booking',
          detailType: 'BookingRequested',
          detail: {
            meta: { id: 'request-1', time: new Date(app.now()).toISOString() },
            data: { ...BookingRequested.example, dispatchDate: '2026-12-24' },
          },
        }),
    },
    properties: [],
    seed: '1',
    faults: faultsNamed(['delivery-throttled']),
    schedule: [],
    disturbMinutes: 0,
    calmMinutes: 0,
    quietWithinMinutes: 0.0001,
  });
  expect(result.verdict).toBe('inconclusive');
  expect(result.unquiet).toMatch(/function|under way|message/);
});

test('a workload that throws, or a property that throws, fails the seed with its error', async () => {
  const result = await runSeed({
    assembly: assemblyDir(),
    workload: {
      name: 'broken',
      run: () => {
        throw new TypeError('no such event');
      },
    },
    properties: [
      {
        name: 'broken too',
        says: 'It is.',
        check: () => {
          throw new RangeError('too far');
        },
      },
    ],
    seed: '1',
    faults: [],
    disturbMinutes: 1,
    calmMinutes: 0,
  });
  expect(result.violations).toMatchObject([
    { property: 'workload', found: expect.stringMatching(/^it threw TypeError: no such event/) },
    { property: 'broken too', found: expect.stringMatching(/^its check threw RangeError: too far/) },
  ]);
});
