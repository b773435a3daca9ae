/** SNS with a clock that tests move; every call it makes is answered by what `answer` gives. */
import { seededRandom } from '../../../../lib/local/random';
import type { Effect, Json, Outcome, Reply } from '../../../../lib/local/services/service';
import { createTopicService } from '../../../../lib/local/services/topic';
import { restoring } from '../../../support/restoring';

export const arnOf = (name: string): string => `arn:aws:sns:eu-west-1:123456789012:${name}`;
export const queueArn = (name: string): string => `arn:aws:sqs:eu-west-1:123456789012:${name}`;
export const functionArn = (name: string): string => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;

type Call = Effect & { kind: 'call' };

export class Sns {
  now = Date.UTC(2026, 10, 24, 9, 0, 0);
  wakeAt: number | undefined;
  readonly traces: Json[] = [];
  readonly calls: Call[] = [];
  /** undefined: no answer ever comes. */
  answer: (call: Call) => Reply | undefined = () => ({ output: {} });
  private readonly service;

  constructor() {
    const options = { account: '123456789012', region: 'eu-west-1', endpoint: 'http://here:1' };
    this.service = restoring(() => createTopicService({ ...options, random: seededRandom('sns') }));
  }

  ask(operation: string, input: Json): Reply {
    const outcome = this.service.apply(this.now, { operation, input, requestId: 'r' });
    this.take(outcome);
    return outcome.reply!;
  }

  call(operation: string, input: Json): Json {
    const { output, error } = this.ask(operation, input);
    if (error) throw new Error(`${error.name}: ${error.message}`);
    return JSON.parse(JSON.stringify(output));
  }

  /** As clients see it: the code of the Query protocol and the text. */
  refusal(operation: string, input: Json): string {
    const { error } = this.ask(operation, input);
    return error ? `${error.queryCode ?? error.name}: ${error.message}` : 'nothing was refused';
  }

  topic(Name: string, Attributes: Json = {}): string {
    const fifo = Name.endsWith('.fifo') ? { FifoTopic: 'true' } : {};
    return this.call('CreateTopic', { Name, Attributes: { ...fifo, ...Attributes } }).TopicArn;
  }

  subscribe(TopicArn: string, Endpoint: string, Attributes: Json = {}): string {
    const Protocol = Endpoint.split(':')[2];
    return this.call('Subscribe', { TopicArn, Protocol, Endpoint, Attributes }).SubscriptionArn;
  }

  /** Lets time pass, waking the service whenever it asked for it. */
  pass(ms: number): void {
    const end = this.now + ms;
    while (this.wakeAt !== undefined && this.wakeAt <= end) {
      this.now = Math.max(this.now, this.wakeAt);
      this.take(this.service.wake(this.now));
    }
    this.now = end;
  }

  /** Answers a call that `answer` left open. */
  reply({ tag }: Call, reply: Reply): void {
    this.take(this.service.apply(this.now, { operation: '$reply', input: { tag, reply }, requestId: 'r' }));
  }

  /** What queues were sent. */
  get sent(): Json[] {
    return this.calls.filter(({ to }) => to === 'sqs').map(({ input }) => input);
  }

  kinds(): string[] {
    return this.traces.map(({ kind }) => kind);
  }

  private take({ effects = [], wakeAt }: Outcome): void {
    this.wakeAt = wakeAt;
    for (const effect of effects) {
      if (effect.kind === 'trace') this.traces.push(effect.entry);
      if (effect.kind !== 'call') continue;
      this.calls.push(effect);
      const reply = this.answer(effect);
      if (reply) this.reply(effect, reply);
    }
  }
}
