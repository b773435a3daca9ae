/** What every bench shares: medians, one line a figure, and a yardstick for machines that other work slows down. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';

// The SDK reads it when a client is built.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

/** The value below which the share `q` (0 to 1) of all lies; NaN of none. */
export function quantile(values: readonly number[], q: number): number {
  const all = sorted(values);
  return all[Math.min(all.length - 1, Math.floor(q * all.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** One figure, one line: `name: value unit   note`. */
export function figure(name: string, value: number, unit: string, note = ''): void {
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  console.log(`${name}: ${value.toFixed(digits)} ${unit}${note ? `   (${note})` : ''}`);
}

/** How long a fresh `node` process that does `code` takes, in ms: the floor of everything that starts a process. */
export function nodeProcessMs(code = '0'): Promise<number> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['-e', code], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('exit', () => resolve(performance.now() - started));
  });
}

/** One thread's work that is always the same (SHA-256 over 32 MB), in ms: what it takes longer, everything takes longer. */
export function yardstickMs(): number {
  const block = Buffer.alloc(1_048_576, 7);
  const started = performance.now();
  const hash = createHash('sha256');
  for (let i = 0; i < 32; i++) hash.update(block);
  hash.digest();
  return performance.now() - started;
}

/** Flags with their defaults: numbers for numbers, switches for booleans. `--help` is not worth it here. */
export function flags<T extends Record<string, number | boolean>>(defaults: T): T {
  const options = Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => [
      name,
      { type: typeof value === 'boolean' ? ('boolean' as const) : ('string' as const) },
    ]),
  );
  const { values } = parseArgs({ options });
  return Object.fromEntries(
    Object.entries(defaults).map(([name, value]) => {
      const given = values[name];
      return [name, given === undefined ? value : typeof value === 'number' ? Number(given) : given];
    }),
  ) as T;
}
