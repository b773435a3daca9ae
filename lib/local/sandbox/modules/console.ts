/** `console` as Lambda's runtime patches it: six methods write log lines, the rest write to stdout. */
import { Console } from 'node:console';
import type { Writable } from 'node:stream';
import { format } from 'node:util';
import { consoleLine, jsonLogLine, type Level } from '../lambda';
import type { Life } from '../life';

const levels: Record<string, Level> = {
  log: 'INFO',
  info: 'INFO',
  debug: 'DEBUG',
  warn: 'WARN',
  error: 'ERROR',
  trace: 'TRACE',
  fatal: 'FATAL',
};

export function createConsole(
  life: Life,
  ports: {
    stdout: Writable;
    stderr: Writable;
    json: boolean;
    print(line: string): void;
    requestId(): string | undefined;
  },
): object {
  const console = new Console({ stdout: ports.stdout, stderr: ports.stderr }) as unknown as Record<string, unknown>;
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...parts: unknown[]) => {
      const [at, requestId] = [life.now(), ports.requestId()];
      ports.print(
        ports.json ? jsonLogLine(at, requestId, level, parts) : consoleLine(at, requestId, level, format(...parts)),
      );
    };
  }
  const started = new Map<string, number>();
  const report = (label: string): void => {
    const since = started.get(label);
    if (since !== undefined) (console.log as (text: string) => void)(`${label}: ${life.now() - since}ms`);
  };
  console.time = (label = 'default') => void started.set(String(label), life.now());
  console.timeLog = (label = 'default') => report(String(label));
  console.timeEnd = (label = 'default') => {
    report(String(label));
    started.delete(String(label));
  };
  return console;
}
