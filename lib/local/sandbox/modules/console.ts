/** `console` as Lambda's runtime patches it: six methods write log lines, the rest write to stdout. */
import { Console } from 'node:console';
import type { Writable } from 'node:stream';
import { format } from 'node:util';
import { consoleLine, jsonLogLine, type Level } from '../lambda';
import { lazily } from '../lazily';
import type { Life } from '../life';
import { leadingToConsole, type Methods } from './console-class';

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
  const console: Methods = {};
  // Node makes a console with all its methods at once, and few functions use these. What they print goes by way of ours,
  // as it is by then.
  const rest = lazily(() => {
    const made = new Console({ stdout: ports.stdout, stderr: ports.stderr }) as unknown as Methods;
    for (const name of Object.keys(levels)) made[name] = (...parts) => console[name]!(...parts);
    return made;
  });
  leadingToConsole(console, rest);
  for (const [name, level] of Object.entries(levels)) {
    console[name] = (...parts) => {
      const [at, requestId] = [life.now(), ports.requestId()];
      ports.print(
        ports.json ? jsonLogLine(at, requestId, level, parts) : consoleLine(at, requestId, level, format(...parts)),
      );
    };
  }
  // Loggers write to these.
  for (const [name, value] of Object.entries({ _stdout: ports.stdout, _stderr: ports.stderr }))
    Object.defineProperty(console, name, { value, writable: true, configurable: true });
  const started = new Map<string, number>();
  const report = (label: string): void => {
    const since = started.get(label);
    if (since !== undefined) console.log!(`${label}: ${life.now() - since}ms`);
  };
  console.time = (label = 'default') => void started.set(String(label), life.now());
  console.timeLog = (label = 'default') => report(String(label));
  console.timeEnd = (label = 'default') => {
    report(String(label));
    started.delete(String(label));
  };
  return console;
}
