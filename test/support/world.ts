/** The synthesized app in virtual time, and what a test asks of it. Nothing here computes what a test expects. */
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { BookingRequested } from '../../lib/contracts/events/booking';
import type { EventType } from '../../lib/contracts/kit';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import { type VirtualOptions, VirtualWorld } from '../../lib/local/virtual';
import { assemblyDir } from './assembly';

const open: VirtualWorld[] = [];

/** A fresh world from the shared synthesis; stopped after the test. */
export function appWorld(options: Partial<VirtualOptions> = {}): VirtualWorld {
  const world = new VirtualWorld({ assemblyDir: assemblyDir(), ...options });
  open.push(world);
  return world;
}

afterEach(async () => {
  for (const world of open.splice(0)) {
    expect(world.world.bugs).toEqual([]);
    await world.stop();
  }
});

/** PutEvents as an outsider does it; throws when EventBridge refuses the entry. `detail` may be any text. */
export function putEvent(world: VirtualWorld, source: string, detailType: string, detail: unknown): void {
  const Detail = typeof detail === 'string' ? detail : JSON.stringify(detail);
  const { Entries } = world.now('events', 'PutEvents', {
    Entries: [{ Source: source, DetailType: detailType, Detail, EventBusName: world.output('BusName') }],
  });
  if (Entries[0].ErrorCode)
    throw new Error(`PutEvents refused the entry: ${Entries[0].ErrorCode}: ${Entries[0].ErrorMessage}`);
}

let published = 0;

/** Publishes a valid event from outside; returns its id. */
export function publish(world: VirtualWorld, event: EventType, data: object, meta: object = {}): string {
  const id = `outside-${++published}`;
  putEvent(world, event.source, event.name, {
    meta: { id, time: new Date(world.time.now()).toISOString(), ...meta },
    data,
  });
  return (meta as { id?: string }).id ?? id;
}

/** A booking that goes through, unless `changes` say otherwise. */
export function book(world: VirtualWorld, bookingId: string, changes: object = {}, meta: object = {}): string {
  const dispatchDate = new Date(world.time.now() + 7 * 86_400_000).toISOString().slice(0, 10);
  return publish(world, BookingRequested, { ...BookingRequested.example, bookingId, dispatchDate, ...changes }, meta);
}

/** Every item of the table behind a stack output, unmarshalled, by id. */
export function itemsOf<T = any>(world: VirtualWorld, outputKey: string): Map<string, T> {
  const items = new Map<string, T>();
  let start: unknown;
  do {
    const page = world.now('dynamodb', 'Scan', {
      TableName: world.output(outputKey),
      ...(start ? { ExclusiveStartKey: start } : {}),
    });
    for (const item of page.Items) items.set(item.id.S, unmarshall(item) as T);
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

export const recordsOf = (world: VirtualWorld): IdempotencyRecord[] => [
  ...itemsOf<IdempotencyRecord>(world, 'RecordTableName').values(),
];

/** Detail-types of everything that was accepted by the bus, in order. */
export const publishedTypes = (world: VirtualWorld): string[] =>
  world.trace.filter((entry) => entry.kind === 'published').map((entry) => String(entry.detailType));

/** Ids (meta.id) of everything that was accepted by the bus, once each. */
export function publishedIds(world: VirtualWorld): Set<string> {
  const ids = world.trace
    .filter((entry) => entry.kind === 'published')
    .map(
      (entry) =>
        (typeof entry.detail === 'string' ? JSON.parse(entry.detail) : (entry.detail as any)).meta?.id as string,
    );
  return new Set(ids);
}

/** Every message in every dead-letter queue: which queue (by its output) and the reason it carries. */
export function deadLettersOf(
  world: VirtualWorld,
): { queue: string; reason?: string; body: string; attributes: Record<string, string> }[] {
  const found: { queue: string; reason?: string; body: string; attributes: Record<string, string> }[] = [];
  for (const [key, url] of world.outputs) {
    if (!/(DeadLetters|Undelivered|UnroutedEvents)Url$/.test(key)) continue;
    for (;;) {
      const { Messages = [] } = world.now('sqs', 'ReceiveMessage', {
        QueueUrl: url,
        MaxNumberOfMessages: 10,
        VisibilityTimeout: 3600,
        MessageAttributeNames: ['All'],
        AttributeNames: ['All'],
      });
      if (Messages.length === 0) break;
      for (const message of Messages) {
        const attributes = Object.fromEntries(
          Object.entries<any>(message.MessageAttributes ?? {}).map(([name, value]) => [name, value.StringValue]),
        );
        found.push({
          queue: key.replace(/(DeadLetters)?Url$/, ''),
          reason: attributes.reason,
          body: message.Body,
          attributes,
        });
      }
    }
  }
  return found;
}
