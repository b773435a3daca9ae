/**
 * The conductor of a saga: `export const handler = conduct(bookParcel)`. It starts an execution for each event that begins
 * one, and tells the machine the answers to what it asked. Nothing else starts or resumes it.
 *
 * 1. An execution is named by the business key: the same start again is one that exists, and is acknowledged.
 * 2. S1: answers are not told apart by their ids. Telling one twice does no harm: the token of a task that has its answer,
 *    or that nobody waits for any more, is dead, and what comes for it is acknowledged.
 * 3. An answer counts for the step that it names, if it is one of that step's answers and about the execution's own key.
 *    Anything else is no answer: an event that answers nobody is acknowledged, one that lies goes to the dead letters.
 * 4. The machine is told the fields that a later step asks with, and no others: 256 KiB are its limit for a state.
 *    What is larger than we allow is refused before (`sagaLimits`): send it by claim check.
 * Source: Step Functions API reference, StartExecution, SendTaskSuccess, SendTaskFailure, SendTaskHeartbeat.
 */
import {
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import type { ReadEvent } from '../../lib/contracts/envelope';
import { environment as variables } from '../../lib/contracts/environment';
import type { Reply } from '../../lib/contracts/kit';
import { type Answers, answersOf, controlSteps, type Saga, sagaLimits } from '../../lib/contracts/saga';
import { inLanes, lanesOf } from './batch';
import { type Handler, handlerOf } from './consume';
import * as env from './environment';
import { isRejection, messageOf, nameOf, RejectedError } from './errors';
import { type Failing, failureOf, redeliver, refuseOtherThanBatch, reject } from './failures';
import { createCounter, createLog } from './log';
import { type Message, readMessage, refuseOld, type Unreadable } from './message';
import { deadlines, patiently } from './patience';

export function conduct(saga: Saga): Handler {
  const consumer = saga.conductor;
  const log = createLog(consumer.id);
  const counter = createCounter(consumer.id);
  const answers = answersOf(saga);
  const work = async (event: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    refuseOtherThanBatch(consumer, event);
    const failing: Failing = { consumer, counter, log, deadlines: deadlines(context.getRemainingTimeInMillis()) };
    const one = async (message: Message | Unreadable): Promise<boolean> => {
      try {
        if (!message.event) throw message.error;
        await tell(saga, answers, failing, message.event);
        return true;
      } catch (error) {
        return isRejection(error) ? reject(failing, message, error) : redeliver(failing, message, error);
      }
    };
    const messages = event.Records.map((sqs) => readMessage(consumer, () => ({}), sqs));
    const failed = await inLanes(
      lanesOf(messages, ({ event, sqs }) => [event?.meta.key ?? sqs.messageId]),
      one,
    );
    return { batchItemFailures: failed.map(failureOf) };
  };
  return handlerOf(work, counter);
}

async function tell(saga: Saga, answers: Map<string, Answers>, failing: Failing, event: ReadEvent): Promise<void> {
  if (event.eventType === saga.on) return start(saga, failing, event);
  const reply = event.meta.inReplyTo;
  const log = failing.log.for(event.meta, { type: event.type, step: reply?.step });
  if (reply?.saga !== saga.id) return log.info('answers nothing that this saga asked');
  const means = answers.get(reply.step);
  const kind = means && (['yes', 'no', 'alive'] as const).find((one) => means[one].includes(event.eventType));
  if (!kind || event.meta.key !== reply.execution) {
    throw new RejectedError(
      `${event.type} about ${event.meta.key} says that it answers step '${reply.step}' of execution ${reply.execution}; it is no answer to that`,
    );
  }
  const told = await send(failing, commandOf(saga, event, reply, kind));
  failing.counter.count(told ? 'handled' : 'duplicate');
  log.info(told ? 'told the saga' : 'nobody waits for this answer any more', { means: kind });
}

async function start(saga: Saga, failing: Failing, { meta, data, type }: ReadEvent): Promise<void> {
  refuseOld(meta);
  const { id, correlation, key, hop, traceparent } = meta;
  const input = JSON.stringify({ meta: { id, correlation, key, hop, ...(traceparent ? { traceparent } : {}) }, data });
  const bytes = Buffer.byteLength(input);
  if (bytes > sagaLimits.startBytes) {
    throw new RejectedError(
      `${saga.id} would start with a ${type} of ${bytes} bytes; at most ${sagaLimits.startBytes}. Put what is large into a bucket and send a claim check`,
    );
  }
  const log = failing.log.for(meta, { type });
  try {
    await patiently(failing.deadlines.commitByMs, () =>
      env
        .states()
        .send(new StartExecutionCommand({ stateMachineArn: env.variable(variables.sagaArn), name: key, input })),
    );
    failing.counter.count('handled');
    log.info('the saga is started', { execution: key });
  } catch (error) {
    if (nameOf(error) === 'InvalidName')
      throw new RejectedError(`'${key}' cannot name an execution: ${messageOf(error)}`);
    if (nameOf(error) !== 'ExecutionAlreadyExists') throw error;
    failing.counter.count('duplicate');
    log.info('the saga was started before', { execution: key });
  }
}

type Command = SendTaskSuccessCommand | SendTaskFailureCommand | SendTaskHeartbeatCommand;

function commandOf(saga: Saga, { type, data }: ReadEvent, { step, token }: Reply, kind: keyof Answers): Command {
  if (kind === 'alive') return new SendTaskHeartbeatCommand({ taskToken: token });
  if (kind === 'no') {
    const error = step === controlSteps.watch ? 'Saga.Cancelled' : 'Saga.Refused';
    const cause = String(data.reason ?? type).slice(0, sagaLimits.reasonCharacters);
    return new SendTaskFailureCommand({ taskToken: token, error, cause });
  }
  const fields = step === controlSteps.park ? ['decision'] : saga.wanted;
  const wanted = Object.fromEntries(
    fields.filter((field) => data[field] !== undefined).map((field) => [field, data[field]]),
  );
  const output = JSON.stringify({ step, type, data: wanted });
  const bytes = Buffer.byteLength(output);
  if (bytes <= sagaLimits.answerBytes) return new SendTaskSuccessCommand({ taskToken: token, output });
  const cause = `${type} brings ${bytes} bytes that later steps ask with; at most ${sagaLimits.answerBytes}. Put what is large into a bucket and answer with a claim check`;
  return new SendTaskFailureCommand({ taskToken: token, error: 'Saga.AnswerTooLarge', cause });
}

/** True: the machine knows it now. False: the token is dead. */
async function send(failing: Failing, command: Command): Promise<boolean> {
  try {
    // The three commands share no type that `send` takes.
    await patiently(failing.deadlines.commitByMs, () => env.states().send(command as SendTaskSuccessCommand));
    return true;
  } catch (error) {
    const name = nameOf(error);
    if (name === 'TaskDoesNotExist' || name === 'TaskTimedOut') return false;
    if (name === 'InvalidToken')
      throw new RejectedError(`the answer's token is none of Step Functions': ${messageOf(error)}`);
    throw error;
  }
}
