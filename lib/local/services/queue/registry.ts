/**
 * All queues: made, named, found, configured, deleted.
 *
 * 1. Names are unique; a name can be used again 60 s after its queue was deleted (source: API DeleteQueue).
 * 2. A dead-letter target exists, is of the same type, in the same account and region, and allows the source
 *    (source: API SetQueueAttributes, RedrivePolicy and RedriveAllowPolicy).
 */
import type { Millis } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import { defaults, readAttributes, readRedriveAllowPolicy, readRedrivePolicy, withChanges } from './attributes';
import {
  invalidAttributeValue,
  invalidParameter,
  invalidValue,
  missing,
  queueDoesNotExist,
  queueNameExists,
  simpleQueueError,
} from './errors';
import { Queue } from './queue';

const reuseNameAfterMs = 60_000;

export class Registry {
  private readonly queues = new Map<string, Queue>();
  private readonly deletedMs = new Map<string, Millis>();

  constructor(private readonly options: ServiceOptions) {}

  all(): Iterable<Queue> {
    return this.queues.values();
  }

  /**
   * CreateQueue. With `trusting`, a dead-letter target may come later: resources of a template that refer to each
   * other are created in any order.
   */
  create(now: Millis, input: Json, trusting = false): Queue {
    const name = input.QueueName;
    if (!name) throw missing('QueueName');
    const given: Record<string, Json> = input.Attributes ?? {};
    const fifo = String(given.FifoQueue ?? 'false') === 'true';
    demandName(String(name), fifo);
    const changes = readAttributes(given, fifo || 'FifoQueue' in given);
    if (changes.FifoQueue === 'false') throw invalidValue('FifoQueue', 'false', 'Leave it out for a standard queue.');
    const existing = this.queues.get(name);
    if (existing) {
      for (const [attribute, value] of Object.entries(changes)) {
        if ((existing.attributes[attribute] ?? '') !== value) throw queueNameExists(attribute);
      }
      return existing;
    }
    if (now < (this.deletedMs.get(name) ?? Number.NEGATIVE_INFINITY) + reuseNameAfterMs) {
      throw simpleQueueError(
        'QueueDeletedRecently',
        'You must wait 60 seconds after deleting a queue before you can create another with the same name.',
      );
    }
    const attributes = withChanges(defaults(fifo), changes);
    const { account, region, endpoint, random } = this.options;
    const arn = `arn:aws:sqs:${region}:${account}:${name}`;
    this.checkPolicies(arn, fifo, changes, trusting);
    const url = `${endpoint}/${account}/${name}`;
    const queue = new Queue({ name, url, arn, fifo, incarnation: random.hex(16), createdMs: now }, attributes);
    for (const [key, value] of Object.entries(input.tags ?? input.Tags ?? {})) queue.tags.set(key, String(value));
    this.queues.set(name, queue);
    return queue;
  }

  setAttributes(now: Millis, queue: Queue, given: Json): void {
    if (!given) throw missing('Attributes');
    const { fifo, arn } = queue.naming;
    const changes = readAttributes(given, fifo);
    if (changes.FifoQueue === 'false') {
      throw invalidAttributeValue('FifoQueue', 'Modifying queue type is not supported.');
    }
    this.checkPolicies(arn, fifo, changes, false);
    queue.attributes = withChanges(queue.attributes, changes);
    queue.modifiedMs = now;
  }

  delete(now: Millis, queue: Queue): void {
    this.queues.delete(queue.naming.name);
    this.deletedMs.set(queue.naming.name, now);
  }

  /** Any host will do: clients reach the same queue by different addresses. Throws QueueDoesNotExist. */
  byUrl(url: unknown): Queue {
    if (!url) throw missing('QueueUrl');
    const text = String(url);
    // As it was given out: what nearly all clients send.
    const known = this.queues.get(text.slice(text.lastIndexOf('/') + 1));
    if (known?.naming.url === text) return known;
    const [account, name] = text.split(/[?#]/)[0]!.split('/').slice(-2);
    return this.byName(name, account);
  }

  byName(name: unknown, account?: unknown): Queue {
    const queue = this.queues.get(String(name));
    if (!queue || (account !== undefined && account !== this.options.account)) throw queueDoesNotExist();
    return queue;
  }

  byArn(arn: unknown): Queue | undefined {
    const queue = this.queues.get(String(arn).split(':').at(-1)!);
    return queue?.naming.arn === arn ? queue : undefined;
  }

  /** The queues whose dead letters go to `arn`. */
  sourcesOf(arn: string): Queue[] {
    return [...this.queues.values()].filter((queue) => queue.redrive?.deadLetterTargetArn === arn);
  }

  private checkPolicies(arn: string, fifo: boolean, changes: Record<string, string>, trusting: boolean): void {
    if (changes.RedriveAllowPolicy) readRedriveAllowPolicy(changes.RedriveAllowPolicy);
    const text = changes.RedrivePolicy;
    if (!text) return;
    const { deadLetterTargetArn } = readRedrivePolicy(text);
    if (deadLetterTargetArn === arn) {
      throw invalidValue('RedrivePolicy', text, 'A queue cannot be its own dead letter target.');
    }
    const target = this.byArn(deadLetterTargetArn);
    if (!target) {
      if (trusting) return;
      throw invalidValue('RedrivePolicy', text, 'Dead letter target does not exist.');
    }
    if (target.naming.fifo !== fifo) {
      throw invalidValue('RedrivePolicy', text, 'Dead-letter queue must be same type of queue as the source.');
    }
    if (!allows(target, arn)) {
      throw invalidValue(
        'RedrivePolicy',
        text,
        `Queue ${deadLetterTargetArn} does not allow ${arn} as a source (its RedriveAllowPolicy).`,
      );
    }
  }
}

export function allows(target: Queue, sourceArn: string): boolean {
  if (!target.attributes.RedriveAllowPolicy) return true;
  const { redrivePermission, sourceQueueArns } = readRedriveAllowPolicy(target.attributes.RedriveAllowPolicy);
  return redrivePermission === 'allowAll' || (redrivePermission === 'byQueue' && sourceQueueArns!.includes(sourceArn));
}

function demandName(name: string, fifo: boolean): void {
  if (fifo && !/^[\w-]{1,75}\.fifo$/.test(name)) {
    throw invalidParameter(
      'The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.',
    );
  }
  if (!fifo && !/^[\w-]{1,80}$/.test(name)) {
    throw invalidParameter('Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length.');
  }
}
