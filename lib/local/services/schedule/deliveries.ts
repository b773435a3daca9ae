/**
 * Invocations under way: at least once, with retries, then dead letters.
 *
 * 1. An error that may pass (throttling, 5xx, no answer) is retried with exponential back-off until the schedule's
 *    number of retries or the age of the event is exceeded; any other error ends the invocation at once.
 * 2. What is given up goes to the dead-letter queue with the attributes that AWS documents, or is dropped with a trace
 *    entry where there is none. The dead letter itself is retried the same way, for a day.
 * 3. A target that does not answer within a minute has failed; a late answer is not waited for.
 * Source: Scheduler user guide, "Configuring a dead-letter queue"; API RetryPolicy. AWS does not say how it backs off:
 * here 1 s doubling up to 10 min, each shortened by up to half.
 */
import type { Millis, Random } from '../../ports';
import { Heap } from '../heap';
import type { Effect, Json, Reply, ServiceError, ServiceOptions } from '../service';
import { queueUrl, type TargetCall, targetCall } from './targets';

const answerWithinMs = 60_000;
const firstPauseMs = 1000;
const longestPauseMs = 600_000;
const deadLetterAgeMs = 86_400_000;

export interface Order<Owner> {
  scheduleArn: string;
  target: Json;
  scheduledMs: Millis;
  /** Called once, when the invocation succeeded or was given up. */
  /** Told of its end. */
  owner: Owner;
}

interface Delivery<Owner> extends Order<Owner> {
  executionId: string;
  /** Of the target's invocation, not of the dead letter's. */
  attempts: number;
  deadLetter?: { input: Json; attempts: number; sinceMs: Millis };
  /** The valid entry among the alarms: the next try, or the end of patience. */
  alarm?: Alarm<Owner>;
  waitingForAnswer: boolean;
}

interface Alarm<Owner> {
  atMs: Millis;
  order: number;
  delivery: Delivery<Owner>;
}

export class Deliveries<Owner> {
  private readonly open = new Map<string, Delivery<Owner>>();
  private readonly alarms = new Heap<Alarm<Owner>>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
    (alarm) => alarm.delivery.alarm !== alarm,
  );
  private orders = 0;

  constructor(
    private readonly options: ServiceOptions,
    private readonly random: Random,
    private readonly emit: (effect: Effect) => void,
    private readonly ended: (owner: Owner) => void,
  ) {}

  get pending(): number {
    return this.open.size;
  }

  nextMs(): Millis | undefined {
    return this.alarms.peek()?.atMs;
  }

  start(now: Millis, order: Order<Owner>): void {
    const delivery: Delivery<Owner> = {
      ...order,
      executionId: this.random.hex(16),
      attempts: 0,
      waitingForAnswer: false,
    };
    this.open.set(delivery.executionId, delivery);
    this.attempt(now, delivery);
  }

  advance(now: Millis): void {
    for (let due = this.alarms.peek(); due && due.atMs <= now; due = this.alarms.peek()) {
      const { delivery } = due;
      if (delivery.waitingForAnswer) {
        this.failed(now, delivery, { name: 'RequestTimeout', message: 'The target did not answer.', status: 504 });
      } else this.attempt(now, delivery);
    }
  }

  answered(now: Millis, { executionId, attempt }: { executionId: string; attempt: number }, reply: Reply): void {
    const delivery = this.open.get(executionId);
    if (!delivery?.waitingForAnswer || tries(delivery) !== attempt) return;
    const error = reply.error ?? failedEntry(reply.output);
    if (error) this.failed(now, delivery, error);
    else this.end(delivery, delivery.deadLetter ? 'dead-lettered' : 'schedule-invoked');
  }

  private attempt(now: Millis, delivery: Delivery<Owner>): void {
    let call: Pick<TargetCall, 'to' | 'operation' | 'input'>;
    if (delivery.deadLetter) {
      delivery.deadLetter.attempts++;
      call = { to: 'sqs', operation: 'SendMessage', input: delivery.deadLetter.input };
    } else {
      delivery.attempts++;
      call = this.callOf(delivery);
    }
    delivery.waitingForAnswer = true;
    this.alarmAt(delivery, now + answerWithinMs);
    const { to, operation, input } = call;
    const tag = { executionId: delivery.executionId, attempt: tries(delivery) };
    this.emit({ kind: 'call', to, operation, input, tag });
  }

  private failed(now: Millis, delivery: Delivery<Owner>, error: ServiceError): void {
    delivery.waitingForAnswer = false;
    const pauseMs = Math.round(
      Math.min(longestPauseMs, firstPauseMs * 2 ** ((tries(delivery) % 1000) - 1)) * (1 - this.random.next() / 2),
    );
    if (delivery.deadLetter) {
      const tooOld = now + pauseMs > delivery.deadLetter.sinceMs + deadLetterAgeMs;
      if (!mayPass(error) || tooOld) this.end(delivery, 'dropped', error);
      else this.alarmAt(delivery, now + pauseMs);
      return;
    }
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds } = delivery.target.RetryPolicy;
    if (!mayPass(error)) this.giveUp(now, delivery, error);
    else if (delivery.attempts > MaximumRetryAttempts) this.giveUp(now, delivery, error, 'MaximumRetryAttempts');
    else if (now + pauseMs > delivery.scheduledMs + MaximumEventAgeInSeconds * 1000) {
      this.giveUp(now, delivery, error, 'MaximumEventAgeInSeconds');
    } else {
      this.trace(delivery, 'schedule-retry', { error: error.name, message: error.message, nextMs: now + pauseMs });
      this.alarmAt(delivery, now + pauseMs);
    }
  }

  private giveUp(now: Millis, delivery: Delivery<Owner>, error: ServiceError, exhausted?: string): void {
    const deadLetters = delivery.target.DeadLetterConfig?.Arn;
    if (!deadLetters) {
      this.end(delivery, 'dropped', error);
      return;
    }
    const { input, sdkArn } = this.callOf(delivery);
    const attributes: Record<string, string | undefined> = {
      ERROR_CODE: error.queryCode ?? error.name,
      ERROR_MESSAGE: error.message,
      EXECUTION_ID: delivery.executionId,
      EXHAUSTED_RETRY_CONDITION: exhausted,
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: String(delivery.attempts - 1),
      SCHEDULED_TIME: isoSeconds(delivery.scheduledMs),
      SCHEDULE_ARN: delivery.scheduleArn,
      TARGET_ARN: sdkArn,
    };
    delivery.deadLetter = {
      attempts: 0,
      sinceMs: now,
      input: {
        QueueUrl: queueUrl(deadLetters, this.options.endpoint),
        MessageBody: JSON.stringify(input),
        MessageAttributes: Object.fromEntries(
          Object.entries(attributes)
            .filter(([, value]) => value)
            .map(([name, value]) => [name, { DataType: 'String', StringValue: value }]),
        ),
      },
    };
    this.attempt(now, delivery);
  }

  private end(
    delivery: Delivery<Owner>,
    kind: 'schedule-invoked' | 'dead-lettered' | 'dropped',
    error?: ServiceError,
  ): void {
    this.open.delete(delivery.executionId);
    delivery.alarm = undefined;
    const attributes = delivery.deadLetter?.input.MessageAttributes;
    this.trace(delivery, kind, {
      ...(attributes && {
        deadLetters: delivery.target.DeadLetterConfig.Arn.split(':').at(-1),
        error: attributes.ERROR_CODE.StringValue,
        message: attributes.ERROR_MESSAGE?.StringValue,
      }),
      ...(error && { error: error.name, message: error.message }),
    });
    this.ended(delivery.owner);
  }

  private callOf(delivery: Delivery<Owner>): TargetCall {
    const { account, region, endpoint } = this.options;
    return targetCall(delivery.target, {
      account,
      region,
      endpoint,
      scheduleArn: delivery.scheduleArn,
      scheduledTime: isoSeconds(delivery.scheduledMs),
      executionId: delivery.executionId,
      attempt: Math.max(1, delivery.attempts),
    });
  }

  private alarmAt(delivery: Delivery<Owner>, atMs: Millis): void {
    delivery.alarm = { atMs, order: this.orders++, delivery };
    this.alarms.push(delivery.alarm);
  }

  private trace(delivery: Delivery<Owner>, kind: string, more: Json): void {
    const { scheduleArn: schedule, executionId, attempts } = delivery;
    this.emit({
      kind: 'trace',
      entry: { kind, schedule, target: delivery.target.Arn, executionId, attempts, ...more },
    });
  }
}

/** Distinguishes each try of a delivery, those of its dead letter included. */
const tries = ({ attempts, deadLetter }: Delivery<unknown>): number =>
  deadLetter ? 1000 + deadLetter.attempts : attempts;

export const isoSeconds = (ms: Millis): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;

const mayPass = ({ name, status }: ServiceError): boolean =>
  (status ?? 400) >= 500 ||
  name === 'network' ||
  /Thrott|TooManyRequests|LimitExceeded|OverLimit|Timeout|Internal/i.test(name);

/** PutEvents answers 200 and says in the entry that it failed. */
function failedEntry(output: Json): ServiceError | undefined {
  if (!(output?.FailedEntryCount > 0)) return undefined;
  const { ErrorCode, ErrorMessage } = output.Entries[0];
  return { name: ErrorCode, message: ErrorMessage };
}
