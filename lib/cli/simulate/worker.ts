/** A worker process: one task after the other. The same code runs in the parent where there is one worker only. */
import { explain, faultsNamed, runSeed, type SeedOptions } from '../../sim';
import type { Done, FromWorker, Setting, Task, ToWorker } from './tasks';
import { loadWorkload } from './workload-file';

export function performer(setting: Setting): (task: Task) => Promise<Done> {
  const file = loadWorkload(setting.workloadFile);
  const faults = faultsNamed(setting.faults);
  return async ({ seed, single, survey, schedule, explain: explained }) => {
    const options: SeedOptions = {
      assembly: setting.assembly,
      previous: setting.previous,
      workload: single ? file.single : file.workload,
      properties: file.properties,
      seed,
      faults,
      survey,
      schedule,
      ...file.timing,
      ...(single ? { disturbMinutes: 60 } : {}),
    };
    const result = await runSeed({ ...options, keepTrace: setting.digest });
    // Thousands of entries: the digest says whether two are equal.
    delete result.trace;
    if (result.verdict !== 'failed' || !explained) return { result };
    const { outDir, shrinkMs, replayCommand } = setting;
    return { result, explained: await explain(options, result, { outDir, shrinkMs, replayCommand }) };
  };
}

export async function work(): Promise<void> {
  const send = (message: FromWorker): void => void process.send?.(message);
  let perform: ((task: Task) => Promise<Done>) | undefined;
  // Ctrl-C reaches the whole group: the parent ends its workers.
  process.on('SIGINT', () => {});
  process.on('disconnect', () => process.exit(0));
  process.on('message', async (message: ToWorker) => {
    try {
      if ('setting' in message) {
        perform = performer(message.setting);
        send({ ready: true });
      } else send({ done: await perform!(message.task) });
    } catch (error) {
      send({ failed: (error as Error)?.stack ?? String(error) });
    }
  });
  await new Promise(() => {});
}
