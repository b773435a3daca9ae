/** `baton sagas`: what runs, how one stands, and what an operator may say to it. It speaks to a saga by events only. */
import type { ExecutionStatus } from '@aws-sdk/client-sfn';
import pc from 'picocolors';
import type { EventType } from '../../contracts/kit';
import { controlSteps, type Saga, type Step } from '../../contracts/saga';
import { Aws, type WhereOptions } from '../aws';
import { CliError } from '../errors';
import { freshMeta, publish } from '../publish';
import { type AskView, type ExecutionView, findSaga, listExecutions, readAsks, readExecution } from '../sagas/read';
import { renderExecution, statusText, waitingText } from '../sagas/render';

interface Common extends WhereOptions {
  saga?: string;
  json: boolean;
}

const statuses: Record<string, ExecutionStatus> = {
  running: 'RUNNING',
  ended: 'SUCCEEDED',
  failed: 'FAILED',
  stopped: 'ABORTED',
  'timed-out': 'TIMED_OUT',
};
export const statusNames = Object.keys(statuses);

export async function listSagas(options: Common & { status?: string; limit: number }): Promise<void> {
  const aws = Aws.at(options);
  const saga = findSaga(options.saga);
  const status = options.status === undefined ? undefined : statuses[options.status];
  const listed = await listExecutions(aws, saga, { status, limit: options.limit });
  // What it waits for, or how it ended, is one more look at each.
  const views = await Promise.all(
    listed.map(async (one) => {
      const full = (await readExecution(aws, saga, one.key)) ?? one;
      return { ...full, asks: full.status === 'RUNNING' ? await readAsks(aws, full) : [] };
    }),
  );
  if (options.json)
    return console.log(
      JSON.stringify(
        views.map(({ asks, ...view }) => ({ ...view, waitsFor: waitingSteps(asks) })),
        null,
        2,
      ),
    );
  if (views.length === 0)
    return console.log(`No execution of ${saga.id}${options.status ? ` is ${options.status}` : ''} at ${aws.place}.`);
  const now = Date.now();
  for (const view of views) {
    const waits = waitingText(view.asks, now);
    console.log(
      `${pc.dim(view.startedAt)}  ${pc.bold(view.key.padEnd(24))}  ${statusText(view)}${waits ? `  waits for ${waits}` : ''}`,
    );
  }
  if (views.length === options.limit) console.log(pc.dim(`The newest ${options.limit}; --limit shows more.`));
}

const waitingSteps = (asks: readonly AskView[]): string[] =>
  asks.filter(({ outcome }) => outcome === 'waiting').map(({ step }) => step);

export async function showSaga(key: string, options: Common): Promise<void> {
  const aws = Aws.at(options);
  const saga = findSaga(options.saga);
  const { view, asks } = await read(aws, saga, key);
  if (options.json) console.log(JSON.stringify({ ...view, asks }, null, 2));
  else {
    console.log(renderExecution(view, asks, Date.now()));
    const hint = hintFor(saga, view, asks);
    if (hint) console.log(pc.yellow(hint));
  }
}

function hintFor(saga: Saga, { key }: ExecutionView, asks: readonly AskView[]): string | undefined {
  const waiting = asks.filter(({ outcome }) => outcome === 'waiting');
  const parked = waiting.find(({ step }) => step === controlSteps.park);
  if (parked) {
    return `Parked: ${parked.data?.reason}. Mend the cause, then 'baton sagas resume ${key}'; or, when it was done by hand, 'baton sagas resume ${key} --skip'.`;
  }
  const person = personsStep(saga, waiting);
  return person && `${person.name} waits for a person: 'baton sagas approve ${key}', or --refuse '<reason>'.`;
}

const personsStep = (saga: Saga, asks: readonly AskView[]): Step | undefined =>
  saga.phases
    .flat()
    .find(({ name, person }) => person && asks.some((ask) => ask.step === name && ask.outcome === 'waiting'));

export async function cancelSaga(key: string, options: Common & { reason: string }): Promise<void> {
  const aws = Aws.at(options);
  const saga = findSaga(options.saga);
  const { view } = await read(aws, saga, key);
  if (view.status !== 'RUNNING')
    throw new CliError(`${key} cannot be cancelled: it has ended, ${stripped(statusText(view))}.`);
  await say(
    aws,
    saga,
    saga.cancel.request,
    key,
    { reason: options.reason },
    options,
    `'baton sagas show ${key}' shows it being undone`,
  );
}

export async function resumeSaga(key: string, options: Common & { skip: boolean; by: string }): Promise<void> {
  const aws = Aws.at(options);
  const saga = findSaga(options.saga);
  const { view, asks } = await read(aws, saga, key);
  if (!asks.some(({ step, outcome }) => step === controlSteps.park && outcome === 'waiting')) {
    throw new CliError(
      `${key} is not parked: ${stripped(statusText(view))}${view.status === 'RUNNING' ? `, waits for ${waitingText(asks, Date.now()) || 'nothing'}` : ''}. Only a parked saga is resumed.`,
    );
  }
  const decision = options.skip ? 'skip' : 'retry';
  await say(
    aws,
    saga,
    saga.park.request,
    key,
    { decision, by: options.by },
    options,
    `'baton sagas show ${key}' shows what follows`,
  );
}

export async function approveSaga(key: string, options: Common & { by: string; refuse?: string }): Promise<void> {
  const aws = Aws.at(options);
  const saga = findSaga(options.saga);
  const { view, asks } = await read(aws, saga, key);
  const step = personsStep(saga, asks);
  if (!step) {
    const waits = waitingText(asks, Date.now());
    throw new CliError(
      `${key} does not wait for a person's answer: ${stripped(statusText(view))}${waits ? `, waits for ${waits}` : ''}.`,
    );
  }
  const answer = {
    approver: options.by,
    granted: options.refuse === undefined,
    ...(options.refuse === undefined ? {} : { reason: options.refuse }),
  };
  await say(aws, saga, step.person!, key, answer, options, `'baton sagas show ${key}' shows how it goes on`);
}

async function read(aws: Aws, saga: Saga, key: string): Promise<{ view: ExecutionView; asks: AskView[] }> {
  const view = await readExecution(aws, saga, key);
  if (!view)
    throw new CliError(
      `No execution of ${saga.id} at ${aws.place} is named '${key}'. 'baton sagas list' prints them; one that was refused at once never was one: 'baton trace ${key}'.`,
    );
  return { view, asks: await readAsks(aws, view) };
}

async function say(
  aws: Aws,
  saga: Saga,
  event: EventType,
  key: string,
  data: object,
  options: Common,
  then: string,
): Promise<void> {
  const meta = freshMeta();
  await publish(aws, event, { meta, data: { [saga.on.keyField]: key, ...data } });
  if (options.json) console.log(JSON.stringify({ type: event.name, id: meta.id, key }));
  else console.log(`Published ${event.name} of ${key} to ${aws.place}. In a moment ${then}.`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours of the terminal.
const stripped = (text: string): string => text.replace(/\u001b\[\d+m/g, '');
