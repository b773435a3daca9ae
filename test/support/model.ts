/**
 * A model of the delivery protocol, for properties of decisions: rows, records, claims and messages in memory. Chance,
 * that is fast-check, picks what happens next, so that events come in any order, twice, or again under another id, outside
 * calls overlap with everything else, and answers get lost.
 *
 * 1. A decision and its writes are one step (T2, T5 make them so). Ask, call and settle are three steps.
 * 2. An event that was handled is not decided again (T1). A request that was claimed is repeated as it was.
 * 3. All messages are handled in the end. Scheduled ones come at any time, and undisturbed when nothing else is left.
 * Not modelled: rejections, parking, expiry.
 */

import { events as allEvents } from '../../lib/contracts';
import { derivedId, schemaProblem } from '../../lib/contracts/envelope';
import type { Consumer, Emission, EventType, RowKey } from '../../lib/contracts/kit';
import type { Ask, Outcome } from '../../lib/contracts/outcome';
import { eventOf } from './samples';

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

interface Message {
  wired: Wired;
  event: Event;
}

interface Claim {
  request: any;
  answer?: any;
}

/**
 * How likely, in percent: a message comes twice, an event comes again under a new id, an answer gets lost, the next timer
 * goes off before the next message is handled.
 */
export interface Disturbances {
  twice: number;
  republished: number;
  answerLost: number;
  early: number;
}

const calm: Disturbances = { twice: 0, republished: 0, answerLost: 0, early: 0 };

export class Model {
  readonly emitted: Event[] = [];
  private readonly rows = new Map<string, any>();
  private readonly records = new Set<string>();
  private readonly claims = new Map<string, Claim>();
  private readonly messages: Message[] = [];
  private readonly timers: Event[] = [];
  private republishedCount = 0;

  constructor(
    private readonly app: readonly Wired[],
    /** A whole number from 0 to n - 1; 0 is the undisturbed choice. */
    private readonly choose: (n: number) => number,
    private readonly disturb: Disturbances = calm,
    /** Called after each commit. */
    private readonly check: (model: Model) => void = () => {},
  ) {}

  row(key: RowKey): any {
    return structuredClone(this.rows.get(nameOf(key)));
  }

  rowsOf(rowName: string): any[] {
    return [...this.rows].filter(([name]) => name.startsWith(`${rowName}/`)).map(([, data]) => data);
  }

  put(key: RowKey, data: any): void {
    this.rows.set(nameOf(key), data);
  }

  emittedOf(type: EventType, key: string): Event[] {
    return this.emitted.filter((event) => event.type === type.name && event.meta.key === key);
  }

  publish(event: Event): void {
    for (const wired of this.app) {
      if (!wired.consumer.on.some((type) => type.name === event.type)) continue;
      this.messages.push({ wired, event });
      if (this.happens(this.disturb.twice)) this.messages.push({ wired, event });
    }
  }

  /** Handles messages in the chosen order until none is left. */
  async run(): Promise<void> {
    for (let steps = 0; this.messages.length + this.timers.length > 0; steps++) {
      if (steps > 20_000)
        throw new Error(`still not quiet: ${this.messages.map(({ event }) => event.type).join(', ')}`);
      if (this.messages.length === 0 || (this.timers.length > 0 && this.happens(this.disturb.early))) {
        this.publish(this.timers.shift()!);
        continue;
      }
      const index = this.choose(this.messages.length);
      const [message] = this.messages.splice(index, 1);
      const done = await this.step(message!);
      if (!done) this.messages.push(message!);
    }
  }

  /** False: the message stays. */
  private async step({ wired, event }: Message): Promise<boolean> {
    const id = `${wired.consumer.id}#${event.meta.id}`;
    if (this.records.has(id)) return true;
    const { outside } = wired;
    const at = { now: Date.parse(event.meta.time) };
    if (!outside) {
      this.commit(id, wired, event, wired.decide!(event, this.read(wired, event), at));
      return true;
    }
    const claim = this.claims.get(id);
    if (!claim) {
      const asked = outside.ask(event, this.read(wired, event), at);
      if (asked.ask === undefined) {
        this.commit(id, wired, event, asked as Outcome<any>);
        return true;
      }
      this.claims.set(id, { request: structuredClone(asked.ask) });
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
    this.commit(id, wired, event, outside.settle(event, this.read(wired, event), claim.answer, at));
    return true;
  }

  private read(wired: Wired, event: Event): Record<string, any> {
    const keys = Object.entries(wired.read(event));
    return Object.fromEntries(keys.map(([name, key]) => [name, this.row(key)]));
  }

  private commit(id: string, wired: Wired, event: Event, outcome: Outcome<any>): void {
    const keys = wired.read(event);
    for (const [name, data] of Object.entries(outcome.write ?? {})) {
      const key = keys[name];
      if (!key) throw new Error(`${wired.consumer.id} writes ${name}, which it has not read`);
      const problem = schemaProblem(key.row.schema, data, name);
      if (problem) throw new Error(`${wired.consumer.id} writes ${problem}`);
      this.put(key, data);
    }
    this.records.add(id);
    const emissions = (outcome.emit ?? []) as Emission[];
    for (const [ordinal, emission] of emissions.entries()) this.emit(wired, event, emission, ordinal);
    this.check(this);
  }

  private emit(wired: Wired, cause: Event, emission: Emission, ordinal: number): void {
    const { emits, schedules, id } = wired.consumer;
    const allowed = emission.at === undefined ? emits : schedules;
    if (!allowed.some((type) => type.name === emission.type)) throw new Error(`${id} emits ${emission.type}`);
    const type = allEvents.find((candidate) => candidate.name === emission.type)!;
    const problem = schemaProblem(type.schema, emission.data, emission.type);
    if (problem) throw new Error(`${id} emits ${problem}`);
    const event = eventOf(type, emission.data, {
      id: derivedId(id, cause.meta.id, ordinal),
      correlation: cause.meta.correlation,
      cause: cause.meta.id,
    });
    this.emitted.push(event);
    if (emission.at === undefined) this.publish(event);
    else this.timers.push(event);
    if (!this.happens(this.disturb.republished)) return;
    this.republishedCount += 1;
    this.publish({ ...event, meta: { ...event.meta, id: `again-${this.republishedCount}` } });
  }

  private happens(percent: number): boolean {
    return percent > 0 && this.choose(100) >= 100 - percent;
  }
}

const nameOf = (key: RowKey): string => `${key.row.name}/${key.id}`;

/** Choices from a list of numbers, so that fast-check can shrink it; after its end, the undisturbed choice. */
export function choicesFrom(numbers: readonly number[]): (n: number) => number {
  let next = 0;
  return (n) => (numbers[next++] ?? 0) % n;
}
