/**
 * The event source mapping of a queue: polls, gathers a batch, has the function run it, deletes what succeeded.
 *
 * 1. It polls only while another invocation could start; so messages wait in the queue and not here.
 * 2. A batch runs when it is full, when its window is over, or, without a window, as soon as a poll brought something.
 * 3. Only what succeeded is deleted. The visibility of the rest is not touched: it comes back when its time is over.
 * 4. Concurrency starts at 5 and grows by one at most every 200 ms (300 a minute) while batches succeed; a function
 *    error halves it, down to 1. Source: docs services-sqs-scaling (5, 300 a minute, 1,250); halving is unverified: AWS
 *    says that it "gradually backs off, reducing the amount of concurrency".
 *    With `pollSeconds` above 20 an empty queue is asked less often than SQS allows: the same to everybody else, since
 *    a poll is answered when a message comes, and given up when the mapping is disabled.
 * 5. A throttled batch is tried again until the visibility of its messages ends: then it forgets them, and the queue gives
 *    them again. Source: operatorguide sqs-retries, "until the message's timestamp exceeds your queue's visibility timeout,
 *    at which point Lambda drops the message".
 * 6. A poll whose answer is lost is given up 10 s after it should have come.
 * 7. A message that no filter matches is deleted; it is in no batch. A batch holds 6 MB at most.
 * Not modelled: several pollers at once (one poll is out at a time), provisioned pollers.
 */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';
import type { Effect, Finished, Json, Reply } from '../service';
import { batchVerdict } from './batch-response';
import { messagePasses } from './filters';
import { type BatchEnd, fitting, type Mapping, pauseMs, type RunBatch } from './mapping';
import type { MappingSettings } from './mapping-settings';
import { type ReceivedMessage, sqsRecord } from './sqs-event';

const longPollSeconds = 20;
const lostAfterMs = 10_000;
const growEveryMs = 200;
const mostConcurrent = 1250;
const none: Effect[] = [];

export class QueueMapping implements Mapping {
  lastModified: Millis;
  /** Batches in flight, and batches that were throttled and wait. */
  private readonly batches = new Map<number, ReceivedMessage[]>();
  private readonly throttled: { batchId: number; retryAt: Millis }[] = [];
  private gathered: ReceivedMessage[] = [];
  private gatheredSince: Millis = 0;
  private poll: { number: number; startedAt: Millis; lostAt: Millis } | undefined;
  private polls = 0;
  private batchNumber = 0;
  private allowance = 5;
  private grownAt: Millis = Number.NEGATIVE_INFINITY;
  private pausedUntil: Millis = 0;

  constructor(
    readonly settings: MappingSettings,
    now: Millis,
    private readonly queueUrl: string,
  ) {
    this.lastModified = now;
  }

  /** Messages that are here and not yet with the function. */
  get holding(): number {
    return this.gathered.length + this.throttled.length;
  }

  /** When time alone will bring something here. */
  get wakeAt(): Millis {
    let at = Number.POSITIVE_INFINITY;
    for (const { retryAt } of this.throttled) at = Math.min(at, retryAt);
    if (this.poll) at = Math.min(at, this.poll.lostAt);
    else if (this.settings.enabled && this.pausedUntil > 0) at = Math.min(at, this.pausedUntil);
    if (this.gathered.length > 0) at = Math.min(at, this.gatheredSince + this.settings.windowSeconds * 1000);
    return at;
  }

  advance(now: Millis, functionRoom: () => number, run: RunBatch): Effect[] {
    const { settings } = this;
    // Asked at each act of the service, and most mappings do nothing but wait for the answer to their poll.
    if (this.poll && this.poll.lostAt > now && this.holding === 0) return none;
    for (const waiting of this.throttled.splice(0)) {
      if (this.forgotten(now, waiting.batchId)) continue;
      if (waiting.retryAt > now || functionRoom() <= 0) {
        this.throttled.push({ ...waiting, retryAt: Math.max(waiting.retryAt, now + pauseMs) });
      } else this.launch(now, waiting.batchId, run);
    }
    const room = (): number =>
      Math.min(functionRoom(), Math.min(settings.maxConcurrency ?? mostConcurrent, this.allowance) - this.batches.size);
    const due = this.gatheredSince + settings.windowSeconds * 1000;
    if (this.gathered.length > 0 && (this.gathered.length >= settings.batchSize || due <= now)) {
      const batchId = ++this.batchNumber;
      this.batches.set(batchId, this.gathered.splice(0, this.fitting()));
      this.launch(now, batchId, run);
    }
    if (this.poll && this.poll.lostAt <= now) this.poll = undefined;
    if (this.pausedUntil <= now) this.pausedUntil = 0;
    if (!settings.enabled || this.poll || room() <= 0 || this.gathered.length >= settings.batchSize) return [];
    if (this.pausedUntil > 0) return [];
    const longest = settings.pollSeconds ?? longPollSeconds;
    const left = this.gathered.length > 0 ? Math.ceil((due - now) / 1000) : longest;
    const waitSeconds = Math.min(longest, Math.max(0, left));
    this.poll = { number: ++this.polls, startedAt: now, lostAt: now + waitSeconds * 1000 + lostAfterMs };
    return [
      {
        kind: 'call',
        to: 'sqs',
        operation: 'ReceiveMessage',
        input: {
          QueueUrl: this.queueUrl,
          MaxNumberOfMessages: Math.min(10, settings.batchSize - this.gathered.length),
          WaitTimeSeconds: Math.min(waitSeconds, longPollSeconds),
          ...(waitSeconds > longPollSeconds && { $wait: { seconds: waitSeconds, waiter: settings.id } }),
          AttributeNames: ['All'],
          MessageAttributeNames: ['All'],
          $tellHidden: true,
        },
        tag: { mapping: settings.id, poll: this.poll.number },
      },
    ];
  }

  /** A poll that was given up is ignored: its messages come back by themselves. */
  replied(now: Millis, tag: Json, reply: Reply): Effect[] {
    if (this.poll?.number !== tag.poll) return [];
    const { startedAt } = this.poll!;
    this.poll = undefined;
    const messages: ReceivedMessage[] = reply.output?.Messages ?? [];
    if (reply.error || (messages.length === 0 && now - startedAt < pauseMs)) this.pausedUntil = now + pauseMs;
    const { filters, sourceArn, enabled } = this.settings;
    if (!enabled) return this.giveBack(messages);
    const [wanted, passedOver] =
      filters.length === 0
        ? [messages, []]
        : partition(messages, (message) => messagePasses(filters, sqsRecord(message, sourceArn)));
    if (wanted.length > 0 && this.gathered.length === 0) this.gatheredSince = now;
    this.gathered.push(...wanted);
    return this.delete(passedOver);
  }

  /** What is waited for longer than SQS itself would is let go. */
  stopped(): Effect[] {
    const { id, pollSeconds = longPollSeconds } = this.settings;
    if (!this.poll || pollSeconds <= longPollSeconds) return [];
    return [{ kind: 'call', to: 'sqs', operation: '$stopWaiting', input: { QueueUrl: this.queueUrl, waiter: id } }];
  }

  /** Drops what the queue shows again; true when nothing of the batch is left. */
  private forgotten(now: Millis, batchId: number): boolean {
    const hidden = this.messagesOf(batchId).filter(({ $hiddenUntil = now + 1 }) => $hiddenUntil > now);
    if (hidden.length > 0) this.batches.set(batchId, hidden);
    else this.batches.delete(batchId);
    return hidden.length === 0;
  }

  recordIds(batchId: number): string[] {
    return this.messagesOf(batchId).map(({ MessageId }) => MessageId);
  }

  private messagesOf(batchId: number): ReceivedMessage[] {
    return this.batches.get(batchId) ?? [];
  }

  ended(now: Millis, batchId: number, { functionError, payload }: Finished): BatchEnd {
    const messages = this.messagesOf(batchId);
    const verdict = functionError
      ? { succeeded: [], failed: messages }
      : batchVerdict(messages, payload, this.settings.reportsFailures);
    this.batches.delete(batchId);
    if (functionError) this.allowance = Math.max(1, Math.floor(this.allowance / 2));
    else if (now - this.grownAt >= growEveryMs && this.allowance < (this.settings.maxConcurrency ?? mostConcurrent)) {
      this.allowance++;
      this.grownAt = now;
    }
    return {
      effects: this.delete(verdict.succeeded),
      failed: verdict.failed.map(({ MessageId }) => MessageId),
      ...('reason' in verdict && { reason: verdict.reason }),
    };
  }

  /** A poll was under way when the mapping was disabled: what it brought is for others. */
  private giveBack(messages: ReceivedMessage[]): Effect[] {
    if (messages.length === 0) return [];
    const Entries = messages.map(({ ReceiptHandle }, index) => ({
      Id: String(index),
      ReceiptHandle,
      VisibilityTimeout: 0,
    }));
    const input = { QueueUrl: this.queueUrl, Entries };
    return [{ kind: 'call', to: 'sqs', operation: 'ChangeMessageVisibilityBatch', input }];
  }

  private delete(messages: ReceivedMessage[]): Effect[] {
    const effects: Effect[] = [];
    for (let from = 0; from < messages.length; from += 10) {
      effects.push({
        kind: 'call',
        to: 'sqs',
        operation: 'DeleteMessageBatch',
        input: {
          QueueUrl: this.queueUrl,
          Entries: messages
            .slice(from, from + 10)
            .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        },
      });
    }
    return effects;
  }

  /** How many of those that are gathered make one event. */
  private fitting(): number {
    const { batchSize, sourceArn } = this.settings;
    const bytes = this.gathered.reduce((sum, { Body }) => sum + Body.length, 0);
    // Nothing that small, however it is escaped, comes near the limit.
    if (bytes < 500_000) return batchSize;
    return fitting(this.gathered, batchSize, (message) =>
      Buffer.byteLength(JSON.stringify(sqsRecord(message, sourceArn))),
    );
  }

  private launch(now: Millis, batchId: number, run: RunBatch): void {
    const Records = this.messagesOf(batchId).map((message) => sqsRecord(message, this.settings.sourceArn));
    if (!run(batchId, { Records })) this.throttled.push({ batchId, retryAt: now + pauseMs });
  }
}

function partition<T>(all: T[], holds: (one: T) => boolean): [T[], T[]] {
  const those: T[] = [];
  const others: T[] = [];
  for (const one of all) (holds(one) ? those : others).push(one);
  return [those, others];
}

keptClass('lambda', { QueueMapping });
