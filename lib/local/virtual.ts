/**
 * A synthesized app in virtual time: for flow tests, `baton invoke` and the simulator. Deterministic for a seed.
 * Nothing listens, nothing sleeps, nothing leaves the process.
 */
import { existsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadAssembly, type Plan, planResources } from './assembly';
import {
  type Crossing,
  type FaultDecision,
  type Faults,
  type Millis,
  noFaults,
  type Random,
  type TraceEntry,
} from './ports';
import { provision } from './provision';
import { seededRandom } from './random';
import { createSandboxRuntime } from './sandbox';
import { createServices, resourceTypes } from './services';
import type { Code } from './services/functions/configuration';
import type { Json, Reply, ServiceName } from './services/service';
import { VirtualTime } from './virtual-time';
import { createWire } from './wire';
import { World, type WorldOptions } from './world';

export const localAccount = '123456789012';
export const localRegion = 'us-east-1';
/** Where virtual time begins, unless told: an ordinary weekday. */
const defaultStart = Date.UTC(2026, 10, 24, 9, 0, 0);

/** Polls of empty queues are most of what happens while nothing does. */
const pollSeconds = 600;
const lookEveryMs = 50;

export interface VirtualOptions {
  assemblyDir: string;
  seed?: string;
  startMs?: Millis;
  faults?: Faults;
  /** What a call between services takes; default: 1 to 20 ms, seeded. */
  latency?: (random: Random) => Millis;
  allowUnmodelled?: boolean;
  /** Keep every request of functions in the trace, as entries of kind 'api'. */
  traceRequests?: WorldOptions['traceRequests'];
}

export class VirtualWorld {
  readonly trace: TraceEntry[] = [];
  readonly time: VirtualTime;
  readonly world: World;
  readonly outputs = new Map<string, string>();
  private readonly mappedQueues: string[] = [];

  constructor(options: VirtualOptions) {
    const random = seededRandom(options.seed ?? 'baton');
    this.time = new VirtualTime(options.startMs ?? defaultStart, random);
    // Nothing listens anywhere: queue URLs are as on AWS, where the functions' clients would send.
    const endpoint = `https://sqs.${localRegion}.amazonaws.com`;
    const plan = planOf(options.assemblyDir, endpoint, options.allowUnmodelled ?? false);
    const faults = options.faults ?? noFaults;
    // Between services the world itself records a fault; in a function it strikes out of the world's sight.
    const functionFaults: Faults = {
      decide: (crossing) => {
        const decision = faults.decide(crossing);
        if (decision && crossing.at !== 'call') this.trace.push(faultEntry(this.time.now(), crossing, decision));
        return decision;
      },
      skewMs: (functionName) => faults.skewMs?.(functionName) ?? 0,
    };
    this.world = new World({
      scheduler: this.time,
      random,
      trace: { record: (entry) => this.trace.push(entry) },
      faults,
      traceRequests: options.traceRequests,
      latency: options.latency ?? ((chance) => 1 + chance.below(20)),
      services: createServices(
        { account: localAccount, region: localRegion, endpoint, random, pollSeconds },
        plan,
        this.time.now(),
      ),
    });
    const wire = createWire((service, operation, input, origin) =>
      this.world.request(service, operation, input, origin),
    );
    this.world.useRuntime(
      createSandboxRuntime({
        scheduler: this.time,
        random: random.fork('sandbox'),
        transport: wire.handle,
        log: (entry) => this.world.log(entry),
        faults: functionFaults,
        hostWork: this.time.hostWork,
      }),
    );
    provision(this.world, plan);
    for (const stack of plan.outputs) for (const output of stack.outputs) this.outputs.set(output.key, output.value);
    for (const mapping of this.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings ?? []) {
      if (mapping.EventSourceArn.startsWith('arn:aws:sqs:')) this.mappedQueues.push(mapping.EventSourceArn);
    }
  }

  /** An output of any stack, e.g. 'BusName'. */
  output(key: string): string {
    const value = this.outputs.get(key);
    if (value === undefined)
      throw new Error(`no stack has an output '${key}'; there are: ${[...this.outputs.keys()].sort().join(', ')}`);
    return value;
  }

  /** A request that is answered at once; throws an error with AWS's name. */
  now(service: ServiceName, operation: string, input: Json): Json {
    return unwrap(service, operation, this.world.requestNow(service, operation, input));
  }

  /** A request that time may have to pass for. */
  async request(service: ServiceName, operation: string, input: Json, withinMs: Millis = 900_000): Promise<Json> {
    let reply: Reply | undefined;
    void this.world.request(service, operation, input).then((answer) => (reply = answer));
    await this.time.run({ untilMs: this.time.now() + withinMs, stop: () => reply !== undefined });
    if (!reply) throw new Error(`${service} ${operation} did not answer within ${withinMs} ms of virtual time`);
    return unwrap(service, operation, reply);
  }

  /** All functions, as ListFunctions describes them, whatever its pages. */
  functions(): Json[] {
    const found: Json[] = [];
    for (let Marker: string | undefined; ; ) {
      const { Functions, NextMarker } = this.now('lambda', 'ListFunctions', { Marker });
      found.push(...Functions);
      if (NextMarker === undefined) return found;
      Marker = NextMarker;
    }
  }

  /** Where a function's code is: in a folder, or in an archive (inline code). */
  codeOf(FunctionName: string): Code {
    return this.now('lambda', '$code', { FunctionName });
  }

  /** A deployment of this function: what runs ends on the code that it has, everything else starts cold on the new. */
  replaceCode(FunctionName: string, code: Code): void {
    this.now('lambda', '$replaceCode', { FunctionName, ...code });
  }

  /** Lets time pass. */
  async pass(ms: Millis): Promise<void> {
    await this.time.run({ untilMs: this.time.now() + ms });
  }

  /** Lets time pass until no message waits for a function, no function runs and no delivery is owed. */
  async settle(withinMs: Millis = 3_600_000): Promise<'quiet' | 'busy'> {
    // Looking costs more than a step: once every 50 ms of virtual time is enough. But never is time passed over without
    // a look: a burst of work that is over sooner (a poll, the sweeper) would only ever be seen at its beginning.
    let looked = Number.NEGATIVE_INFINITY;
    const stop = (nextMs: Millis = Number.POSITIVE_INFINITY): boolean => {
      if (nextMs - looked < lookEveryMs) return false;
      looked = this.time.now();
      return this.quiet();
    };
    const ended = await this.time.run({ untilMs: this.time.now() + withinMs, stop });
    // Between the last look and the end of what there was to do, it may have become so.
    return ended === 'stopped' || ended === 'idle' || this.quiet() ? 'quiet' : 'busy';
  }

  quiet(): boolean {
    if (this.world.running > 0 || this.world.callsUnderWay > 0) return false;
    if (
      (['events', 'lambda', 'scheduler', 'sns'] as const).some(
        (service) => this.now(service, '$pending', {}).pending > 0,
      )
    )
      return false;
    return this.mappedQueues.every((arn) => {
      const { Attributes: counts } = this.now('sqs', 'GetQueueAttributes', {
        QueueUrl: `https://sqs.${localRegion}.amazonaws.com/${localAccount}/${arn.split(':').at(-1)}`,
        AttributeNames: ['All'],
      });
      return ['', 'NotVisible', 'Delayed'].every((kind) => counts[`ApproximateNumberOfMessages${kind}`] === '0');
    });
  }

  async stop(): Promise<void> {
    await this.world.stop();
  }
}

const plans = new Map<string, Plan>();

/** Read and planned once a process for each state of an assembly: a seed is a world, and worlds are many. */
function planOf(dir: string, endpoint: string, allowUnmodelled: boolean): Plan {
  const manifest = join(resolve(dir), 'manifest.json');
  const key = `${manifest} ${existsSync(manifest) ? statSync(manifest).mtimeMs : ''} ${allowUnmodelled}`;
  let plan = plans.get(key);
  if (!plan) {
    const where = { account: localAccount, region: localRegion, endpoint, allowUnmodelled };
    plan = planResources(loadAssembly(dir), resourceTypes, where);
    plans.set(key, plan);
  }
  // Services keep what they are given.
  return { ...plan, resources: structuredClone(plan.resources) };
}

function faultEntry(at: Millis, crossing: Exclude<Crossing, { at: 'call' }>, { do: fault }: FaultDecision): TraceEntry {
  const { functionName, invocationId } = crossing;
  const where = crossing.at === 'sdk' ? { service: crossing.service, operation: crossing.operation } : {};
  return { at, kind: 'fault', functionName, invocationId, ...where, fault };
}

function unwrap(service: string, operation: string, reply: Reply): Json {
  if (!reply.error) return reply.output;
  throw Object.assign(new Error(`${service} ${operation}: ${reply.error.message}`), {
    ...reply.error.members,
    name: reply.error.name,
  });
}
