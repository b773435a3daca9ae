/**
 * A model of the delivery protocol, for properties of decisions: rows, records, claims and messages in memory. Chance,
 * that is fast-check, picks what happens next, so that events come in any order, twice, or again under another id, outside
 * calls overlap with everything else, and answers get lost.
 *
 * 1. A decision and its writes are one step (T2, T5 make them so). Ask, call and settle are three steps.
 * 2. An event that was handled is not decided again (T1); what it answered is told again to a new token (S1). A request
 *    that was claimed is repeated as it was.
 * 3. All messages are handled in the end. Scheduled ones come at any time, and undisturbed in the order in which they are
 *    due, when nothing else is left.
 * 4. A saga's attempts are given up at any time, and undisturbed only when nothing else is left that could answer them.
 * Not modelled: rejections, parking of claims, expiry.
 */

import { events as allEvents } from '../../lib/contracts';
import { derivedId, schemaProblem } from '../../lib/contracts/envelope';
import type { Consumer, Emission, EventType, Reply, RowKey } from '../../lib/contracts/kit';
import type { Ask, Outcome } from '../../lib/contracts/outcome';
import type { Saga } from '../../lib/contracts/saga';
import { SagaMachine, type Task } from './machine';
import { eventOf, sampleNow } from './samples';

export interface Event {
  type: string;
  data: any;
  meta: any;
}

export interface Wired {
  consumer: Consumer;
  read(event: any): Record<string, RowKey>;
  decide?(event: any, state: any, at: { now: number }): Outcome<any>;
  outside?: {
    ask(event: any, state: any, at: { now: number }): Ask<any, any> | Outcome<any>;
    /** Throws: the answer is unknown. */
    call(request: any): Promise<any>;
    settle(event: any, state: any, answer: any, at: { now: number }): Outcome<any>;
  };
}

/** Somebody who hears events, as often as they come, and is no consumer: a saga's conductor, a person. */
export interface Listener {
  on: readonly EventType[];
  hear(event: Event): void;
}

/** Who looks after executions that are parked, whenever nothing else is left to do. */
type Operator = (model: Model, execution: string) => void;

interface Message {
  to: Wired | Listener;
  event: Event;
}

interface Claim {
  request: any;
  answer?: any;
}

/**
 * How likely, in percent: a message comes twice, an event comes again under a new id, an answer gets lost, the next timer
 * goes off before the next message is handled, an attempt of a saga's step is given up before it.
 */
export interface Disturbances {
  twice: number;
  republished: number;
  answerLost: number;
  early: number;
  givenUp: number;
}

const calm: Disturbances = { twice: 0, republished: 0, answerLost: 0, early: 0, givenUp: 0 };

export class Model {
  /** By consumers, each once, whatever copies of it there were. */
  readonly emitted: Event[] = [];
  /** By anybody, copies under another id not counted. */
  readonly published: Event[] = [];
  readonly machine: SagaMachine;
  /** Steps of the saga that were given up although nothing was left that could answer them. */
  readonly unanswered: Task[] = [];
  private readonly listeners: Listener[];
  private operator: Operator | undefined;
  private readonly rows = new Map<string, any>();
  /** What each event that was handled has led to at once. */
  private readonly records = new Map<string, Event[]>();
  private readonly claims = new Map<string, Claim>();
  private readonly messages: Message[] = [];
  private readonly timers: { at: number; event: Event }[] = [];
  private copies = 0;

  constructor(
    private readonly app: readonly Wired[],
    saga: Saga,
    /** A whole number from 0 to n - 1; 0 is the undisturbed choice. */
    private readonly choose: (n: number) => number,
    private readonly disturb: Disturbances = calm,
    /** Called after each commit. */
    private readonly check: (model: Model) => void = () => {},
  ) {
    this.machine = new SagaMachine(saga, (event) => this.publish(event));
    this.listeners = [{ on: saga.conductor.on, hear: (event) => this.machine.hear(event) }];
  }

  row(key: RowKey): any {
    return structuredClone(this.rows.get(nameOf(key)));
  }

  rowsOf(rowName: string): any[] {
    return [...this.rows].filter(([name]) => name.startsWith(`${rowName}/`)).map(([, data]) => data);
  }

  put(key: RowKey, data: any): void {
    this.rows.set(nameOf(key), data);
  }

  listen(listener: Listener): void {
    this.listeners.push(listener);
  }

  operatedBy(operator: Operator): void {
    this.operator = operator;
  }

  emittedOf(type: EventType, key: string): Event[] {
    return this.emitted.filter((event) => event.type === type.name && event.meta.key === key);
  }

  publish(event: Event): void {
    this.published.push(event);
    this.deliver(event);
    if (!this.happens(this.disturb.republished)) return;
    this.copies += 1;
    this.deliver({ ...event, meta: { ...event.meta, id: `again-${this.copies}` } });
  }

  /** Handles messages in the chosen order until none is left and the saga waits for nothing. */
  async run(): Promise<void> {
    for (let steps = 0; ; steps++) {
      if (steps > 20_000)
        throw new Error(`still not quiet: ${this.messages.map(({ event }) => event.type).join(', ')}`);
      const waiting = this.machine.waiting();
      const [parked] = this.machine.parked();
      if (waiting.length > 0 && this.happens(this.disturb.givenUp)) {
        this.machine.giveUp(waiting[this.choose(waiting.length)]!);
      } else if (this.timers.length > 0 && (this.messages.length === 0 || this.happens(this.disturb.early))) {
        this.timers.sort((a, b) => a.at - b.at);
        this.publish(this.timers.shift()!.event);
      } else if (this.messages.length > 0) {
        const [message] = this.messages.splice(this.choose(this.messages.length), 1);
        const done = await this.step(message!);
        if (!done) this.messages.push(message!);
      } else if (parked !== undefined && this.operator) {
        this.operator(this, parked);
      } else if (waiting.length > 0) {
        this.unanswered.push(waiting[0]!);
        this.machine.giveUp(waiting[0]!);
      } else return;
    }
  }

  private deliver(event: Event): void {
    const to = [
      ...this.app.filter(({ consumer }) => consumer.on.some(({ name }) => name === event.type)),
      ...this.listeners.filter(({ on }) => on.some(({ name }) => name === event.type)),
    ];
    for (const one of to) {
      this.messages.push({ to: one, event });
      if (this.happens(this.disturb.twice)) this.messages.push({ to: one, event });
    }
  }

  /** False: the message stays. */
  private async step({ to, event }: Message): Promise<boolean> {
    if ('hear' in to) {
      to.hear(event);
      return true;
    }
    const id = `${to.consumer.id}#${event.meta.id}`;
    const known = this.records.get(id);
    if (known) {
      this.answerAgain(to, known, event.meta.reply);
      return true;
    }
    const { outside } = to;
    const at = { now: sampleNow };
    if (!outside) {
      this.commit(id, to, event, to.decide!(event, this.read(to, event), at));
      return true;
    }
    const claim = this.claims.get(id);
    if (!claim) {
      const asked = outside.ask(event, this.read(to, event), at);
      if (asked.ask === undefined) {
        this.commit(id, to, event, asked as Outcome<any>);
        return true;
      }
      this.claims.set(id, { request: structuredClone(asked.ask) });
      this.write(to, event, asked.write);
      return false;
    }
    if (claim.answer === undefined) {
      const answer = await outside.call(claim.request).catch((error) => {
        if (error.name === 'GatewayUnknownError') return undefined;
        throw error;
      });
      if (!this.happens(this.disturb.answerLost)) claim.answer = answer;
      return false;
    }
    this.commit(id, to, event, outside.settle(event, this.read(to, event), claim.answer, at));
    return true;
  }

  private read(wired: Wired, event: Event): Record<string, any> {
    const keys = Object.entries(wired.read(event));
    return Object.fromEntries(keys.map(([name, key]) => [name, this.row(key)]));
  }

  private write(wired: Wired, event: Event, rows: object = {}): void {
    const keys = wired.read(event);
    for (const [name, data] of Object.entries(rows)) {
      const key = keys[name];
      if (!key) throw new Error(`${wired.consumer.id} writes ${name}, which it has not read`);
      const problem = schemaProblem(key.row.schema, data, name);
      if (problem) throw new Error(`${wired.consumer.id} writes ${problem}`);
      this.put(key, data);
    }
  }

  private commit(id: string, wired: Wired, event: Event, outcome: Outcome<any>): void {
    this.write(wired, event, outcome.write);
    const emissions = (outcome.emit ?? []) as Emission[];
    const events = emissions.map((emission, ordinal) => eventFor(wired, event, emission, ordinal));
    this.records.set(
      id,
      events.filter((_, index) => emissions[index]!.at === undefined),
    );
    this.emitted.push(...events);
    for (const [index, { at }] of emissions.entries()) {
      if (at === undefined) this.publish(events[index]!);
      else this.timers.push({ at, event: events[index]! });
    }
    this.check(this);
  }

  private answerAgain({ consumer }: Wired, events: Event[], reply: Reply | undefined): void {
    for (const event of events) {
      const first: Reply | undefined = event.meta.inReplyTo;
      if (!reply || first?.step !== reply.step || first.token === reply.token) continue;
      const id = derivedId(consumer.id, event.meta.id, 0, reply.token);
      this.publish({ ...event, meta: { ...event.meta, id, inReplyTo: reply } });
    }
  }

  private happens(percent: number): boolean {
    return percent > 0 && this.choose(100) >= 100 - percent;
  }
}

function eventFor({ consumer }: Wired, cause: Event, emission: Emission, ordinal: number): Event {
  const { emits, schedules, id } = consumer;
  const allowed = emission.at === undefined ? emits : schedules;
  if (!allowed.some((type) => type.name === emission.type)) throw new Error(`${id} emits ${emission.type}`);
  const type = allEvents.find((candidate) => candidate.name === emission.type)!;
  const problem = schemaProblem(type.schema, emission.data, emission.type);
  if (problem) throw new Error(`${id} emits ${problem}`);
  const inReplyTo = emission.at === undefined ? (emission.answers ?? cause.meta.reply) : undefined;
  return eventOf(type, emission.data, {
    id: derivedId(id, cause.meta.id, ordinal, inReplyTo?.token),
    correlation: cause.meta.correlation,
    cause: cause.meta.id,
    ...(inReplyTo ? { inReplyTo } : {}),
  });
}

const nameOf = (key: RowKey): string => `${key.row.name}/${key.id}`;

/** Choices from a list of numbers, so that fast-check can shrink it; after its end, the undisturbed choice. */
export function choicesFrom(numbers: readonly number[]): (n: number) => number {
  let next = 0;
  return (n) => (numbers[next++] ?? 0) % n;
}
