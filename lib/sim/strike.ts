/**
 * What a run was disturbed by, as data: enough to do it again, or to do some of it again.
 *
 * 1. A place is named by what it is (which function, which call, which queue and event) and by how often it has been
 *    met: so a fault still finds its place when another fault is left out.
 * 2. Parameters are plain JSON, drawn once.
 */
import type { Crossing, Millis, Random } from '../local/ports';
import type { Json } from '../local/services/service';

export interface Strike {
  /** A row of lib/sim/faults.ts. */
  fault: string;
  /** A place, or 'after 90000 ms' for what strikes at a time. */
  where: string;
  /** Virtual time since the start of the run; for readers only. */
  atMs: Millis;
  parameters: Json;
}

/** The last part of an ARN or URL. */
const last = (text: unknown): string => String(text).split(/[/:]/).at(-1)!;

/** What is crossed, without its number: 'events>sqs.SendMessage ReserveCapacityQueue BookingOpened'. */
export function placeOf(crossing: Crossing): string {
  switch (crossing.at) {
    case 'call': {
      const { from, to, operation, input } = crossing;
      const target = input as {
        QueueUrl?: string;
        FunctionName?: string;
        stateMachineArn?: string;
        MessageBody?: string;
      };
      const name = target?.QueueUrl ?? target?.FunctionName ?? target?.stateMachineArn;
      const type = typeof target?.MessageBody === 'string' ? detailTypeOf(target.MessageBody) : undefined;
      return `${from}>${to}.${operation}${name === undefined ? '' : ` ${last(name)}`}${type ? ` ${type}` : ''}`;
    }
    case 'sdk':
      return `${crossing.functionName}>${crossing.service}.${crossing.operation}`;
    case 'invoke':
      return `invoke ${crossing.functionName}`;
  }
}

/** EventBridge puts it near the beginning; nothing is parsed. */
const detailTypeOf = (body: string): string | undefined =>
  /"detail-type":"([^"]{1,128})"/.exec(body.slice(0, 512))?.[1];

/**
 * When, after the start, something begins that may begin at any time within `disturbMs`. Half of all that an app does for
 * an event is done in its first second: a moment anywhere in an hour would miss it.
 */
export function drawnMoment(random: Random, disturbMs: Millis): Millis {
  const within = [1_000, 10_000, 120_000, disturbMs][random.below(4)]!;
  return random.below(Math.min(within, disturbMs));
}

/** Numbers the places of one run. */
export class Places {
  private readonly met = new Map<string, number>();

  next(place: string): string {
    const number = (this.met.get(place) ?? 0) + 1;
    this.met.set(place, number);
    return `${place} #${number}`;
  }
}
