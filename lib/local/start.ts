/** A synthesized app in real time, behind one loopback port: what `baton local` runs. */
import { loadAssembly, type Plan, planResources } from './assembly';
import { noFaults, type TraceEntry } from './ports';
import { provision } from './provision';
import { seededRandom } from './random';
import { realTime } from './real-time';
import { createServices, resourceTypes } from './services';
import { localAccount, localRegion } from './virtual';
import { createWire } from './wire';
import { startServer } from './wire/server';
import { createWorkerRuntime } from './workers';
import { World } from './world';

export interface LocalOptions {
  /** The folder, or how to come by it: the port is taken first, so that one in use is said before any work is done. */
  assemblyDir: string | (() => Promise<string>);
  /** 0: any free port. */
  port: number;
  /** Called with every line of the trace, function logs (kind 'log') included. */
  trace?: (entry: TraceEntry) => void;
  allowUnmodelled?: boolean;
  /** Execution environments (worker threads) a function may have at once. */
  maxEnvironments?: number;
  inspect?: boolean;
}

export interface LocalRun {
  endpoint: string;
  port: number;
  world: World;
  plan: Plan;
  stop(): Promise<void>;
}

/** Resolves when everything is ready. Throws AssemblyError, RefusedError, ProvisionError or PortInUseError. */
export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  const trace = { record: (entry: TraceEntry) => options.trace?.(entry) };
  // Ids differ from run to run, as on AWS.
  const random = seededRandom(`${realTime.now()}-${process.pid}`);
  let ready: object | undefined;
  let handle: ReturnType<typeof createWire>['handle'] | undefined;
  const server = await startServer({
    port: options.port,
    handle: (request, origin) => handle!(request, origin),
    health: () => ready,
  });
  try {
    const { assemblyDir } = options;
    const assembly = loadAssembly(typeof assemblyDir === 'string' ? assemblyDir : await assemblyDir());
    const endpoint = `http://127.0.0.1:${server.port}`;
    const plan = planResources(assembly, resourceTypes, {
      account: localAccount,
      region: localRegion,
      endpoint,
      allowUnmodelled: options.allowUnmodelled,
    });
    const services = createServices(
      { account: localAccount, region: localRegion, endpoint, random, maxEnvironments: options.maxEnvironments ?? 2 },
      plan,
      realTime.now(),
    );
    const world = new World({ scheduler: realTime, random, trace, faults: noFaults, services });
    handle = createWire((service, operation, input, origin) => world.request(service, operation, input, origin)).handle;
    world.useRuntime(
      createWorkerRuntime({
        endpoint,
        transport: handle,
        inspect: options.inspect,
        log: (entry) => world.log(entry),
      }),
    );
    provision(world, plan);
    ready = {
      status: 'ready',
      account: localAccount,
      region: localRegion,
      endpoint,
      stacks: plan.outputs.map((stack) => stack.stackName),
      resources: plan.resources.length,
    };
    return {
      endpoint,
      port: server.port,
      world,
      plan,
      async stop() {
        await world.stop();
        await server.close();
      },
    };
  } catch (error) {
    await server.close();
    throw error;
  }
}
