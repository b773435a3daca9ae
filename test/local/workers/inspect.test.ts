/**
 * `baton local --inspect`: a debugger stops in the TypeScript of a handler. A client of the inspector protocol does here
 * what a debugger does: finds the thread, reads the source map, sets the breakpoint, looks at a variable, goes on.
 * Source: Chrome DevTools protocol (Debugger, Runtime); Node's NodeWorker domain.
 */
import inspector, { Session } from 'node:inspector';
import { SourceMap } from 'node:module';
import { transformSync } from 'esbuild';
import type { Finished } from '../../../lib/local/services/service';
import { createWorkerRuntime } from '../../../lib/local/workers';
import { codeDir, invocation } from '../sandbox/support';

test('a breakpoint in TypeScript is hit, and shows its variables', async () => {
  const source = `export const handler = async (event: { parcels: number }) => {
  const doubled = event.parcels * 2;
  return { doubled };
};`;
  // Not minified, as --inspect and --watch have it.
  const { code: js, map: text } = transformSync(source, {
    loader: 'ts',
    format: 'cjs',
    sourcemap: true,
    sourcefile: 'greet.ts',
  });
  const folder = codeDir({ 'index.js': js });
  const map = new SourceMap(JSON.parse(text));
  const code = js.split('\n');
  // Where line 3 of the TypeScript ('return') begins in the bundle; both count from 0 here.
  const place = code
    .flatMap((line, lineNumber) => [...line].map((_, columnNumber) => ({ lineNumber, columnNumber })))
    .find(({ lineNumber, columnNumber }) => {
      const entry = map.findEntry(lineNumber, columnNumber) as { originalLine?: number; originalSource?: string };
      return entry.originalLine === 2 && entry.originalSource?.endsWith('greet.ts');
    })!;
  // Any free port: somebody's debugger may have the usual one.
  inspector.open(0, '127.0.0.1');
  const runtime = createWorkerRuntime({ endpoint: 'http://127.0.0.1:1', log: () => {}, inspect: true });
  const client = new Session();
  client.connect();
  try {
    expect(inspector.url()).toMatch(/^ws:\/\/127\.0\.0\.1:/);
    const bus = client as any;
    const invoke = (parcels: number, cold: boolean): Promise<Finished> =>
      new Promise((resolve) =>
        runtime.run(
          invocation(folder, { parcels }, Date.now(), { environmentId: 'debug', cold, timeoutSeconds: 1 }),
          resolve,
        ),
      );
    const attached = new Promise<string>((resolve) =>
      bus.on('NodeWorker.attachedToWorker', ({ params }: any) => {
        // esbuild has a thread of its own.
        if (!params.workerInfo.url.includes('esbuild')) resolve(params.sessionId);
      }),
    );
    bus.post('NodeWorker.enable', { waitForDebuggerOnStart: true });
    const running = invoke(21, true);
    const sessionId = await attached;

    const answers = new Map<number, (result: any) => void>();
    let paused: (params: any) => void = () => {};
    bus.on('NodeWorker.receivedMessageFromWorker', ({ params }: any) => {
      const { id, method, params: more, result } = JSON.parse(params.message);
      if (method === 'Debugger.paused') paused(more);
      answers.get(id)?.(result);
    });
    let ids = 0;
    const ask = (method: string, params: object = {}): Promise<any> =>
      new Promise((resolve) => {
        answers.set(++ids, resolve);
        bus.post('NodeWorker.sendMessageToWorker', { sessionId, message: JSON.stringify({ id: ids, method, params }) });
      });
    await ask('Debugger.enable');
    await ask('Debugger.setBreakpointByUrl', { urlRegex: '.*index\\.js$', ...place });
    const hit = new Promise<any>((resolve) => (paused = resolve));
    await ask('Runtime.runIfWaitingForDebugger');
    const [frame] = (await hit).callFrames;
    expect(map.findEntry(frame.location.lineNumber, frame.location.columnNumber)).toMatchObject({ originalLine: 2 });
    const { result } = await ask('Debugger.evaluateOnCallFrame', {
      callFrameId: frame.callFrameId,
      expression: 'doubled',
    });
    expect(result.value).toBe(42);
    await ask('Debugger.resume');
    expect(await running).toMatchObject({ functionError: undefined, payload: '{"doubled":42}' });
  } finally {
    client.disconnect();
    await runtime.stop();
    inspector.close();
  }
});
