/**
 * What happened around a violation, as lines that people read. From the trace: what names a business id of the violation,
 * every fault, and every function that failed; so an incident of a few ids among thousands of entries stays on one screen.
 */
import type { Millis, TraceEntry } from '../local/ports';
import type { Violation } from './seed';

export interface Line {
  /** Since the start of the run. */
  atMs: Millis;
  from: string;
  to: string;
  text: string;
  fault: boolean;
}

const shownAtMost = 120;
/** What concerns everybody, whoever a violation is about. */
const alwaysShown = new Set(['fault', 'finished', 'deployed']);

/** Ids in 'quotes', and what looks like one: at least a letter, a digit and a separator, such as bk-3. */
export function subjectsOf(violations: readonly Violation[]): string[] {
  const found = new Set<string>();
  for (const { found: text } of violations) {
    for (const [, quoted] of text.matchAll(/'([^'\s]{3,80})'/g)) found.add(quoted!);
    for (const [word] of text.matchAll(/\b[A-Za-z][\w]*-[\w-]*\d[\w-]*\b/g)) if (word.length <= 80) found.add(word);
  }
  return [...found];
}

/** In order of time, counted from `startMs`; what is left out in the middle is counted in a line of its own. */
export function timelineOf(trace: readonly TraceEntry[], violations: readonly Violation[], startMs: Millis): Line[] {
  const subjects = subjectsOf(violations);
  // What belongs to an event of a subject belongs to the subject.
  const related = new Set(subjects);
  const typeOf = new Map<string, string>();
  const lines: Line[] = [];
  for (const entry of trace) {
    if (entry.kind === 'published') typeOf.set(String(entry.id), String(entry.detailType));
    const line = lineOf(entry, typeOf);
    if (!line) continue;
    const text = entry.kind === 'fault' ? '' : JSON.stringify(entry);
    const concerns = subjects.length === 0 || [...related].some((id) => text.includes(id));
    if (concerns && entry.kind === 'published') related.add(String(entry.id));
    if (concerns || alwaysShown.has(entry.kind)) lines.push({ atMs: entry.at - startMs, ...line });
  }
  if (lines.length <= shownAtMost) return lines;
  const half = shownAtMost / 2;
  const left = lines.length - shownAtMost;
  const gap: Line = { atMs: lines[half]!.atMs, from: '', to: '', text: `... ${left} more ...`, fault: false };
  return [...lines.slice(0, half), gap, ...lines.slice(-half)];
}

/**
 * 'arn:aws:sqs:...:Stack-OrdersQueueC0ABCA9B-BE8LZFYK4E8O' -> 'Orders': what CloudFormation and the CDK put around a name
 * is left out, and whether it is the queue or the function behind it, so that both are one lane.
 */
export function short(name: unknown): string {
  const last = String(name ?? '')
    .split(/[/:]/)
    .at(-1)!;
  const logical = /^[A-Za-z]\w*-(\w+)-[0-9A-Z]{10,13}$/.exec(last)?.[1];
  if (logical === undefined) return last;
  // A name that became too long was cut, its ending first.
  const bare = logical.replace(/[0-9A-F]{8}$/, '');
  return bare.replace(/(Handler)?(Func[a-z]*|Queue)[0-9A-F]{0,8}$/, '') || bare;
}

/** Enough of a long id to tell it from others. */
const shortId = (id: unknown): string => (String(id).length > 40 ? `${String(id).slice(0, 12)}...` : String(id));

function lineOf(entry: TraceEntry, typeOf: Map<string, string>): Omit<Line, 'atMs'> | undefined {
  const e = entry as any;
  const plain = (from: string, to: string, text: string): Omit<Line, 'atMs'> => ({ from, to, text, fault: false });
  const event = (): string => typeOf.get(e.eventId) ?? 'an event';
  switch (entry.kind) {
    case 'published':
      return plain(
        e.source,
        'bus',
        `${e.detailType} ${shortId(e.detail?.meta?.id ?? '')}${e.replay ? ' (replayed)' : ''}`.trim(),
      );
    case 'delivered':
      return plain('bus', short(e.target), `${event()}${e.attempts > 1 ? ` at attempt ${e.attempts}` : ''}`);
    case 'delivery-retry':
      return plain('bus', short(e.target), `${event()} not delivered: ${e.error}; will be tried again`);
    case 'dead-lettered':
      return plain(
        short(e.queue ?? e.bus),
        short(e.deadLetters),
        `dead-lettered${e.receiveCount ? ` after ${e.receiveCount} receives` : ''}`,
      );
    case 'dropped':
      return plain('bus', short(e.target), `${event()} DROPPED: ${e.reason}`);
    case 'finished':
      return e.functionError
        ? plain(
            short(e.functionName),
            short(e.functionName),
            `${e.functionError}: ${String(e.error ?? '').slice(0, 200)}`,
          )
        : undefined;
    case 'execution':
      return plain(short(e.stateMachine), short(e.stateMachine), `${short(e.executionArn)} ${e.status}`);
    case 'fault':
      return {
        from: short(e.functionName ?? e.from ?? 'AWS'),
        to: e.service ?? e.to ?? short(e.functionName ?? ''),
        text: `${e.fault}${e.operation ? ` at ${e.operation}` : ''}${e.parameters ? ` ${JSON.stringify(e.parameters)}` : ''}`,
        fault: true,
      };
    case 'log': {
      const said = sayingOf(e.message);
      return said ? plain(short(e.functionName), short(e.functionName), said) : undefined;
    }
    case 'deployed':
      return plain('AWS', short(e.functionName), 'runs the new code from here on');
    case 'bug':
      return plain(e.service, e.service, `BUG: ${e.error}`);
    default:
      return undefined;
  }
}

/** The sentence of a structured log line; lines of the platform and metrics say nothing here. */
function sayingOf(message: string): string | undefined {
  if (/^(START|END|REPORT) /.test(message) || message.includes('"_aws"')) return undefined;
  try {
    const { level, message: said, reason, error } = JSON.parse(message);
    if (level === 'DEBUG') return undefined;
    return [level === 'INFO' ? '' : level, said, reason, error?.message].filter(Boolean).join(': ').slice(0, 200);
  } catch {
    return message.slice(0, 200);
  }
}

/** '+00:01:02.345' */
export function clock(ms: Millis): string {
  const pad = (value: number, length = 2): string => String(value).padStart(length, '0');
  const seconds = Math.floor(ms / 1000);
  return `+${pad(Math.floor(seconds / 3600))}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}.${pad(ms % 1000, 3)}`;
}

export const renderTimeline = (lines: readonly Line[]): string =>
  lines
    .map(({ atMs, from, to, text, fault }) => {
      const way = from === to || to === '' ? from : `${from} -> ${to}`;
      return `  ${clock(atMs)} ${fault ? '!' : ' '} ${way}${way ? ': ' : ''}${text}`;
    })
    .join('\n');
