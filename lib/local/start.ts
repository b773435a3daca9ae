/** A synthesized app in real time, behind one loopback port: what `baton local` runs. */
import { type Applied, applyPlan } from './apply';
import { type Assembly, loadAssembly, type Plan, planResources } from './assembly';
import { customResource, customResourceType, provisionAll } from './custom-resources';
import { type DataOptions, DurableData, takeFolder } from './durable';
import { noFaults, type TraceEntry } from './ports';
import type { Provisioning } from './provision';
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
  /** Values of template parameters, by 'Name' or, for one stack only, 'Stack:Name'. */
  parameters?: Record<string, string>;
  /** Execution environments (worker threads) a function may have at once. */
  maxEnvironments?: number;
  inspect?: boolean;
  /** Keep everything in a folder, through kill -9; without it all is forgotten at the end. */
  data?: DataOptions;
}

export interface LocalRun {
  endpoint: string;
  port: number;
  world: World;
  plan: Plan;
  provisioning: Provisioning;
  /** What was there already; undefined without a data folder and with a new one. */
  restored?: { dir: string; holds: [count: number, what: string][]; repeatedActs: number };
  /** Puts another synthesis in the place of this one. Throws what planning throws, or ProvisionError. */
  apply(assemblyDir: string): Promise<Applied>;
  stop(): Promise<void>;
}

const types = { ...resourceTypes, [customResourceType]: customResource };

/** Resolves when everything is ready. Throws AssemblyError, RefusedError, ProvisionError, PortInUseError or DataFolderError. */
export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  const trace = { record: (entry: TraceEntry) => options.trace?.(entry) };
  const folder = options.data && (await takeFolder(options.data, options.port));
  let ready: object | undefined;
  let handle: ReturnType<typeof createWire>['handle'] | undefined;
  let data: DurableData | undefined;
  let begun: World | undefined;
  const release = async (): Promise<void> => {
    if (data) await data.close();
    else await folder?.close();
  };
  const server = await startServer({
    port: folder?.port ?? options.port,
    handle: (request, origin) => handle!(request, origin),
    health: () => ready,
  }).catch(async (error) => {
    await release();
    throw error;
  });
  try {
    const { assemblyDir } = options;
    const assembly = loadAssembly(typeof assemblyDir === 'string' ? assemblyDir : await assemblyDir());
    folder?.keepPort(server.port);
    data = folder && (await DurableData.open(options.data!, folder, realTime.now()));
    // Ids differ from run to run, as on AWS; with a folder generated secrets stay what they were.
    const chance = `${realTime.now()}-${process.pid}`;
    const seed = data?.meta.seed ?? chance;
    const endpoint = `http://127.0.0.1:${server.port}`;
    const planOf = (from: Assembly): Plan =>
      planResources(from, types, {
        account: localAccount,
        region: localRegion,
        endpoint,
        seed,
        allowUnmodelled: options.allowUnmodelled,
        parameters: options.parameters,
      });
    const plan = planOf(assembly);
    const services = createServices(
      {
        account: localAccount,
        region: localRegion,
        endpoint,
        random: seededRandom(seed),
        maxEnvironments: options.maxEnvironments ?? 2,
      },
      plan,
      data?.meta.createdAtMs ?? realTime.now(),
    );
    const restored = data?.restore(services);
    const world = new World({
      scheduler: realTime,
      random: seededRandom(chance),
      trace,
      faults: noFaults,
      services,
      journal: restored?.journal,
    });
    begun = world;
    handle = createWire((service, operation, input, origin) => world.request(service, operation, input, origin)).handle;
    world.useRuntime(
      createWorkerRuntime({
        endpoint,
        transport: handle,
        inspect: options.inspect,
        log: (entry) => world.log(entry),
      }),
    );
    const holds = services.flatMap((service) => service.holds?.() ?? []).filter(([count]) => count > 0);
    if (restored) world.resume(restored.resumed);
    const provisioning = await provisionAll(world, plan, data?.value('provisioned'));
    const { added, changed, now } = provisioning;
    if (added.length + changed.length > 0) restored?.journal.keep('provisioned', now);
    await restored?.journal.safe();
    let provisioned = now;
    const health = (): object => ({
      status: 'ready',
      account: localAccount,
      region: localRegion,
      endpoint,
      stacks: plan.outputs.map((stack) => stack.stackName),
      resources: plan.resources.length,
    });
    ready = health();
    return {
      endpoint,
      port: server.port,
      world,
      plan,
      provisioning,
      ...(restored && data && !data.isNew && { restored: { dir: data.dir, holds, repeatedActs: restored.repeated } }),
      async apply(dir) {
        const applied = await applyPlan(world, plan, planOf(loadAssembly(dir)), provisioned);
        provisioned = applied.now;
        restored?.journal.keep('provisioned', provisioned);
        await restored?.journal.safe();
        ready = health();
        return applied;
      },
      async stop() {
        await world.stop();
        await server.close();
        await release();
      },
    };
  } catch (error) {
    data?.abandon();
    // Functions may be there already: custom resources run while the stacks are made.
    await begun?.stop();
    await server.close();
    await release();
    throw error;
  }
}
