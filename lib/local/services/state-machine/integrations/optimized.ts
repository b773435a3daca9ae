/**
 * Optimized integrations other than Lambda.
 * Source: Step Functions developer guide, one page for each service; error names as Step Functions records them.
 */
import type { Json, ServiceName } from '../../service';
import { textOf } from '../json';
import { type ErrorStyle, failureOf, sdkOutput, withMetadata } from './answers';
import type { Integration } from './index';
import { lowerFirst, upperFirst } from './sdk-services';

export type Optimized = Pick<Integration, 'to' | 'operation' | 'input' | 'read'>;

interface OptimizedService {
  to: ServiceName;
  actions: string[];
  errors: ErrorStyle;
  input?: (given: Json) => Json;
  output?: (output: Json) => Json;
}

const text = (value: Json): Json => (value === undefined || typeof value === 'string' ? value : textOf(value));

const services: Record<string, OptimizedService> = {
  dynamodb: {
    to: 'dynamodb',
    actions: ['getItem', 'putItem', 'updateItem', 'deleteItem'],
    errors: { prefix: 'DynamoDB', shown: 'AmazonDynamoDBv2', generic: 'AmazonDynamoDBException', older: true },
  },
  sqs: {
    to: 'sqs',
    actions: ['sendMessage'],
    errors: { prefix: 'SQS', shown: 'AmazonSQS', generic: 'AmazonSQSException', older: true, suffix: true },
    input: (given) => ({ ...given, MessageBody: text(given.MessageBody) }),
  },
  sns: {
    to: 'sns',
    actions: ['publish'],
    errors: {
      prefix: 'SNS',
      shown: 'AmazonSNS',
      generic: 'AmazonSNSException',
      older: true,
      suffix: true,
    },
    input: (given) => ({ ...given, Message: text(given.Message) }),
  },
  events: {
    to: 'events',
    actions: ['putEvents'],
    errors: {
      prefix: 'EventBridge',
      shown: 'AmazonCloudWatchEvents',
      generic: 'AmazonEventBridgeException',
      older: true,
    },
    input: (given) => ({
      ...given,
      Entries: given.Entries?.map((entry: Json) => ({ ...entry, Detail: text(entry.Detail) })),
    }),
  },
  states: {
    to: 'states',
    actions: ['startExecution'],
    errors: {
      prefix: 'StepFunctions',
      shown: 'AWSStepFunctions',
      generic: 'AWSStepFunctionsException',
      older: true,
      suffix: true,
    },
    input: (given) => ({
      ...Object.fromEntries(Object.entries(given).map(([name, value]) => [lowerFirst(name), value])),
      // No input is an empty object, and so is null.
      input: given.Input === undefined || given.Input === null ? '{}' : text(given.Input),
    }),
    output: (output) =>
      Object.fromEntries(
        Object.entries(output).map(([name, value]) => [
          upperFirst(name),
          name === 'startDate' ? Math.round((value as number) * 1000) : value,
        ]),
      ),
  },
};

export const optimizedServices = (): Record<string, readonly string[]> => ({
  lambda: ['invoke'],
  ...Object.fromEntries(Object.entries(services).map(([name, { actions }]) => [name, actions])),
});

/** undefined where there is no such integration. */
export function optimized(service: string, action: string): Optimized | undefined {
  const found = Object.hasOwn(services, service) ? services[service]! : undefined;
  if (!found?.actions.includes(action)) return undefined;
  const { to, errors, input, output } = found;
  return {
    to,
    operation: upperFirst(action),
    input: (given) => (input ? input(given) : given),
    read: (reply) => {
      if (reply.error) return failureOf(reply.error, errors);
      const failed = service === 'events' && reply.output.FailedEntryCount > 0;
      if (failed) return { error: 'EventBridge.FailedEntry', cause: textOf(reply.output) };
      return { output: withMetadata(output ? output(reply.output) : sdkOutput(reply.output, false)) };
    },
  };
}
