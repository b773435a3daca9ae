/**
 * The event source mapping of a table's stream: reads each shard from where it stands, in order, and does not go on past
 * a batch before it succeeded or was given up.
 *
 * 1. Each shard has `parallelizationFactor` lanes; records of one item stay in one lane. A lane runs one batch at a time.
 * 2. A failed batch is tried again, without end unless retries or age are limited; meanwhile its lane waits, others go on.
 * 3. Split in two (`bisects`), the halves are tried in order; splitting is no retry.
 * 4. An answer that names records goes on at the first of them.
 * 5. What is given up goes to the on-failure destination: where its records stand, not the records.
 * 6. Records that no filter matches are passed over. Records older than a day are given up in any case.
 * Not modelled: tumbling windows; the wait before a retry (1 s, doubled up to a minute) is ours, AWS gives no numbers.
 * Source: docs services-ddb-params.html, services-dynamodb-errors.html, services-ddb-batchfailurereporting.html
 */
import type { Millis } from '../../ports';
import { hash32 } from '../hash';
import { keptClass } from '../kept';
import type { Effect, Finished, Json, Reply } from '../service';
import type { Destinations } from './destinations';
import { passes } from './filters';
import { type BatchEnd, fitting, type Mapping, pauseMs, type RunBatch } from './mapping';
import type { MappingSettings, StreamSettings } from './mapping-settings';
import { discarded, type StreamRecord, streamRecord, streamVerdict } from './stream-event';

const pollSeconds = 20;
const lostAfterMs = 10_000;
const keptMs = 24 * 3_600_000;
const mostRetryMs = 60_000;
const mostPolled = 1000;

interface Shard {
  id: string;
  /** Where to read on; a number of the stream. */
  after: 'TRIM_HORIZON' | 'LATEST' | number;
  closed: boolean;
  poll?: { number: number; lostAt: Millis };
  pausedUntil: Millis;
  lanes: Lane[];
}

interface Lane {
  shardId: string;
  gathered: StreamRecord[];
  gatheredSince: Millis;
  /** Batches to be run, in order. */
  work: Work[];
  running?: number;
}

interface Work {
  records: StreamRecord[];
  retries: number;
  invocations: number;
  retryAt: Millis;
}

export class StreamMapping implements Mapping {
  lastModified: Millis;
  private shards: Shard[] = [];
  private known: { askedAt: Millis; answered: boolean } | undefined;
  private polls = 0;
  private batches = 0;

  constructor(
    readonly settings: MappingSettings,
    now: Millis,
    private readonly functionArn: string,
    private readonly newId: () => string,
    private readonly destinations: Destinations,
  ) {
    this.lastModified = now;
  }

  get holding(): number {
    let count = 0;
    if (!this.settings.enabled) return count;
    for (const { gathered, work } of this.lanes()) count += gathered.length + work.length;
    return count;
  }

  get wakeAt(): Millis {
    if (!this.settings.enabled) return Number.POSITIVE_INFINITY;
    if (!this.known?.answered) return (this.known?.askedAt ?? 0) + lostAfterMs;
    let at = Number.POSITIVE_INFINITY;
    for (const { poll, pausedUntil } of this.shards) {
      at = Math.min(at, poll?.lostAt ?? (pausedUntil > 0 ? pausedUntil : at));
    }
    for (const { running, gathered, gatheredSince, work } of this.lanes()) {
      if (running !== undefined) continue;
      if (work[0] && work[0].retryAt > 0) at = Math.min(at, work[0].retryAt);
      else if (!work[0] && gathered.length > 0) at = Math.min(at, gatheredSince + this.settings.windowSeconds * 1000);
    }
    return at;
  }

  advance(now: Millis, functionRoom: () => number, run: RunBatch): Effect[] {
    if (!this.settings.enabled) return [];
    const effects = this.described(now);
    for (const shard of this.shards) {
      for (const lane of shard.lanes) effects.push(...this.advanceLane(now, lane, functionRoom, run));
      effects.push(...this.poll(now, shard));
    }
    return effects;
  }

  replied(now: Millis, tag: Json, reply: Reply): Effect[] {
    if (tag.shard === undefined) {
      if (this.known?.answered !== false) return [];
      if (reply.error) return [];
      this.known.answered = true;
      for (const { ShardId } of reply.output.StreamDescription.Shards) this.shards.push(this.newShard(ShardId));
      return [];
    }
    const shard = this.shards.find(({ id }) => id === tag.shard);
    if (shard?.poll?.number !== tag.poll) return [];
    shard!.poll = undefined;
    this.take(now, shard!, reply);
    return [];
  }

  /** What is read still comes and waits here until it is enabled again: records in a stream are nobody else's loss. */
  stopped(): Effect[] {
    return [];
  }

  recordIds(batchId: number): string[] {
    return this.laneOf(batchId)?.work[0]?.records.map(({ sequence }) => sequence) ?? [];
  }

  ended(now: Millis, batchId: number, finished: Finished): BatchEnd {
    const lane = this.laneOf(batchId);
    if (!lane) return { effects: [], failed: [] };
    lane.running = undefined;
    const work = lane.work.shift()!;
    const verdict = streamVerdict(work.records, finished, this.settings.reportsFailures);
    const rest = work.records.slice(verdict.done);
    const failed = verdict.failed ? rest.map(({ sequence }) => sequence) : [];
    const end = { failed, ...(verdict.reason && { reason: verdict.reason }) };
    if (!verdict.failed) return { effects: [], ...end };
    const { bisects, maxRetries } = this.stream;
    if (bisects && (verdict.done > 0 || rest.length > 1)) {
      const halves = verdict.done > 0 ? [rest] : halved(rest);
      lane.work.unshift(...halves.map((records) => ({ ...work, records, retryAt: now })));
      return { effects: [], ...end };
    }
    if (maxRetries >= 0 && work.retries >= maxRetries) {
      const gone = this.givenUp(now, lane, { ...work, records: rest }, 'RetryAttemptsExhausted', finished);
      return { effects: gone, ...end };
    }
    const retryAt = now + Math.min(mostRetryMs, pauseMs * 2 ** Math.min(work.retries, 10));
    lane.work.unshift({ ...work, records: rest, retries: work.retries + 1, retryAt });
    return { effects: [], ...end };
  }

  private get stream(): StreamSettings {
    return this.settings.stream!;
  }

  private *lanes(): Generator<Lane> {
    for (const { lanes } of this.shards) yield* lanes;
  }

  private laneOf(batchId: number): Lane | undefined {
    for (const lane of this.lanes()) if (lane.running === batchId) return lane;
    return undefined;
  }

  /** The shards, asked once; again while there is no answer. */
  private described(now: Millis): Effect[] {
    if (this.known && (this.known.answered || now < this.known.askedAt + lostAfterMs)) return [];
    this.known = { askedAt: now, answered: false };
    const input = { StreamArn: this.settings.sourceArn };
    return [{ kind: 'call', to: 'dynamodb', operation: 'DescribeStream', input, tag: { mapping: this.settings.id } }];
  }

  private newShard(id: string): Shard {
    const after = this.stream.startingPosition;
    return { id, after, closed: false, pausedUntil: 0, lanes: this.newLanes(id) };
  }

  private newLanes(shardId: string): Lane[] {
    const { parallelizationFactor: length } = this.stream;
    return Array.from({ length }, () => ({ shardId, gathered: [], gatheredSince: 0, work: [] }));
  }

  private poll(now: Millis, shard: Shard): Effect[] {
    if (shard.poll && shard.poll.lostAt <= now) shard.poll = undefined;
    if (shard.pausedUntil <= now) shard.pausedUntil = 0;
    if (shard.closed || shard.poll || shard.pausedUntil > 0) return [];
    if (shard.lanes.length !== this.stream.parallelizationFactor) {
      // An update: records of one item change lanes only when none is under way.
      if (shard.lanes.some(({ gathered, work }) => gathered.length + work.length > 0)) return [];
      shard.lanes = this.newLanes(shard.id);
    }
    const { batchSize } = this.settings;
    // A lane that waits holds up the shard, as the shard's one place to read on does on AWS.
    if (shard.lanes.some(({ gathered, work }) => gathered.length >= batchSize || work.length > 1)) return [];
    const waitSeconds = this.settings.pollSeconds ?? pollSeconds;
    shard.poll = { number: ++this.polls, lostAt: now + waitSeconds * 1000 + lostAfterMs };
    return [
      {
        kind: 'call',
        to: 'dynamodb',
        operation: '$awaitRecords',
        input: {
          StreamArn: this.settings.sourceArn,
          ShardId: shard.id,
          After: shard.after,
          Limit: Math.min(mostPolled, batchSize * shard.lanes.length),
          WaitSeconds: waitSeconds,
        },
        tag: { mapping: this.settings.id, shard: shard.id, poll: shard.poll.number },
      },
    ];
  }

  private take(now: Millis, shard: Shard, reply: Reply): void {
    if (reply.error) {
      shard.pausedUntil = now + pauseMs;
      return;
    }
    const { Records, Next, Closed } = reply.output;
    shard.after = Next;
    shard.closed = Closed;
    for (const given of Records) {
      const record = streamRecord(given, this.settings.sourceArn);
      if (!passes(this.settings.filters, record.event)) continue;
      const lane = shard.lanes[hash32(record.key) % shard.lanes.length]!;
      if (lane.gathered.length === 0) lane.gatheredSince = now;
      lane.gathered.push(record);
    }
  }

  private advanceLane(now: Millis, lane: Lane, functionRoom: () => number, run: RunBatch): Effect[] {
    const effects: Effect[] = [];
    const { batchSize, windowSeconds } = this.settings;
    while (lane.running === undefined) {
      const { gathered } = lane;
      if (lane.work.length === 0) {
        const due = gathered.length >= batchSize || lane.gatheredSince + windowSeconds * 1000 <= now;
        if (gathered.length === 0 || !due) break;
        const count = fitting(gathered, batchSize, ({ event }) => JSON.stringify(event).length);
        lane.work.push({ records: gathered.splice(0, count), retries: 0, invocations: 0, retryAt: 0 });
      }
      const work = lane.work[0]!;
      const young = work.records.findIndex(({ atMs }) => atMs + this.mostAgeMs > now);
      const old = young < 0 ? work.records.length : young;
      if (old > 0) {
        const records = work.records.splice(0, old);
        effects.push(...this.givenUp(now, lane, { ...work, records }, 'RecordAgeExceeded'));
        if (work.records.length === 0) lane.work.shift();
        continue;
      }
      if (work.retryAt > now) break;
      // What ends a function's invocation, or gives it more room, brings this mapping on.
      work.retryAt = 0;
      if (functionRoom() <= 0) break;
      lane.running = ++this.batches;
      if (run(lane.running, { Records: work.records.map(({ event }) => event) })) work.invocations++;
      else {
        lane.running = undefined;
        work.retryAt = now + pauseMs;
      }
    }
    return effects;
  }

  private get mostAgeMs(): number {
    const { maxAgeSeconds } = this.stream;
    return maxAgeSeconds < 0 ? keptMs : Math.min(keptMs, maxAgeSeconds * 1000);
  }

  private givenUp(now: Millis, lane: Lane, work: Work, condition: string, finished?: Finished): Effect[] {
    const { records, invocations } = work;
    const { id, stream, qualifier = '$LATEST' } = this.settings;
    const trace: Effect = {
      kind: 'trace',
      entry: { kind: 'stream-failed', mapping: id, shard: lane.shardId, records: records.length, condition },
    };
    if (!stream?.onFailureArn) return [trace];
    const record = discarded(records, {
      now,
      condition,
      invocations,
      requestId: finished?.invocationId.split('/')[0] ?? this.newId(),
      functionArn: this.functionArn,
      version: qualifier,
      functionError: finished?.functionError !== undefined,
      shardId: lane.shardId,
    });
    return [trace, this.destinations.send(stream.onFailureArn, record, this.functionArn, condition)];
  }
}

function halved<T>(records: T[]): T[][] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)];
}

keptClass('lambda', { StreamMapping });
