/** A sandbox runtime on virtual time, over handlers that a test writes to a temporary folder. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { type Faults, noFaults } from '../../../lib/local/ports';
import { seededRandom } from '../../../lib/local/random';
import { createSandboxRuntime, type FunctionLog } from '../../../lib/local/sandbox';
import type { Finished, FunctionRuntime, Invocation } from '../../../lib/local/services/service';
import { VirtualTime } from '../../../lib/local/virtual-time';
import type { HttpRequest, HttpResponse, Transport } from '../../../lib/local/wire/transport';

const folders: string[] = [];
afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** Files by name, in a new folder. */
export function codeDir(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-code-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

/** TypeScript text -> a folder with the minified bundle and its map, as constructs make them. */
export function bundled(source: string, options: { format?: 'cjs' | 'esm'; extension?: string } = {}): string {
  const folder = codeDir({});
  const format = options.format ?? 'cjs';
  buildSync({
    stdin: { contents: source, resolveDir: join(__dirname, '../../..'), sourcefile: 'lambdas/greet.ts', loader: 'ts' },
    bundle: true,
    minify: true,
    keepNames: true,
    platform: 'node',
    target: 'node20',
    format,
    mainFields: ['module', 'main'],
    sourcemap: true,
    sourcesContent: false,
    outfile: join(folder, `index.${options.extension ?? (format === 'esm' ? 'mjs' : 'js')}`),
    banner:
      format === 'esm'
        ? { js: "import { createRequire as $cr } from 'node:module'; const require = $cr(import.meta.url);" }
        : {},
    logLevel: 'silent',
  });
  return folder;
}

export const json = (status: number, value: unknown): HttpResponse => ({
  status,
  headers: { 'content-type': 'application/x-amz-json-1.0' },
  body: Buffer.from(JSON.stringify(value)),
});

export interface Invoked {
  environmentId?: string;
  cold?: boolean;
  timeoutSeconds?: number;
  variables?: Record<string, string>;
  handler?: string;
}

let invocations = 0;

export function invocation(folder: string, event: unknown, now: number, how: Invoked = {}): Invocation {
  const id = `00000000-0000-4000-8000-${String(++invocations).padStart(12, '0')}`;
  const timeoutSeconds = how.timeoutSeconds ?? 3;
  const functionArn = 'arn:aws:lambda:us-east-1:123456789012:function:greet';
  return {
    invocationId: id,
    requestId: id,
    functionArn,
    functionName: 'greet',
    environmentId: how.environmentId ?? 'greet/1',
    cold: how.cold ?? true,
    payload: JSON.stringify(event),
    deadlineMs: now + timeoutSeconds * 1000,
    environment: {
      functionName: 'greet',
      functionArn,
      version: '$LATEST',
      codeDir: folder,
      handler: how.handler ?? 'index.handler',
      memoryMb: 256,
      timeoutSeconds,
      variables: how.variables ?? {},
      logGroupName: '/aws/lambda/greet',
    },
  };
}

export interface Sandbox {
  time: VirtualTime;
  runtime: FunctionRuntime;
  logs: FunctionLog[];
  requests: HttpRequest[];
  invoke(folder: string, event: unknown, how?: Invoked): Promise<Finished & { json: any }>;
}

export function sandbox(options: { seed?: string; faults?: Faults; transport?: Transport } = {}): Sandbox {
  invocations = 0;
  const random = seededRandom(options.seed ?? 'test');
  const time = new VirtualTime(Date.UTC(2026, 10, 24, 9), random);
  const logs: FunctionLog[] = [];
  const requests: HttpRequest[] = [];
  const runtime = createSandboxRuntime({
    scheduler: time,
    random,
    faults: options.faults ?? noFaults,
    hostWork: time.hostWork,
    log: (entry) => logs.push(entry),
    transport: async (request, origin) => {
      requests.push(request);
      return (await options.transport?.(request, origin)) ?? json(200, {});
    },
  });
  return {
    time,
    runtime,
    logs,
    requests,
    async invoke(folder, event, how) {
      let finished: Finished | undefined;
      runtime.run(invocation(folder, event, time.now(), how), (result) => {
        finished = result;
      });
      await time.run({ untilMs: time.now() + 1_000_000, stop: () => finished !== undefined });
      if (!finished) throw new Error('the invocation did not finish within 1000 virtual seconds');
      return { ...finished, json: JSON.parse(finished.payload) };
    },
  };
}
