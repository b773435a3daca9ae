/**
 * Amazon SNS: topics and what is published to them; queues and functions as subscribers.
 *
 * Modelled: every operation below; deliveries with retries and dead letters (deliveries.ts), filters (filter.ts), FIFO topics.
 * Not modelled: text messages, mobile push, confirmations, data protection policies, archives and replays; signatures;
 * permissions (kept, not enforced).
 *
 * 1. A message reaches the subscriptions that are there when it is published, in the order in which they were made; AWS
 *    promises no order but within a group of a FIFO topic.
 * Source: SNS API reference and developer guide.
 */
import type { Millis } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Effect, Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { Deliveries } from './deliveries';
import { invalid } from './errors';
import { passes } from './filter';
import { bodyFor, type Published } from './notification';
import { page } from './page';
import { addPermission, removePermission } from './permissions';
import { Publisher } from './publish';
import { Subscriptions } from './subscriptions';
import { type Topic, Topics, tagsOf } from './topics';

export function createTopicService(options: ServiceOptions): Service {
  return new TopicService(options);
}

type Operation = (now: Millis, input: Json) => Json;

class TopicService implements Service {
  readonly name = 'sns';
  private effects: Effect[] = [];
  private readonly topics: Topics;
  private readonly subscriptions: Subscriptions;
  private readonly deliveries: Deliveries;
  private readonly publisher: Publisher;

  constructor(options: ServiceOptions) {
    this.topics = new Topics(options);
    this.subscriptions = new Subscriptions(options);
    this.deliveries = new Deliveries(options, this.subscriptions, (effect) => {
      this.effects.push(effect);
    });
    this.publisher = new Publisher(options.random.fork('message-ids'), (now, topic, message) =>
      this.deliver(now, topic, message),
    );
  }

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (!act) {
        const message = `SNS's ${operation} is not modelled by the local runtime.`;
        throw new Refusal({ name: 'UnknownOperationException', message });
      }
      return act(now, input ?? {});
    });
    return this.outcome(reply);
  }

  wake(now: Millis): Outcome {
    this.deliveries.wake(now);
    return this.outcome();
  }

  holds(): [number, string][] {
    return [[this.deliveries.underWay, 'undelivered notification']];
  }

  private outcome(reply?: Outcome['reply']): Outcome {
    const effects = this.effects;
    this.effects = [];
    return { reply, effects, wakeAt: this.deliveries.wakeAt };
  }

  private deliver(now: Millis, topic: Topic, message: Published): void {
    for (const subscription of this.subscriptions.of(topic)) {
      const { filter, scope, protocol, pending } = subscription;
      if (filter && !passes(filter, scope, bodyFor(message, protocol), message.attributes)) continue;
      if (!pending) this.deliveries.start(now, topic, message, subscription);
    }
  }

  private ofTopic(act: (topic: Topic, input: Json, now: Millis) => Json): Operation {
    return (now, input) => act(this.topics.get(input.TopicArn), input, now);
  }

  private published(input: Json): Topic {
    if (input.PhoneNumber !== undefined)
      throw invalid('PhoneNumber Reason: text messages are not modelled by the local runtime; publish to a topic');
    if (input.TopicArn === undefined && input.TargetArn === undefined)
      throw invalid('TopicArn or TargetArn Reason: no value for required parameter');
    // A topic's ARN may stand in either.
    const arn = input.TopicArn ?? input.TargetArn;
    if (String(arn).includes(':endpoint/'))
      throw invalid('TargetArn Reason: No endpoint found for the target arn specified');
    return this.topics.get(arn);
  }

  private readonly operations: Record<string, Operation> = {
    CreateTopic: (_now, input) => ({ TopicArn: this.topics.create(input).arn }),
    // For templates: what is there is made to say the same.
    $PutTopic: (_now, input) => ({ TopicArn: this.topics.put(input).arn }),
    DeleteTopic: (_now, { TopicArn }) => {
      const topic = this.topics.delete(TopicArn);
      if (topic) {
        this.subscriptions.removeAllOf(topic);
        this.publisher.forget(topic);
      }
      return {};
    },
    ListTopics: (_now, input) =>
      page(
        [...this.topics.all()].map(({ arn }) => ({ TopicArn: arn })),
        input,
        'Topics',
      ),
    GetTopicAttributes: this.ofTopic((topic) => {
      const pending = this.subscriptions.of(topic).filter((one) => one.pending).length;
      const all = this.subscriptions.of(topic).length;
      return {
        Attributes: {
          ...this.topics.attributesOf(topic),
          SubscriptionsConfirmed: String(all - pending),
          SubscriptionsPending: String(pending),
          SubscriptionsDeleted: String(topic.subscriptionsDeleted),
        },
      };
    }),
    SetTopicAttributes: this.ofTopic((topic, input) => {
      this.topics.set(topic, input);
      return {};
    }),
    AddPermission: this.ofTopic((topic, input) => {
      topic.attributes.Policy = addPermission(this.topics.attributesOf(topic).Policy!, topic.arn, input);
      return {};
    }),
    RemovePermission: this.ofTopic((topic, input) => {
      topic.attributes.Policy = removePermission(this.topics.attributesOf(topic).Policy!, input);
      return {};
    }),
    Publish: (now, input) => this.publisher.publish(now, this.published(input), input),
    PublishBatch: this.ofTopic((topic, { PublishBatchRequestEntries }, now) =>
      this.publisher.publishBatch(now, topic, PublishBatchRequestEntries),
    ),
    Subscribe: this.ofTopic((topic, input) => {
      const { arn, pending } = this.subscriptions.subscribe(topic, input);
      return { SubscriptionArn: pending && !input.ReturnSubscriptionArn ? 'pending confirmation' : arn };
    }),
    $PutSubscription: this.ofTopic((topic, input) => ({ SubscriptionArn: this.subscriptions.put(topic, input).arn })),
    Unsubscribe: (_now, { SubscriptionArn }) => {
      const gone = this.subscriptions.unsubscribe(SubscriptionArn);
      if (gone) this.topics.get(gone.topicArn).subscriptionsDeleted++;
      return {};
    },
    GetSubscriptionAttributes: (_now, { SubscriptionArn }) => ({
      Attributes: this.subscriptions.attributesOf(this.subscriptions.get(SubscriptionArn)),
    }),
    SetSubscriptionAttributes: (_now, input) => {
      this.subscriptions.set(this.subscriptions.get(input.SubscriptionArn), input);
      return {};
    },
    ListSubscriptions: (_now, input) =>
      page(
        this.subscriptions.all().map((one) => this.subscriptions.shown(one)),
        input,
        'Subscriptions',
      ),
    ListSubscriptionsByTopic: this.ofTopic((topic, input) =>
      page(
        this.subscriptions.of(topic).map((one) => this.subscriptions.shown(one)),
        input,
        'Subscriptions',
      ),
    ),
    TagResource: (_now, { ResourceArn, Tags = [] }) => {
      const { tags } = this.topics.resource(ResourceArn);
      for (const [key, value] of tagsOf(Tags)) tags.set(key, value);
      return {};
    },
    UntagResource: (_now, { ResourceArn, TagKeys = [] }) => {
      const { tags } = this.topics.resource(ResourceArn);
      for (const key of TagKeys) tags.delete(key);
      return {};
    },
    ListTagsForResource: (_now, { ResourceArn }) => ({
      Tags: [...this.topics.resource(ResourceArn).tags].map(([Key, Value]) => ({ Key, Value })),
    }),
    $pending: () => ({ pending: this.deliveries.underWay }),
    $reply: (now, { tag, reply }) => {
      this.deliveries.answered(now, tag, reply);
      return {};
    },
  };
}
