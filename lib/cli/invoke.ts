/** One bundled handler, in virtual time, with one message: what it answers, writes and publishes. Used by tests too. */
import { consumers, events } from '../contracts';
import { environment } from '../contracts/environment';
import type { Consumer, EventType } from '../contracts/kit';
import type { VirtualWorld } from '../local/virtual';
import { CliError } from './errors';
import { suggested } from './nearest';

export interface Invoked {
  /** The handler's answer: an SQSBatchResponse. */
  answer: unknown;
  /** 'Unhandled', 'Timeout', ... when the function failed. */
  functionError?: string;
  /** Requests that change something, in order, as AWS names them. */
  writes: { service: string; operation: string; input: unknown; error?: unknown }[];
  /** Events that went to the bus, or to a schedule. */
  published: { type: string; detail: unknown; dueAt?: string }[];
  /** Messages sent to the consumer's dead letters. */
  deadLetters: { reason?: string; body: unknown }[];
  log: string[];
}

export function findConsumer(id: string): Consumer {
  const found = consumers.find((consumer) => consumer.id === id || consumer.name === id);
  if (found) return found;
  const ids = consumers.map((consumer) => consumer.id);
  throw new CliError(
    `There is no consumer '${id}'.${suggested(id, [...ids, ...consumers.map(({ name }) => name)], `Consumers: ${ids.join(', ')}.`)}`,
    2,
  );
}

/** The physical name of a consumer's function in a world. */
export function functionOf(world: VirtualWorld, consumer: Consumer): string {
  const found = world.functions().find((one) => one.Environment?.Variables?.[environment.consumer] === consumer.id);
  if (!found)
    throw new CliError(`The assembly holds no function for ${consumer.id}. Was it synthesized from these sources?`);
  return found.FunctionName;
}

/** An SQS message as the event source mapping hands it over, around one event as EventBridge delivers it. */
export function sqsRecord(event: EventType, detail: unknown, nowMs: number, messageId = 'message-1'): object {
  const delivered = {
    version: '0',
    id: `eventbridge-${messageId}`,
    'detail-type': event.name,
    source: event.source,
    account: '123456789012',
    time: new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z'),
    region: 'us-east-1',
    resources: [],
    detail,
  };
  return {
    messageId,
    receiptHandle: `receipt-of-${messageId}`,
    body: typeof detail === 'string' ? detail : JSON.stringify(delivered),
    attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(nowMs),
      SenderId: '123456789012',
      ApproximateFirstReceiveTimestamp: String(nowMs),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:us-east-1:123456789012:invoked-by-hand',
    awsRegion: 'us-east-1',
  };
}

/**
 * Invokes the consumer's function with these records, and no other function: what it publishes reaches queues that nobody
 * reads. The world must have been built with `traceRequests`; from now on it is good for nothing else.
 */
export async function invokeConsumer(world: VirtualWorld, consumer: Consumer, records: object[]): Promise<Invoked> {
  for (const { UUID, State } of world.now('lambda', 'ListEventSourceMappings', {}).EventSourceMappings) {
    if (State === 'Enabled') world.now('lambda', 'UpdateEventSourceMapping', { UUID, Enabled: false });
  }
  const from = world.trace.length;
  const functionName = functionOf(world, consumer);
  const reply = await world.request('lambda', 'Invoke', {
    FunctionName: functionName,
    InvocationType: 'RequestResponse',
    Payload: Buffer.from(JSON.stringify({ Records: records })).toString('base64'),
  });
  const entries = world.trace.slice(from) as any[];
  const asked = entries.filter((entry) => entry.kind === 'api' && entry.origin?.functionName === functionName);
  return {
    answer: JSON.parse(Buffer.from(reply.Payload ?? '', 'base64').toString() || 'null'),
    ...(reply.FunctionError ? { functionError: reply.FunctionError } : {}),
    writes: asked
      .filter(
        ({ service, operation }) =>
          (service === 'dynamodb' && /Write|Put|Update|Delete/.test(operation)) || service === 's3',
      )
      .map(({ service, operation, input, error }) => ({ service, operation, input, ...(error ? { error } : {}) })),
    published: asked.flatMap(({ service, operation, input, error }) => {
      if (error) return [];
      if (service === 'events' && operation === 'PutEvents')
        return input.Entries.map((entry: any) => ({ type: entry.DetailType, detail: JSON.parse(entry.Detail) }));
      if (service === 'scheduler' && operation === 'CreateSchedule') {
        const { Target, ScheduleExpression } = input;
        return [
          {
            type: Target.EventBridgeParameters?.DetailType,
            detail: JSON.parse(Target.Input),
            dueAt: ScheduleExpression,
          },
        ];
      }
      return [];
    }),
    deadLetters: asked
      .filter(({ service, operation, error }) => service === 'sqs' && operation === 'SendMessage' && !error)
      .map(({ input }) => ({ reason: input.MessageAttributes?.reason?.StringValue, body: parse(input.MessageBody) })),
    log: entries
      .filter((entry) => entry.kind === 'log' && entry.functionName === functionName)
      .map((entry) => String(entry.message)),
  };
}

/** The event a consumer is to be invoked with: the only one it listens to, or the one named. */
export function eventFor(consumer: Consumer, type: string | undefined): EventType {
  if (type === undefined && consumer.on.length === 1) return consumer.on[0]!;
  const names = consumer.on.map((event) => event.name).join(', ');
  if (type === undefined)
    throw new CliError(`${consumer.id} listens to several events; say which with --type: ${names}.`, 2);
  const found = events.find((event) => event.name === type);
  if (!found) throw new CliError(`There is no event '${type}'. ${consumer.id} listens to ${names}.`, 2);
  return found;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
