/**
 * Subscriptions: who gets what is published to a topic.
 *
 * 1. Queues and functions are confirmed at once, as in one's own account. An endpoint is subscribed to a topic once: a second
 *    Subscribe gives the same ARN, unless it says something else.
 * 2. email, email-json, http and https wait for a confirmation that nobody gives here (no mail is sent, nothing leaves the
 *    process): they are kept, shown as pending, and get nothing, as on AWS until somebody confirms.
 * 3. sms, application and firehose are refused by name: AWS delivers to them without asking, and nothing here does.
 * 4. With its topic a subscription is gone.
 * Not modelled: replays (ReplayPolicy is refused), other accounts and regions as endpoints' owners.
 * Source: SNS API reference, Subscribe, SetSubscriptionAttributes; answers and texts as recorded from AWS.
 */
import type { Json, ServiceOptions } from '../service';
import { demandArn, invalid, missing, notFound } from './errors';
import { type Filter, readFilter, type Scope } from './filter';
import type { Topic } from './topics';

export interface Subscription {
  arn: string;
  topicArn: string;
  protocol: string;
  endpoint: string;
  pending: boolean;
  /** As given; FilterPolicy is in `filter`. */
  attributes: Record<string, string>;
  scope: Scope;
  /** undefined: everything passes. */
  filter?: Filter;
  raw: boolean;
  deadLetterArn?: string;
}

const confirmedByOwner = ['email', 'email-json', 'http', 'https'];
const delivered = ['sqs', 'lambda'];
const known = [...confirmedByOwner, ...delivered, 'sms', 'application', 'firehose'];
const attributeNames = [
  ...['DeliveryPolicy', 'FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'],
  'SubscriptionRoleArn',
];

export class Subscriptions {
  private readonly byArn = new Map<string, Subscription>();

  constructor(private readonly options: ServiceOptions) {}

  all(): Subscription[] {
    return [...this.byArn.values()];
  }

  /** In the order in which they were made. */
  of({ arn }: Topic): Subscription[] {
    return this.all().filter(({ topicArn }) => topicArn === arn);
  }

  subscribe(topic: Topic, { Protocol, Endpoint, Attributes = {} }: Json): Subscription {
    checkEndpoint(topic, Protocol, Endpoint);
    const made = this.read(topic, Protocol, Endpoint, Attributes);
    const same = this.of(topic).find(({ protocol, endpoint }) => protocol === Protocol && endpoint === Endpoint);
    if (!same) {
      made.arn = `${topic.arn}:${this.options.random.uuid()}`;
      this.byArn.set(made.arn, made);
      return made;
    }
    const own = this.attributesOf(same);
    const differs = Object.entries<Json>(Attributes).some(
      ([name, value]) => (own[name] ?? '').toLowerCase() !== String(value).toLowerCase(),
    );
    if (differs) throw invalid('Attributes Reason: Subscription already exists with different attributes');
    return same;
  }

  /** For templates: made under the ARN that was foreseen, or made to say what is given and nothing else. */
  put(topic: Topic, { $arn, Protocol, Endpoint, Attributes = {} }: Json): Subscription {
    checkEndpoint(topic, Protocol, Endpoint);
    const made = this.read(topic, Protocol, Endpoint, Attributes);
    made.arn = $arn;
    this.byArn.set($arn, made);
    return made;
  }

  /** As it would be, without an ARN. Scope comes first: a policy is read by it. */
  private read(topic: Topic, protocol: string, endpoint: string, attributes: Record<string, Json>): Subscription {
    const made: Subscription = {
      arn: '',
      topicArn: topic.arn,
      protocol,
      endpoint,
      pending: confirmedByOwner.includes(protocol),
      attributes: {},
      scope: 'MessageAttributes',
      raw: false,
    };
    const scopeFirst = Object.entries(attributes).sort(([a], [b]) => rank(a) - rank(b));
    for (const [name, value] of scopeFirst) set(made, name, String(value), 'Attributes Reason: ');
    return made;
  }

  get(arn: unknown): Subscription {
    const subscription = this.byArn.get(demandArn('SubscriptionArn', arn));
    if (!subscription) throw notFound('Subscription');
    return subscription;
  }

  find(arn: string): Subscription | undefined {
    return this.byArn.get(arn);
  }

  set(subscription: Subscription, { AttributeName, AttributeValue }: Json): void {
    const value = AttributeValue === undefined ? '' : String(AttributeValue);
    if (AttributeName === 'FilterPolicyScope' && subscription.filter)
      // Its policy has to be one of the other scope as well.
      readFilter(subscription.filter.text, scopeIn(value, ''), '');
    set(subscription, AttributeName, value, '');
  }

  /** Gone, or was not there: both is well. */
  unsubscribe(arn: unknown): Subscription | undefined {
    const text = demandArn('SubscriptionArn', arn === '' ? undefined : arn);
    const id = text.split(':')[6] ?? '';
    if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id)) throw invalid('SubscriptionId');
    const subscription = this.byArn.get(text);
    this.byArn.delete(text);
    return subscription;
  }

  removeAllOf(topic: Topic): Subscription[] {
    const gone = this.of(topic);
    for (const { arn } of gone) this.byArn.delete(arn);
    return gone;
  }

  attributesOf({ arn, topicArn, protocol, endpoint, pending, raw, filter, scope, attributes }: Subscription): Json {
    const { account } = this.options;
    return {
      SubscriptionArn: arn,
      TopicArn: topicArn,
      Protocol: protocol,
      Endpoint: endpoint,
      Owner: account,
      PendingConfirmation: String(pending),
      ConfirmationWasAuthenticated: String(!pending),
      SubscriptionPrincipal: `arn:aws:iam::${account}:root`,
      ...attributes,
      RawMessageDelivery: String(raw),
      ...(filter && { FilterPolicy: filter.text, FilterPolicyScope: scope }),
    };
  }

  /** As lists show it. */
  shown({ arn, topicArn, protocol, endpoint, pending }: Subscription): Json {
    return {
      SubscriptionArn: pending ? 'PendingConfirmation' : arn,
      Owner: this.options.account,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    };
  }
}

const rank = (name: string): number => (name === 'FilterPolicyScope' ? 0 : 1);

/** Why a subscription of this protocol cannot be here; undefined: it can. */
export function whyNotDelivered(protocol: string): string | undefined {
  if (!known.includes(protocol)) return `Amazon SNS does not support this protocol string: ${protocol}`;
  if (delivered.includes(protocol) || confirmedByOwner.includes(protocol)) return undefined;
  return (
    `Protocol Reason: deliveries by ${protocol} are not modelled by the local runtime; ` +
    `modelled: ${delivered.join(', ')}; ${confirmedByOwner.join(', ')} stay unconfirmed`
  );
}

function checkEndpoint(topic: Topic, protocol: Json, endpoint: Json): void {
  if (protocol === undefined) throw missing('protocol');
  const why = whyNotDelivered(protocol);
  if (why) throw invalid(why);
  if (typeof endpoint !== 'string' || endpoint === '') throw invalid('Endpoint');
  const [arn, , service, , account, ...rest] = endpoint.split(':');
  const isArn = arn === 'arn' && rest.length > 0 && /^\d{12}$/.test(account ?? '');
  if (protocol === 'sqs' && !(isArn && service === 'sqs')) throw invalid('SQS endpoint ARN');
  if (protocol === 'lambda' && !(isArn && service === 'lambda')) throw invalid('Lambda endpoint ARN');
  if (/^https?$/.test(protocol) && !endpoint.startsWith(`${protocol}://`))
    throw invalid('Endpoint must match the specified protocol');
  if (protocol.startsWith('email') && !/^[^@\s]+@[^@\s]+$/.test(endpoint)) throw invalid('Email address');
  if (!topic.fifo && protocol === 'sqs' && endpoint.endsWith('.fifo'))
    throw invalid('Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics');
  // Source: developer guide, "Message delivery for FIFO topics": queues only.
  if (topic.fifo && protocol !== 'sqs') throw invalid('Invalid parameter: Endpoint Reason: Please use FIFO SQS queue');
}

function scopeIn(value: string, before: string): Scope {
  if (value === 'MessageAttributes' || value === 'MessageBody') return value;
  throw invalid(
    `${before}FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
  );
}

/** `before` stands before a reason: the two operations word it differently. */
function set(subscription: Subscription, name: string, value: string, before: string): void {
  if (name === 'ReplayPolicy')
    throw invalid(`${before}ReplayPolicy: replays of messages are not modelled by the local runtime`);
  if (!attributeNames.includes(name)) throw invalid(`${before}AttributeName`);
  switch (name) {
    case 'FilterPolicyScope':
      subscription.scope = scopeIn(value, before);
      return;
    case 'FilterPolicy':
      subscription.filter = readFilter(value, subscription.scope, before);
      return;
    case 'RawMessageDelivery':
      if (!/^(true|false)$/i.test(value))
        throw invalid(`${before}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`);
      subscription.raw = value.toLowerCase() === 'true';
      if (subscription.raw && subscription.protocol === 'lambda')
        throw invalid(`${before}RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.`);
      return;
    case 'RedrivePolicy':
      subscription.deadLetterArn = value === '' ? undefined : deadLetterIn(subscription, value, before);
  }
  if (value === '') delete subscription.attributes[name];
  else subscription.attributes[name] = value;
}

function deadLetterIn({ topicArn, endpoint }: Subscription, text: string, before: string): string {
  let policy: Json;
  try {
    policy = JSON.parse(text);
  } catch (error) {
    throw invalid(`${before}RedrivePolicy: failed to parse JSON. ${(error as Error).message}`);
  }
  const arn = policy?.deadLetterTargetArn;
  if (!/^arn:[^:]+:sqs:[^:]+:\d{12}:[^:]+$/.test(arn))
    throw invalid(`${before}RedrivePolicy: deadLetterTargetArn is an invalid arn`);
  if (topicArn.endsWith('.fifo') && endpoint.endsWith('.fifo') && !arn.endsWith('.fifo'))
    throw invalid(`${before}RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.`);
  return arn;
}
