/**
 * One queue: its messages by place, its deduplication, its clock-driven changes.
 *
 * 1. A message is in exactly one place: visible, in flight, delayed, gone. Counts are kept, never computed.
 * 2. `advance` does what time alone brings; everything else assumes that it was called for the same `now`.
 * 3. Only the handle of the latest receive of a message counts.
 * 4. No read looks at all messages: 50,000 queued ones cost no more than ten.
 */
import type { Millis } from '../../ports';
import { Heap, heapOrder } from '../heap';
import { keptClass } from '../kept';
import type { RedrivePolicy } from './attributes';
import { readRedrivePolicy } from './attributes';
import type { Content, Message } from './message';
import { FifoShelf, type Shelf, StandardShelf } from './shelf';

/** Source: SQS developer guide, "exactly-once processing": five minutes. */
const dedupMs = 300_000;
const receiveAttemptMs = 300_000;

/** What a message brings along from another queue. */
export type Past = Partial<Pick<Message, 'enqueuedMs' | 'receivedElsewhere' | 'deadLetterSource'>>;

interface Timed {
  message: Message;
  version: number;
  atMs: Millis;
}

const timedOrder = heapOrder<Timed>('sqs.timed', {
  before: (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.message.order < b.message.order),
  stale: ({ message, version }) => message.version !== version,
});

const expiringOrder = heapOrder<Message>('sqs.expiring', {
  before: (a, b) => a.enqueuedMs < b.enqueuedMs || (a.enqueuedMs === b.enqueuedMs && a.order < b.order),
  stale: (message) => message.place === 'gone',
});

export interface QueueNaming {
  name: string;
  url: string;
  arn: string;
  fifo: boolean;
  /** Distinguishes it from an earlier queue of the same name. */
  incarnation: string;
  createdMs: Millis;
}

export class Queue {
  readonly tags = new Map<string, string>();
  readonly counts = { visible: 0, 'in-flight': 0, delayed: 0 };
  modifiedMs: Millis;
  purgedMs = Number.NEGATIVE_INFINITY;
  redrive: RedrivePolicy | undefined;
  private current: Record<string, string> = {};
  /** Everything in it, in order of arrival, whether visible or not. */
  messages = new Map<number, Message>();
  private shelf: Shelf;
  private timed = this.newTimed();
  private expiring = this.newExpiring();
  private readonly sent = new Map<string, { atMs: Millis; messageId: string; sequenceNumber: string }>();
  private readonly attempts = new Map<string, { atMs: Millis; taken: { message: Message; receive: number }[] }>();
  private arrivals = 0;

  constructor(
    readonly naming: QueueNaming,
    attributes: Record<string, string>,
  ) {
    this.shelf = this.newShelf();
    this.modifiedMs = naming.createdMs;
    this.attributes = attributes;
  }

  get attributes(): Record<string, string> {
    return this.current;
  }

  set attributes(attributes: Record<string, string>) {
    const delayBefore = this.current.DelaySeconds;
    this.current = attributes;
    this.redrive = attributes.RedrivePolicy ? readRedrivePolicy(attributes.RedrivePolicy) : undefined;
    // Source: API SetQueueAttributes, DelaySeconds: retroactive for FIFO queues only.
    if (this.naming.fifo && delayBefore !== undefined && delayBefore !== attributes.DelaySeconds) this.delayAnew();
  }

  /** A duration attribute, in ms. */
  duration(
    name: 'DelaySeconds' | 'MessageRetentionPeriod' | 'VisibilityTimeout' | 'ReceiveMessageWaitTimeSeconds',
  ): Millis {
    return Number(this.current[name]) * 1000;
  }

  /** What time alone brings: delays and visibility timeouts end, what was kept too long is dropped and given back. */
  advance(now: Millis): Message[] {
    for (let due = this.timed.peek(); due && due.atMs <= now; due = this.timed.peek()) this.show(due.message);
    const expired: Message[] = [];
    const retention = this.duration('MessageRetentionPeriod');
    for (let old = this.expiring.peek(); old && old.enqueuedMs + retention <= now; old = this.expiring.peek()) {
      this.remove(old);
      expired.push(old);
    }
    return expired;
  }

  /** When the next message becomes visible. */
  nextVisibleMs(): Millis | undefined {
    return this.timed.peek()?.atMs;
  }

  nextExpiryMs(): Millis | undefined {
    const oldest = this.expiring.peek();
    return oldest && oldest.enqueuedMs + this.duration('MessageRetentionPeriod');
  }

  /** `delayMs` counts from now. */
  add(now: Millis, content: Content, id: string, delayMs: Millis, past: Past = {}): Message {
    const order = this.arrivals++;
    const message: Message = {
      body: content.body,
      bodyMd5: content.bodyMd5,
      attributes: content.attributes,
      systemAttributes: content.systemAttributes,
      groupId: content.groupId,
      dedupId: content.dedupId,
      sizeBytes: content.sizeBytes,
      id,
      enqueuedMs: past.enqueuedMs ?? now,
      order,
      // 20 digits that grow, as AWS's do.
      sequenceNumber: this.naming.fifo ? `1${String(order).padStart(19, '0')}` : undefined,
      receiveCount: 0,
      receivedElsewhere: past.receivedElsewhere ?? 0,
      firstReceivedMs: undefined,
      lastReceivedMs: undefined,
      place: 'delayed',
      version: 0,
      receive: 0,
      deadLetterSource: past.deadLetterSource,
    };
    this.messages.set(order, message);
    this.counts.delayed++;
    this.shelf.added(message);
    this.expiring.push(message);
    if (delayMs <= 0) this.show(message);
    else this.hide(message, 'delayed', now + delayMs);
    return message;
  }

  /** Whether a receive would find anything. */
  ready(): boolean {
    return this.shelf.ready();
  }

  /**
   * Receives up to `max` messages and hides them for `visibilityMs`. A message that was received as often as its queue
   * allows goes to `deadLetter` instead, which says whether it took it.
   */
  receive(now: Millis, max: number, visibilityMs: Millis, deadLetter: (message: Message) => boolean): Message[] {
    const taken: Message[] = [];
    this.shelf.take(max, (message) => {
      if (this.redrive && message.receiveCount >= this.redrive.maxReceiveCount && deadLetter(message)) {
        this.remove(message);
        return false;
      }
      this.place(message, 'in-flight');
      taken.push(message);
      return true;
    });
    for (const message of taken) {
      message.receiveCount++;
      message.receive++;
      message.firstReceivedMs ??= now;
      message.lastReceivedMs = now;
      this.hideFor(message, now, visibilityMs);
    }
    return taken;
  }

  /** Hides from now on; 0 shows at once. */
  hideFor(message: Message, now: Millis, ms: Millis): void {
    if (ms > 0) this.hide(message, 'in-flight', now + ms);
    else this.show(message);
  }

  remove(message: Message): void {
    this.place(message, 'gone');
    this.messages.delete(message.order);
  }

  find(order: number): Message | undefined {
    return this.messages.get(order);
  }

  /** Takes away the first message that a receive would find, without counting a receive. For move tasks. */
  takeOne(): Message | undefined {
    let found: Message | undefined;
    this.shelf.take(1, (message) => {
      found = message;
      this.remove(message);
      return true;
    });
    return found;
  }

  purge(now: Millis): void {
    this.purgedMs = now;
    for (const message of this.messages.values()) message.place = 'gone';
    this.messages = new Map();
    Object.assign(this.counts, { visible: 0, 'in-flight': 0, delayed: 0 });
    this.shelf = this.newShelf();
    this.timed = this.newTimed();
    this.expiring = this.newExpiring();
    this.sent.clear();
    this.attempts.clear();
  }

  /** FIFO: what an earlier send with the same id was answered with, within five minutes. */
  duplicateOf(now: Millis, content: Content): { messageId: string; sequenceNumber: string } | undefined {
    for (const [key, { atMs }] of this.sent) {
      if (atMs + dedupMs > now) break;
      this.sent.delete(key);
    }
    return this.sent.get(this.dedupKey(content));
  }

  rememberSent(now: Millis, message: Message): void {
    const key = this.dedupKey(message);
    this.sent.set(key, { atMs: now, messageId: message.id, sequenceNumber: message.sequenceNumber! });
  }

  /**
   * FIFO: the messages of an earlier receive attempt with the same id, when it is at most five minutes old and all of
   * them are still in flight by it. Source: API ReceiveMessage, ReceiveRequestAttemptId.
   */
  attempted(now: Millis, attemptId: string): Message[] | undefined {
    for (const [key, { atMs }] of this.attempts) {
      if (atMs + receiveAttemptMs > now) break;
      this.attempts.delete(key);
    }
    const attempt = this.attempts.get(attemptId);
    const whole = attempt?.taken.every(
      ({ message, receive }) => message.place === 'in-flight' && message.receive === receive,
    );
    return whole ? attempt!.taken.map(({ message }) => message) : undefined;
  }

  rememberAttempt(now: Millis, attemptId: string, messages: Message[]): void {
    this.attempts.delete(attemptId);
    this.attempts.set(attemptId, {
      atMs: now,
      taken: messages.map((message) => ({ message, receive: message.receive })),
    });
  }

  private dedupKey({ groupId, dedupId }: Content): string {
    return this.current.DeduplicationScope === 'messageGroup' ? `${groupId} ${dedupId}` : dedupId!;
  }

  private show(message: Message): void {
    this.place(message, 'visible');
  }

  private hide(message: Message, place: 'in-flight' | 'delayed', untilMs: Millis): void {
    this.place(message, place);
    this.timed.push({ message, version: message.version, atMs: untilMs });
  }

  private place(message: Message, place: Message['place']): void {
    const before = message.place;
    if (before !== 'gone') this.counts[before]--;
    if (place !== 'gone') this.counts[place]++;
    message.place = place;
    message.version++;
    this.shelf.moved(message, before);
  }

  private delayAnew(): void {
    for (const message of this.messages.values()) {
      if (message.place === 'delayed')
        this.hide(message, 'delayed', message.enqueuedMs + this.duration('DelaySeconds'));
    }
  }

  private newShelf(): Shelf {
    return this.naming.fifo ? new FifoShelf() : new StandardShelf();
  }

  private newTimed(): Heap<Timed> {
    return new Heap<Timed>(timedOrder.before, timedOrder.stale);
  }

  private newExpiring(): Heap<Message> {
    return new Heap<Message>(expiringOrder.before, expiringOrder.stale);
  }
}

keptClass('sqs', { Queue });
