/** A function service, asked one request after the other; what it wants done is kept in `effects`. */

import { seededRandom } from '../../../../lib/local/random';
import { createFunctionService, type FunctionServiceOptions } from '../../../../lib/local/services/functions';
import type { Effect, Finished, Invocation, Json, Outcome } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

export const start = Date.UTC(2026, 10, 24, 9);
export const queueArn = 'arn:aws:sqs:us-east-1:123456789012:orders';

export class Bench {
  now = start;
  wakeAt: number | undefined;
  effects: Effect[] = [];
  private requests = 0;
  readonly service;

  constructor(options: Partial<FunctionServiceOptions> = {}) {
    this.service = restoring(() =>
      createFunctionService({
        account: '123456789012',
        region: 'us-east-1',
        endpoint: 'http://127.0.0.1:4566',
        random: seededRandom('functions'),
        ...options,
      }),
    );
  }

  /** The output, the error's name, or undefined when the answer comes later. */
  ask(operation: string, input: Json): Json {
    const requestId = `request-${++this.requests}`;
    const { reply } = this.take(this.service.apply(this.now, { operation, input, requestId }));
    return reply?.error ? reply.error.name : reply?.output;
  }

  /** Time goes on, stopping wherever the service wants to be woken. */
  pass(ms: number): void {
    const until = this.now + ms;
    while (this.wakeAt !== undefined && this.wakeAt <= until) {
      this.now = this.wakeAt;
      this.take(this.service.wake(this.now));
    }
    this.now = until;
  }

  private take(outcome: Outcome): Outcome {
    this.wakeAt = outcome.wakeAt;
    this.effects.push(...(outcome.effects ?? []));
    return outcome;
  }

  create(input: Json = {}): void {
    this.ask('CreateFunction', {
      FunctionName: 'greet',
      Runtime: 'nodejs24.x',
      Handler: 'index.handler',
      Timeout: 10,
      Code: { $dir: '/code' },
      ...input,
    });
  }

  invoke(input: Json = {}): Json {
    const { Event, ...rest } = input;
    const Payload = Buffer.from(JSON.stringify(Event ?? {})).toString('base64');
    return this.ask('Invoke', { FunctionName: 'greet', Payload, ...rest });
  }

  /** Effects of a kind since the last look; they are taken out. */
  taken<Kind extends Effect['kind']>(kind: Kind): Extract<Effect, { kind: Kind }>[] {
    const found = this.effects.filter((effect) => effect.kind === kind);
    this.effects = this.effects.filter((effect) => effect.kind !== kind);
    return found as Extract<Effect, { kind: Kind }>[];
  }

  runs(): Invocation[] {
    return this.taken('run').map(({ invocation }) => invocation);
  }

  finish(invocation: Invocation, how: Partial<Finished> = {}): void {
    const { invocationId, environmentId } = invocation;
    this.ask('$finished', { invocationId, environmentId, payload: 'null', reusable: true, ...how });
  }

  fail(invocation: Invocation, functionError: Finished['functionError'] = 'Unhandled'): void {
    const payload = JSON.stringify({ errorType: 'Error', errorMessage: 'no' });
    this.finish(invocation, { functionError, payload, reusable: functionError === 'Unhandled' });
  }

  map(input: Json = {}): Json {
    return this.ask('CreateEventSourceMapping', {
      FunctionName: 'greet',
      EventSourceArn: queueArn,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      ...input,
    });
  }

  /** The one poll that is out. */
  poll(): Extract<Effect, { kind: 'call' }> {
    const polls = this.taken('call').filter(({ operation }) => operation === 'ReceiveMessage');
    if (polls.length !== 1) throw new Error(`${polls.length} polls are out, not 1`);
    return polls[0]!;
  }

  /** `brought`: messages, or only their ids. */
  answer(poll: { tag?: Json }, brought: (string | Json)[]): void {
    const Messages = brought.map((one) => (typeof one === 'string' ? message(one) : one));
    this.ask('$reply', { tag: poll.tag, reply: { output: { Messages } } });
  }

  deleted(): string[] {
    return this.taken('call')
      .filter(({ operation }) => operation === 'DeleteMessageBatch')
      .flatMap(({ input }) => input.Entries.map((entry: Json) => entry.ReceiptHandle));
  }
}

export const message = (id: string): Json => ({
  MessageId: id,
  ReceiptHandle: `handle-${id}`,
  Body: `{"id":"${id}"}`,
  MD5OfBody: 'd41d8cd98f00b204e9800998ecf8427e',
  Attributes: { ApproximateReceiveCount: '1' },
});
