/**
 * Decides at every crossing what happens there, and keeps what it decided. Two ways: by chance, from the rows that this
 * run has on; or from a list of strikes, to do a run again.
 *
 * 1. Every row draws from its own fork of chance, so that a row more or less does not change what the others do.
 * 2. Nothing strikes before `start`, nor after `heal`.
 * 3. What lasts (an outage, a paused queue) ends with `heal` at the latest.
 */
import type { Crossing, FaultDecision, Faults, Millis, Random } from '../local/ports';
import type { VirtualWorld } from '../local/virtual';
import type { CrossingFault, Fault, FaultContext, MomentContext, MomentFault, PublicationFault } from './faults';
import { drawnMoment, Places, placeOf, type Strike } from './strike';
import type { Fate, OutsideEvent } from './workload';

export interface InjectorOptions {
  random: Random;
  faults: readonly Fault[];
  /** How long the app is disturbed. */
  disturbMs: Millis;
  /** Do these again, and nothing else. */
  schedule?: readonly Strike[];
  /** Publications to leave out, by number: shrinking. */
  without?: ReadonlySet<number>;
  /** At most so many by chance. Default: drawn, 1 to 60. */
  maxStrikes?: number;
  /** Strike nowhere, and keep what each row could have done at each crossing: exhaustive runs go through it. */
  survey?: boolean;
}

/** A row that is on in this run, with its own chance. */
interface Armed<F extends Fault> {
  fault: F;
  random: Random;
  /** Of one. */
  probability: number;
}

export class Injector implements Faults {
  readonly strikes: Strike[] = [];
  /** Of a survey: every strike that was possible. */
  readonly possible: Strike[] = [];
  private active = false;
  private context: FaultContext | undefined;
  private world: VirtualWorld | undefined;
  private readonly places = new Places();
  private readonly planned = new Map<string, Strike[]>();
  private readonly armed: Record<Crossing['at'], Armed<CrossingFault>[]> = { call: [], sdk: [], invoke: [] };
  private readonly publications: Armed<PublicationFault>[] = [];
  private readonly moments: Armed<MomentFault>[] = [];
  private readonly lasting = new Set<(crossing: Crossing) => FaultDecision | undefined>();
  private readonly endings = new Set<() => void>();
  private readonly skews = new Map<string, Millis>();
  private readonly limit: number;

  constructor(private readonly options: InjectorOptions) {
    for (const strike of options.schedule ?? []) {
      this.planned.set(strike.where, [...(this.planned.get(strike.where) ?? []), strike]);
    }
    const { random } = options;
    const intensity = [0.2, 0.5, 1, 1, 2, 4][random.fork('intensity').below(6)]!;
    this.limit = options.maxStrikes ?? [1, 3, 8, 15, 30, 60][random.fork('limit').below(6)]!;
    for (const fault of options.faults) {
      const own = random.fork(`fault ${fault.name}`);
      // With few rows chosen by hand, all are on.
      const on = own.next() < 0.5 || options.faults.length <= 3;
      if (!on) continue;
      if (fault.at === 'moment') this.moments.push({ fault, random: own, probability: fault.weight * intensity });
      else {
        const armed = { fault, random: own, probability: (fault.weight * intensity) / 1000 };
        if (fault.at === 'publication') this.publications.push(armed as Armed<PublicationFault>);
        else this.armed[fault.at].push(armed as Armed<CrossingFault>);
      }
    }
  }

  /** From now on it strikes. */
  start(world: VirtualWorld, context: FaultContext): void {
    this.world = world;
    this.context = context;
    this.active = true;
    for (const strike of this.options.schedule ?? []) {
      const after = /^after (\d+) ms/.exec(strike.where)?.[1];
      if (after !== undefined) this.atMoment(Number(after), strike);
    }
    if (this.options.schedule || this.options.survey) return;
    for (const { fault, random, probability } of this.moments) {
      for (let left = probability; left > 0 && random.next() < left; left--) {
        const after = drawnMoment(random, this.options.disturbMs);
        this.atMoment(after, {
          fault: fault.name,
          where: `after ${after} ms: ${fault.name}`,
          atMs: after,
          parameters: fault.draw(random, context),
        });
      }
    }
  }

  /** From now on nothing strikes, and whatever lasted is over. */
  heal(): void {
    this.active = false;
    this.lasting.clear();
    this.skews.clear();
    for (const end of [...this.endings]) end();
    this.endings.clear();
  }

  skewMs(functionName: string): Millis {
    return this.skews.get(functionName) ?? 0;
  }

  decide(crossing: Crossing): FaultDecision | undefined {
    if (!this.active) return undefined;
    for (const lasting of this.lasting) {
      const decision = lasting(crossing);
      if (decision) return decision;
    }
    const drawn = !this.options.survey && !this.options.schedule;
    if (drawn && this.strikes.length >= this.limit) return undefined;
    const where = this.places.next(placeOf(crossing));
    if (this.options.survey) {
      this.surveyed(where, crossing);
      return undefined;
    }
    if (this.options.schedule) return this.again(where, crossing);
    for (const { fault, random, probability } of this.armed[crossing.at]) {
      if (!fault.strikes(crossing, this.context!) || random.next() >= probability) continue;
      const parameters = fault.draw(random, crossing);
      this.keep({ fault: fault.name, where, atMs: this.elapsed(), parameters });
      return fault.decision(parameters, crossing);
    }
    return undefined;
  }

  /** When an event from outside is put. */
  fate(number: number, event: OutsideEvent): Fate {
    if (this.options.without?.has(number)) return { times: [] };
    const where = `publication ${number + 1} ${event.detailType}`;
    if (this.options.schedule) {
      const strike = this.planned.get(where)?.[0];
      const fault = strike && this.row(strike);
      if (!strike || fault?.at !== 'publication') return { times: [0] };
      this.keep(strike);
      return { times: fault.times(strike.parameters) };
    }
    if (this.options.survey) {
      for (const fault of this.options.faults) {
        if (fault.at !== 'publication') continue;
        const parameters = fault.draw(this.options.random.fork(`${fault.name} ${where}`));
        this.possible.push({ fault: fault.name, where, atMs: this.elapsed(), parameters });
      }
      return { times: [0] };
    }
    for (const { fault, random, probability } of this.publications) {
      if (!this.active || this.strikes.length >= this.limit || random.next() >= probability) continue;
      const parameters = fault.draw(random);
      this.keep({ fault: fault.name, where, atMs: this.elapsed(), parameters });
      return { times: fault.times(parameters) };
    }
    return { times: [0] };
  }

  /** What could strike here; and, where a function starts, what could begin at this moment. */
  private surveyed(where: string, crossing: Crossing): void {
    const after = this.elapsed();
    for (const fault of this.options.faults) {
      if (fault.at === 'moment' && crossing.at === 'invoke') {
        const moment = `after ${after} ms: ${fault.name}`;
        // Two functions may start at once: it is one moment.
        if (this.possible.some((strike) => strike.where === moment)) continue;
        const parameters = fault.draw(this.options.random.fork(`${fault.name} ${where}`), this.context!);
        this.possible.push({ fault: fault.name, where: moment, atMs: after, parameters });
        continue;
      }
      if (fault.at === 'moment' || fault.at === 'publication') continue;
      if (fault.at !== crossing.at || !fault.strikes(crossing, this.context!)) continue;
      const parameters = fault.draw(this.options.random.fork(`${fault.name} ${where}`), crossing);
      this.possible.push({ fault: fault.name, where, atMs: after, parameters });
    }
  }

  private again(where: string, crossing: Crossing): FaultDecision | undefined {
    const strike = this.planned.get(where)?.[0];
    const fault = strike && this.row(strike);
    if (!strike || !fault || fault.at !== crossing.at) return undefined;
    this.keep(strike);
    return (fault as CrossingFault).decision(strike.parameters, crossing);
  }

  private row(strike: Strike): Fault | undefined {
    return this.options.faults.find(({ name }) => name === strike.fault);
  }

  private keep(strike: Strike): void {
    this.strikes.push(strike);
  }

  private elapsed(): Millis {
    return this.world!.time.now() - this.context!.startedMs;
  }

  private atMoment(after: Millis, strike: Strike): void {
    const fault = this.row(strike);
    if (fault?.at !== 'moment') return;
    const world = this.world!;
    world.time.at(this.context!.startedMs + after, () => {
      if (!this.active) return;
      this.keep(strike);
      world.trace.push({ at: world.time.now(), kind: 'fault', fault: fault.name, parameters: strike.parameters });
      fault.begin(strike.parameters, this.momentContext(world));
    });
  }

  private momentContext(world: VirtualWorld): MomentContext {
    const later = (ms: Millis, work: () => void): void => {
      const once = (): void => {
        if (this.endings.delete(once)) work();
      };
      this.endings.add(once);
      world.time.at(world.time.now() + ms, once);
    };
    return {
      ...this.context!,
      world,
      later,
      while: (ms, decide) => {
        this.lasting.add(decide);
        later(ms, () => this.lasting.delete(decide));
      },
      skew: (functionName, ms) => void this.skews.set(functionName, ms),
    };
  }
}
