/**
 * Which targets a rule may have here, and how each is called.
 * Modelled: SQS (standard and FIFO), Lambda, another event bus, CloudWatch Logs, Step Functions, SNS.
 * Source: User Guide, "Event bus targets"; API reference Target, SqsParameters; "Dynamic path parameters".
 */
import type { Json, ServiceName, ServiceOptions } from '../service';
import { parseArn } from './arns';
import { constraint, invalidParameter, notModelled, validation } from './errors';
import type { BusEvent } from './event';
import { parsePath, valueAt } from './json-path';
import { InvalidInputError, undefinedPlaceholders } from './transform';

export interface TargetCall {
  to: ServiceName;
  operation: string;
  input: Json;
}

type Caller = (arn: string, input: string, target: Json, event: BusEvent, options: ServiceOptions) => TargetCall;

const callers: Record<string, Caller | undefined> = {
  sqs: (arn, input, target, event, options) => ({
    to: 'sqs',
    operation: 'SendMessage',
    input: {
      QueueUrl: queueUrl(arn, options),
      MessageBody: input,
      ...(target.SqsParameters?.MessageGroupId === undefined
        ? {}
        : { MessageGroupId: dynamic(target.SqsParameters.MessageGroupId, event, 'SqsParameters.MessageGroupId') }),
    },
  }),
  lambda: (arn, input) => ({
    to: 'lambda',
    operation: 'Invoke',
    input: { FunctionName: arn, InvocationType: 'Event', Payload: Buffer.from(input).toString('base64') },
  }),
  events: (arn, _input, _target, event) => ({
    to: 'events',
    operation: '$forward',
    input: { bus: arn, event },
  }),
  logs: (arn, input, _target, event) => ({
    to: 'logs',
    operation: '$append',
    input: {
      logGroupName: logGroupOf(arn),
      logStreamName: event.json.id,
      messages: [input],
    },
  }),
  states: (arn, input) => ({ to: 'states', operation: 'StartExecution', input: { stateMachineArn: arn, input } }),
  sns: (arn, input) => ({ to: 'sns', operation: 'Publish', input: { TopicArn: arn, Message: input } }),
};

const resourceOf: Record<string, RegExp> = {
  lambda: /^function:/,
  events: /^event-bus\//,
  logs: /^log-group:/,
  states: /^stateMachine:/,
};

const modelledTargets =
  'SQS queues, Lambda functions, event buses, CloudWatch log groups, Step Functions state machines, SNS topics';
const modelledMembers = new Set(
  'Id Arn RoleArn Input InputPath InputTransformer SqsParameters RetryPolicy DeadLetterConfig'.split(' '),
);

export const queueUrl = (arn: string, { endpoint }: ServiceOptions): string => {
  const { account, resource } = parseArn(arn)!;
  return `${endpoint}/${account}/${resource}`;
};

const logGroupOf = (arn: string): string =>
  parseArn(arn)!
    .resource.replace(/^log-group:/, '')
    .replace(/:\*$/, '');

/** How to give `input` to the target. Throws InvalidInputError when a dynamic path finds nothing usable. */
export function callFor(target: Json, input: string, event: BusEvent, options: ServiceOptions): TargetCall {
  return callers[parseArn(target.Arn)!.service]!(target.Arn, input, target, event, options);
}

/** A parameter that is wholly a JSON path is taken from the original event, not from the transformed one. */
function dynamic(value: string, event: BusEvent, parameter: string): string {
  if (!value.startsWith('$') || !parsePath(value)) return value;
  const found = valueAt(event.json, value);
  if (typeof found === 'string' && found !== '') return found;
  if (typeof found === 'number' || typeof found === 'boolean') return String(found);
  const what = found === undefined ? 'nothing' : 'no text';
  throw new InvalidInputError('INVALID_PARAMETER', `${parameter} ${value} finds ${what} in the event`);
}

/** What PutTargets refuses as a whole. */
export function checkTarget(target: Json, index: number): void {
  const at = `targets.${index + 1}.member`;
  if (target.Id === undefined) throw constraint(`${at}.id`, null, 'Member must not be null');
  if (target.Id.length > 64)
    throw constraint(`${at}.id`, target.Id, 'Member must have length less than or equal to 64');
  if (!/^[.\-_A-Za-z0-9]+$/.test(target.Id))
    throw constraint(`${at}.id`, target.Id, 'Member must satisfy regular expression pattern: [\\.\\-_A-Za-z0-9]+');
  const arn = parseArn(target.Arn);
  if (!arn) throw invalidParameter(String(target.Arn), 'Provided Arn is not in correct format.');
  if (!callers[arn.service] || !(resourceOf[arn.service]?.test(arn.resource) ?? true))
    throw notModelled(`The target ${target.Arn}`, modelledTargets);
  for (const member of Object.keys(target)) {
    if (target[member] !== undefined && !modelledMembers.has(member))
      throw notModelled(`${member} of target ${target.Id}`, [...modelledMembers].join(', '));
  }
  checkInput(target);
  checkRetry(target, at);
  checkQueueParameters(target, arn.resource);
}

function checkInput(target: Json): void {
  const inputs = [target.Input, target.InputPath, target.InputTransformer].filter((input) => input !== undefined);
  if (inputs.length > 1)
    throw validation(`Only one of Input, InputPath, or InputTransformer must be provided for target ${target.Id}.`);
  const [unknown] = target.InputTransformer ? undefinedPlaceholders(target.InputTransformer) : [];
  if (unknown) throw validation(`InputTemplate for target ${target.Id} contains invalid placeholder ${unknown}.`);
  if (target.InputPath !== undefined && !parsePath(target.InputPath))
    throw validation(`Invalid InputPath for target ${target.Id}.`);
  if (target.Input !== undefined) {
    try {
      JSON.parse(target.Input);
    } catch {
      throw validation(`JSON syntax error in input for target ${target.Id}`);
    }
  }
}

function checkRetry(target: Json, at: string): void {
  const { MaximumEventAgeInSeconds: age, MaximumRetryAttempts: attempts } = target.RetryPolicy ?? {};
  const check = (name: string, value: number | undefined, least: number, most: number): void => {
    const path = `${at}.retryPolicy.${name}`;
    if (value !== undefined && value < least)
      throw constraint(path, value, `Member must have value greater than or equal to ${least}`);
    if (value !== undefined && value > most)
      throw constraint(path, value, `Member must have value less than or equal to ${most}`);
  };
  check('maximumEventAgeInSeconds', age, 60, 86_400);
  check('maximumRetryAttempts', attempts, 0, 185);
}

function checkQueueParameters(target: Json, resource: string): void {
  const isFifo = parseArn(target.Arn)!.service === 'sqs' && resource.endsWith('.fifo');
  if (isFifo && !target.SqsParameters?.MessageGroupId)
    throw invalidParameter('SqsParameters', 'MessageGroupId must be given for a FIFO queue.');
  const deadLetters = target.DeadLetterConfig?.Arn;
  if (deadLetters === undefined) return;
  const queue = parseArn(deadLetters);
  if (queue?.service !== 'sqs' || queue.resource.endsWith('.fifo'))
    throw invalidParameter('DeadLetterConfig', `Only standard SQS queues can take dead letters, not ${deadLetters}.`);
}
