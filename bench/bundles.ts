/**
 * Size and import time of every handler's bundle, the AWS SDK in it, each in a fresh node process, beside an empty
 * handler. Budgets: 500 KB and 150 ms; the label handler draws, so it has its own. Flags: --runs N (default 5).
 */
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleHandlers, handlerIds } from '../lib/constructs/bundle';
import { figure, flags, median } from './support/measure';

const { runs } = flags({ runs: 5 });
/** KB and ms. What the budgets of the label handler are made of: a barcode library and a worker pool. */
const usual = { kb: 500, ms: 150 };
const budgets: Record<string, typeof usual> = { 'labels/render-label': { kb: 900, ms: 200 } };

interface Import {
  /** Milliseconds on the clock, and of the processor: the second is the steadier one where others are at work. */
  wall: number;
  cpu: number;
}

/** What `require` of the file takes in a fresh process. */
function importOf(file: string): Promise<Import> {
  const code = `const started = performance.now(), used = process.cpuUsage(); require(${JSON.stringify(file)});
const wall = performance.now() - started, { user, system } = process.cpuUsage(used);
console.log(JSON.stringify({ wall, cpu: (user + system) / 1000 })); process.exit()`;
  return new Promise((resolve, reject) => {
    const env = { ...process.env, AWS_REGION: 'us-east-1', AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };
    const child = spawn(process.execPath, ['-e', code], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk) => (said += chunk));
    child.on('close', (status) =>
      status === 0 ? resolve(JSON.parse(said)) : reject(new Error(`${file} does not load`)),
    );
  });
}

async function main(): Promise<void> {
  const bundles = await bundleHandlers();
  const folder = join(__dirname, '..', 'build', 'bench');
  mkdirSync(folder, { recursive: true });
  const empty = join(folder, 'empty.js');
  writeFileSync(empty, 'exports.handler = async () => {};\n');
  const files = new Map([['an empty handler', empty]]);
  for (const id of handlerIds()) files.set(id, join(bundles.folderOf(id), 'index.js'));
  const times = new Map([...files.keys()].map((name) => [name, [] as Import[]]));
  // Round by round, so that a busy moment does not hit one handler alone.
  for (let run = 0; run < runs; run++) {
    for (const [name, file] of files) times.get(name)!.push(await importOf(file));
  }
  const wallOf = (name: string): number[] => times.get(name)!.map(({ wall }) => wall);
  const cpuOf = (name: string): number => median(times.get(name)!.map(({ cpu }) => cpu));
  const floor = median(wallOf('an empty handler'));
  figure('import, an empty handler', floor, 'ms', `median of ${runs} fresh processes, as all below`);
  for (const id of handlerIds()) {
    const dir = bundles.folderOf(id);
    const bytes = readdirSync(dir)
      .filter((name) => name.endsWith('.js'))
      .reduce((sum, name) => sum + statSync(join(dir, name)).size, 0);
    const budget = budgets[id] ?? usual;
    const ms = median(wallOf(id));
    const over = (value: number, most: number): string => (value > most ? 'OVER ' : '');
    figure(`bundle, ${id}`, bytes / 1000, 'KB', `${over(bytes / 1000, budget.kb)}budget ${budget.kb}`);
    figure(
      `import, ${id}`,
      ms,
      'ms',
      `${over(ms, budget.ms)}budget ${budget.ms}; ${(ms - floor).toFixed(0)} above an empty handler; best ${Math.min(...wallOf(id)).toFixed(0)}; ${cpuOf(id).toFixed(0)} ms of CPU`,
    );
  }
}

void main();
