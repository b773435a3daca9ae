/**
 * The synthesized app with many bookings in one world, and what is done to the asks and answers of each; and the invariants
 * of DESIGN that hold for a booking when it has ended. Computes nothing that a test expects.
 */
import { BookingRequested } from '../../lib/contracts/events/booking';
import type { Crossing, FaultDecision } from '../../lib/local/ports';
import { VirtualWorld } from '../../lib/local/virtual';
import { assemblyDir } from './assembly';
import { deadLettersOf, itemsOf, publish } from './world';

export const hour = 3_600_000;

/** What is done to deliveries of an event type about one booking; called for each. */
export type Meddle = (delivery: Delivery) => FaultDecision | undefined;

export interface Delivery {
  type: string;
  queue: string;
  /** A delivery of the first event of this type to this queue, told by its id: what another attempt publishes is not. */
  first: boolean;
  /** Since the booking was requested. */
  sinceMs: number;
}

/** Delivered when so much time has passed since the booking: until then the queue takes nothing, and EventBridge tries on. */
export const notBefore = (hours: number, { sinceMs }: Delivery): FaultDecision | undefined =>
  sinceMs < hours * hour ? { do: 'fail-before', error: 'ServiceUnavailable', status: 503 } : undefined;

export class BookingApp {
  readonly world: VirtualWorld;
  private readonly meddles = new Map<string, Meddle>();
  private readonly firsts = new Map<string, string>();
  private readonly bookedAt = new Map<string, number>();
  private made = 0;

  constructor(seed = 'bookings') {
    this.world = new VirtualWorld({
      assemblyDir: assemblyDir(),
      seed,
      faults: { decide: (crossing) => this.decide(crossing) },
    });
    // Days pass here, and nothing stays unpaid: the sweeper would only take time.
    for (const rule of this.world.now('events', 'ListRules', {}).Rules) {
      if (rule.ScheduleExpression) this.world.now('events', 'DisableRule', { Name: rule.Name });
    }
  }

  async stop(): Promise<void> {
    expect(this.world.world.bugs).toEqual([]);
    await this.world.stop();
  }

  /** A booking on a day and lane of its own, so that bookings share no slot. */
  book(name: string, changes: object = {}, meddle?: Meddle): string {
    const number = ++this.made;
    const bookingId = `${name.replace(/[^A-Za-z0-9]+/g, '-').slice(0, 50)}-${number}`;
    if (meddle) this.meddles.set(bookingId, meddle);
    this.bookedAt.set(bookingId, this.world.time.now());
    const dispatchDate = new Date(this.world.time.now() + (7 + number) * 24 * hour).toISOString().slice(0, 10);
    publish(this.world, BookingRequested, { ...BookingRequested.example, bookingId, dispatchDate, ...changes });
    return bookingId;
  }

  /** What is no longer to be done to anybody. */
  heal(): void {
    this.meddles.clear();
  }

  /** Lets time pass until nothing moves by itself within two hours (waiting sagas aside). */
  async rest(hours = 12): Promise<void> {
    await this.world.pass(hours * hour);
  }

  published(bookingId: string): { type: string; data: any; meta: any }[] {
    return this.world.trace
      .filter((entry: any) => entry.kind === 'published' && entry.detail?.data?.bookingId === bookingId)
      .map(({ detailType, detail }: any) => ({ type: detailType, data: detail.data, meta: detail.meta }));
  }

  types(bookingId: string): string[] {
    return this.published(bookingId).map(({ type }) => type);
  }

  execution(bookingId: string): { status: string; output?: any } {
    const arn = this.world.output('BookingBookParcelStateMachineArn').replace(':stateMachine:', ':execution:');
    const { status, output } = this.world.now('states', 'DescribeExecution', { executionArn: `${arn}:${bookingId}` });
    return { status, output: output && JSON.parse(output) };
  }

  row(table: string, id: string): any {
    return itemsOf(this.world, `${table}TableName`).get(id);
  }

  /** Every booking's rows at once: a scan each is dear. */
  snapshot(): Snapshot {
    const names = ['Booking', 'Payment', 'Label', 'Dispatch', 'Reservation', 'Gateway', 'LaneDay'] as const;
    return Object.fromEntries(names.map((name) => [name, itemsOf(this.world, `${name}TableName`)])) as Snapshot;
  }

  deadLetters(): { queue: string; reason?: string; body: string }[] {
    return deadLettersOf(this.world);
  }

  private decide(crossing: Crossing): FaultDecision | undefined {
    if (crossing.at !== 'call' || crossing.from !== 'events' || crossing.to !== 'sqs') return undefined;
    const { MessageBody, QueueUrl } = crossing.input as { MessageBody: string; QueueUrl: string };
    const event = JSON.parse(MessageBody);
    const key = event.detail?.data?.bookingId;
    const meddle = this.meddles.get(key);
    if (!meddle) return undefined;
    const place = `${key} ${event['detail-type']} ${QueueUrl}`;
    const first = this.firsts.get(place) ?? event.detail.meta.id;
    this.firsts.set(place, first);
    return meddle({
      type: event['detail-type'],
      queue: QueueUrl,
      first: first === event.detail.meta.id,
      sinceMs: this.world.time.now() - this.bookedAt.get(key)!,
    });
  }
}

type Snapshot = Record<
  'Booking' | 'Payment' | 'Label' | 'Dispatch' | 'Reservation' | 'Gateway' | 'LaneDay',
  Map<string, any>
>;

/** How a booking stands, in words that a table of expectations can hold. */
export function standing(snapshot: Snapshot, bookingId: string) {
  const payments: { status: string; priceCents: number }[] = snapshot.Gateway.get(bookingId)?.account.payments ?? [];
  return {
    booking: snapshot.Booking.get(bookingId)?.status,
    dispatched: snapshot.Dispatch.get(bookingId)?.status === 'dispatched',
    slot: snapshot.Reservation.get(bookingId)?.status === 'reserved',
    label: snapshot.Label.get(bookingId)?.status === 'rendered',
    held: payments.filter(({ status }) => status === 'held').length,
    taken: payments.filter(({ status }) => status === 'captured').length,
  };
}

export const confirmed = { booking: 'confirmed', dispatched: true, slot: true, label: true, held: 0, taken: 1 };
export const undone = { booking: 'rejected', dispatched: false, slot: false, label: false, held: 0, taken: 0 };

/** Slots taken are those of bookings that hold one: none leaked, none negative. */
export function slotsAddUp(snapshot: Snapshot): void {
  const taken = [...snapshot.LaneDay.values()].map(({ id, reserved }) => [id, reserved]);
  const owned = new Map<string, number>();
  for (const { status, laneId, dispatchDate } of snapshot.Reservation.values()) {
    if (status === 'reserved')
      owned.set(`${laneId}#${dispatchDate}`, (owned.get(`${laneId}#${dispatchDate}`) ?? 0) + 1);
  }
  expect(Object.fromEntries(taken.filter(([, reserved]) => reserved !== 0))).toEqual(Object.fromEntries(owned));
}
