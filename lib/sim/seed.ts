/**
 * One seed: build the world, draw what goes wrong, run the workload, disturb, heal, demand quiet, check the properties.
 *
 * 1. All chance comes from the seed, by named forks; so the same seed, faults and code give the same trace, byte for byte.
 * 2. Not quiet within the budget is 'inconclusive', never 'passed'. A saga that waits for ever is a broken property, and
 *    not unquiet.
 * 3. An error thrown by the workload or by a property fails the seed, with the error as its sentence.
 */
import { createHash } from 'node:crypto';
import type { Millis, TraceEntry } from '../local/ports';
import { seededRandom } from '../local/random';
import { VirtualWorld } from '../local/virtual';
import type { Fault, FaultContext } from './faults';
import { Injector } from './injector';
import { generalProperties } from './properties';
import { Rollout } from './rollout';
import type { Strike } from './strike';
import { FinalView, type Property, SimApp, type Workload } from './workload';

const minute = 60_000;
/** Virtual minutes that are drawn from: mostly short, since what is disturbed is over soon; sometimes hours. */
const disturbed = [2, 5, 10, 10, 35, 35, 35, 60, 60, 180];
/** How long sagas are waited for before it is looked again. */
const sagaStep = 5 * minute;
/** What functions and people write is in the trace, for properties to look at. */
const changes = /^(PutItem|UpdateItem|DeleteItem|BatchWriteItem|TransactWriteItems)$/;

export interface SeedOptions {
  /** The folder of a cloud assembly. */
  assembly: string;
  /** The cloud assembly of the release before: functions begin with its code (rollout.ts). */
  previous?: string;
  workload: Workload;
  properties: readonly Property[];
  seed: string;
  faults: readonly Fault[];
  /** For how long faults strike, in virtual minutes. Default: drawn, 2 to 180. */
  disturbMinutes?: number;
  /** How soon after healing the app must be quiet, in virtual minutes. Default: 240. */
  quietWithinMinutes?: number;
  /** What becomes quiet too early is given so much more, for sweepers. Default: 15. */
  calmMinutes?: number;
  /** Do these strikes again, and nothing else. */
  schedule?: readonly Strike[];
  without?: ReadonlySet<number>;
  maxStrikes?: number;
  /** Strike nowhere, and give every strike that was possible. */
  survey?: boolean;
  /** Keep the trace and a digest of it in the result. */
  keepTrace?: boolean;
}

export interface Violation {
  property: string;
  says: string;
  /** What breaks it, with its values. */
  found: string;
}

export interface SeedResult {
  seed: string;
  verdict: 'passed' | 'failed' | 'inconclusive';
  violations: Violation[];
  /** Why it is inconclusive. */
  unquiet?: string;
  strikes: Strike[];
  /** Events that the workload published from outside, or would have. */
  publications: number;
  published: number;
  /** Events delivered to targets, and functions run. */
  deliveries: number;
  invocations: number;
  /** When it began, on the virtual clock: strikes and lines are counted from there. */
  startedMs: Millis;
  virtualMs: Millis;
  possible?: Strike[];
  trace?: TraceEntry[];
  digest?: string;
}

export async function runSeed(options: SeedOptions): Promise<SeedResult> {
  const random = seededRandom(`simulate ${options.seed}`);
  const disturbMs = (options.disturbMinutes ?? disturbed[random.fork('disturb').below(disturbed.length)]!) * minute;
  const injector = new Injector({
    random: random.fork('injector'),
    faults: options.faults,
    disturbMs,
    schedule: options.schedule,
    without: options.without,
    maxStrikes: options.maxStrikes,
    survey: options.survey,
  });
  const world = new VirtualWorld({
    assemblyDir: options.assembly,
    seed: options.seed,
    faults: injector,
    traceRequests: (service, operation) => service === 'dynamodb' && changes.test(operation),
  });
  try {
    return await live(world, injector, options, disturbMs);
  } finally {
    await world.stop();
  }
}

async function live(
  world: VirtualWorld,
  injector: Injector,
  options: SeedOptions,
  disturbMs: Millis,
): Promise<SeedResult> {
  const startedMs = world.time.now();
  const app = new SimApp(world, (number, event) => injector.fate(number, event));
  const violations: Violation[] = [];
  const random = seededRandom(`workload ${options.seed}`);
  const { workload } = options;
  const rollout = options.previous === undefined ? undefined : new Rollout(world, options.previous);
  injector.start(world, { workload, app, startedMs, ...inventory(world) });
  rollout?.begin(seededRandom(`rollout ${options.seed}`), disturbMs);
  await act(() => workload.run(app, random), violations);
  const left = startedMs + disturbMs - world.time.now();
  if (left > 0) await world.pass(left);
  injector.heal();
  rollout?.end();
  const healedMs = world.time.now();
  let unquiet = await rest(world, options);
  if (workload.afterwards && unquiet === undefined) {
    const { acts } = app;
    await act(() => workload.afterwards!(app, random.fork('afterwards')), violations);
    // Where nobody had anything to do, the app is at rest already.
    if (app.acts > acts) unquiet = await rest(world, options);
  }
  if (unquiet === undefined)
    check(new FinalView(world, app.sent, startedMs, healedMs, world.world.bugs), options, violations);
  const { trace } = world;
  const verdict = violations.length > 0 ? 'failed' : unquiet !== undefined ? 'inconclusive' : 'passed';
  let deliveries = 0;
  let invocations = 0;
  let published = 0;
  for (const { kind } of trace) {
    if (kind === 'delivered') deliveries++;
    else if (kind === 'invoked') invocations++;
    else if (kind === 'published') published++;
  }
  return {
    seed: options.seed,
    verdict,
    violations,
    ...(unquiet !== undefined ? { unquiet } : {}),
    strikes: injector.strikes,
    publications: app.publications,
    published,
    deliveries,
    invocations,
    startedMs,
    virtualMs: world.time.now() - startedMs,
    ...(options.survey ? { possible: injector.possible } : {}),
    ...(options.keepTrace ? { trace, digest: digestOf(trace) } : {}),
  };
}

/**
 * Why it does not come to rest; undefined: it has. A saga that goes on by itself within the time (a retry, a timeout) is
 * waited for; one that waits for somebody outside is at rest.
 */
async function rest(world: VirtualWorld, options: SeedOptions): Promise<string | undefined> {
  await world.pass((options.calmMinutes ?? 15) * minute);
  const endMs = world.time.now() + (options.quietWithinMinutes ?? 240) * minute;
  let untilMs = endMs;
  for (;;) {
    if ((await world.settle(untilMs - world.time.now())) === 'busy') return unrest(world);
    const { pending, nextMs } = world.now('states', '$pending', {});
    if (pending === 0 || nextMs === undefined || nextMs > endMs) return undefined;
    await world.pass(Math.min(nextMs - world.time.now(), sagaStep));
    // Whoever wakes just before the end has as long as others to do what it woke for.
    untilMs = Math.max(endMs, world.time.now() + sagaStep);
  }
}

async function act(work: () => void | Promise<void>, violations: Violation[]): Promise<void> {
  try {
    await work();
  } catch (error) {
    violations.push({
      property: 'workload',
      says: 'The workload itself runs to its end.',
      found: `it threw ${describe(error)}`,
    });
  }
}

function check(view: FinalView, options: SeedOptions, violations: Violation[]): void {
  for (const { name, says, check } of [...generalProperties, ...options.properties]) {
    try {
      for (const found of check(view)) violations.push({ property: name, says, found });
    } catch (error) {
      violations.push({ property: name, says, found: `its check threw ${describe(error)}` });
    }
  }
}

/** Why the world is not quiet, for people. */
function unrest(world: VirtualWorld): string {
  const busy: string[] = [];
  if (world.world.running > 0) busy.push(`${world.world.running} function(s) running`);
  for (const service of ['events', 'lambda', 'scheduler'] as const) {
    const { pending } = world.now(service, '$pending', {});
    if (pending > 0) busy.push(`${service} has ${pending} under way`);
  }
  for (const { EventSourceArn } of world.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings) {
    const name = EventSourceArn.split(':').at(-1);
    const url = world.now('sqs', 'GetQueueUrl', { QueueName: name }).QueueUrl;
    const { Messages } = world.now('sqs', '$messages', { QueueUrl: url });
    if (Messages.length > 0) busy.push(`${name} holds ${Messages.length} message(s)`);
  }
  return busy.join('; ') || 'something was always under way';
}

function inventory(world: VirtualWorld): Pick<FaultContext, 'functions' | 'mappings' | 'archives'> {
  const functions = world
    .functions()
    .map(({ FunctionName }) => FunctionName as string)
    .sort();
  const mappings = (
    world.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings as { UUID: string; EventSourceArn: string }[]
  )
    .map(({ UUID, EventSourceArn }) => ({ id: UUID, queue: EventSourceArn }))
    .sort((a, b) => (a.queue < b.queue ? -1 : 1));
  const archives = ((world.now('events', 'ListArchives', {}).Archives ?? []) as { ArchiveName: string }[])
    .map(({ ArchiveName }) => {
      const archive = world.now('events', 'DescribeArchive', { ArchiveName });
      return { name: ArchiveName, arn: archive.ArchiveArn as string, busArn: archive.EventSourceArn as string };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  return { functions, mappings, archives };
}

/** Equal for two traces exactly when they are equal byte for byte. */
export function digestOf(trace: readonly TraceEntry[]): string {
  const hash = createHash('sha256');
  for (const entry of trace) hash.update(JSON.stringify(entry)).update('\n');
  return hash.digest('hex');
}

function describe(error: unknown): string {
  const { name, message, stack } = (error ?? {}) as Error;
  const place = stack
    ?.split('\n')
    .find((line) => /^\s+at /.test(line) && !line.includes('node_modules'))
    ?.trim();
  return `${name ?? typeof error}: ${message ?? String(error)}${place ? ` (${place})` : ''}`;
}
