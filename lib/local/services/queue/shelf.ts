/**
 * The visible messages of a queue, in the order in which they are handed out.
 *
 * Standard: by arrival. AWS promises best effort only; the simulator disturbs the order, this does not. Group ids on
 * standard queues (fair queues) are kept, and change no order here.
 * FIFO (source: SQS developer guide, "FIFO delivery logic"):
 * 1. Within a group messages are handed out in the order of arrival, and one that is not yet visible holds up the rest.
 * 2. A group is locked while any of its messages is in flight; one receive may take several of a group.
 * 3. Among groups, the one whose first message arrived first comes first.
 */
import { Heap, heapOrder } from '../heap';
import { keptClass } from '../kept';
import type { Message } from './message';

export interface Shelf {
  /** `message` is new in the queue; its place is not yet 'visible'. */
  added(message: Message): void;
  /** `message` came from `before` to where it is now. */
  moved(message: Message, before: Message['place']): void;
  /** Offers visible messages to `accept` until `max` were accepted. `accept` moves each, wherever it sends it. */
  take(max: number, accept: (message: Message) => boolean): void;
  /** Whether `take` would find anything. */
  ready(): boolean;
}

interface Visible {
  message: Message;
  version: number;
}

const visibleOrder = heapOrder<Visible>('sqs.visible', {
  before: (a, b) => a.message.order < b.message.order,
  stale: ({ message, version }) => message.version !== version,
});

export class StandardShelf implements Shelf {
  private readonly visible = new Heap<Visible>(visibleOrder.before, visibleOrder.stale);

  added(): void {}

  moved(message: Message): void {
    if (message.place === 'visible') this.visible.push({ message, version: message.version });
  }

  take(max: number, accept: (message: Message) => boolean): void {
    while (max > 0) {
      const next = this.visible.pop();
      if (!next) return;
      if (accept(next.message)) max--;
    }
  }

  ready(): boolean {
    return this.visible.peek() !== undefined;
  }
}

interface Group {
  id: string;
  /** In order of arrival, from `first` on; those that are gone are skipped. */
  messages: Message[];
  first: number;
  inFlight: number;
  /** Its valid entry among the offers, if it is ready. */
  offer?: Offer;
}

interface Offer {
  group: Group;
  order: number;
}

const offerOrder = heapOrder<Offer>('sqs.offers', {
  before: (a, b) => a.order < b.order,
  stale: (offer) => offer.group.offer !== offer,
});

export class FifoShelf implements Shelf {
  private readonly groups = new Map<string, Group>();
  private readonly offers = new Heap<Offer>(offerOrder.before, offerOrder.stale);

  added(message: Message): void {
    const id = message.groupId!;
    let group = this.groups.get(id);
    if (!group) {
      group = { id, messages: [], first: 0, inFlight: 0 };
      this.groups.set(id, group);
    }
    if (group.first > 512 && group.first * 2 > group.messages.length) {
      group.messages.splice(0, group.first);
      group.first = 0;
    }
    group.messages.push(message);
  }

  moved(message: Message, before: Message['place']): void {
    const group = this.groups.get(message.groupId!)!;
    if (before === 'in-flight') group.inFlight--;
    if (message.place === 'in-flight') group.inFlight++;
    this.offer(group);
  }

  take(max: number, accept: (message: Message) => boolean): void {
    while (max > 0) {
      const group = this.offers.pop()?.group;
      if (!group) return;
      group.offer = undefined;
      for (let index = group.first; index < group.messages.length && max > 0; index++) {
        const message = group.messages[index]!;
        if (message.place === 'gone') continue;
        if (message.place !== 'visible') break;
        if (accept(message)) max--;
      }
    }
  }

  ready(): boolean {
    return this.offers.peek() !== undefined;
  }

  private offer(group: Group): void {
    while (group.messages[group.first]?.place === 'gone') group.first++;
    const head = group.messages[group.first];
    if (!head) this.groups.delete(group.id);
    if (!head || group.inFlight > 0 || head.place !== 'visible') group.offer = undefined;
    else if (group.offer?.order !== head.order) {
      group.offer = { group, order: head.order };
      this.offers.push(group.offer);
    }
  }
}

keptClass('sqs', { StandardShelf, FifoShelf });
