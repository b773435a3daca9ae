/** The table of faults: complete in what it says; every row can strike the app somewhere, and then something is otherwise. */
import { BookingRequested } from '../../lib/contracts/events/booking';
import type { TraceEntry } from '../../lib/local/ports';
import { type Fault, faults, faultsNamed, runSeed, type Strike, type Workload } from '../../lib/sim';
import { assembly, removeFolders } from '../local/assembly/support';
import { assemblyDir } from '../support/assembly';
import { properties, single } from './workload';

afterAll(removeFolders);

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

/** The booking of exhaustive runs, and one that no consumer can read: dead letters for whoever redrives. */
const booking: Workload = {
  ...single,
  async run(app, random) {
    const data = { ...BookingRequested.example, priceCents: 'much' };
    const detail = { meta: { id: 'wrong', time: new Date(app.now()).toISOString() }, data };
    app.publish({ source: BookingRequested.source, detailType: BookingRequested.name, detail });
    await single.run(app, random);
  },
};
const run = (more: { schedule?: Strike[]; survey?: boolean; faults?: Fault[] }) =>
  runSeed({
    assembly: assemblyDir(),
    workload: booking,
    properties,
    seed: '1',
    faults,
    disturbMinutes: 10,
    keepTrace: true,
    ...more,
  });

/** What happened and when, faults left out: equal for a run that a fault did nothing to. */
const happenings = (trace: readonly TraceEntry[]): string[] =>
  (trace as any[])
    .filter(({ kind }) => kind !== 'fault' && kind !== 'log')
    .map(({ at, kind, functionName, target, cold, operation, detail }) =>
      [at, kind, functionName, target, cold, operation, detail?.meta?.time].join(' '),
    );

let undisturbed: Awaited<ReturnType<typeof run>>;
beforeAll(async () => {
  undisturbed = await run({ survey: true });
}, 60_000);

/** The first strike whose run differs from all of its `controls`: runs with the same timers, in which nothing is done. */
async function striking(
  strikes: Strike[],
  controls: (strike: Strike) => Promise<string[][]> = async () => [happenings(undisturbed.trace!)],
): Promise<{ strike: Strike; verdict: string; violations: unknown[] } | undefined> {
  for (const strike of strikes) {
    const { trace, strikes: struck, verdict, violations } = await run({ schedule: [strike] });
    expect(struck.map(({ fault }) => fault)).toEqual([strike.fault]);
    const happened = happenings(trace!).join('\n');
    if ((await controls(strike)).every((control) => control.join('\n') !== happened))
      return { strike, verdict, violations };
  }
  return undefined;
}

test('a run that nothing strikes is the same again', async () => {
  const { trace } = await run({ schedule: [] });
  expect(happenings(trace!)).toEqual(happenings(undisturbed.trace!));
});

test('one booking has a place for every row', () => {
  const { possible, verdict } = undisturbed;
  expect(verdict).toBe('passed');
  const struck = new Set(possible!.map(({ fault }) => fault));
  const idle = faults.filter(({ name }) => !struck.has(name)).map(({ name }) => name);
  expect(idle.filter((name) => !elsewhere.test(name))).toEqual([]);
  // A place is named once, however many rows can strike there.
  const places = possible!.filter(({ fault }) => fault === 'crash-before-call').map(({ where }) => where);
  expect(new Set(places).size).toBe(places.length);
});

/** What the sweeper reads of a moment ago is as empty as what is there now: test/local/services/table has the index's past. */
const unseen = /^stale-index$/;
const atPlaces = faults.filter(({ at, name }) => at !== 'moment' && !elsewhere.test(name) && !unseen.test(name));

test.each(atPlaces.map(({ name }) => [name]))('%s does something where it strikes', async (name) => {
  const places = undisturbed.possible!.filter(({ fault }) => fault === name);
  // The first may come too late to matter, as a second answer to who has gone.
  const some = places.filter((_, index) => index % Math.ceil(places.length / 8) === 0);
  expect(await striking(some)).toMatchObject({ verdict: 'passed', violations: [] });
});

/** For each row what it needs to find something to strike in the first seconds of a booking. */
const moments: Record<string, object> = {
  'target-unavailable': { target: 'sqs', lastsMs: 30_000 },
  'service-unavailable': { service: 'dynamodb', lastsMs: 30_000 },
  'service-throttles': { service: 'dynamodb', lastsMs: 30_000 },
  'bus-refuses': { lastsMs: 30_000 },
  'gateway-brownout': { lastsMs: 30_000, laterMs: 20_000 },
  'gateway-down': { lastsMs: 30_000 },
  'functions-throttled': { function: 4, lastsMs: 30_000 },
  deploy: { function: 2 },
  'cold-start-storm': { startMs: 2_000 },
  'mapping-paused': { mapping: 2, lastsMs: 30_000 },
  replay: { archive: 0, name: 'again' },
  redrive: {},
  'clock-skew': { function: 7, ms: 900 },
};
const atMoments = faults.filter(({ at, name }) => at === 'moment' && !/^time-to-live/.test(name));

/** Does nothing at its moment, and nothing at its end where it has one. A timer alone changes what comes first of two. */
const nothing = (lastsMs: number | undefined): Fault => ({
  name: 'nothing',
  happens: 'Nothing.',
  source: '',
  weight: 0,
  at: 'moment',
  draw: () => ({}),
  begin: (_, { later }) => {
    if (lastsMs !== undefined) later(lastsMs, () => {});
  },
});

test.each(atMoments.map(({ name }) => [name]))('%s does something, and ends', async (name) => {
  const starts = undisturbed.possible!.filter(({ fault }) => fault === 'crash-at-start').map(({ atMs }) => atMs);
  // In the midst of the booking, which takes a third of a second, and when it is over.
  const some = [starts[4]!, starts[8]!, starts[12]!, 4_000].map((atMs) => ({
    fault: name,
    where: `after ${atMs} ms: ${name}`,
    atMs,
    parameters: moments[name]!,
  }));
  const controls = ({ atMs, parameters }: Strike): Promise<string[][]> =>
    Promise.all(
      [undefined, parameters.lastsMs ?? 4 * 3_600_000].map(async (lastsMs) => {
        const strike = { fault: 'nothing', where: `after ${atMs} ms: nothing`, atMs, parameters: {} };
        const { trace, strikes } = await run({ faults: [nothing(lastsMs)], schedule: [strike] });
        expect(strikes).toHaveLength(1);
        return happenings(trace!);
      }),
    );
  expect(await striking(some, controls)).toMatchObject({ verdict: 'passed', violations: [] });
});

// Found by seed early-188: of two that overlap, the second gave back what the first had taken, for ever.
test.each(['target-unavailable', 'service-unavailable', 'functions-throttled', 'mapping-paused'])(
  '%s twice at a time ends twice',
  async (fault) => {
    const schedule = [1, 20_000].map((atMs) => ({
      fault,
      where: `after ${atMs} ms: ${fault}`,
      atMs,
      parameters: { ...moments[fault]!, lastsMs: 60_000 },
    }));
    const { verdict, unquiet, violations, strikes } = await run({ schedule });
    expect([strikes.length, verdict, unquiet, violations]).toEqual([2, 'passed', undefined, []]);
  },
);

/** The app's records live for weeks; here is a table whose items live for a minute. */
const remembering = {
  Resources: {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'bus' } },
    Seen: {
      Type: 'AWS::DynamoDB::Table',
      Properties: {
        AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        BillingMode: 'PAY_PER_REQUEST',
        TimeToLiveSpecification: { AttributeName: 'expiresAt', Enabled: true },
      },
    },
  },
  Outputs: { BusName: { Value: 'bus' }, SeenTable: { Value: { Ref: 'Seen' } } },
};

test.each([
  ['time-to-live-prompt', 0, 0],
  ['time-to-live-late', 40 * 3_600_000, 20],
])('%s: of twenty expired items %s ms later %s are left', async (fault, delayMs, left) => {
  let items = -1;
  const result = await runSeed({
    assembly: assembly({ App: { template: remembering } }),
    workload: {
      name: 'twenty items that expire in a minute',
      async run(app) {
        for (let id = 1; id <= 20; id++) {
          const expiresAt = { N: String(Math.floor(app.now() / 1000) + 60) };
          const Item = { id: { S: String(id) }, expiresAt };
          await app.request('dynamodb', 'PutItem', { TableName: app.output('SeenTable'), Item });
        }
        await app.pass(30 * 60_000);
        items = app.items('SeenTable').length;
      },
    },
    properties: [],
    seed: '1',
    faults: faultsNamed([fault]),
    schedule: [{ fault, where: `after 1000 ms: ${fault}`, atMs: 1000, parameters: { delayMs, lastsMs: 3_600_000 } }],
    disturbMinutes: 60,
  });
  expect([result.verdict, result.strikes.length, items]).toEqual(['passed', 1, left]);
});

test('an item goes within two days of its time where no fault says when', async () => {
  let items = -1;
  await runSeed({
    assembly: assembly({ App: { template: remembering } }),
    workload: {
      name: 'twenty items',
      async run(app) {
        for (let id = 1; id <= 20; id++) {
          const Item = { id: { S: String(id) }, expiresAt: { N: String(Math.floor(app.now() / 1000)) } };
          await app.request('dynamodb', 'PutItem', { TableName: app.output('SeenTable'), Item });
        }
        await app.pass(24 * 3_600_000);
        items = app.items('SeenTable').length;
      },
    },
    properties: [],
    seed: '1',
    faults: [],
    disturbMinutes: 0,
  });
  expect(items).toBeGreaterThan(2);
  expect(items).toBeLessThan(18);
});
