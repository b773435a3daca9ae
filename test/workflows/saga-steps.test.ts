/**
 * The booking saga, on the synthesized app: every step goes wrong in every way, alone and together with every other step
 * that goes wrong (a sample of the pairs; all of them with BATON_TEST_PAIRS=all). Whatever happens, the booking ends confirmed or with everything undone.
 */
import type { FaultDecision } from '../../lib/local/ports';
import {
  BookingApp,
  confirmed,
  type Delivery,
  type Meddle,
  notBefore,
  slotsAddUp,
  standing,
  undone,
} from '../support/booking-app';

interface StepCase {
  step: string;
  ask: string;
  answers: string[];
  /** The queue that the ask goes to. */
  asked: RegExp;
  /** How business itself says no; a merchant's wish, or a part that comes too late. */
  refused?: { wish?: object; late?: [type: string, queue: RegExp] };
}

const conductor = /ConductBooking|conductbooking/i;
const steps: StepCase[] = [
  {
    step: 'reserve-capacity',
    ask: 'CapacityRequested',
    answers: ['CapacityReserved'],
    asked: /reservecapacity/i,
    refused: { wish: { laneId: 'XXX-FUL' } },
  },
  {
    step: 'authorise-payment',
    ask: 'PaymentRequested',
    answers: ['PaymentAuthorised'],
    asked: /authorisepayment/i,
    refused: { wish: { paymentToken: 'tok_declined' } },
  },
  { step: 'render-label', ask: 'LabelRequested', answers: ['LabelRendered'], asked: /renderlabel/i },
  {
    step: 'capture-payment',
    ask: 'CaptureRequested',
    answers: ['PaymentCaptured'],
    asked: /capturepayment/i,
    refused: { wish: { paymentToken: 'tok_capture_declined' } },
  },
  {
    step: 'hand-to-dispatch',
    ask: 'DispatchRequested',
    answers: ['ParcelDispatched'],
    asked: /dispatchparcel/i,
    refused: { late: ['LabelRendered', /dispatchparcel/i] },
  },
];

/** Longer than all attempts at any step together. */
const tooLate = (delivery: Delivery): FaultDecision | undefined => notBefore(7, delivery);
const malformed: FaultDecision = {
  do: 'rewrite-input',
  rewrite: (input) => {
    const event = JSON.parse(input.MessageBody);
    return {
      ...input,
      MessageBody: JSON.stringify({
        ...event,
        detail: { ...event.detail, data: { bookingId: event.detail.data.bookingId } },
      }),
    };
  },
};

interface Way {
  name: string;
  meddle: (one: StepCase) => Meddle;
  /** Whether the saga can go on all the same. */
  harmless: (one: StepCase) => boolean;
}
const pivot = (one: StepCase): boolean => one.step === 'hand-to-dispatch';

const ways: Way[] = [
  {
    name: 'asked too late',
    meddle: (one) => (delivery) =>
      delivery.type === one.ask && one.asked.test(delivery.queue) ? tooLate(delivery) : undefined,
    harmless: () => false,
  },
  {
    name: 'answers too late',
    meddle: (one) => (delivery) =>
      one.answers.includes(delivery.type) && conductor.test(delivery.queue) ? tooLate(delivery) : undefined,
    // What dispatch has decided stands: the call-off learns of it.
    harmless: pivot,
  },
  {
    name: 'fails',
    meddle:
      (one) =>
      ({ type, queue }) =>
        type === one.ask && one.asked.test(queue) ? malformed : undefined,
    harmless: () => false,
  },
  {
    name: 'is asked twice',
    meddle:
      (one) =>
      ({ type, queue }) =>
        type === one.ask && one.asked.test(queue) ? { do: 'twice', laterMs: 40 } : undefined,
    harmless: () => true,
  },
  {
    name: 'answers twice',
    meddle:
      (one) =>
      ({ type, queue }) =>
        one.answers.includes(type) && conductor.test(queue) ? { do: 'twice', laterMs: 2_000 } : undefined,
    harmless: () => true,
  },
  {
    name: 'answers the second attempt only',
    meddle: (one) => (delivery) =>
      one.answers.includes(delivery.type) && conductor.test(delivery.queue) && delivery.first
        ? tooLate(delivery)
        : undefined,
    harmless: () => true,
  },
];

interface Case {
  name: string;
  expected: typeof confirmed | typeof undone;
  wish?: object;
  meddle?: Meddle;
}

const single = steps.flatMap((one) => ways.map((way) => ({ one, way })));
const both =
  (first: Meddle, second: Meddle): Meddle =>
  (delivery) =>
    first(delivery) ?? second(delivery);

const pairs: Case[] = single.flatMap((first, index) =>
  single
    .slice(index + 1)
    .filter((second) => second.one !== first.one)
    .map((second) => ({
      name: `${first.one.step} ${first.way.name}, ${second.one.step} ${second.way.name}`,
      expected: first.way.harmless(first.one) && second.way.harmless(second.one) ? confirmed : undone,
      meddle: both(first.way.meddle(first.one), second.way.meddle(second.one)),
    })),
);
/** All pairs take some minutes: BATON_TEST_PAIRS=all, as CI runs them. */
const everyNth = process.env.BATON_TEST_PAIRS === 'all' ? 1 : 12;

const cases: Case[] = [
  { name: 'undisturbed', expected: confirmed },
  ...single.map(({ one, way }) => ({
    name: `${one.step} ${way.name}`,
    expected: way.harmless(one) ? confirmed : undone,
    meddle: way.meddle(one),
  })),
  ...steps.flatMap(({ step, refused }): Case[] => {
    if (!refused) return [];
    const [type, queue] = refused.late ?? ['', /$^/];
    const meddle: Meddle = (delivery) =>
      delivery.type === type && queue.test(delivery.queue) ? tooLate(delivery) : undefined;
    return [{ name: `${step} is refused`, expected: undone, wish: refused.wish, meddle }];
  }),
  ...pairs.filter((_, index) => index % everyNth === 0),
];

let app: BookingApp;
const bookings = new Map<string, string>();
let snapshot: ReturnType<BookingApp['snapshot']>;

beforeAll(async () => {
  app = new BookingApp('steps');
  for (const { name, wish, meddle } of cases) {
    bookings.set(name, app.book(name, wish, meddle));
    await app.world.pass(20);
  }
  await app.rest(11);
  snapshot = app.snapshot();
}, 900_000);
afterAll(() => app.stop());

test(`${single.length} single troubles, ${cases.length - single.length - 5} of ${pairs.length} pairs of different steps`, () => {
  expect([single.length, pairs.length]).toEqual([30, (30 * 24) / 2]);
  expect(bookings.size).toBe(cases.length);
});

test.each(cases.map((one) => [one.name, one] as const))('%s', (name, { expected }) => {
  const bookingId = bookings.get(name)!;
  expect(standing(snapshot, bookingId)).toEqual(expected);
  const types = app.types(bookingId);
  const ends = types.filter((type) => type === 'BookingConfirmed' || type === 'BookingRejected');
  expect(new Set(ends)).toEqual(new Set([expected === confirmed ? 'BookingConfirmed' : 'BookingRejected']));
  expect(types).not.toContain('BookingParked');
  expect(app.execution(bookingId)).toMatchObject({
    status: 'SUCCEEDED',
    output: { outcome: expected === confirmed ? 'done' : 'undone' },
  });
});

test('no slot leaked, none given back twice', () => slotsAddUp(snapshot));

test('the undo asks in reverse order, every step that may have been asked, and no other', () => {
  const undo = (name: string): string[] =>
    [...new Set(app.types(bookings.get(name)!))].filter((type) =>
      /ReleaseRequested|ReversalRequested|VoidRequested|CallOffRequested/.test(type),
    );
  const first = ['LabelVoidRequested', 'PaymentReversalRequested', 'CapacityReleaseRequested'];
  expect(undo('reserve-capacity is refused')).toEqual(first);
  expect(undo('capture-payment is refused')).toEqual(first);
  expect(undo('hand-to-dispatch is refused')).toEqual(['DispatchCallOffRequested', ...first]);
  expect(undo('undisturbed')).toEqual([]);
});
