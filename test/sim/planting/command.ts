/**
 * `npm run simulate:planted`: every planted mistake against the workload, faults and properties of `npm run simulate`;
 * says for each which property found it, in how many seeds and how much virtual time. The app as it is passes the same
 * seeds. Exit codes: 0 all found, 1 one was not found, or the app as it is fails, 2 a patch or an option is wrong.
 *
 *   --planted DIR   other mistakes: a folder of *.patch files (git diff), or one such file
 *   --only NAMES    of these, with commas between them
 *   --seeds N       at most so many for each; default 300
 *   --clean N       so many of the app as it is; default: as many as the slowest mistake needed; 0: none
 *   --workers N     default: one for each processor
 *   --json          the table as JSON
 */
import { fork } from 'node:child_process';
import { rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { v8Flags } from '../../../lib/cli/simulate/pool';
import { projectRoot } from '../../../lib/constructs/bundle';
import { assemblyDir } from '../../support/assembly';
import type { Found } from './hunt';
import { applied, type Mistake, PatchError, readMistakes } from './patch';
import { table } from './table';
import type { Task } from './worker';

/** What came of a mistake; `mistake` undefined: the app as it is. */
export interface Row {
  mistake?: Mistake;
  result?: Found;
  /** Why it could not be planted. */
  broken?: string;
}

const defaultSeeds = 300;
const plantedDir = join(projectRoot, 'test', 'sim', 'planted');

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      planted: { type: 'string' },
      only: { type: 'string' },
      seeds: { type: 'string' },
      clean: { type: 'string' },
      workers: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
  const seeds = wholeNumber('seeds', values.seeds, defaultSeeds);
  const workers = wholeNumber('workers', values.workers, availableParallelism());
  const mistakes = chosen(readMistakes(resolve(values.planted ?? plantedDir)), values.only);
  // All that do not fit are told at once, before anything is run.
  const broken = mistakes.map((mistake): Row => ({ mistake, ...whyBroken(mistake) })).filter((row) => row.broken);
  if (broken.length > 0) throw new PatchError(broken.map((row) => row.broken).join('\n'));
  const plain = assemblyDir();
  const started = performance.now();
  const rows = await inParallel(
    mistakes.map((mistake): Row & { task: Task } => ({ mistake, task: { file: mistake.file, seeds } })),
    workers,
  );
  const needed = Math.max(1, ...rows.map(({ result }) => (result?.found ? result.seeds : 0)));
  const clean = wholeNumber('clean', values.clean, needed);
  // In pieces, so that no worker is left without work.
  const pieces = Array.from({ length: Math.min(clean, workers) }, (_, index) => ({
    task: { assembly: plain, seeds: clean, from: index + 1, step: Math.min(clean, workers) },
  }));
  const cleanRows = await inParallel(pieces, workers);
  const seconds = (performance.now() - started) / 1000;
  console.log(
    values.json ? JSON.stringify({ seconds, rows, clean: cleanRows }, null, 2) : table(rows, cleanRows, seconds),
  );
  if (rows.some((row) => row.broken)) return 2;
  return rows.every(({ result }) => result?.found) && cleanRows.every(({ result }) => result && !result.found) ? 0 : 1;
}

function whyBroken(mistake: Mistake): Pick<Row, 'broken'> {
  try {
    applied(mistake, projectRoot);
    return {};
  } catch (error) {
    return { broken: (error as Error).message };
  }
}

function chosen(mistakes: Mistake[], only: string | undefined): Mistake[] {
  if (only === undefined) return mistakes;
  return only.split(',').map((name) => {
    const found = mistakes.find((mistake) => mistake.name === name.trim());
    if (!found)
      throw new PatchError(`there is no mistake '${name}'; there are: ${mistakes.map((one) => one.name).join(', ')}`);
    return found;
  });
}

function wholeNumber(name: string, text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  if (!/^\d{1,6}$/.test(text)) throw new PatchError(`--${name} is '${text}'; a whole number is wanted`);
  return Number(text);
}

/** Each on the next process that is free; rows come back in their order. */
async function inParallel<T extends Row & { task: Task }>(todo: readonly T[], workers: number): Promise<Row[]> {
  const rows: Row[] = [];
  let next = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    const child = fork(join(__dirname, 'worker.ts'), { execArgv: [...v8Flags, '--import', 'tsx'], cwd: projectRoot });
    try {
      for (let index = next++; index < todo.length; index = next++) {
        const { task, ...row } = todo[index]!;
        const answer = await new Promise<Row>((answered, failed) => {
          child.once('message', (message) => answered(message as Row));
          child.once('exit', (code) => failed(new Error(`a worker process ended with ${code}`)));
          child.send(task);
        });
        child.removeAllListeners('exit');
        rows[index] = { ...row, ...answer };
        done++;
        const { result, broken } = rows[index]!;
        const says =
          broken ??
          (result?.found ? `${result.property}, ${result.seeds} seed(s)` : `nothing in ${result?.seeds} seeds`);
        console.error(`${done}/${todo.length} ${row.mistake?.name ?? 'the app as it is'}: ${says}`);
      }
    } finally {
      child.kill();
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, todo.length) }, work));
  return rows;
}

main()
  .catch((error: Error) => {
    console.error(`simulate:planted: ${error.name === 'PatchError' ? error.message : (error.stack ?? error)}`);
    return 2;
  })
  .then((code) => {
    rmSync(join(projectRoot, 'build', 'planted'), { recursive: true, force: true });
    process.exitCode = code;
  });
