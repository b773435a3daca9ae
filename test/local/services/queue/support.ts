/** A queue service with a clock that tests move, and its answers, late ones included, by request id. */

import { seededRandom } from '../../../../lib/local/random';
import { createQueueService } from '../../../../lib/local/services/queue';
import type { Json, Outcome, Reply } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

export const base = 'http://here:1/123456789012';
export const arnOf = (name: string): string => `arn:aws:sqs:eu-west-1:123456789012:${name}`;

export class Sqs {
  now = 1_000_000;
  wakeAt: number | undefined;
  readonly traces: Json[] = [];
  readonly replies = new Map<string, Reply>();
  private requests = 0;
  private readonly service = restoring(() =>
    createQueueService({
      account: '123456789012',
      region: 'eu-west-1',
      random: seededRandom('test'),
      endpoint: 'http://here:1',
    }),
  );

  /** The request's id; its reply is in `replies` when it is there. */
  ask(operation: string, input: Json): string {
    const requestId = `request-${this.requests++}`;
    this.take(this.service.apply(this.now, { operation, input, requestId }), requestId);
    return requestId;
  }

  /** The output; throws an error as the SDK would. */
  call(operation: string, input: Json): Json {
    const reply = this.replies.get(this.ask(operation, input));
    if (!reply) throw new Error(`${operation} did not answer at once`);
    if (reply.error) throw Object.assign(new Error(reply.error.message), { name: reply.error.name });
    return JSON.parse(JSON.stringify(reply.output));
  }

  /** The output as the service gives it; for many calls. */
  raw(operation: string, input: Json): Json {
    return this.service.apply(this.now, { operation, input, requestId: `request-${this.requests++}` }).reply!.output;
  }

  /** `name: message` of the refusal. */
  refusal(operation: string, input: Json): string {
    const { error } = this.replies.get(this.ask(operation, input))!;
    return error ? `${error.queryCode ?? error.name}: ${error.message}` : 'nothing was refused';
  }

  /** Lets time pass, waking the service whenever it asked for it. */
  pass(seconds: number): void {
    const until = this.now + seconds * 1000;
    while (this.wakeAt !== undefined && this.wakeAt <= until) {
      this.now = Math.max(this.now, this.wakeAt);
      this.take(this.service.wake(this.now));
    }
    this.now = until;
  }

  queue(name: string, attributes: Json = {}): string {
    return this.call('CreateQueue', { QueueName: name, Attributes: attributes }).QueueUrl;
  }

  send(queue: string, body: string, more: Json = {}): Json {
    return this.call('SendMessage', { QueueUrl: `${base}/${queue}`, MessageBody: body, ...more });
  }

  receive(queue: string, more: Json = {}): Json[] {
    const request = { QueueUrl: `${base}/${queue}`, MaxNumberOfMessages: 10, ...more };
    return this.call('ReceiveMessage', request).Messages ?? [];
  }

  bodies(queue: string, more: Json = {}): string[] {
    return this.receive(queue, more).map(({ Body }) => Body);
  }

  delete(queue: string, { ReceiptHandle }: Json): void {
    this.call('DeleteMessage', { QueueUrl: `${base}/${queue}`, ReceiptHandle });
  }

  /** Visible, in flight, delayed. */
  counts(queue: string): string {
    const { Attributes: all } = this.call('GetQueueAttributes', {
      QueueUrl: `${base}/${queue}`,
      AttributeNames: ['All'],
    });
    return ['', 'NotVisible', 'Delayed'].map((kind) => all[`ApproximateNumberOfMessages${kind}`]).join(' ');
  }

  private take(outcome: Outcome, requestId?: string): void {
    this.wakeAt = outcome.wakeAt;
    if (outcome.reply && requestId) this.replies.set(requestId, outcome.reply);
    for (const effect of outcome.effects ?? []) {
      if (effect.kind === 'reply') this.replies.set(effect.requestId, effect.reply);
      if (effect.kind === 'trace') this.traces.push(effect.entry);
    }
  }
}
