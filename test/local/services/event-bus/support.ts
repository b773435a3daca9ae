/** Drives the event bus the way the world does, and looks at what it asks for. */

import { seededRandom } from '../../../../lib/local/random';
import { createEventBusService } from '../../../../lib/local/services/event-bus';
import type { Effect, Json, Outcome, Reply, Service } from '../../../../lib/local/services/service';
import { restoring } from '../../../support/restoring';

export const account = '123456789012';
export const region = 'eu-central-1';
export const endpoint = 'http://aws.local';
export const start = Date.UTC(2026, 0, 31, 12);
export const arnOf = (service: string, rest: string): string => `arn:aws:${service}:${region}:${account}:${rest}`;
export const queue = (name: string): string => arnOf('sqs', name);

type Call = Extract<Effect, { kind: 'call' }>;

export class Driver {
  now = start;
  wakeAt: number | undefined;
  readonly calls: Call[] = [];
  readonly trace: Json[] = [];
  readonly service: Service;

  constructor(seed = 'test') {
    this.service = restoring(() => createEventBusService({ account, region, endpoint, random: seededRandom(seed) }));
  }

  /** The output; throws an error reply as '<name>: <message>'. */
  ask(operation: string, input: Json = {}): Json {
    const { reply } = this.take(this.service.apply(this.now, { operation, input, requestId: 'r' }));
    if (reply?.error) throw new Error(`${reply.error.name}: ${reply.error.message}`);
    return reply?.output;
  }

  /** A rule on the default bus with one target. */
  rule(name: string, pattern: Json, target: Json): void {
    this.ask('PutRule', { Name: name, EventPattern: JSON.stringify(pattern) });
    this.ask('PutTargets', { Rule: name, Targets: [{ Id: 'target', ...target }] });
  }

  publish(detail: Json = { n: 1 }, more: Json = {}): Json {
    return this.ask('PutEvents', {
      Entries: [{ Source: 'shop', DetailType: 'Sold', Detail: JSON.stringify(detail), ...more }],
    });
  }

  /** The calls since the last look. */
  taken(): Call[] {
    return this.calls.splice(0);
  }

  answer(call: Call, reply: Reply): void {
    this.ask('$reply', { tag: call.tag, reply });
  }

  /** Goes to the next wake and performs it. */
  sleep(): void {
    if (this.wakeAt === undefined) throw new Error('nothing will wake the service');
    this.now = this.wakeAt;
    this.take(this.service.wake(this.now));
  }

  kinds(): string[] {
    return this.trace.map(({ kind }) => kind);
  }

  private take(outcome: Outcome): Outcome {
    this.wakeAt = outcome.wakeAt;
    for (const effect of outcome.effects ?? []) {
      if (effect.kind === 'call') this.calls.push(effect);
      else if (effect.kind === 'trace') this.trace.push(effect.entry);
    }
    return outcome;
  }
}
