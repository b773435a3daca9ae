/** A durable world in virtual time, without templates or functions' code; ended as kill -9 ends it, and begun again. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../../lib/local/assembly';
import { type DataOptions, DurableData, takeFolder } from '../../../lib/local/durable';
import { noFaults } from '../../../lib/local/ports';
import { seededRandom } from '../../../lib/local/random';
import { createServices } from '../../../lib/local/services';
import type { Finished, Invocation, Json, Reply, ServiceName } from '../../../lib/local/services/service';
import { VirtualTime } from '../../../lib/local/virtual-time';
import { World } from '../../../lib/local/world';

export const startMs = Date.UTC(2026, 10, 24, 9, 0, 0);
export const account = '123456789012';
export const endpoint = 'http://127.0.0.1:4566';
export const urlOf = (queue: string): string => `${endpoint}/${account}/${queue}`;
export const arnOf = (queue: string): string => `arn:aws:sqs:us-east-1:${account}:${queue}`;

const emptyPlan: Plan = { resources: [], outputs: [], observers: [], refusals: [], ignored: [], stacks: [] };

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-durable-'));
  folders.push(folder);
  return folder;
}

export interface Durable {
  world: World;
  time: VirtualTime;
  /** Invocations that were started; `done` ends one. */
  started: { invocation: Invocation; done: (finished: Finished) => void }[];
  repeatedActs: number;
  holds: [number, string][];
  now(service: ServiceName, operation: string, input: Json): Json;
  ask(service: ServiceName, operation: string, input: Json): Promise<Reply>;
  pass(ms: number): Promise<void>;
  safe(): Promise<void>;
  /** All that was acknowledged is on the disk, and nothing else ever comes to it. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  /** From now on nothing can be written. */
  breakDisk(): Promise<void>;
}

export async function begin(dir: string, options: Partial<DataOptions> & { atMs?: number } = {}): Promise<Durable> {
  const given: DataOptions = { dir, version: '1.0.0', failed: (error) => fail(error), ...options };
  const folder = await takeFolder(given, 4566);
  const time = new VirtualTime(options.atMs ?? startMs, seededRandom('time'));
  let data: DurableData;
  try {
    folder.keepPort(4566);
    data = await DurableData.open(given, folder, time.now());
  } catch (error) {
    await folder.close();
    throw error;
  }
  const services = createServices(
    { account, region: 'us-east-1', endpoint, random: seededRandom(data.meta.seed) },
    emptyPlan,
    data.meta.createdAtMs,
  );
  const { journal, resumed, repeated } = data.restore(services);
  const holds = services.flatMap((service) => service.holds?.() ?? []).filter(([count]) => count > 0);
  const world = new World({
    scheduler: time,
    random: seededRandom(String(Math.random())),
    trace: { record: () => {} },
    faults: noFaults,
    services,
    journal,
  });
  const started: Durable['started'] = [];
  world.useRuntime({
    run: (invocation, done) => started.push({ invocation, done }),
    discard: () => {},
    stop: async () => {},
  });
  world.resume(resumed);
  await journal.safe();
  return {
    world,
    time,
    started,
    repeatedActs: repeated,
    holds,
    now(service, operation, input) {
      const { output, error } = world.requestNow(service, operation, input);
      if (error) throw new Error(`${service} ${operation}: ${error.name}: ${error.message}`);
      return output;
    },
    ask: (service, operation, input) => world.request(service, operation, input),
    async pass(ms) {
      await time.run({ untilMs: time.now() + ms });
      await journal.safe();
    },
    safe: () => journal.safe(),
    async kill() {
      await journal.safe();
      data.abandon();
      await data.close();
    },
    async breakDisk() {
      await (data as any).store.close();
      await (data as any).folder.close();
    },
    async stop() {
      await world.stop();
      await data.close();
    },
  };
}
