/**
 * Where records of invocations go: on success, on failure, and dead letters. By ARN: queue, topic, function, event bus.
 * Source: docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
 */
import type { Effect, Json } from '../service';

/** Services that a destination may be of. */
export const destinationArn = /^arn:aws:(sqs|sns|lambda|events):/;

export class Destinations {
  constructor(private readonly endpoint: string) {}

  queueUrl(arn: string): string {
    const [, , , , account, name] = arn.split(':');
    return `${this.endpoint}/${account}/${name}`;
  }

  /** `record` is what the destination gets; `condition` is 'Success' or why it failed. */
  send(arn: string, record: Json, functionArn: string, condition: string): Effect {
    switch (arn.split(':')[2]) {
      case 'lambda':
        return {
          kind: 'call',
          to: 'lambda',
          operation: 'Invoke',
          input: {
            FunctionName: arn,
            InvocationType: 'Event',
            Payload: Buffer.from(JSON.stringify(record)).toString('base64'),
          },
        };
      case 'events':
        return {
          kind: 'call',
          to: 'events',
          operation: 'PutEvents',
          input: {
            Entries: [
              {
                EventBusName: arn,
                Source: 'lambda',
                DetailType: `Lambda Function Invocation Result - ${condition === 'Success' ? 'Success' : 'Failure'}`,
                Resources: [arn, functionArn],
                Detail: JSON.stringify(record),
              },
            ],
          },
        };
      default:
        return this.message(arn, JSON.stringify(record));
    }
  }

  /** A queue or a topic. */
  message(arn: string, body: string, attributes?: Json): Effect {
    const more = attributes && { MessageAttributes: attributes };
    return arn.split(':')[2] === 'sns'
      ? { kind: 'call', to: 'sns', operation: 'Publish', input: { TopicArn: arn, Message: body, ...more } }
      : {
          kind: 'call',
          to: 'sqs',
          operation: 'SendMessage',
          input: { QueueUrl: this.queueUrl(arn), MessageBody: body, ...more },
        };
  }
}
