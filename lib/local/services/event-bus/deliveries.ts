/**
 * Deliveries of events to targets: at least once, each with its own retries and dead letters.
 *
 * 1. Every attempt is one `call`; its reply, or no reply within 30 s, ends the attempt. A late reply changes nothing.
 * 2. Throttling, 5xx, a broken connection and silence are tried again with growing, jittered delays, until the attempts
 *    or the age of the event are used up; any other error is final at once.
 * 3. What is given up goes to the target's dead-letter queue (the event as it was published, and six attributes), or is
 *    dropped where the target has none. Sending a dead letter is retried like a delivery, without an end of its own
 *    but the 24 hours.
 * AWS does not publish its delays: they double from 1 s up to 10 minutes, each drawn between half and the whole, which
 * lets 185 attempts fill about 24 hours.
 * Source: User Guide, "How EventBridge retries delivering events", "Using dead-letter queues", with its error codes.
 */

import type { Millis, Random } from '../../ports';
import { Heap } from '../heap';
import type { Effect, Json, Reply, ServiceError, ServiceOptions } from '../service';
import type { BusEvent } from './event';
import { callFor, queueUrl, type TargetCall } from './targets';
import { InvalidInputError, inputFor, type RuleName } from './transform';

const answerWithinMs = 30_000;
const firstDelayMs = 1000;
const longestDelayMs = 600_000;
const defaultAttempts = 185;
const defaultAgeSeconds = 86_400;

interface Delivery {
  id: number;
  bus: string;
  rule: RuleName;
  target: Json;
  event: BusEvent;
  startedMs: Millis;
  /** Attempts that have been made. */
  attempts: number;
  /** Counts what has been waited for; an answer or a due of an earlier turn is stale. */
  turn: number;
  /** Undefined when the input could not be made. */
  call?: TargetCall;
  /** Set when the delivery is given up and its dead letter is on the way. */
  deadLetter?: { attributes: Record<string, string>; startedMs: Millis };
  /** The last failure that may pass. */
  failure?: Failure;
}

interface Failure {
  code: string;
  message: string;
  retryable: boolean;
}

interface Due {
  atMs: Millis;
  sequence: number;
  id: number;
  turn: number;
  what: 'attempt' | 'silence' | 'give-up';
}

export class Deliveries {
  private readonly pending = new Map<number, Delivery>();
  private readonly dues = new Heap<Due>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.sequence < b.sequence),
    ({ id, turn }) => this.pending.get(id)?.turn !== turn,
  );
  private readonly jitter: Random;
  private nextId = 0;
  private sequence = 0;

  constructor(
    private readonly options: ServiceOptions,
    private readonly effect: (effect: Effect) => void,
  ) {
    this.jitter = options.random.fork('retries');
  }

  /** Deliveries that have neither arrived nor been given up. */
  get underWay(): number {
    return this.pending.size;
  }

  start(now: Millis, bus: string, rule: RuleName, target: Json, event: BusEvent): void {
    const delivery: Delivery = {
      id: this.nextId++,
      bus,
      rule,
      target,
      event,
      startedMs: now,
      attempts: 0,
      turn: 0,
    };
    this.pending.set(delivery.id, delivery);
    try {
      delivery.call = callFor(target, inputFor(target, rule, event), event, this.options);
    } catch (error) {
      if (!(error instanceof InvalidInputError)) throw error;
      this.giveUp(now, delivery, { code: error.code, message: error.message, retryable: false });
      return;
    }
    this.attempt(now, delivery);
  }

  /** When time alone will bring something. */
  get wakeAt(): Millis | undefined {
    return this.dues.peek()?.atMs;
  }

  wake(now: Millis): void {
    for (let due = this.dues.peek(); due && due.atMs <= now; due = this.dues.peek()) {
      this.dues.pop();
      const delivery = this.pending.get(due.id)!;
      if (due.what === 'attempt') this.attempt(now, delivery);
      else if (due.what === 'silence') this.failed(now, delivery, silence);
      else this.giveUp(now, delivery, delivery.failure ?? silence, 'MaximumEventAgeInSeconds');
    }
  }

  /** The answer to an attempt: `tag` is what the call carried. */
  answered(now: Millis, tag: { id: number; turn: number }, reply: Reply): void {
    const delivery = this.pending.get(tag.id);
    if (!delivery || delivery.turn !== tag.turn) return;
    if (reply.error) this.failed(now, delivery, failureOf(reply.error));
    else this.ended(delivery, delivery.deadLetter ? 'dead-lettered' : 'delivered');
  }

  private attempt(now: Millis, delivery: Delivery): void {
    if (!delivery.deadLetter) delivery.attempts++;
    this.due(delivery, now + answerWithinMs, 'silence');
    const { to, operation, input } = delivery.call!;
    this.effect({ kind: 'call', to, operation, input, tag: { id: delivery.id, turn: delivery.turn } });
  }

  private failed(now: Millis, delivery: Delivery, failure: Failure): void {
    if (delivery.deadLetter) {
      const tooOld = now >= delivery.deadLetter.startedMs + defaultAgeSeconds * 1000;
      if (!failure.retryable || tooOld)
        this.ended(delivery, 'dropped', { reason: `${failure.code}: ${failure.message}` });
      else this.due(delivery, now + this.delay(1), 'attempt');
      return;
    }
    const { MaximumRetryAttempts = defaultAttempts, MaximumEventAgeInSeconds = defaultAgeSeconds } =
      delivery.target.RetryPolicy ?? {};
    const lastMs = delivery.startedMs + MaximumEventAgeInSeconds * 1000;
    if (!failure.retryable) {
      this.giveUp(now, delivery, failure);
      return;
    }
    if (delivery.attempts > MaximumRetryAttempts || now >= lastMs) {
      const exhausted = now >= lastMs ? 'MaximumEventAgeInSeconds' : 'MaximumRetryAttempts';
      this.giveUp(now, delivery, failure, exhausted);
      return;
    }
    const nextMs = now + this.delay(delivery.attempts);
    delivery.failure = failure;
    this.trace(delivery, 'delivery-retry', {
      error: failure.code,
      message: failure.message,
      nextMs: Math.min(nextMs, lastMs),
    });
    if (nextMs > lastMs) this.due(delivery, lastMs, 'give-up');
    else this.due(delivery, nextMs, 'attempt');
  }

  private giveUp(now: Millis, delivery: Delivery, failure: Failure, exhausted?: string): void {
    const arn = delivery.target.DeadLetterConfig?.Arn;
    if (arn === undefined) {
      this.ended(delivery, 'dropped', { reason: `${failure.code}: ${failure.message}` });
      return;
    }
    const attributes: Record<string, string> = {
      RULE_ARN: delivery.rule.arn,
      TARGET_ARN: delivery.target.Arn,
      ERROR_CODE: failure.code,
      ERROR_MESSAGE: failure.message,
      ...(exhausted ? { EXHAUSTED_RETRY_CONDITION: exhausted } : {}),
      RETRY_ATTEMPTS: String(Math.max(0, delivery.attempts - 1)),
    };
    delivery.deadLetter = { attributes, startedMs: now };
    delivery.call = {
      to: 'sqs',
      operation: 'SendMessage',
      input: {
        QueueUrl: queueUrl(arn, this.options),
        MessageBody: delivery.event.text,
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes).map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
        ),
      },
    };
    this.attempt(now, delivery);
  }

  private ended(delivery: Delivery, kind: 'delivered' | 'dead-lettered' | 'dropped', more: Json = {}): void {
    this.pending.delete(delivery.id);
    this.trace(delivery, kind, {
      ...(delivery.deadLetter
        ? {
            deadLetters: delivery.target.DeadLetterConfig.Arn,
            error: delivery.deadLetter.attributes.ERROR_CODE,
            message: delivery.deadLetter.attributes.ERROR_MESSAGE,
          }
        : {}),
      ...more,
    });
  }

  private delay(attempt: number): Millis {
    const whole = Math.min(longestDelayMs, firstDelayMs * 2 ** Math.min(attempt - 1, 20));
    return Math.round(whole * (0.5 + this.jitter.next() / 2));
  }

  private due(delivery: Delivery, atMs: Millis, what: Due['what']): void {
    delivery.turn++;
    this.dues.push({ atMs, sequence: this.sequence++, id: delivery.id, turn: delivery.turn, what });
  }

  private trace(delivery: Delivery, kind: string, more: Json): void {
    this.effect({
      kind: 'trace',
      entry: {
        kind,
        bus: delivery.bus,
        rule: delivery.rule.name,
        ruleArn: delivery.rule.arn,
        target: delivery.target.Arn,
        eventId: delivery.event.json.id,
        attempts: delivery.attempts,
        ...more,
      },
    });
  }
}

const silence: Failure = { code: 'TIMEOUT', message: 'The target did not answer.', retryable: true };

/** EventBridge's name for what a target answered. Source: User Guide, "Using dead-letter queues", ERROR_CODE. */
function failureOf({ name, message, status = 400 }: ServiceError): Failure {
  const short = name.split('.').at(-1)!;
  const as = (code: string, retryable: boolean): Failure => ({ code, message, retryable });
  if (short === 'network' || short === 'NetworkingError') return as('CONNECTION_FAILURE', true);
  if (/Throttl|TooManyRequests|RequestLimit|SlowDown|Exceeded.*Throughput/i.test(short)) return as('THROTTLING', true);
  if (/AccessDenied|NotAuthorized|Unauthorized/i.test(short)) return as('NO_PERMISSIONS', false);
  if (/NonExistent|DoesNotExist|NotFound/i.test(short)) return as('NO_RESOURCE', false);
  if (/Timeout|TimedOut/i.test(short)) return as('TIMEOUT', true);
  if (status >= 500) return as('INTERNAL_ERROR', true);
  if (/Invalid|Missing|Validation/i.test(short)) return as('INVALID_PARAMETER', false);
  return as('SDK_CLIENT_ERROR', false);
}
