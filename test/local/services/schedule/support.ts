/** A scheduler with a clock that tests move; every call it makes is answered by what `answer` gives. */

import { seededRandom } from '../../../../lib/local/random';
import { createScheduleService } from '../../../../lib/local/services/schedule';
import type { Effect, Json, Outcome, Reply } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

export const bus = 'arn:aws:events:eu-west-1:123456789012:event-bus/main';
export const queue = 'arn:aws:sqs:eu-west-1:123456789012:jobs';
export const deadLetters = 'arn:aws:sqs:eu-west-1:123456789012:dead';
export const role = 'arn:aws:iam::123456789012:role/r';
export const toQueue = { Arn: queue, RoleArn: role, Input: 'ping' };

export class Scheduler {
  now = Date.UTC(2026, 10, 24, 9, 0, 0);
  wakeAt: number | undefined;
  readonly traces: Json[] = [];
  /** When, where to, what. */
  readonly calls: { at: string; to: string; operation: string; input: Json }[] = [];
  /** undefined: no answer ever comes. */
  answer: (call: Effect & { kind: 'call' }) => Reply | undefined = () => ({ output: {} });
  private readonly service;

  constructor(seed = 'test') {
    const options = { account: '123456789012', region: 'eu-west-1', endpoint: 'http://here:1' };
    this.service = restoring(() => createScheduleService({ ...options, random: seededRandom(seed) }));
  }

  private ask(operation: string, input: Json): Reply {
    const outcome = this.service.apply(this.now, { operation, input, requestId: 'r' });
    this.take(outcome);
    return outcome.reply!;
  }

  call(operation: string, input: Json): Json {
    const reply = this.ask(operation, input);
    if (reply.error) throw new Error(`${reply.error.name}: ${reply.error.message}`);
    return JSON.parse(JSON.stringify(reply.output));
  }

  refusal(operation: string, input: Json): string {
    const { error } = this.ask(operation, input);
    return error ? `${error.name}: ${error.message}` : 'nothing was refused';
  }

  create(expression: string, more: Json = {}): Json {
    return this.call('CreateSchedule', request(expression, more));
  }

  get(Name = 's'): Json {
    return this.call('GetSchedule', { Name });
  }

  /** Lets time pass, waking the service whenever it asked for it. */
  until(iso: string): void {
    const end = Date.parse(iso);
    while (this.wakeAt !== undefined && this.wakeAt <= end) {
      this.now = Math.max(this.now, this.wakeAt);
      this.take(this.service.wake(this.now));
    }
    this.now = end;
  }

  /** The times of the calls, to the second. */
  times(): string[] {
    return this.calls.map(({ at }) => at.slice(0, 19));
  }

  private take(outcome: Outcome): void {
    this.wakeAt = outcome.wakeAt;
    for (const effect of outcome.effects ?? []) {
      if (effect.kind === 'trace') this.traces.push(effect.entry);
      if (effect.kind !== 'call') continue;
      const { to, operation, input, tag } = effect;
      this.calls.push({ at: new Date(this.now).toISOString(), to, operation, input });
      const reply = this.answer(effect);
      if (reply)
        this.take(this.service.apply(this.now, { operation: '$reply', input: { tag, reply }, requestId: 'x' }));
    }
  }
}

export const request = (ScheduleExpression: string, more: Json = {}): Json => ({
  Name: 's',
  ScheduleExpression,
  FlexibleTimeWindow: { Mode: 'OFF' },
  Target: toQueue,
  ...more,
});
