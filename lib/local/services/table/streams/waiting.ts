/**
 * Readers that wait for records of a shard. On AWS a mapping asks four times a second; here it is told at once, and a
 * shard in which nothing happens costs nothing.
 */
import type { Millis } from '../../../ports';
import { type Effect, type Json, ok } from '../../service';
import type { Catalog } from '../catalog';
import { Refusal } from '../errors';
import { readShard } from './operations';

interface Waiter {
  requestId: string;
  input: Json;
  until: Millis;
}

export class WaitingReaders {
  private waiting: Waiter[] = [];

  /** The answer, or undefined: it comes later, at the latest after `WaitSeconds`, and is empty then. */
  ask(catalog: Catalog, now: Millis, input: Json, requestId: string): Json | undefined {
    const answer = readShard(catalog, now, input);
    if (answer.Records.length > 0 || answer.Closed) return answer;
    this.waiting.push({
      requestId,
      input: { ...input, After: answer.Next },
      until: now + input.WaitSeconds * 1000,
    });
    return undefined;
  }

  get nextMs(): Millis | undefined {
    return this.waiting.length > 0 ? Math.min(...this.waiting.map(({ until }) => until)) : undefined;
  }

  /** After anything happened: those that have something to read, or have waited long enough. */
  answered(catalog: Catalog, now: Millis): Effect[] {
    if (this.waiting.length === 0) return [];
    const effects: Effect[] = [];
    this.waiting = this.waiting.filter(({ requestId, input, until }) => {
      const stream = catalog.streams.get(input.StreamArn);
      const shard = stream?.shard(input.ShardId);
      if (stream && shard && stream.closedMs === undefined && until > now && !stream.hasAfter(shard, input.After)) {
        return true;
      }
      effects.push({ kind: 'reply', requestId, reply: replyTo(catalog, now, input) });
      return false;
    });
    return effects;
  }
}

function replyTo(catalog: Catalog, now: Millis, input: Json) {
  try {
    return ok(readShard(catalog, now, input));
  } catch (refusal) {
    if (refusal instanceof Refusal) return refusal.toReply();
    throw refusal;
  }
}
