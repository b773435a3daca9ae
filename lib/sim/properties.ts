/**
 * What every app promises without writing anything. Read from the trace and the final state alone; nothing of any app.
 *
 * 1. Every accepted event ends, for each rule's target that it matched, delivered or in that target's dead letters.
 * 2. Every message of a queue that a function is mapped to ends handled or dead-lettered: none is dropped by age.
 * 3. One committed effect per key: an event published again under the same id (`detail.meta.id` or `detail.id`) says the
 *    same; and two events of one cause (`detail.meta.cause`), equal in source, type and data, have one id.
 * 4. Every state machine execution has succeeded, or has failed on purpose: in a Fail state, after what it caught.
 * 5. No local service has thrown: that would be a bug of Baton, and the run would say nothing of the app.
 */
import type { TraceEntry } from '../local/ports';
import type { FinalView, Property } from './workload';

const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 300 ? `${text.slice(0, 300)}...` : text;
};

interface Published extends TraceEntry {
  id: string;
  source: string;
  detailType: string;
  detail: any;
}

const publishedIn = (trace: readonly TraceEntry[]): Published[] =>
  trace.filter(({ kind }) => kind === 'published') as Published[];

const deliveredOrDeadLettered: Property = {
  name: 'delivered-or-dead-lettered',
  says: 'Every published event ends, for each subscriber, handled or in its dead letters.',
  check({ trace }) {
    const found: string[] = [];
    const typeOf = new Map(publishedIn(trace).map(({ id, source, detailType }) => [id, `${source}/${detailType}`]));
    for (const entry of trace) {
      // A schedule's own tick that is given up is no published event: the next one comes.
      const what = entry.kind === 'dropped' ? typeOf.get(String(entry.eventId)) : undefined;
      if (what !== undefined) {
        found.push(
          `${what} (${entry.eventId}) was dropped on its way to ${entry.target ?? entry.bus}: ${entry.reason}`,
        );
      }
      if (entry.kind === 'expired') {
        found.push(`message ${entry.messageId} of ${entry.queue} was never handled and became too old`);
      }
    }
    return found;
  },
};

const handledOrDeadLettered: Property = {
  name: 'handled-or-dead-lettered',
  says: 'No function that was invoked asynchronously is given up without a destination.',
  check: ({ trace }) =>
    trace
      // A schedule's own tick that is given up is nothing lost: the next one comes.
      .filter(({ kind, destination, tick }) => kind === 'async-failed' && destination === undefined && tick !== true)
      .map((entry) => `${entry.functionName} was given up: ${shown(entry)}`),
};

const oneEffectPerKey: Property = {
  name: 'one-effect-per-key',
  says: 'What is published twice under one id is the same; what one event caused is published under one id.',
  check({ trace, sent }) {
    const found: string[] = [];
    // What an outsider publishes under one id is not the app's promise.
    const theirs = new Set(sent.map(({ detail }) => idOf(detail)));
    const byId = new Map<string, string>();
    const byCause = new Map<string, string>();
    for (const { source, detailType, detail } of publishedIn(trace)) {
      const read = typeof detail === 'string' ? parsed(detail) : detail;
      const id = idOf(read);
      if (typeof id !== 'string' || theirs.has(id)) continue;
      const content = `${source}/${detailType} ${JSON.stringify(read.data ?? read)}`;
      const before = byId.get(id);
      if (before === undefined) byId.set(id, content);
      else if (before !== content) found.push(`'${id}' is ${shown(before)} and also ${shown(content)}`);
      const cause = read.meta?.cause;
      // Who asks by a task token (`meta.reply`) may have to ask the same again: another question, with an id of its own.
      if (typeof cause !== 'string' || read.meta.reply) continue;
      // An answer is told to each who asks (`meta.inReplyTo`), under an id for each.
      const effect = `${cause} ${read.meta.inReplyTo?.token ?? ''} ${content}`;
      const known = byCause.get(effect);
      if (known === undefined) byCause.set(effect, id);
      else if (known !== id) {
        found.push(
          `event '${cause}' caused the same ${source}/${detailType} twice: '${known}' and '${id}', ${shown(read.data)}`,
        );
      }
    }
    return [...new Set(found)];
  },
};

const idOf = (detail: any): unknown => detail?.meta?.id ?? detail?.id;

const sagasEnd: Property = {
  name: 'sagas-end',
  says: 'Every state machine execution has finished, or failed on purpose after undoing what it did.',
  check(view) {
    const found: string[] = [];
    for (const { stateMachineArn, type } of view.read('states', 'ListStateMachines', {}).stateMachines ?? []) {
      if (type === 'EXPRESS') continue;
      for (const { executionArn, name, status } of executionsOf(view, stateMachineArn)) {
        if (status === 'SUCCEEDED') continue;
        const machine = String(stateMachineArn).split(':').at(-1);
        const { error, cause } = view.read('states', 'DescribeExecution', { executionArn });
        if (status === 'FAILED' && failedOnPurpose(view, executionArn)) continue;
        const why = error ? `: ${error}${cause ? `: ${String(cause).slice(0, 200)}` : ''}` : '';
        found.push(`execution '${name}' of ${machine} is ${status}${why}`);
      }
    }
    return found;
  },
};

function executionsOf(
  view: FinalView,
  stateMachineArn: string,
): { executionArn: string; name: string; status: string }[] {
  const all = [];
  let nextToken: string | undefined;
  do {
    const page = view.read('states', 'ListExecutions', {
      stateMachineArn,
      maxResults: 1000,
      ...(nextToken ? { nextToken } : {}),
    });
    all.push(...page.executions);
    nextToken = page.nextToken;
  } while (nextToken);
  return all;
}

/** The last state that it entered is a Fail state. */
function failedOnPurpose(view: FinalView, executionArn: string): boolean {
  const { events } = view.read('states', 'GetExecutionHistory', {
    executionArn,
    reverseOrder: true,
    maxResults: 20,
    includeExecutionData: false,
  });
  const entered = (events as { type: string }[]).find(({ type }) => type.endsWith('StateEntered'));
  return entered?.type === 'FailStateEntered';
}

const noBugs: Property = {
  name: 'no-bugs',
  says: 'No local service has thrown: that is a bug of Baton, please report it.',
  check: ({ bugs }) =>
    bugs.map(({ service, operation, error }) => `${service} ${operation} threw ${(error as Error)?.stack ?? error}`),
};

export const generalProperties: readonly Property[] = [
  noBugs,
  deliveredOrDeadLettered,
  handledOrDeadLettered,
  oneEffectPerKey,
  sagasEnd,
];

/**
 * Nothing that fails its schema reaches a handler, for apps whose handlers say what they take: `taken(view)` gives what
 * handlers accepted (from records, logs or the trace), `problem` what is wrong with one of it.
 */
export function onlyValid<T>(
  taken: (view: FinalView) => readonly T[],
  problem: (one: T) => string | undefined,
): Property {
  return {
    name: 'only-valid',
    says: 'Nothing that fails its schema reaches a handler.',
    check: (view) => taken(view).flatMap((one) => problem(one) ?? []),
  };
}

function parsed(text: string): any {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
