/** From records and dead letters to one causal tree: event -> consumers -> events, with what is still to come. Pure. */
import { consumers, events, sagas } from '../../contracts';
import type { Meta } from '../../contracts/kit';
import type { IdempotencyRecord, OwedEvent } from '../../contracts/record';
import type { DeadLetter } from '../dead-letters';
import type { Conducted, Flow } from './read';

export interface EventNode {
  id: string;
  type: string;
  /** ISO 8601: the event's own time. */
  at: string;
  /** ISO 8601, where it is published later than decided. */
  dueAt?: string;
  key?: string;
  data?: unknown;
  handledBy: ConsumerNode[];
}

export interface ConsumerNode {
  consumer: string;
  /**
   * handled, rejected, claimed, parked: as recorded. waiting: nothing is recorded yet. dead-lettered: it failed for good.
   * conducting: the saga that it started runs.
   */
  status: IdempotencyRecord['status'] | 'waiting' | 'dead-lettered' | 'conducting';
  /** ISO 8601. */
  at?: string;
  /** From the event's time to this consumer's decision. */
  hopMs?: number;
  reason?: string;
  /** It has committed, but what it owes is not published yet. */
  unpaid?: boolean;
  emitted: EventNode[];
}

export interface TraceTree {
  correlation: string;
  /** The last event that no consumer waits for: 'BookingConfirmed', 'BookingRejected'; undefined while under way. */
  ended?: string;
  /** Every consumer of every event has handled it or refused it; events due later are not waited for. */
  complete: boolean;
  /** All event types in the flow, in the order of their times. */
  eventTypes: string[];
  roots: EventNode[];
  deadLetters: DeadLetter[];
}

export function buildTree(flow: Flow, nowMs: number): TraceTree {
  const nodes = new Map<string, EventNode>();
  const produced = new Set<string>();
  const node = (id: string, type: string, at: string): EventNode => {
    const found = nodes.get(id) ?? { id, type, at, handledBy: [] };
    nodes.set(id, found);
    return found;
  };
  for (const record of [...flow.records].sort((a, b) => a.atMs - b.atMs)) {
    const event = node(record.eventId, record.type, new Date(record.eventAtMs).toISOString());
    event.key ??= record.key;
    event.handledBy.push({
      consumer: record.consumer,
      status: record.status,
      at: new Date(record.atMs).toISOString(),
      hopMs: record.atMs - record.eventAtMs,
      ...(record.reason ? { reason: record.reason } : {}),
      ...(record.unpaid ? { unpaid: true } : {}),
      emitted: (record.owed ?? []).map((owed) => {
        produced.add(owed.id);
        const { meta, data } = openDetail(owed);
        const emitted = node(owed.id, owed.type, meta?.time ?? new Date(record.atMs).toISOString());
        emitted.key ??= meta?.key;
        emitted.data ??= data;
        if (owed.dueAtMs) emitted.dueAt = new Date(owed.dueAtMs).toISOString();
        return emitted;
      }),
    });
  }
  for (const one of flow.executions) addExecution(one, node, produced);
  for (const letter of flow.deadLetters) addDeadLetter(nodes, node, letter);
  for (const event of nodes.values()) addWaiting(event, nowMs);
  const all = [...nodes.values()].sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  const under = all.filter((event) =>
    event.handledBy.some(({ status, unpaid }) => unpaid || ['waiting', 'claimed', 'conducting'].includes(status)),
  );
  const ends = all.filter((event) => isEnd(event.type) && !event.dueAt);
  return {
    correlation: flow.correlation,
    ended: ends.at(-1)?.type,
    complete: under.length === 0 && all.length > 0,
    eventTypes: all.map((event) => event.type),
    roots: all.filter((event) => !produced.has(event.id)),
    deadLetters: flow.deadLetters,
  };
}

/** Events that tell the outside how a booking ended. */
function isEnd(type: string): boolean {
  return type === 'BookingConfirmed' || type === 'BookingRejected';
}

/** The conductor keeps no record: what its saga asked is in the execution's history. */
function addExecution(
  { execution, asks }: Conducted,
  node: (id: string, type: string, at: string) => EventNode,
  produced: Set<string>,
): void {
  const saga = sagas.find(({ id }) => id === execution.saga);
  if (!saga || !execution.startedBy) return;
  const asked = new Map<string, EventNode>();
  for (const { id, type, at, data } of asks) {
    produced.add(id);
    const event = asked.get(id) ?? node(id, type, at);
    event.key ??= execution.key;
    event.data ??= data;
    asked.set(id, event);
  }
  node(execution.startedBy, saga.on.name, execution.startedAt).handledBy.push({
    consumer: saga.conductor.id,
    status: execution.status === 'RUNNING' ? 'conducting' : 'handled',
    at: execution.startedAt,
    ...(execution.reason
      ? { reason: `${execution.outcome ?? execution.status.toLowerCase()}: ${execution.reason}` }
      : {}),
    emitted: [...asked.values()],
  });
}

function addDeadLetter(
  nodes: Map<string, EventNode>,
  node: (id: string, type: string, at: string) => EventNode,
  letter: DeadLetter,
): void {
  // What never had an envelope is known by its message.
  const id = letter.meta?.id ?? letter.messageId;
  const event = nodes.get(id) ?? node(id, letter.type ?? 'unknown', letter.meta?.time ?? letter.sentAt);
  event.data ??= letter.data;
  const consumer = letter.attributes.consumer ?? consumerOfQueue(letter.queue);
  const known = event.handledBy.find((one) => one.consumer === consumer);
  if (known) known.reason ??= letter.reason;
  else
    event.handledBy.push({ consumer, status: 'dead-lettered', at: letter.sentAt, reason: letter.reason, emitted: [] });
}

/** 'DispatchReserveCapacity' -> 'dispatch/reserve-capacity'; the queue's name where no declaration fits. */
export function consumerOfQueue(queue: string): string {
  const plain = (text: string): string => text.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  return consumers.find((consumer) => plain(queue) === plain(consumer.id))?.id ?? queue;
}

/** The queue of events that no rule sends to a consumer, named as its stack output is. */
const unrouted = 'UnroutedEvents';

/** A declared consumer of the event that has not said anything yet. */
function addWaiting(event: EventNode, nowMs: number): void {
  if (event.dueAt && Date.parse(event.dueAt) > nowMs && event.handledBy.length === 0) return;
  // No rule matched it, so that no consumer will ever see it.
  if (event.handledBy.some(({ consumer }) => consumer === unrouted)) return;
  const type = events.find((candidate) => candidate.name === event.type);
  for (const consumer of consumers) {
    // A conductor tells its saga an answer and records nothing of it.
    if (consumer.conducts && !sagas.some(({ on }) => on === type)) continue;
    if (!type || !consumer.on.includes(type) || event.handledBy.some((one) => one.consumer === consumer.id)) continue;
    event.handledBy.push({ consumer: consumer.id, status: 'waiting', emitted: [] });
  }
}

function openDetail(owed: OwedEvent): { meta?: Meta; data?: unknown } {
  try {
    return JSON.parse(owed.detail);
  } catch {
    return {};
  }
}
