/**
 * What the world does to the parcel app in a run: merchants book, change their minds and repeat themselves; carriers scan
 * in any order; people approve, redrive dead letters and resume what is parked; and some publish what is no event at all.
 */
import { ApprovalAnswered } from '../../lib/contracts/events/approvals';
import { BookingCancelRequested, BookingRequested, BookingResumeRequested } from '../../lib/contracts/events/booking';
import { ParcelScanned } from '../../lib/contracts/events/tracking';
import type { IdempotencyRecord } from '../../lib/contracts/record';
import type { Random } from '../../lib/local/ports';
import type { AppView, SimApp, Workload } from '../../lib/sim';
import { appProperties } from './properties';
import { leftToPeople } from './properties/business';

export const properties = appProperties;

const second = 1_000;
const minute = 60 * second;
const day = 86_400 * second;

/** The means of payment, each as often as it stands here: most are good. */
const tokens = [
  'tok_visa',
  'tok_visa',
  'tok_visa',
  'tok_visa',
  'tok_declined',
  'tok_capture_declined',
  'tok_timeout',
  'tok_fail_after_charge',
  'tok_slow',
];
/** Bookings share lanes and their days, so that they contend for slots; BER-HEL has one, and XXX-FUL none. */
const lanes = ['BER-HAM', 'BER-HAM', 'BER-HEL', 'BER-HEL', 'MUC-CGN', 'XXX-FUL'];
const merchants = ['tea-and-paper', 'ink-and-brush'];
const statuses = ['collected', 'in-transit', 'out-for-delivery', 'delivered'] as const;

const pick = <T>(random: Random, from: readonly T[]): T => from[random.below(from.length)]!;
/** Happens in `of` of a hundred cases. */
const sometimes = (random: Random, of: number): boolean => random.below(100) < of;

/** When it is called off, [from, within]: undisturbed it ends after a third of a second, most likely of all. */
const cancelled = [
  [0, 300],
  [240, 50],
  [240, 50],
  [0, 2 * second],
  [0, 20 * second],
  [0, 5 * minute],
] as const;

interface Act {
  atMs: number;
  run(): void;
}

export function parcels(bookings: number): Workload {
  return {
    name: `${bookings} booking(s) with their scans, cancels, approvals and redrives`,
    async run(app, random) {
      const acts: Act[] = [];
      const crowd = random.fork('rush');
      const rush = bookings > 1 && sometimes(crowd, 30) ? pick(crowd, lanes) : undefined;
      for (let number = 1; number <= bookings; number++) {
        acts.push(...booking(app, random.fork(`booking ${number}`), number, rush));
      }
      if (bookings > 1) acts.push(...nonsense(app, random.fork('nonsense')));
      let clock = 0;
      for (const act of acts.sort((a, b) => a.atMs - b.atMs)) {
        if (act.atMs > clock) await app.pass(act.atMs - clock);
        clock = Math.max(clock, act.atMs);
        act.run();
      }
    },
    afterwards: people,
    // Whoever is declared to be outside: the bank, whose books are a table, and the store of labels.
    isGateway: ({ service, input, functionName }, app) =>
      service === 's3'
        ? /renderlabel/i.test(functionName)
        : service === 'dynamodb' &&
          /Payment/.test(functionName) &&
          JSON.stringify(input).includes(app.output('GatewayTableName')),
    redrivable: (app) => redrives(app),
  };
}

/** Four are enough for contention, and few enough for many seeds. */
export const workload = parcels(4);
export const single = parcels(1);

function publish(app: SimApp, type: { source: string; name: string }, data: object, meta: object = {}): void {
  // Numbered by what the run itself has published, so that ids are the run's own.
  const id = `outside-${type.name}-${app.publications}`;
  const time = new Date(app.now()).toISOString();
  app.publish({ source: type.source, detailType: type.name, detail: { meta: { id, time, ...meta }, data } });
}

/** `rush`: the lane that everybody wants at once. */
function booking(app: SimApp, random: Random, number: number, rush?: string): Act[] {
  const bookingId = `bk-${number}`;
  const merchantId = pick(random, merchants);
  const atMs = random.below(rush ? second / 50 : pick(random, [second / 2, 3 * second, 3 * second, 2 * minute]));
  const dear = sometimes(random, 15);
  const wish = {
    ...BookingRequested.example,
    bookingId,
    merchantId,
    laneId: rush ?? pick(random, lanes),
    dispatchDate: new Date(app.now() + 7 * day).toISOString().slice(0, 10),
    weightGrams: sometimes(random, 5) ? 40_000 : 200 + random.below(20_000),
    priceCents: dear ? 150_000 + random.below(1000) : 500 + random.below(9_000),
    paymentToken: pick(random, tokens),
  };
  const meta = {
    id: `request-${bookingId}`,
    ...(sometimes(random, 25)
      ? {
          expires: new Date(
            app.now() + atMs + pick(random, [5 * second, 20 * second, 2 * minute, 60 * minute]),
          ).toISOString(),
        }
      : {}),
  };
  const request =
    (more: object = {}, otherMeta: object = meta) =>
    () =>
      publish(app, BookingRequested, { ...wish, ...more }, otherMeta);
  const acts: Act[] = [{ atMs, run: request() }];
  const later = (ms: number, run: () => void): void => void acts.push({ atMs: atMs + ms, run });
  // Impatient: the same wish under another id; careless: the id of somebody else's booking; wrong: one id, two wishes.
  if (sometimes(random, 20)) later(random.below(30 * second), request({}, {}));
  if (sometimes(random, 10))
    later(random.below(30 * second), request({ merchantId: 'paper-thief', priceCents: 1 }, {}));
  if (sometimes(random, 15)) later(random.below(10 * minute), request({ priceCents: wish.priceCents + 1 }));
  if (sometimes(random, 35)) {
    const cancel = { bookingId, merchantId, reason: 'ordered twice' };
    const [fromMs, withinMs] = pick(random, cancelled);
    later(fromMs + random.below(withinMs), () => publish(app, BookingCancelRequested, cancel));
  }
  if (dear) {
    const answered = (granted: boolean, approver: string) => () =>
      publish(app, ApprovalAnswered, { bookingId, approver, granted });
    if (sometimes(random, 80)) {
      later(random.below(10 * minute), answered(sometimes(random, 80), 'ada@example.com'));
    }
    if (sometimes(random, 30)) later(random.below(10 * minute), answered(false, 'bob@example.com'));
  }
  return [...acts, ...scans(app, random, `pc-${bookingId}`, atMs)];
}

/** Carriers do not wait for anybody: out of order, twice, some at once. */
function scans(app: SimApp, random: Random, parcelId: string, fromMs: number): Act[] {
  const count = 2 + random.below(4);
  const start = Date.UTC(2026, 10, 25, 6);
  return Array.from({ length: count }, (_, index) => {
    const sequence = index + 1;
    const status = index === count - 1 ? 'delivered' : statuses[Math.min(index, 2)]!;
    const scannedAt = new Date(start + sequence * 3_600_000).toISOString();
    const data = { parcelId, sequence, status, place: `hub ${sequence}`, scannedAt };
    const atMs = fromMs + random.below(pick(random, [second, 5 * second, 5 * minute]));
    const run = (): void => publish(app, ParcelScanned, data);
    return [{ atMs, run }, ...(sometimes(random, 15) ? [{ atMs: atMs + random.below(minute), run }] : [])];
  }).flat();
}

/** What no consumer can handle must harm nobody, and be found where people look. */
function nonsense(app: SimApp, random: Random): Act[] {
  const acts: Act[] = [];
  const at = (run: () => void): void => void acts.push({ atMs: random.below(2 * minute), run });
  const { example } = BookingRequested;
  if (sometimes(random, 30))
    at(() => publish(app, BookingRequested, { ...example, bookingId: 'bk-wrong', priceCents: 'much' }));
  if (sometimes(random, 20))
    at(() => publish(app, BookingRequested, { ...example, bookingId: 'bk-loop' }, { hop: 17 }));
  if (sometimes(random, 20)) at(() => publish(app, { source: 'booking', name: 'BookingRequsted' }, example));
  return acts;
}

/** Dead letters of queues that functions read, and those queues. */
export function redrives(app: SimApp): { from: string; to: string }[] {
  return [...app.outputs.keys()]
    .filter((name) => name.endsWith('DeadLettersUrl'))
    .map((from) => ({ from, to: from.replace(/DeadLettersUrl$/, 'QueueUrl') }))
    .filter(({ to }) => app.outputs.has(to));
}

/** When somebody comes to look: within what a gateway remembers a key (a day), and, less often, after it has forgotten. */
const comes = [20 * minute, 3 * 60 * minute, 26 * 60 * minute];
/** For what was redriven or resumed to come to where it needs people again. */
const patience = 20 * minute;

/**
 * All is well again: what lies in dead letters goes back once, whoever was asked and has said nothing says yes, and parked
 * bookings are tried again, or done by hand where a consumer has left its part to a person. What then comes to lie there
 * again is meant to. What was redriven may ask people for the first time: so they look once more. Where a claim stands
 * open they come later, one time in three a day later: at once, operators come in the middle of it (`redrivable`).
 */
async function people(app: SimApp, random: Random): Promise<void> {
  const before = app.acts;
  if (claimsStand(app)) await app.pass(pick(random, comes));
  for (const { from, to } of redrives(app)) {
    if (app.messages(from).length > 0) app.redrive(from, to);
  }
  answerAll(app);
  if (app.acts === before) return;
  await app.pass(patience);
  answerAll(app);
}

function answerAll(app: SimApp): void {
  const byHand = leftToPeople(app);
  for (const { bookingId, status } of app.items('ApprovalTableName')) {
    if (status === 'waiting') publish(app, ApprovalAnswered, { bookingId, approver: 'eve@example.com', granted: true });
  }
  for (const bookingId of parked(app)) {
    const decision = byHand.has(bookingId) ? 'skip' : 'retry';
    publish(app, BookingResumeRequested, { bookingId, decision, by: 'ops@example.com' });
  }
}

/** Somebody outside was asked, and what came of it is not known here. */
const claimsStand = (app: AppView): boolean =>
  app
    .items<IdempotencyRecord>('RecordTableName')
    .some(({ status, firstCallAtMs }) => status === 'claimed' && firstCallAtMs !== undefined);

/** Bookings whose last word to people is that they are parked. */
export function parked(app: AppView): Set<string> {
  const found = new Set<string>();
  for (const { kind, detailType, detail } of app.trace as readonly any[]) {
    if (kind !== 'published') continue;
    if (detailType === 'BookingParked') found.add(detail.data.bookingId);
    if (detailType === 'BookingResumed') found.delete(detail.data.bookingId);
  }
  return found;
}
