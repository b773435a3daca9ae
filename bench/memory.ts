/**
 * Memory over many events, in the process that runs everything. After each step what is kept on purpose is emptied:
 * items, stored labels, schedules, log lines, the archive. What is left must not grow. Two things are left that time
 * alone empties: tokens of transactions (10 minutes, as AWS keeps them), and the last answers of the queues.
 * RSS is shown, and is not what to judge by: the worker threads' own heaps are in it, and V8 gives back late.
 * Flags: --events N (default 50000; ten a booking), --steps N.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { ServiceName } from '../lib/local/services/service';
import { type App, runBookings, scan, startApp } from './support/app';
import { figure, flags } from './support/measure';

const { events, steps } = flags({ events: 50_000, steps: 5 });

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** What AWS would keep too, gone. */
function empty(app: App): number {
  const ask = (service: ServiceName, operation: string, input: object): any => {
    const { output, error } = app.world.requestNow(service, operation, input);
    if (error) throw new Error(`${service} ${operation}: ${error.message}`);
    return output;
  };
  let items = 0;
  for (const output of app.outputs.keys()) {
    if (!output.endsWith('TableName')) continue;
    const TableName = app.output(output);
    for (const { id } of [...scan(app, output, 'id')]) {
      ask('dynamodb', 'DeleteItem', { TableName, Key: { id } });
      items++;
    }
  }
  const Bucket = app.output('LabelsBucketName');
  for (
    let page = ask('s3', 'ListObjectsV2', { Bucket });
    page.Contents?.length;
    page = ask('s3', 'ListObjectsV2', { Bucket })
  ) {
    for (const { Key } of page.Contents) ask('s3', 'DeleteObject', { Bucket, Key });
  }
  for (
    let page = ask('scheduler', 'ListSchedules', {});
    page.Schedules?.length;
    page = ask('scheduler', 'ListSchedules', {})
  ) {
    for (const { Name, GroupName } of page.Schedules) ask('scheduler', 'DeleteSchedule', { Name, GroupName });
  }
  for (const { logGroupName } of ask('logs', 'DescribeLogGroups', {}).logGroups)
    ask('logs', 'DeleteLogGroup', { logGroupName });
  for (const { ArchiveName, EventSourceArn } of ask('events', 'ListArchives', {}).Archives) {
    ask('events', 'DeleteArchive', { ArchiveName });
    ask('events', 'CreateArchive', { ArchiveName, EventSourceArn });
  }
  return items;
}

const heapMb = (): number => {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1e6;
};

async function main(): Promise<void> {
  let done = 0;
  const app = await startApp({
    onPublished: (type) => {
      if (type === 'BookingConfirmed') done++;
    },
  });
  try {
    const left: number[] = [];
    const total = Math.ceil(events / 10 / steps);
    const started = performance.now();
    for (let step = 1; step <= steps; step++) {
      await runBookings(app, { total, window: 200, prefix: `step${step}`, confirmed: () => done });
      // The last acknowledgements are on their way still.
      await new Promise((resolve) => setTimeout(resolve, 500));
      const full = heapMb();
      const rss = process.memoryUsage().rss / 1e6;
      const items = empty(app);
      left.push(heapMb());
      figure(
        `memory, after ${step * total * 10} events`,
        left.at(-1)!,
        'MB',
        `live heap with what is kept on purpose emptied; before that ${full.toFixed(1)} MB with ${items} items; RSS ${rss.toFixed(0)} MB; ${((performance.now() - started) / 1000).toFixed(0)} s`,
      );
    }
    const grown = left.at(-1)! - left[0]!;
    figure(
      'memory, growth from the first step to the last',
      (grown * 1e6) / (total * 10 * (steps - 1)),
      'bytes an event',
    );
  } finally {
    await app.stop();
  }
}

void main();
