/**
 * EventBridge Scheduler: schedules in groups, and their invocations.
 *
 * 1. A name is used once in a group; the same request with the same ClientToken is answered as the first was.
 * 2. An enabled schedule has exactly one next occurrence. What came due while it was disabled is not made up for.
 * 3. A schedule that will not be due again, and whose invocations have ended, is deleted where ActionAfterCompletion
 *    says DELETE, and stays where it does not.
 * 4. A flexible window delays an occurrence by a seeded part of it; the next occurrence counts from the nominal time.
 *
 * Modelled: schedules, groups, tags of groups. Not modelled: roles and encryption keys (kept, not used), quotas, the
 * imprecision of up to a minute that AWS allows itself, deletion of groups in the background (here it is at once).
 * Source: Scheduler API reference and user guide.
 */
import { isDeepStrictEqual } from 'node:util';
import type { Millis } from '../../ports';
import { Heap } from '../heap';
import { replyOf } from '../refusal';
import {
  type Effect,
  fail,
  type Json,
  type Outcome,
  type Service,
  type ServiceOptions,
  type ServiceRequest,
} from '../service';
import { Deliveries } from './deliveries';
import { conflict, notFound, validation } from './errors';
import { Groups } from './groups';
import { page } from './page';
import { type Definition, demandName, readDefinition } from './schedules';

interface Schedule {
  name: string;
  groupName: string;
  arn: string;
  definition: Definition;
  createdMs: Millis;
  modifiedMs: Millis;
  clientToken?: string;
  /** Its valid entry among the occurrences. */
  occurrence?: Occurrence;
  underWay: number;
  gone: boolean;
}

interface Occurrence {
  nominalMs: Millis;
  atMs: Millis;
  order: number;
  schedule: Schedule;
}

/** When we come later than this the machine slept; then one occurrence is made up for, not each. */
const lateMs = 60_000;

type Operation = (now: Millis, input: Json) => Json;

export function createScheduleService(options: ServiceOptions): Service {
  return new ScheduleService(options);
}

class ScheduleService implements Service {
  readonly name = 'scheduler';
  private readonly schedules = new Map<string, Schedule>();
  private readonly groups: Groups;
  private readonly deliveries: Deliveries<Schedule>;
  private readonly occurrences = new Heap<Occurrence>(
    (a, b) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order),
    (occurrence) => occurrence.schedule.occurrence !== occurrence,
  );
  private effects: Effect[] = [];
  private orders = 0;

  constructor(private readonly options: ServiceOptions) {
    this.groups = new Groups(options);
    this.deliveries = new Deliveries<Schedule>(
      options,
      options.random.fork('deliveries'),
      (effect) => this.effects.push(effect),
      (schedule) => this.ended(schedule),
    );
  }

  apply(now: Millis, { operation, input }: ServiceRequest): Outcome {
    if (operation === '$reply') {
      this.deliveries.answered(now, input.tag, input.reply);
      return this.outcome();
    }
    const perform = Object.hasOwn(this.operations, operation) ? this.operations[operation] : undefined;
    if (!perform) {
      const message = `EventBridge Scheduler has no operation '${operation}' here.`;
      return this.outcome(fail('UnknownOperationException', message, { status: 404 }));
    }
    this.advance(now);
    const reply = replyOf(() => perform(now, input ?? {}));
    this.advance(now);
    return this.outcome(reply);
  }

  holds(): [number, string][] {
    return [[this.schedules.size, 'schedule']];
  }

  wake(now: Millis): Outcome {
    this.advance(now);
    return this.outcome();
  }

  private outcome(reply?: Outcome['reply']): Outcome {
    const effects = this.effects;
    this.effects = [];
    const next = Math.min(this.occurrences.peek()?.atMs ?? Infinity, this.deliveries.nextMs() ?? Infinity);
    return { reply, effects, wakeAt: Number.isFinite(next) ? next : undefined };
  }

  private advance(now: Millis): void {
    for (let due = this.occurrences.peek(); due && due.atMs <= now; due = this.occurrences.peek()) this.fire(now, due);
    this.deliveries.advance(now);
  }

  private fire(now: Millis, { schedule, nominalMs, atMs }: Occurrence): void {
    const { definition } = schedule;
    schedule.underWay++;
    let next = definition.timing.next(nominalMs);
    if (now > atMs + lateMs) while (next !== undefined && next <= now) next = definition.timing.next(next);
    this.due(schedule, next);
    this.deliveries.start(now, {
      scheduleArn: schedule.arn,
      target: definition.content.Target,
      scheduledMs: nominalMs,
      owner: schedule,
    });
  }

  private ended(schedule: Schedule): void {
    schedule.underWay--;
    const { ActionAfterCompletion, State } = schedule.definition.content;
    const completed = !schedule.occurrence && schedule.underWay === 0 && State === 'ENABLED';
    if (completed && ActionAfterCompletion === 'DELETE') this.drop(schedule);
  }

  /** Sets, or takes away, the next occurrence. */
  private due(schedule: Schedule, nominalMs: Millis | undefined): void {
    const { content, timing, endMs, windowMs } = schedule.definition;
    schedule.occurrence = undefined;
    if (content.State !== 'ENABLED' || nominalMs === undefined) return;
    if (!timing.once && endMs !== undefined && nominalMs > endMs) return;
    const delay = windowMs > 0 ? this.options.random.below(windowMs) : 0;
    schedule.occurrence = { nominalMs, atMs: nominalMs + delay, order: this.orders++, schedule };
    this.occurrences.push(schedule.occurrence);
  }

  private begin(now: Millis, schedule: Schedule): void {
    const { timing, startMs } = schedule.definition;
    this.due(schedule, timing.first(Math.max(now, startMs ?? now)));
  }

  private drop(schedule: Schedule): void {
    schedule.occurrence = undefined;
    if (!schedule.gone) this.schedules.delete(`${schedule.groupName}/${schedule.name}`);
    schedule.gone = true;
  }

  private find(input: Json): Schedule {
    const name = demandName('name', input.Name);
    const groupName = demandName('groupName', input.GroupName ?? 'default');
    const schedule = this.schedules.get(`${groupName}/${name}`);
    if (!schedule) throw notFound(`Schedule ${name}`);
    return schedule;
  }

  private readonly operations: Record<string, Operation> = {
    CreateSchedule: (now, input) => {
      const name = demandName('name', input.Name);
      const groupName = demandName('groupName', input.GroupName ?? 'default');
      const definition = readDefinition(input);
      if (!this.groups.has(groupName)) throw notFound(`Schedule group ${groupName}`);
      const existing = this.schedules.get(`${groupName}/${name}`);
      if (existing) {
        const repeated =
          input.ClientToken !== undefined &&
          input.ClientToken === existing.clientToken &&
          isDeepStrictEqual(definition.content, existing.definition.content);
        if (!repeated) throw conflict(`Schedule ${name} already exists.`);
        return { ScheduleArn: existing.arn };
      }
      const { region, account } = this.options;
      const schedule: Schedule = {
        name,
        groupName,
        arn: `arn:aws:scheduler:${region}:${account}:schedule/${groupName}/${name}`,
        definition,
        createdMs: now,
        modifiedMs: now,
        clientToken: input.ClientToken ?? undefined,
        underWay: 0,
        gone: false,
      };
      this.schedules.set(`${groupName}/${name}`, schedule);
      this.begin(now, schedule);
      return { ScheduleArn: schedule.arn };
    },
    UpdateSchedule: (now, input) => {
      const schedule = this.find(input);
      schedule.definition = readDefinition(input);
      schedule.modifiedMs = now;
      this.begin(now, schedule);
      return { ScheduleArn: schedule.arn };
    },
    GetSchedule: (_now, input) => {
      const schedule = this.find(input);
      return { ...summary(schedule), ...schedule.definition.content };
    },
    DeleteSchedule: (_now, input) => {
      this.drop(this.find(input));
      return {};
    },
    ListSchedules: (_now, input) => {
      if (input.GroupName && !this.groups.has(input.GroupName)) throw notFound(`Schedule group ${input.GroupName}`);
      const found = [...this.schedules.values()]
        .filter(({ name, groupName, definition }) => {
          const prefixed = name.startsWith(input.NamePrefix ?? '');
          const grouped = !input.GroupName || groupName === input.GroupName;
          return prefixed && grouped && (!input.State || definition.content.State === input.State);
        })
        .sort((a, b) => (a.arn < b.arn ? -1 : 1))
        .map((schedule) => ({
          ...summary(schedule),
          State: schedule.definition.content.State,
          Target: { Arn: schedule.definition.content.Target.Arn },
        }));
      return page(found, input, 'Schedules');
    },
    CreateScheduleGroup: (now, input) => this.groups.create(now, input),
    GetScheduleGroup: (_now, input) => this.groups.get(input),
    ListScheduleGroups: (_now, input) => this.groups.list(input),
    DeleteScheduleGroup: (_now, input) => {
      if (input.Name === 'default') throw validation('The default schedule group can not be deleted.');
      this.groups.delete(input);
      for (const schedule of [...this.schedules.values()]) if (schedule.groupName === input.Name) this.drop(schedule);
      return {};
    },
    TagResource: (_now, input) => this.groups.tag(input),
    UntagResource: (_now, input) => this.groups.untag(input),
    ListTagsForResource: (_now, input) => this.groups.tags(input),
    // Invocations that have not ended.
    $pending: () => ({ pending: this.deliveries.pending }),
  };
}

const summary = ({ arn, name, groupName, createdMs, modifiedMs }: Schedule): Json => ({
  Arn: arn,
  Name: name,
  GroupName: groupName,
  CreationDate: createdMs / 1000,
  LastModificationDate: modifiedMs / 1000,
});
