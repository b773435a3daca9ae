/** The table of faults: complete in what it says, and every row can strike the app somewhere. */
import { faults, faultsNamed, runSeed } from '../../lib/sim';
import { assemblyDir } from '../support/assembly';
import { properties, single } from './workload';

test('every row has its own name, a sentence and a page', () => {
  expect(new Set(faults.map(({ name }) => name)).size).toBe(faults.length);
  for (const { name, happens, source } of faults) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(happens).toMatch(/^[A-Za-z].{20,}\.$/);
    expect(source).toMatch(/^https:\/\/docs\./);
  }
});

test('a fault that does not exist is named, with those that do', () => {
  expect(() => faultsNamed(['duplicate-delivery', 'gremlins'])).toThrow(
    /there is no fault 'gremlins'; there are: duplicate-delivery, /,
  );
});

/** Rows for services that the app's functions do not call in a booking that goes through. */
const elsewhere = /^throttled-(sqs|lambda|scheduler)$/;

test('one booking has a place for every row', async () => {
  const { possible, verdict } = await runSeed({
    assembly: assemblyDir(),
    workload: single,
    properties,
    seed: '1',
    faults,
    survey: true,
    disturbMinutes: 10,
  });
  expect(verdict).toBe('passed');
  const struck = new Set(possible!.map(({ fault }) => fault));
  const idle = faults.filter(({ at, name }) => at !== 'moment' && !struck.has(name)).map(({ name }) => name);
  expect(idle.filter((name) => !elsewhere.test(name))).toEqual([]);
  // A place is named once, however many rows can strike there.
  const places = possible!.filter(({ fault }) => fault === 'crash-before-call').map(({ where }) => where);
  expect(new Set(places).size).toBe(places.length);
});

test.each(faults.filter(({ at }) => at === 'moment').map(({ name }) => [name]))(
  '%s can begin, and ends',
  async (name) => {
    const result = await runSeed({
      assembly: assemblyDir(),
      workload: single,
      properties,
      seed: '1',
      faults: faultsNamed([name]),
      schedule: [1_000, 4_000].map((after) => ({
        fault: name,
        where: `after ${after} ms: ${name}`,
        atMs: after,
        parameters: {
          target: 'sqs',
          service: 'dynamodb',
          function: 3,
          mapping: 2,
          archive: 0,
          name: `r${after}`,
          ms: 900,
          lastsMs: 30_000,
        },
      })),
      disturbMinutes: 2,
    });
    expect(result.strikes).toHaveLength(2);
    expect([result.verdict, result.violations, result.unquiet]).toEqual(['passed', [], undefined]);
  },
);
