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
 * 5. A poll whose answer is lost is given up 10 s after it should have come.
 * Not modelled: several pollers at once (one poll is out at a time), provisioned pollers, filters, the 6 MB limit of a
 * batch, tumbling windows.
 */
import type { Millis } from '../../ports';
import { keptClass } from '../kept';
import type { Effect, Json, Reply } from '../service';
import type { ReceivedMessage } from './sqs-event';

const longPollSeconds = 20;
const lostAfterMs = 10_000;
/** Between polls that fail, and between polls of a queue that does not wait. */
const pauseMs = 1000;
const growEveryMs = 200;
const mostConcurrent = 1250;

export interface MappingSettings {
  id: string;
  functionName: string;
  queueArn: string;
  queueUrl: string;
  enabled: boolean;
  batchSize: number;
  windowSeconds: number;
  maxConcurrency?: number;
  reportsFailures: boolean;
  /** How long an empty queue is waited for. Default: 20, as long as SQS allows. */
  pollSeconds?: number;
}

export class Mapping {
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
  ) {
    this.lastModified = now;
  }

  /** Messages that are here and not yet with the function. */
  get holding(): number {
    return this.gathered.length + this.throttled.length;
  }

  /** When time alone will bring something here. */
  get wakeAt(): Millis {
    const times = [Number.POSITIVE_INFINITY, ...this.throttled.map(({ retryAt }) => retryAt)];
    if (this.poll) times.push(this.poll.lostAt);
    else if (this.settings.enabled && this.pausedUntil > 0) times.push(this.pausedUntil);
    if (this.gathered.length > 0) times.push(this.gatheredSince + this.settings.windowSeconds * 1000);
    return Math.min(...times);
  }

  /**
   * What is to be done now. `functionRoom`: how many invocations the function could start.
   * `run` starts a batch: true, or false when it was throttled.
   */
  advance(
    now: Millis,
    functionRoom: () => number,
    run: (batchId: number, messages: ReceivedMessage[]) => boolean,
  ): Effect[] {
    const { settings } = this;
    for (const waiting of this.throttled.splice(0)) {
      if (waiting.retryAt > now || functionRoom() <= 0) {
        this.throttled.push({ ...waiting, retryAt: Math.max(waiting.retryAt, now + pauseMs) });
      } else this.launch(now, waiting.batchId, run);
    }
    const room = (): number =>
      Math.min(functionRoom(), Math.min(settings.maxConcurrency ?? mostConcurrent, this.allowance) - this.batches.size);
    const due = this.gatheredSince + settings.windowSeconds * 1000;
    if (this.gathered.length > 0 && (this.gathered.length >= settings.batchSize || due <= now)) {
      const batchId = ++this.batchNumber;
      this.batches.set(batchId, this.gathered.splice(0, settings.batchSize));
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
          QueueUrl: settings.queueUrl,
          MaxNumberOfMessages: Math.min(10, settings.batchSize - this.gathered.length),
          WaitTimeSeconds: Math.min(waitSeconds, longPollSeconds),
          ...(waitSeconds > longPollSeconds && { $wait: { seconds: waitSeconds, waiter: settings.id } }),
          AttributeNames: ['All'],
          MessageAttributeNames: ['All'],
        },
        tag: { mapping: settings.id, poll: this.poll.number },
      },
    ];
  }

  /** A poll is answered. One that was given up is ignored: its messages come back by themselves. */
  polled(now: Millis, number: number, reply: Reply): void {
    if (this.poll?.number !== number) return;
    const { startedAt } = this.poll;
    this.poll = undefined;
    const messages: ReceivedMessage[] = reply.output?.Messages ?? [];
    if (reply.error || (messages.length === 0 && now - startedAt < pauseMs)) this.pausedUntil = now + pauseMs;
    if (messages.length === 0) return;
    if (this.gathered.length === 0) this.gatheredSince = now;
    this.gathered.push(...messages);
  }

  /** Enabled or disabled: what is waited for longer than SQS itself would is let go. */
  enable(enabled: boolean): Effect[] {
    this.settings.enabled = enabled;
    const { id, queueUrl, pollSeconds = longPollSeconds } = this.settings;
    if (enabled || !this.poll || pollSeconds <= longPollSeconds) return [];
    return [{ kind: 'call', to: 'sqs', operation: '$stopWaiting', input: { QueueUrl: queueUrl, waiter: id } }];
  }

  messagesOf(batchId: number): ReceivedMessage[] {
    return this.batches.get(batchId) ?? [];
  }

  /** A batch has ended; `succeeded` is deleted from the queue. */
  ended(now: Millis, batchId: number, succeeded: ReceivedMessage[], functionError: boolean): Effect[] {
    this.batches.delete(batchId);
    if (functionError) this.allowance = Math.max(1, Math.floor(this.allowance / 2));
    else if (now - this.grownAt >= growEveryMs && this.allowance < (this.settings.maxConcurrency ?? mostConcurrent)) {
      this.allowance++;
      this.grownAt = now;
    }
    const effects: Effect[] = [];
    for (let from = 0; from < succeeded.length; from += 10) {
      effects.push({
        kind: 'call',
        to: 'sqs',
        operation: 'DeleteMessageBatch',
        input: {
          QueueUrl: this.settings.queueUrl,
          Entries: succeeded
            .slice(from, from + 10)
            .map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle })),
        },
      });
    }
    return effects;
  }

  /** AWS's EventSourceMappingConfiguration. */
  configuration(functionArn: string): Json {
    const { settings } = this;
    return {
      UUID: settings.id,
      EventSourceMappingArn: functionArn.replace(/:function:.*$/, `:event-source-mapping:${settings.id}`),
      EventSourceArn: settings.queueArn,
      FunctionArn: functionArn,
      BatchSize: settings.batchSize,
      MaximumBatchingWindowInSeconds: settings.windowSeconds,
      ...(settings.maxConcurrency && { ScalingConfig: { MaximumConcurrency: settings.maxConcurrency } }),
      FunctionResponseTypes: settings.reportsFailures ? ['ReportBatchItemFailures'] : [],
      State: settings.enabled ? 'Enabled' : 'Disabled',
      StateTransitionReason: 'USER_INITIATED',
      LastModified: this.lastModified / 1000,
    };
  }

  private launch(now: Millis, batchId: number, run: (batchId: number, messages: ReceivedMessage[]) => boolean): void {
    if (!run(batchId, this.messagesOf(batchId))) this.throttled.push({ batchId, retryAt: now + pauseMs });
  }
}

keptClass('lambda', { Mapping });
