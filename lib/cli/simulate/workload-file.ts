/** A workload file, TypeScript or JavaScript, is bundled in memory and loaded as a module of its own folder. */
import { existsSync } from 'node:fs';
import Module from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { buildSync } from 'esbuild';
import type { Property, SimulateOptions, Workload } from '../../sim';
import { CliError } from '../errors';
import { showPlacesOf } from '../places';
import { projectRoot } from '../project';

export interface WorkloadFile {
  workload: Workload;
  properties: readonly Property[];
  /** The workload of exhaustive runs; default: `workload`. */
  single: Workload;
  timing?: SimulateOptions['timing'];
}

/** Throws CliError with what the file lacks. */
export function loadWorkload(path: string): WorkloadFile {
  const file = resolve(path);
  if (!existsSync(file)) {
    throw new CliError(`there is no workload file ${file}; see docs/simulate.md for how to write one`, 2);
  }
  let code: string;
  let map: string | undefined;
  try {
    const built = buildSync({
      entryPoints: [file],
      bundle: true,
      platform: 'node',
      target: 'node20',
      format: 'cjs',
      packages: 'external',
      sourcemap: 'external',
      outfile: `${file}.js`,
      write: false,
      logLevel: 'silent',
    });
    const text = (end: string): string => built.outputFiles.find(({ path }) => path.endsWith(end))!.text;
    code = text('.js');
    map = text('.map');
  } catch (error) {
    throw new CliError(`the workload file ${file} does not build: ${(error as Error).message}`, 2);
  }
  showPlacesOf(file, () => map);
  const loaded = run(code, file);
  const { workload, properties = [], single = workload, timing } = loaded as Partial<WorkloadFile>;
  if (typeof workload?.run !== 'function' || typeof workload.name !== 'string') {
    throw new CliError(
      `${file} must export \`workload\`: { name, run(app, random) }; it exports ${Object.keys(loaded).join(', ') || 'nothing'}`,
      2,
    );
  }
  if (!Array.isArray(properties) || properties.some(({ name, check }) => !name || typeof check !== 'function')) {
    throw new CliError(`\`properties\` of ${file} must be a list of { name, says, check(view) }`, 2);
  }
  return { workload, properties, single: single as Workload, timing };
}

/** Its packages are looked for beside it, then beside Baton. */
function run(code: string, file: string): object {
  const Internal = Module as unknown as { new (id: string): any; _nodeModulePaths(from: string): string[] };
  const module = new Internal(file);
  module.filename = file;
  module.paths = [...Internal._nodeModulePaths(dirname(file)), join(projectRoot, 'node_modules')];
  module._compile(code, file);
  return module.exports;
}
