/**
 * What a function wrote, as people read it in a terminal: one line an entry (time, function, level, message, fields), an
 * error's stack below it with places in the TypeScript. Not shown: START, END and REPORT, and counts in the embedded metric
 * format; `aws logs` has them.
 */
import pc from 'picocolors';

export interface WrittenLine {
  functionName: string;
  /** Milliseconds since 1970; for lines that carry no time of their own. */
  atMs?: number;
  message: string;
}

/** Shown in places of their own, or the same in every line, or only of use to a machine. */
const notRepeated = new Set(
  'level message timestamp service sampling_rate consumer eventId correlation cause messageId stack errorName error'.split(
    ' ',
  ),
);

/** As Lambda's Node.js runtime writes `console.log`: time, request id, level, text. */
const fromConsole = /^(\d{4}-\d\d-\d\dT[\d:.]+Z)\t[^\t]*\t([A-Z]+)\t([\s\S]*)$/;

const colours: Record<string, (text: string) => string> = { ERROR: pc.red, WARN: pc.yellow, INFO: pc.green };

/** Undefined where there is nothing for a reader. */
export function renderLogLine({ functionName, atMs, message }: WrittenLine): string | undefined {
  const text = message.trimEnd();
  if (text === '' || /^(START|END|REPORT) RequestId: /.test(text)) return undefined;
  const entry = parse(text);
  if (entry && '_aws' in entry) return undefined;
  if (!entry || typeof entry.message !== 'string') {
    const [, time, level, rest] = fromConsole.exec(text) ?? [];
    const at = time ? Date.parse(time) : atMs;
    const parts = [at === undefined ? '' : pc.dim(clock(at)), level && inColour(level), pc.bold(functionName)];
    return [...parts.filter(Boolean), withPlaces(rest === undefined ? text : invokeError(rest))].join('  ');
  }
  const level = String(entry.level ?? 'INFO');
  const fields = Object.entries(entry).filter(([name, value]) => !notRepeated.has(name) && hasContent(value));
  if (entry.correlation !== entry.key && hasContent(entry.correlation)) fields.push(['correlation', entry.correlation]);
  const line = [
    pc.dim(clock(Date.parse(String(entry.timestamp)) || (atMs ?? 0))),
    inColour(level),
    pc.bold(String(entry.service ?? functionName)),
    entry.message,
    ...(entry.error === undefined ? [] : [pc.red(`${entry.errorName ?? 'Error'}: ${entry.error}`)]),
    ...fields.map(([name, value]) => `${pc.dim(`${name}=`)}${short(value)}`),
  ].join('  ');
  return typeof entry.stack === 'string' ? `${line}\n${frames(entry.stack)}` : line;
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    const value = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const inColour = (level: string): string => (colours[level] ?? pc.dim)(level.padEnd(5));

/** What a handler threw, which the runtime writes as JSON on one line. */
function invokeError(text: string): string {
  const [, json] = /^Invoke Error \t(\{[\s\S]*\})$/.exec(text) ?? [];
  const error = json === undefined ? undefined : parse(json);
  if (!error) return text;
  const stack = Array.isArray(error.stack) ? error.stack.slice(1).map((line) => `\n${line}`) : [];
  return `${pc.red(`${error.errorType}: ${error.errorMessage}`)}${pc.dim(stack.join(''))}`;
}

const clock = (ms: number): string => new Date(ms).toISOString().slice(11, 23);

const hasContent = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== '' && !(Array.isArray(value) && value.length === 0);

/** Lists by what names their members: emitted=BookingOpened,LabelRendered. */
function short(value: unknown): string {
  if (Array.isArray(value)) return value.map((one) => (one as { type?: string } | null)?.type ?? short(one)).join(',');
  if (typeof value === 'object' && value !== null) return JSON.stringify(value);
  const text = String(value);
  return /\s/.test(text) ? JSON.stringify(text) : text;
}

/** The frames that are the project's own; all of them where none is. */
function frames(stack: string): string {
  const all = withPlaces(stack).split('\n').slice(1);
  const own = all.filter((line) => !/node_modules|\(node:|<anonymous>/.test(line));
  return pc.dim((own.length > 0 ? own : all).join('\n'));
}

/** A source map of a bundle gives places below the bundle's folder; a reader wants them below the project's. */
const withPlaces = (text: string): string => text.replace(/(?:file:\/\/)?\/[^\s()]*\/asset\.[0-9a-f]{64}\//g, '');
