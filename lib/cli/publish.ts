/** Publishing from outside: what a merchant's or carrier's system does, through PutEvents. */
import { randomUUID } from 'node:crypto';
import { events } from '../contracts';
import { readEvent, toEntry } from '../contracts/envelope';
import type { EventType, Meta } from '../contracts/kit';
import type { Aws } from './aws';
import { CliError } from './errors';
import { suggested } from './nearest';

export type OutsideMeta = Pick<Meta, 'id' | 'time'> & Partial<Meta>;

export interface Outgoing {
  meta: OutsideMeta;
  data: Record<string, unknown>;
}

export function findEvent(name: string): EventType {
  const found = events.find((event) => event.name === name);
  if (found) return found;
  const names = events.map((event) => event.name);
  const hint = suggested(name, names, `Events: ${names.join(', ')}.`);
  throw new CliError(`There is no event '${name}'.${hint} 'baton catalog' describes them all.`, 2);
}

/** A valid event to start from, with a fresh id, a fresh key, and a date that has not passed. */
export function exampleOf(event: EventType): Outgoing {
  const meta = freshMeta();
  const data = { ...event.example, [event.keyField]: `${event.example[event.keyField]}-${meta.id.slice(0, 8)}` };
  if ('dispatchDate' in data) data.dispatchDate = new Date(Date.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  return { meta, data };
}

/** All that an outside publisher must give; correlation and key follow from the data. */
export function freshMeta(): OutsideMeta {
  return { id: randomUUID(), time: new Date().toISOString() };
}

/** `{ meta, data }` as it is, or bare data with a meta made for it. */
export function complete(value: unknown): Outgoing {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new CliError(
      `The event is ${JSON.stringify(value)?.slice(0, 80)}; it must be a JSON object: { meta, data }, or the data alone.`,
      2,
    );
  }
  if ('data' in value)
    return 'meta' in value ? (value as Outgoing) : { meta: freshMeta(), data: (value as Outgoing).data };
  return { meta: freshMeta(), data: value as Record<string, unknown> };
}

/** Says what is wrong with an event before it is sent; undefined when it is right. */
export function problemOf(event: EventType, outgoing: Outgoing): string | undefined {
  return readEvent([event], { source: event.source, 'detail-type': event.name, detail: outgoing }, Date.now()).refusal;
}

/** Sends one event; resolves with EventBridge's id. */
export async function publish(aws: Aws, event: EventType, outgoing: Outgoing): Promise<string> {
  const { PutEventsCommand } = await import('@aws-sdk/client-eventbridge');
  const client = await aws.events();
  const bus = await aws.output('BusName');
  const { Entries } = await aws.reach(() =>
    client.send(
      new PutEventsCommand({
        Entries: [{ ...toEntry(event, outgoing.meta as Meta, outgoing.data), EventBusName: bus }],
      }),
    ),
  );
  const entry = Entries?.[0];
  if (!entry?.EventId) throw new CliError(`EventBridge refused the event: ${entry?.ErrorCode}: ${entry?.ErrorMessage}`);
  return entry.EventId;
}
