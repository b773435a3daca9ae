/**
 * Archives and replays.
 *
 * 1. An archive takes what its bus gets and its pattern matches, but no replayed events; it forgets after RetentionDays.
 * 2. A replay sends the events of one archive to the bus they came from, minute by minute of their times; within a
 *    minute in a drawn order. Every event gets a new id and `replay-name`.
 * 3. One minute of events is sent per second, so a replay can be cancelled and seen RUNNING.
 * Kept in memory, the newest 100,000 events of an archive; AWS's ten minutes until events are in an archive are not
 * modelled.
 * Source: User Guide, "Archiving and replaying events"; API reference StartReplay; texts as recorded from AWS.
 */
import type { Millis, Random } from '../../ports';
import type { Json, ServiceOptions } from '../service';
import type { Archive, Replay } from './archive-model';
import { archiveArn, replayArn } from './arns';
import { alreadyExists, checkName, invalidParameter, invalidPattern, notFound, validation } from './errors';
import { type BusEvent, renewed } from './event';
import { type Bus, type Buses, byName, page } from './model';
import { type CompiledPattern, compilePattern, InvalidEventPatternError, leavesOf, matches } from './pattern';

const maxEvents = 100_000;
const minuteMs = 60_000;
const betweenMinutesMs = 1000;
const maxReplays = 10;

export type Republish = (now: Millis, bus: Bus, event: BusEvent, only: ReadonlySet<string> | undefined) => void;

export class Archives {
  private readonly archives = new Map<string, Archive>();
  private readonly replays = new Map<string, Replay>();
  private readonly order: Random;
  private readonly ids: Random;

  constructor(
    private readonly options: ServiceOptions,
    private readonly buses: Buses,
  ) {
    this.order = options.random.fork('replay-order');
    this.ids = options.random.fork('replay-ids');
  }

  /** Every event that a bus gets passes here. */
  take(now: Millis, bus: Bus, event: BusEvent): void {
    if (event.json['replay-name'] !== undefined) return;
    for (const archive of this.archives.values()) {
      if (archive.busArn !== bus.arn) continue;
      if (archive.pattern && !matches(archive.pattern, leavesOf(event.json))) continue;
      archive.events.push(event);
      archive.bytes += Buffer.byteLength(event.text);
      this.forget(now, archive);
    }
  }

  get held(): number {
    return [...this.archives.values()].reduce((sum, { events }) => sum + events.length, 0);
  }

  /** Replays that have events left to send. */
  get underWay(): number {
    return [...this.replays.values()].filter(({ nextMs }) => nextMs !== undefined).length;
  }

  get wakeAt(): Millis | undefined {
    const times = [...this.replays.values()].flatMap(({ nextMs }) => nextMs ?? []);
    return times.length > 0 ? Math.min(...times) : undefined;
  }

  wake(now: Millis, republish: Republish): void {
    for (const replay of this.replays.values()) {
      if (replay.nextMs === undefined || replay.nextMs > now) continue;
      const bus = this.buses.find(replay.input.Destination.Arn);
      const minute = replay.minutes.shift();
      replay.state = 'RUNNING';
      const filters: string[] | undefined = replay.input.Destination.FilterArns;
      const only = filters?.length ? new Set(filters) : undefined;
      for (const event of minute ?? []) {
        if (bus) republish(now, bus, renewed(event, this.ids.uuid(), now, replay.name), only);
        replay.lastReplayedMs = timeOf(event);
      }
      replay.nextMs = replay.minutes.length > 0 ? now + betweenMinutesMs : undefined;
      if (replay.nextMs === undefined) this.end(replay, 'COMPLETED', now);
    }
  }

  readonly operations: Record<string, (now: Millis, input: Json) => Json> = {
    CreateArchive: (now, input) => {
      const { ArchiveName: name, EventSourceArn, Description, EventPattern, RetentionDays = 0 } = input;
      checkName('archiveName', name, 48);
      const bus = this.buses.get(EventSourceArn);
      if (this.archives.has(name)) throw alreadyExists(`Archive ${name} already exists.`);
      const archive: Archive = {
        name,
        arn: archiveArn(this.options, name),
        busArn: bus.arn,
        description: Description,
        retentionDays: RetentionDays,
        createdMs: now,
        events: [],
        bytes: 0,
        ...patternOf(EventPattern),
      };
      this.archives.set(name, archive);
      return created(archive);
    },
    DescribeArchive: (now, { ArchiveName }) => {
      const archive = this.archive(ArchiveName);
      this.forget(now, archive);
      return {
        ArchiveArn: archive.arn,
        ...listed(archive),
        Description: archive.description,
        EventPattern: archive.patternText,
      };
    },
    ListArchives: (now, input) => {
      const source = input.EventSourceArn === undefined ? undefined : this.buses.get(input.EventSourceArn).arn;
      const found = byName(this.archives.values(), input.NamePrefix).filter(
        (archive) => (!source || archive.busArn === source) && (!input.State || input.State === 'ENABLED'),
      );
      for (const archive of found) this.forget(now, archive);
      const { items, ...more } = page(found.map(listed), input);
      return { Archives: items, ...more };
    },
    UpdateArchive: (_now, input) => {
      const { ArchiveName, Description, EventPattern, RetentionDays } = input;
      if (Description === undefined && EventPattern === undefined && RetentionDays === undefined)
        throw validation('At least one of EventPattern, RetentionDays or Description must be provided.');
      const archive = this.archive(ArchiveName);
      if (EventPattern !== undefined) Object.assign(archive, patternOf(EventPattern));
      archive.description = Description ?? archive.description;
      archive.retentionDays = RetentionDays ?? archive.retentionDays;
      return created(archive);
    },
    DeleteArchive: (_now, { ArchiveName }) => {
      this.archives.delete(this.archive(ArchiveName).name);
      return {};
    },
    StartReplay: (now, input) => this.startReplay(now, input),
    DescribeReplay: (_now, { ReplayName }) => {
      const replay = this.replay(ReplayName);
      const { Description, Destination } = replay.input;
      return { ReplayArn: replay.arn, ...summary(replay), Description, Destination };
    },
    ListReplays: (_now, input) => {
      const found = byName(this.replays.values(), input.NamePrefix).filter(
        ({ state, input: { EventSourceArn } }) =>
          (!input.State || input.State === state) && (!input.EventSourceArn || input.EventSourceArn === EventSourceArn),
      );
      const { items, ...more } = page(found.map(summary), input);
      return { Replays: items, ...more };
    },
    CancelReplay: (now, { ReplayName }) => {
      const replay = this.replay(ReplayName);
      if (replay.nextMs === undefined)
        throw validation(`Replay ${replay.name} is not in a valid state for this operation.`);
      replay.nextMs = undefined;
      replay.minutes = [];
      this.end(replay, 'CANCELLED', now);
      return { ReplayArn: replay.arn, State: 'CANCELLING' };
    },
  };

  private startReplay(now: Millis, input: Json): Json {
    const { ReplayName: name, EventSourceArn, EventStartTime, EventEndTime, Destination } = input;
    checkName('replayName', name, 64);
    const bus = this.buses.get(Destination.Arn);
    const archiveName = String(EventSourceArn).split(':archive/').at(-1)!;
    const archive = this.archives.get(archiveName);
    if (!archive) throw invalidParameter('EventSourceArn', `Archive ${archiveName} does not exist.`);
    if (archive.busArn !== bus.arn)
      throw invalidParameter('Destination.Arn', 'Cross event bus replay is not permitted.');
    if (this.replays.has(name)) throw alreadyExists(`Replay ${name} already exists.`);
    if (EventStartTime >= EventEndTime)
      throw invalidParameter('EventEndTime', 'EventStartTime must be before EventEndTime.');
    if (this.underWay >= maxReplays)
      throw validation(`There are ${maxReplays} replays under way already; allowed: ${maxReplays}.`);
    this.forget(now, archive);
    const chosen = archive.events.filter(
      (event) => timeOf(event) >= EventStartTime * 1000 && timeOf(event) <= EventEndTime * 1000,
    );
    const replay: Replay = {
      name,
      arn: replayArn(this.options, name),
      input,
      state: 'STARTING',
      startedMs: now,
      minutes: this.minutesOf(chosen),
      nextMs: now + betweenMinutesMs,
    };
    this.replays.set(name, replay);
    return { ReplayArn: replay.arn, State: replay.state, ReplayStartTime: now / 1000 };
  }

  private minutesOf(events: BusEvent[]): BusEvent[][] {
    const minutes = new Map<number, BusEvent[]>();
    for (const event of events) {
      const minute = Math.floor(timeOf(event) / minuteMs);
      minutes.set(minute, [...(minutes.get(minute) ?? []), event]);
    }
    return [...minutes].sort(([a], [b]) => a - b).map(([, list]) => this.shuffled(list));
  }

  private shuffled<T>(items: T[]): T[] {
    const rest = [...items];
    return items.map(() => rest.splice(this.order.below(rest.length), 1)[0]!);
  }

  private end(replay: Replay, state: Replay['state'], now: Millis): void {
    replay.state = state;
    replay.endedMs = now;
  }

  private forget(now: Millis, archive: Archive): void {
    const oldest = archive.retentionDays > 0 ? now - archive.retentionDays * 86_400_000 : Number.NEGATIVE_INFINITY;
    let drop = 0;
    while (
      drop < archive.events.length &&
      (archive.events[drop]!.ingestedMs < oldest || archive.events.length - drop > maxEvents)
    ) {
      archive.bytes -= Buffer.byteLength(archive.events[drop++]!.text);
    }
    if (drop > 0) archive.events.splice(0, drop);
  }

  private archive(name: string): Archive {
    const archive = this.archives.get(name);
    if (!archive) throw notFound(`Archive ${name} does not exist.`);
    return archive;
  }

  private replay(name: string): Replay {
    const replay = this.replays.get(name);
    if (!replay) throw notFound(`Replay ${name} does not exist.`);
    return replay;
  }
}

const timeOf = (event: BusEvent): Millis => Date.parse(event.json.time);

function patternOf(text: string | undefined): { patternText?: string; pattern?: CompiledPattern } {
  if (text === undefined) return {};
  try {
    return { patternText: text, pattern: compilePattern(text) };
  } catch (error) {
    if (error instanceof InvalidEventPatternError) throw invalidPattern(error.message);
    throw error;
  }
}

const created = (archive: Archive): Json => ({
  ArchiveArn: archive.arn,
  CreationTime: archive.createdMs / 1000,
  State: 'ENABLED',
});

const listed = (archive: Archive): Json => ({
  ArchiveName: archive.name,
  EventSourceArn: archive.busArn,
  State: 'ENABLED',
  RetentionDays: archive.retentionDays,
  SizeBytes: archive.bytes,
  EventCount: archive.events.length,
  CreationTime: archive.createdMs / 1000,
});

const seconds = (ms: Millis | undefined): number | undefined => (ms === undefined ? undefined : ms / 1000);

const summary = (replay: Replay): Json => ({
  ReplayName: replay.name,
  EventSourceArn: replay.input.EventSourceArn,
  State: replay.state,
  EventStartTime: replay.input.EventStartTime,
  EventEndTime: replay.input.EventEndTime,
  EventLastReplayedTime: seconds(replay.lastReplayedMs),
  ReplayStartTime: replay.startedMs / 1000,
  ReplayEndTime: seconds(replay.endedMs),
});
