/**
 * SQS: standard and FIFO queues, redrive, long polling, message move tasks.
 *
 * 1. A receive that waits is answered by the first of: a message, the end of its wait, the end of its queue. Waiting
 *    receives of a queue are served in the order in which they came.
 * 2. A message is moved to dead letters when it would be received once more than its queue allows, not earlier. If the
 *    target is gone or refuses the source, it is received as before.
 * 3. In a standard dead-letter queue a message keeps its enqueue time, so its retention counts on; in a FIFO one it does not.
 * 4. What was kept too long is dropped at the moment when that is so, with a trace entry 'expired'.
 *
 * Modelled: all operations of API version 2012-11-05. Not modelled: enforcing policies and encryption (a policy that
 * denies what does not come by TLS is kept and not enforced, since loopback speaks http), throughput quotas, fair-queue
 * order, lost or doubled deliveries of a standard queue (the simulator brings those).
 * Source: SQS API reference and developer guide; error texts as recorded from AWS.
 */
import type { Millis } from '../../ports';
import { replyOf } from '../refusal';
import {
  type Effect,
  fail,
  type Json,
  type Outcome,
  ok,
  type Service,
  type ServiceOptions,
  type ServiceRequest,
} from '../service';
import { attributeNames } from './attributes';
import { answerEach, readEntries } from './batch';
import { invalidAttributeName, missing, queueDoesNotExist, simpleQueueError } from './errors';
import { type Message, peeked } from './message';
import { MoveTasks } from './move-tasks';
import { page } from './page';
import { addPermission, removePermission } from './permissions';
import type { Queue } from './queue';
import { changeVisibility, deleteMessage, type Receive, readReceive, receive } from './receive';
import { allows, Registry } from './registry';
import { send, sendBatch } from './send';

/** Source: API PurgeQueue. */
const purgeEveryMs = 60_000;

interface Waiter {
  requestId: string;
  request: Receive;
  untilMs: Millis;
}

type Operation = (now: Millis, input: Json, requestId: string) => Json | undefined;

export function createQueueService(options: ServiceOptions): Service {
  return new QueueService(options);
}

class QueueService implements Service {
  readonly name = 'sqs';
  private readonly registry: Registry;
  private readonly tasks: MoveTasks;
  private readonly waiters = new Map<Queue, Waiter[]>();
  private effects: Effect[] = [];

  constructor(private readonly options: ServiceOptions) {
    this.registry = new Registry(options);
    this.tasks = new MoveTasks(this.registry, options.random);
  }

  apply(now: Millis, { operation, input, requestId }: ServiceRequest): Outcome {
    const perform = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    if (!perform) {
      return this.outcome(
        fail('UnknownOperationException', `SQS has no operation '${operation}' here.`, { status: 404 }),
      );
    }
    this.tasks.advance(now, (queue) => this.serve(now, queue));
    return this.outcome(replyOf(() => perform(now, input ?? {}, requestId)));
  }

  wake(now: Millis): Outcome {
    this.tasks.advance(now, (queue) => this.serve(now, queue));
    for (const queue of this.registry.all()) this.serve(now, queue);
    return this.outcome();
  }

  holds(): [number, string][] {
    let messages = 0;
    for (const { counts } of this.registry.all()) messages += counts.visible + counts['in-flight'] + counts.delayed;
    return [[messages, 'message']];
  }

  private outcome(reply?: Outcome['reply']): Outcome {
    const effects = this.effects;
    this.effects = [];
    return { reply, effects, wakeAt: this.wakeAt() };
  }

  private wakeAt(): Millis | undefined {
    let next = this.tasks.nextMs() ?? Number.POSITIVE_INFINITY;
    for (const queue of this.registry.all()) {
      next = Math.min(next, queue.nextExpiryMs() ?? next);
      const waiting = this.waiters.get(queue);
      if (!waiting) continue;
      for (const { untilMs } of waiting) next = Math.min(next, untilMs);
      next = Math.min(next, queue.nextVisibleMs() ?? next);
    }
    return Number.isFinite(next) ? next : undefined;
  }

  /** An operation on the queue that the input names, with time brought up to date before and waiters served after. */
  private onQueue(act: (now: Millis, queue: Queue, input: Json, requestId: string) => Json | undefined): Operation {
    return (now, input, requestId) => {
      const queue = this.registry.byUrl(input.QueueUrl);
      this.advance(now, queue);
      try {
        return act(now, queue, input, requestId);
      } finally {
        this.serve(now, queue);
      }
    };
  }

  private advance(now: Millis, queue: Queue): void {
    for (const { id, body } of queue.advance(now)) {
      this.effects.push({ kind: 'trace', entry: { kind: 'expired', queue: queue.naming.name, messageId: id, body } });
    }
  }

  private serve(now: Millis, queue: Queue): void {
    this.advance(now, queue);
    const waiting = this.waiters.get(queue);
    if (!waiting) return;
    while (waiting[0] && queue.ready()) {
      const messages = this.receiveNow(now, queue, waiting[0].request);
      if (messages.length === 0) break;
      this.effects.push({ kind: 'reply', requestId: waiting.shift()!.requestId, reply: ok({ Messages: messages }) });
    }
    const left = waiting.filter(({ untilMs, requestId }) => {
      if (untilMs > now) return true;
      this.effects.push({ kind: 'reply', requestId, reply: ok({}) });
      return false;
    });
    if (left.length > 0) this.waiters.set(queue, left);
    else this.waiters.delete(queue);
  }

  private receiveNow(now: Millis, queue: Queue, request: Receive): Json[] {
    return receive(now, queue, this.options.account, request, (message) => this.deadLetter(now, queue, message));
  }

  private deadLetter(now: Millis, queue: Queue, message: Message): boolean {
    const target = this.registry.byArn(queue.redrive!.deadLetterTargetArn);
    const { fifo, arn, name } = queue.naming;
    if (!target || target.naming.fifo !== fifo || !allows(target, arn)) return false;
    target.add(now, message, message.id, 0, {
      enqueuedMs: fifo ? now : message.enqueuedMs,
      receivedElsewhere: message.receivedElsewhere + message.receiveCount,
      deadLetterSource: arn,
    });
    this.effects.push({
      kind: 'trace',
      entry: {
        kind: 'dead-lettered',
        queue: name,
        deadLetters: target.naming.name,
        messageId: message.id,
        receiveCount: message.receiveCount,
        body: message.body,
      },
    });
    this.serve(now, target);
    return true;
  }

  private readonly operations: Record<string, Operation> = {
    // A message for one who is gone would be in flight for nobody.
    $abandoned: (_now, input) => {
      for (const [queue, waiting] of this.waiters) {
        const left = waiting.filter(({ requestId }) => requestId !== input.requestId);
        if (left.length > 0) this.waiters.set(queue, left);
        else this.waiters.delete(queue);
      }
      return {};
    },
    CreateQueue: (now, input) => ({ QueueUrl: this.registry.create(now, input).naming.url }),
    // For templates, whose queues may be created before their dead letters.
    $CreateQueue: (now, input) => ({ QueueUrl: this.registry.create(now, input, true).naming.url }),
    DeleteQueue: (now, input) => {
      const queue = this.registry.byUrl(input.QueueUrl);
      this.registry.delete(now, queue);
      const { error } = queueDoesNotExist();
      for (const { requestId } of this.waiters.get(queue) ?? []) {
        this.effects.push({ kind: 'reply', requestId, reply: { error } });
      }
      this.waiters.delete(queue);
      return {};
    },
    GetQueueUrl: (_now, { QueueName, QueueOwnerAWSAccountId }) => {
      if (!QueueName) throw missing('QueueName');
      return { QueueUrl: this.registry.byName(QueueName, QueueOwnerAWSAccountId ?? undefined).naming.url };
    },
    ListQueues: (_now, input) => {
      const prefix = input.QueueNamePrefix ?? '';
      const urls = [...this.registry.all()].map(({ naming }) => naming).filter(({ name }) => name.startsWith(prefix));
      return page(
        urls.map(({ url }) => url),
        input,
        'QueueUrls',
      );
    },
    ListDeadLetterSourceQueues: this.onQueue((_now, { naming }, input) =>
      page(
        this.registry.sourcesOf(naming.arn).map((source) => source.naming.url),
        input,
        'queueUrls',
      ),
    ),
    GetQueueAttributes: this.onQueue((_now, queue, input) => attributesOf(queue, input.AttributeNames ?? [])),
    SetQueueAttributes: this.onQueue((now, queue, input) => {
      this.registry.setAttributes(now, queue, input.Attributes);
      return {};
    }),
    AddPermission: this.onQueue((now, queue, input) => {
      const Policy = addPermission(queue.attributes.Policy, queue.naming.arn, input);
      this.registry.setAttributes(now, queue, { Policy });
      return {};
    }),
    RemovePermission: this.onQueue((now, queue, input) => {
      this.registry.setAttributes(now, queue, { Policy: removePermission(queue.attributes.Policy, input) });
      return {};
    }),
    SendMessage: this.onQueue((now, queue, input) => send(now, this.options.random, queue, input)),
    SendMessageBatch: this.onQueue((now, queue, input) => sendBatch(now, this.options.random, queue, input)),
    ReceiveMessage: this.onQueue((now, queue, input, requestId) => {
      const request = readReceive(queue, input);
      // Who waits longer comes first.
      const messages = this.waiters.has(queue) && !queue.ready() ? [] : this.receiveNow(now, queue, request);
      if (messages.length > 0) return { Messages: messages };
      if (request.waitMs === 0) return {};
      const waiting = this.waiters.get(queue) ?? [];
      waiting.push({ requestId, request, untilMs: now + request.waitMs });
      this.waiters.set(queue, waiting);
      return undefined;
    }),
    $stopWaiting: this.onQueue((now, queue, { waiter }) => {
      for (const waiting of this.waiters.get(queue) ?? []) if (waiting.request.waiter === waiter) waiting.untilMs = now;
      return {};
    }),
    DeleteMessage: this.onQueue((_now, queue, input) => deleteMessage(queue, input)),
    DeleteMessageBatch: this.onQueue((_now, queue, input) =>
      answerEach(readEntries(input, 'DeleteMessageBatchRequestEntry'), (entry) => deleteMessage(queue, entry)),
    ),
    ChangeMessageVisibility: this.onQueue((now, queue, input) => changeVisibility(now, queue, input)),
    ChangeMessageVisibilityBatch: this.onQueue((now, queue, input) =>
      answerEach(readEntries(input, 'ChangeMessageVisibilityBatchRequestEntry'), (entry) =>
        changeVisibility(now, queue, entry),
      ),
    ),
    PurgeQueue: this.onQueue((now, queue) => {
      if (now < queue.purgedMs + purgeEveryMs) {
        throw simpleQueueError(
          'PurgeQueueInProgress',
          `Only one PurgeQueue operation on ${queue.naming.name} is allowed every 60 seconds.`,
        );
      }
      queue.purge(now);
      return {};
    }),
    TagQueue: this.onQueue((_now, queue, input) => {
      for (const [key, value] of Object.entries(input.Tags ?? {})) queue.tags.set(key, String(value));
      return {};
    }),
    UntagQueue: this.onQueue((_now, queue, input) => {
      for (const key of input.TagKeys ?? []) queue.tags.delete(key);
      return {};
    }),
    ListQueueTags: this.onQueue((_now, { tags }) => (tags.size > 0 ? { Tags: Object.fromEntries(tags) } : {})),
    $messages: this.onQueue((_now, queue) => ({ Messages: [...queue.messages.values()].map(peeked) })),
    StartMessageMoveTask: (now, input) => {
      const source = this.registry.byArn(input.SourceArn);
      if (source) this.advance(now, source);
      return this.tasks.start(now, input);
    },
    ListMessageMoveTasks: (_now, input) => this.tasks.list(input),
    CancelMessageMoveTask: (_now, input) => this.tasks.cancel(input),
  };
}

function attributesOf(queue: Queue, names: string[]): Json {
  for (const name of names) if (name !== 'All' && !attributeNames.includes(name)) throw invalidAttributeName(name);
  const all: Record<string, string> = {
    ...queue.attributes,
    QueueArn: queue.naming.arn,
    ApproximateNumberOfMessages: String(queue.counts.visible),
    ApproximateNumberOfMessagesNotVisible: String(queue.counts['in-flight']),
    ApproximateNumberOfMessagesDelayed: String(queue.counts.delayed),
    CreatedTimestamp: String(Math.floor(queue.naming.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
  };
  const wanted = Object.entries(all).filter(([name]) => names.includes('All') || names.includes(name));
  return wanted.length > 0 ? { Attributes: Object.fromEntries(wanted) } : {};
}
