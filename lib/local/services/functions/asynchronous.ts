/**
 * Invocations of type Event: a queue of their own, retries, and where they go when these are used up.
 *
 * 1. A function error is retried after 1 and then after 2 minutes, `maxRetries` times, the event's age permitting.
 * 2. A throttled attempt is not counted; it is tried again after 1 s, doubled up to 5 min, until the event is too old.
 * 3. What is given up goes to the dead letter queue and to the on-failure destination, both if both are set.
 * Source: docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html; the shape of the destination's
 * record: invocation-async-retain-records.html.
 */
import type { Millis } from '../../ports';
import { Heap } from '../heap';
import type { Effect, Finished, Json } from '../service';
import type { Destinations } from './destinations';
import type { AsyncEvent, LambdaFunction } from './function';

const retryAfterMs = [60_000, 120_000];
const mostThrottledMs = 300_000;

interface Due {
  at: Millis;
  order: number;
  event: AsyncEvent;
}

export class AsyncQueue {
  private readonly due = new Heap<Due>(
    (a, b) => (a.at !== b.at ? a.at < b.at : a.order < b.order),
    () => false,
  );
  private order = 0;
  /** Events that wait. */
  size = 0;

  constructor(private readonly destinations: Destinations) {}

  get wakeAt(): Millis {
    return this.due.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  put(at: Millis, event: AsyncEvent): void {
    this.due.push({ at, order: this.order++, event });
    this.size++;
  }

  /** What is due now, in order. */
  take(now: Millis): AsyncEvent | undefined {
    if (this.wakeAt > now) return undefined;
    this.size--;
    return this.due.pop()!.event;
  }

  /** The attempt did not start. */
  throttled(now: Millis, owner: LambdaFunction, event: AsyncEvent): Effect[] {
    const wait = Math.min(mostThrottledMs, 1000 * 2 ** event.throttles);
    if (now + wait - event.acceptedAt > owner.asyncConfig(event.qualifier).maxAgeSeconds * 1000) {
      return this.giveUp(now, owner, event, 'EventAgeExceeded', undefined);
    }
    this.put(now + wait, { ...event, throttles: event.throttles + 1 });
    return [];
  }

  /** The attempt has ended. */
  ended(now: Millis, owner: LambdaFunction, event: AsyncEvent, finished: Finished): Effect[] {
    if (!finished.functionError) {
      const { onSuccessArn } = owner.asyncConfig(event.qualifier);
      return onSuccessArn ? [this.record(now, owner, event, 'Success', finished, onSuccessArn)] : [];
    }
    if (event.attempts > owner.asyncConfig(event.qualifier).maxRetries)
      return this.giveUp(now, owner, event, 'RetriesExhausted', finished);
    const wait = retryAfterMs[event.attempts - 1] ?? retryAfterMs.at(-1)!;
    if (now + wait - event.acceptedAt > owner.asyncConfig(event.qualifier).maxAgeSeconds * 1000) {
      return this.giveUp(now, owner, event, 'EventAgeExceeded', finished);
    }
    this.put(now + wait, { ...event, throttles: 0 });
    return [];
  }

  private giveUp(
    now: Millis,
    owner: LambdaFunction,
    event: AsyncEvent,
    condition: string,
    finished: Finished | undefined,
  ): Effect[] {
    const { deadLetterArn } = owner.settings(event.version);
    const { onFailureArn } = owner.asyncConfig(event.qualifier);
    const destination = deadLetterArn ?? onFailureArn;
    const effects: Effect[] = [
      {
        kind: 'trace',
        entry: {
          kind: 'async-failed',
          functionName: owner.name,
          requestId: event.requestId,
          condition,
          attempts: event.attempts,
          ...(destination && { destination }),
          ...(isTick(event.payload) && { tick: true }),
        },
      },
    ];
    if (deadLetterArn) {
      const text = (value: string): Json => ({ DataType: 'String', StringValue: value });
      const message = finished ? JSON.parse(finished.payload).errorMessage : condition;
      effects.push(
        this.destinations.message(deadLetterArn, event.payload, {
          RequestID: text(event.requestId),
          ErrorCode: { DataType: 'Number', StringValue: finished ? '200' : '429' },
          ErrorMessage: text(String(message || condition).slice(0, 1024)),
        }),
      );
    }
    if (onFailureArn) effects.push(this.record(now, owner, event, condition, finished, onFailureArn));
    return effects;
  }

  private record(
    now: Millis,
    owner: LambdaFunction,
    event: AsyncEvent,
    condition: string,
    finished: Finished | undefined,
    destination: string,
  ): Effect {
    const record = {
      version: '1.0',
      timestamp: new Date(now).toISOString(),
      requestContext: {
        requestId: event.requestId,
        functionArn: `${owner.arn}:${event.version}`,
        condition,
        approximateInvokeCount: event.attempts,
      },
      requestPayload: JSON.parse(event.payload),
      ...(finished && {
        responseContext: {
          statusCode: 200,
          executedVersion: event.version,
          ...(finished.functionError && { functionError: 'Unhandled' }),
        },
        responsePayload: JSON.parse(finished.payload),
      }),
    };
    return this.destinations.send(destination, record, record.requestContext.functionArn, condition);
  }
}

/** What a rule with a schedule sends: no outsider's event, and the next one comes. Nobody else may publish as 'aws.events'. */
function isTick(payload: string): boolean {
  if (!payload.includes('"aws.events"')) return false;
  const event = JSON.parse(payload);
  return event?.source === 'aws.events' && event['detail-type'] === 'Scheduled Event';
}
