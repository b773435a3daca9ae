/**
 * Amazon EventBridge, the classic event bus: buses, rules with patterns or schedules, targets, archives and replays.
 *
 * Modelled: every operation below; delivery with retries and dead letters (deliveries.ts). Not modelled: permissions
 * (kept, not enforced), partner sources, API destinations, connections, global endpoints, schemas, throughput limits;
 * their operations are refused by name.
 *
 * 1. Events reach the targets of the rules that match when they arrive, in the order in which rules were made; AWS
 *    promises no order, and delays between services break this one.
 * 2. An event that another bus forwards, or a replay, has a new id.
 * Source: EventBridge User Guide and API reference.
 */
import type { Millis, Random } from '../../ports';
import { Refusal, replyOf } from '../refusal';
import type { Effect, Json, Outcome, Service, ServiceOptions, ServiceRequest } from '../service';
import { Archives } from './archives';
import { busNameOf } from './arns';
import { busOperations, type Operations } from './bus-operations';
import { Deliveries } from './deliveries';
import { checkRequest, parseEntry } from './entries';
import { busEvent, renewed } from './event';
import { Buses, type Rule } from './model';
import { Publisher } from './publisher';
import { ruleOperations } from './rule-operations';

export function createEventBusService(options: ServiceOptions): Service {
  return new EventBusService(options);
}

class EventBusService implements Service {
  readonly name = 'events';
  private effects: Effect[] = [];
  private readonly ids: Random;
  private readonly buses: Buses;
  private readonly archives: Archives;
  private readonly deliveries: Deliveries;
  private readonly publisher: Publisher;
  private readonly operations: Operations;
  /** The rules that have a next time. */
  private readonly scheduled = new Set<Rule>();

  constructor(private readonly options: ServiceOptions) {
    const effect = (one: Effect): void => {
      this.effects.push(one);
    };
    this.ids = options.random.fork('event-ids');
    this.buses = new Buses(options);
    this.archives = new Archives(options, this.buses);
    this.deliveries = new Deliveries(options, effect);
    this.publisher = new Publisher(this.deliveries, this.archives, effect);
    this.operations = {
      ...busOperations(this.buses, options),
      ...ruleOperations(this.buses, options, (rule, now) => this.setNext(rule, now)),
      ...this.archives.operations,
      PutEvents: (now, input) => this.putEvents(now, input),
      $pending: () => ({ pending: this.deliveries.underWay + this.archives.underWay }),
      $forward: (now, input) => this.forward(now, input),
      $reply: (now, { tag, reply }) => {
        this.deliveries.answered(now, tag, reply);
        return {};
      },
    };
  }

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    const act = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    const reply = replyOf(() => {
      if (!act) {
        const message = `EventBridge's ${operation} is not modelled by the local runtime.`;
        throw new Refusal({ name: 'UnknownOperationException', message });
      }
      return act(now, input ?? {});
    });
    return this.outcome(reply);
  }

  wake(now: Millis): Outcome {
    for (const rule of [...this.scheduled]) {
      if (rule.nextMs !== undefined && rule.nextMs <= now) this.fire(now, rule);
    }
    this.archives.wake(now, (at, bus, event, only) => this.publisher.publish(at, bus, event, only));
    this.deliveries.wake(now);
    return this.outcome();
  }

  holds(): [number, string][] {
    return [[this.archives.held, 'archived event']];
  }

  private outcome(reply?: Outcome['reply']): Outcome {
    const effects = this.effects;
    this.effects = [];
    const times = [
      this.deliveries.wakeAt,
      this.archives.wakeAt,
      ...[...this.scheduled].map(({ nextMs }) => nextMs),
    ].filter((time) => time !== undefined);
    return { reply, effects, wakeAt: times.length > 0 ? Math.min(...times) : undefined };
  }

  private putEvents(now: Millis, { Entries }: Json): Json {
    checkRequest(Entries ?? []);
    const results = (Entries as Json[]).map((entry) => {
      const parsed = parseEntry(entry, now);
      if ('error' in parsed) return parsed.error;
      const id = this.ids.uuid();
      const bus = this.buses.find(parsed.bus);
      if (bus) this.publisher.publish(now, bus, busEvent(this.options, { ...parsed.fields, id }, now));
      else this.lost(id, busNameOf(parsed.bus));
      return { EventId: id };
    });
    return { FailedEntryCount: results.filter((result) => 'ErrorCode' in result).length, Entries: results };
  }

  /** AWS says nothing when the bus of an entry does not exist; the trace does. */
  private lost(id: string, bus: string): void {
    this.effects.push({
      kind: 'trace',
      entry: { kind: 'dropped', eventId: id, bus, reason: `there is no event bus '${bus}'` },
    });
  }

  private forward(now: Millis, { bus, event }: Json): Json {
    const target = this.buses.get(bus);
    this.publisher.publish(now, target, renewed(event, this.ids.uuid(), now));
    return {};
  }

  private setNext(rule: Rule, now: Millis): void {
    rule.nextMs = rule.state === 'DISABLED' ? undefined : rule.schedule?.after(now);
    if (rule.nextMs === undefined) this.scheduled.delete(rule);
    else this.scheduled.add(rule);
  }

  private fire(now: Millis, rule: Rule): void {
    const event = busEvent(
      this.options,
      {
        id: this.ids.uuid(),
        source: 'aws.events',
        detailType: 'Scheduled Event',
        timeMs: rule.nextMs!,
        resources: [rule.arn],
        detail: {},
        detailText: '{}',
      },
      now,
    );
    this.setNext(rule, now);
    this.publisher.deliver(now, rule, event);
  }
}
