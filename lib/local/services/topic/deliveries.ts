/**
 * Deliveries to subscribers: at least once, each with its own retries and dead letters.
 *
 * 1. Every attempt is one `call`; its reply, or no reply within 30 s, ends the attempt. A late reply changes nothing.
 * 2. An error of the subscriber's side (a queue that is gone, a refusal) is final; 5xx, throttling, a broken connection and
 *    silence are tried again: 3 times at once, twice after 1 s, ten times with delays from 1 s to 20 s, then every 20 s, 100,015
 *    times in all, which is 23 days.
 * 3. What is given up goes to the subscription's dead letters, or is dropped where it has none.
 * 4. A FIFO topic's messages of one group reach a subscription one after the other: the next waits for the one before.
 * 5. A subscription that is gone gets nothing more.
 * Source: SNS developer guide, "Amazon SNS message delivery retries" (AWS managed endpoints), "Amazon SNS dead-letter queues".
 */
import type { Millis } from '../../ports';
import { Heap } from '../heap';
import type { Effect, Json, Reply, ServiceError, ServiceOptions } from '../service';
import { type Call, callFor, deadLetterFor, type Published } from './notification';
import type { Subscription, Subscriptions } from './subscriptions';
import type { Topic } from './topics';

const answerWithinMs = 30_000;
const retriesAtMost = 100_015;
/** The backoff phase: ten delays, from 1 s, doubled where the limit allows. */
const backoffMs = [1, 2, 4, 8, 16, 20, 20, 20, 20, 20].map((seconds) => seconds * 1000);
const postBackoffMs = 20_000;
const deadLetterEveryMs = 20_000;
const deadLetterForMs = 23 * 24 * 3_600_000;

/** Before the retry that follows `attempts` attempts. */
function delayAfter(attempts: number): Millis {
  if (attempts <= 3) return 0;
  if (attempts <= 5) return 1000;
  return backoffMs[attempts - 6] ?? postBackoffMs;
}

interface Delivery {
  id: number;
  subscriptionArn: string;
  topic: string;
  messageId: string;
  startedMs: Millis;
  attempts: number;
  /** Counts what has been waited for; an answer or a due of an earlier turn is stale. */
  turn: number;
  call: Call;
  /** What is sent instead when `call` is given up. */
  deadLetter?: Call;
  givenUp?: { error: string; atMs: Millis };
  lane?: string;
}

interface Due {
  atMs: Millis;
  sequence: number;
  id: number;
  turn: number;
  what: 'attempt' | 'silence';
}

export class Deliveries {
  private readonly pending = new Map<number, Delivery>();
  /** Of FIFO topics: by subscription and group, the first is the one under way. */
  private readonly lanes = new Map<string, Delivery[]>();
  private readonly dues = new Heap<Due>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence),
    ({ id, turn }) => this.pending.get(id)?.turn !== turn,
  );
  private nextId = 0;
  private sequence = 0;

  constructor(
    private readonly options: ServiceOptions,
    private readonly subscriptions: Subscriptions,
    private readonly effect: (effect: Effect) => void,
  ) {}

  /** Deliveries that have neither arrived nor been given up. */
  get underWay(): number {
    return this.pending.size;
  }

  get wakeAt(): Millis | undefined {
    return this.dues.peek()?.atMs;
  }

  start(now: Millis, topic: Topic, message: Published, subscription: Subscription): void {
    const delivery: Delivery = {
      id: this.nextId++,
      subscriptionArn: subscription.arn,
      topic: topic.name,
      messageId: message.id,
      startedMs: now,
      attempts: 0,
      turn: 0,
      call: callFor(this.options, topic, message, subscription),
      ...(subscription.deadLetterArn && {
        deadLetter: deadLetterFor(this.options, topic, message, subscription),
      }),
      ...(topic.fifo && { lane: `${subscription.arn} ${message.groupId}` }),
    };
    this.pending.set(delivery.id, delivery);
    if (delivery.lane !== undefined) {
      const lane = this.lanes.get(delivery.lane) ?? [];
      lane.push(delivery);
      this.lanes.set(delivery.lane, lane);
      if (lane.length > 1) return;
    }
    this.attempt(now, delivery);
  }

  wake(now: Millis): void {
    for (let due = this.dues.peek(); due && due.atMs <= now; due = this.dues.peek()) {
      this.dues.pop();
      const delivery = this.pending.get(due.id)!;
      if (due.what === 'attempt') this.attempt(now, delivery);
      else this.failed(now, delivery, { name: 'Timeout', message: 'The subscriber did not answer.', status: 504 });
    }
  }

  /** The answer to an attempt: `tag` is what the call carried. */
  answered(now: Millis, tag: { id: number; turn: number }, reply: Reply): void {
    const delivery = this.pending.get(tag.id);
    if (!delivery || delivery.turn !== tag.turn) return;
    if (reply.error) this.failed(now, delivery, reply.error);
    else this.ended(now, delivery, delivery.givenUp ? 'dead-lettered' : 'delivered');
  }

  private attempt(now: Millis, delivery: Delivery): void {
    if (!this.subscriptions.find(delivery.subscriptionArn)) {
      this.ended(now, delivery, 'dropped', { reason: 'the subscription is gone' });
      return;
    }
    if (!delivery.givenUp) delivery.attempts++;
    this.due(delivery, now + answerWithinMs, 'silence');
    const { to, operation, input } = delivery.givenUp ? delivery.deadLetter! : delivery.call;
    this.effect({ kind: 'call', to, operation, input, tag: { id: delivery.id, turn: delivery.turn } });
  }

  private failed(now: Millis, delivery: Delivery, error: ServiceError): void {
    const what = `${error.name}: ${error.message}`;
    if (delivery.givenUp) {
      const tooOld = now >= delivery.givenUp.atMs + deadLetterForMs;
      if (!mayPass(error) || tooOld) this.ended(now, delivery, 'dropped', { reason: what });
      else this.due(delivery, now + deadLetterEveryMs, 'attempt');
      return;
    }
    if (mayPass(error) && delivery.attempts <= retriesAtMost) {
      const nextMs = now + delayAfter(delivery.attempts);
      this.trace(delivery, 'delivery-retry', { error: error.name, message: error.message, nextMs });
      if (nextMs > now) this.due(delivery, nextMs, 'attempt');
      else this.attempt(now, delivery);
      return;
    }
    if (!delivery.deadLetter) {
      this.ended(now, delivery, 'dropped', { reason: what });
      return;
    }
    delivery.givenUp = { error: what, atMs: now };
    this.attempt(now, delivery);
  }

  private ended(
    now: Millis,
    delivery: Delivery,
    kind: 'delivered' | 'dead-lettered' | 'dropped',
    more: Json = {},
  ): void {
    this.pending.delete(delivery.id);
    this.trace(delivery, kind, { ...(delivery.givenUp && { error: delivery.givenUp.error }), ...more });
    if (delivery.lane === undefined) return;
    const lane = this.lanes.get(delivery.lane)!;
    lane.shift();
    if (lane[0]) this.attempt(now, lane[0]);
    else this.lanes.delete(delivery.lane);
  }

  private due(delivery: Delivery, atMs: Millis, what: Due['what']): void {
    delivery.turn++;
    this.dues.push({ atMs, sequence: this.sequence++, id: delivery.id, turn: delivery.turn, what });
  }

  private trace({ topic, subscriptionArn, messageId, attempts }: Delivery, kind: string, more: Json): void {
    this.effect({
      kind: 'trace',
      entry: { kind: `topic-${kind}`, topic, subscription: subscriptionArn, messageId, attempts, ...more },
    });
  }
}

/** Source: developer guide, "Amazon SNS dead-letter queues": client-side errors are not retried, server-side ones are. */
function mayPass({ name, status = 400 }: ServiceError): boolean {
  if (status >= 500 || status === 429) return true;
  return /^(network|NetworkingError)$|Throttl|TooManyRequests|RequestLimit|Timeout/i.test(name);
}
