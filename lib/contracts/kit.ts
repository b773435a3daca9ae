/**
 * The vocabulary: event(), row(), consumer(). A contract is data and types: it knows no SDK, no CDK and does no I/O.
 * From it come the queues, rules, IAM, alarms, catalogue, handler types, local run and fault simulation.
 */
import type * as z from 'zod/mini';
import { backOffSeconds, delivery } from './delivery';

/** Who, when, why: travels with every event as `detail.meta`. Times are ISO 8601 in UTC. */
export interface Meta {
  /** Ours, never EventBridge's, which changes on forwarding and replay. Derived for every event that a consumer emits. */
  id: string;
  /** The id of the event that led to this one; absent on events from outside. */
  cause?: string;
  /** One value for everything that follows from one event from outside. */
  correlation: string;
  /** The business key: what the event is about, and what FIFO lanes order by. */
  key: string;
  time: string;
  /** How many events lie between this one and the outside; refused above `delivery.maxHops`. */
  hop: number;
  /** W3C trace context. */
  traceparent?: string;
  /** After this moment the event is of no use to anybody and is rejected. */
  expires?: string;
  /** On the ask of a saga's step: whom to answer. What the asked consumer emits for it answers it. */
  reply?: Reply;
  /** On an answer: which ask it answers. */
  inReplyTo?: Reply;
}

/** Where the answer to a saga's ask goes. Plain data: a consumer that answers later keeps it in its row (`replySchema`). */
export interface Reply {
  /** The saga's id, 'booking/book-parcel'. */
  saga: string;
  /** The execution's name: the business key. */
  execution: string;
  step: string;
  /** The task token. Whoever has it can answer: it is in no log. */
  token: string;
  /** ISO 8601 in UTC. An attempt that came later replaces the token of an earlier one. */
  askedAt: string;
}

export interface EventType<Name extends string = string, Data = any> {
  readonly kind: 'event';
  readonly source: string;
  readonly name: Name;
  /** One sentence for the catalogue: what has become true. */
  readonly says: string;
  readonly schema: z.ZodMiniType<Data>;
  /** The field of `data` that is the business key. */
  readonly keyField: string;
  readonly example: Data;
  /** Published from outside the app (a merchant, a carrier), not by a consumer. */
  readonly external: boolean;
  /**
   * An event of this type, to be emitted by a consumer. `answers`: the ask that it answers, where that is not the event
   * which is being handled.
   */
  of(data: Data, answers?: Reply): Emission<Name, Data> & { readonly at?: undefined };
  /** The same, published not before `at` (epoch milliseconds) through EventBridge Scheduler. */
  later(data: Data, at: number): Emission<Name, Data> & { readonly at: number };
}

/** What a decision asks to be published. */
export interface Emission<Name extends string = string, Data = any> {
  readonly type: Name;
  readonly data: Data;
  /** Epoch milliseconds; undefined: at once. */
  readonly at?: number;
  readonly answers?: Reply;
}

/** An event as a handler sees it: a union that `type` narrows. */
export type EventOf<E> = E extends EventType<infer Name, infer Data> ? { type: Name; data: Data; meta: Meta } : never;
export type EmissionOf<E> = E extends EventType<infer Name, infer Data> ? Emission<Name, Data> : never;

export interface EventOptions<Data> {
  says: string;
  key: keyof Data & string;
  data: z.ZodMiniType<Data>;
  example: Data;
  external?: boolean;
}

/** The owning context: `source('booking').event('BookingOpened', { ... })`. */
export function source(name: string) {
  if (!/^[a-z]+$/.test(name)) {
    throw new ContractError(`source '${name}': a source is one lower-case noun, such as 'booking'`);
  }
  return {
    event<const Name extends string, Data>(eventName: Name, options: EventOptions<Data>): EventType<Name, Data> {
      if (!/^[A-Z][A-Za-z0-9]+$/.test(eventName)) {
        throw new ContractError(
          `event '${eventName}': an event is a past-tense fact in PascalCase, such as 'BookingOpened'`,
        );
      }
      return {
        kind: 'event',
        source: name,
        name: eventName,
        says: options.says,
        schema: options.data,
        keyField: options.key,
        example: options.example,
        external: options.external ?? false,
        of: (data, answers) => ({ type: eventName, data, ...(answers ? { answers } : {}) }),
        later: (data, at) => ({ type: eventName, data, at }),
      };
    },
  };
}

/** A kind of state row. One DynamoDB table each: partition key `id`; `version` counts the writes. */
export interface RowType<Data = any> {
  readonly kind: 'row';
  readonly owner: string;
  readonly name: string;
  readonly says: string;
  readonly schema: z.ZodMiniType<Data>;
  /** The row's key from its parts: `Lane.key('BER-HAM', '2026-11-24')`. */
  key(...parts: string[]): RowKey<Data>;
}

export interface RowKey<Data = any> {
  readonly row: RowType<Data>;
  readonly id: string;
}

export type DataOf<R> = R extends RowType<infer Data> ? Data : never;

export function row<Data>(
  name: string,
  options: { owner: string; says: string; data: z.ZodMiniType<Data> },
): RowType<Data> {
  const type: RowType<Data> = {
    kind: 'row',
    owner: options.owner,
    name,
    says: options.says,
    schema: options.data,
    key: (...parts) => ({ row: type, id: parts.join('#') }),
  };
  return type;
}

/**
 * How an outside effect (a charge, a carrier's API) survives the death of the function that asked for it.
 * `retry`: ask again with the same key, while the gateway remembers it. `park`: leave it to a person.
 */
export interface OutsideEffect {
  /** Who is asked, for the catalogue: 'payment gateway'. */
  gateway: string;
  ifOwnerDied: 'retry' | 'park';
  /** How long the gateway answers the same key with the same result; 0: it ignores keys. */
  gatewayRemembersSeconds: number;
  /** The longest time a call can be on its way after its caller has died. */
  flightSeconds: number;
}

export interface ConsumerOptions<
  On extends readonly EventType[],
  Emits extends readonly EventType[],
  Schedules extends readonly EventType[],
  State extends Record<string, RowType>,
> {
  owner: string;
  /** Imperative kebab-case; the handler is lambdas/<owner>/<name>.ts. */
  name: string;
  /** One sentence for the catalogue: what it does. */
  does: string;
  on: On;
  emits: Emits;
  /** Events it publishes to its own later self or others, at a time (EventBridge Scheduler, one-off). */
  schedules?: Schedules;
  /** The rows it may read and write: its IAM, no more. All of them belong to its owner. */
  state: State;
  outside?: OutsideEffect;
  /** A claim-check bucket it may write to. */
  stores?: 'labels';
  /** Handle the events of one business key in order: a FIFO queue, one group for each key. */
  ordered?: boolean;
  timeoutSeconds: number;
  memoryMb?: number;
  batchSize?: number;
  /** Lambda's MaximumConcurrency for the queue, 2-1000; default: none. */
  maxConcurrency?: number;
  /** What stands in the dead letters means, and what to do: also the alarm's text. */
  ifDeadLettered: string;
  /** It starts and resumes this saga's executions and does nothing else: made by saga() alone. */
  conducts?: string;
}

export interface Consumer<
  On extends readonly EventType[] = readonly EventType[],
  Emits extends readonly EventType[] = readonly EventType[],
  Schedules extends readonly EventType[] = readonly EventType[],
  State extends Record<string, RowType> = Record<string, RowType>,
> extends Readonly<ConsumerOptions<On, Emits, Schedules, State>> {
  readonly kind: 'consumer';
  /** 'dispatch/reserve-capacity': the name in records, traces, logs and the catalogue. */
  readonly id: string;
  readonly schedules: Schedules;
  readonly ordered: boolean;
  readonly memoryMb: number;
  readonly batchSize: number;
  /** Derived timing: lib/contracts/delivery.ts. */
  readonly leaseSeconds: number;
  readonly visibilitySeconds: number;
}

export function consumer<
  const On extends readonly EventType[],
  const Emits extends readonly EventType[],
  const State extends Record<string, RowType>,
  const Schedules extends readonly EventType[] = readonly [],
>(options: ConsumerOptions<On, Emits, Schedules, State>): Consumer<On, Emits, Schedules, State> {
  const id = `${options.owner}/${options.name}`;
  const refuse = (sentence: string): never => {
    throw new ContractError(`consumer ${id}: ${sentence}`);
  };
  if (!/^[a-z]+(-[a-z]+)*$/.test(options.name))
    refuse(`the name is an imperative in kebab-case, such as 'reserve-capacity'`);
  if (options.on.length === 0) refuse('it listens to nothing; name at least one event in `on`');
  if (options.ifDeadLettered.trim().length < 20)
    refuse('`ifDeadLettered` says what a dead letter means and what to do, in a sentence');
  if (!(options.timeoutSeconds >= 1 && options.timeoutSeconds <= 900)) {
    refuse(`timeoutSeconds is ${options.timeoutSeconds}; Lambda allows 1 to 900`);
  }
  for (const [name, type] of Object.entries(options.state)) {
    if (type.owner !== options.owner)
      refuse(`state.${name} is ${type.owner}'s row ${type.name}; a consumer touches its own context's rows only`);
  }
  for (const event of [...options.emits, ...(options.schedules ?? [])]) {
    if (event.source !== options.owner)
      refuse(`it emits ${event.name} of source '${event.source}'; a consumer speaks for its own context only`);
  }
  const { outside } = options;
  if (outside?.ifOwnerDied === 'retry' && outside.gatewayRemembersSeconds <= 0) {
    refuse(
      `'retry' needs a gateway that remembers keys (C3); gatewayRemembersSeconds is ${outside.gatewayRemembersSeconds}. Use 'park'`,
    );
  }
  const batchSize = options.batchSize ?? 10;
  if (options.ordered && batchSize > 10) refuse(`batchSize is ${batchSize}; a FIFO queue delivers at most 10`);
  const leaseSeconds = outside ? options.timeoutSeconds + outside.flightSeconds : 0;
  if (outside?.ifOwnerDied === 'retry' && outside.gatewayRemembersSeconds < 2 * leaseSeconds) {
    refuse(
      `the gateway remembers a key for ${outside.gatewayRemembersSeconds} s, less than two leases of ${leaseSeconds} s (C3). Use 'park'`,
    );
  }
  return {
    ...options,
    kind: 'consumer',
    id,
    schedules: options.schedules ?? ([] as unknown as Schedules),
    ordered: options.ordered ?? false,
    memoryMb: options.memoryMb ?? delivery.memoryMb,
    batchSize,
    leaseSeconds,
    visibilitySeconds: backOffSeconds(options.timeoutSeconds, leaseSeconds),
  };
}

/** A declaration that cannot be right; thrown while contracts are built, never at run time on AWS. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
}
