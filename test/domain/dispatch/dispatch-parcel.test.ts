import fc from 'fast-check';
import { DispatchCallOffRequested, DispatchRequested } from '../../../lib/contracts/events/booking-asks';
import { CapacityReserved, DispatchDeadlineReached } from '../../../lib/contracts/events/dispatch';
import { LabelRendered } from '../../../lib/contracts/events/labels';
import { PaymentCaptured } from '../../../lib/contracts/events/payments';
import { dispatchWithin } from '../../../lib/domain/dispatch/dispatch-parcel';
import { asked, eventOf, replyTo, sampleNow } from '../../support/samples';

const decide = dispatchWithin({ deadlineSeconds: 1800 });
const bookingId = 'bk-1';
const lane = { laneId: 'BER-HAM', dispatchDate: '2030-12-01' };
const label = { key: 'labels/pc-bk-1.svg', sha256: 'c'.repeat(64), bytes: 10 };

const ask = (attempt = 1) => asked(DispatchRequested, {}, attempt);
const callOff = (attempt = 9) => asked(DispatchCallOffRequested, { reason: 'ordered twice' }, attempt);
const reserved = eventOf(CapacityReserved, { bookingId, ...lane });
const captured = eventOf(PaymentCaptured, { bookingId, captureId: 'capt-1', priceCents: 1490 });
const rendered = eventOf(LabelRendered, { bookingId, parcelId: 'pc-bk-1', label });
const deadline = eventOf(DispatchDeadlineReached, { bookingId });

type Event = Parameters<typeof decide>[0];

/** What is left, and what was published, after `events` in this order. */
function given(...events: Event[]) {
  let dispatch: any;
  const emitted: any[] = [];
  for (const event of events) {
    const outcome = decide(event, { dispatch: structuredClone(dispatch) }, { now: sampleNow });
    dispatch = outcome.write?.dispatch ?? dispatch;
    emitted.push(...(outcome.emit ?? []));
  }
  return { dispatch, emitted, facts: emitted.filter(({ at }) => at === undefined) };
}

const to = (attempt: number) => ({ answers: replyTo(attempt) });
const dispatched = (answers?: object) => ({
  type: 'ParcelDispatched',
  data: { bookingId, parcelId: 'pc-bk-1', ...lane, labelKey: label.key },
  ...answers,
});
const missed = (reason: string, missing: string[], answers?: object) => ({
  type: 'DispatchMissed',
  data: { bookingId, ...lane, reason, missing },
  ...answers,
});
const stands = {
  type: 'DispatchStands',
  data: { bookingId, reason: 'the parcel pc-bk-1 had gone out before' },
};

test('a dispatch that is asked for waits, until the time of the ask and the deadline', () => {
  const late = { ...ask(), meta: { ...ask().meta, time: '2030-11-25T10:00:00+01:00' } };
  const { dispatch, emitted } = given(late);
  expect(dispatch).toMatchObject({ status: 'waiting', have: [], reply: replyTo(1) });
  const at = Date.parse('2030-11-25T09:30:00Z');
  expect(emitted).toEqual([{ type: 'DispatchDeadlineReached', data: { bookingId }, at }]);
});

test('all parts, in every order: dispatched once, and the saga is told', () => {
  const parts: Event[] = [ask(), reserved, captured, rendered];
  fc.assert(
    fc.property(
      fc.shuffledSubarray(parts, { minLength: 4 }),
      fc.shuffledSubarray(parts.slice(1)),
      (order, repeated) => {
        const { dispatch, facts } = given(...order, ...repeated);
        expect(facts).toEqual([dispatched(to(1))]);
        expect(dispatch).toMatchObject({ status: 'dispatched', have: ['capacity', 'payment', 'label'] });
      },
    ),
  );
});

test.each([
  ['the ask', [reserved, captured, rendered]],
  ['the slot', [ask(), captured, rendered]],
  ['the payment', [ask(), reserved, rendered]],
  ['the label', [ask(), reserved, captured]],
])('without %s nothing goes out', (_, events) => expect(given(...events).facts).toEqual([]));

describe('asked again', () => {
  test('while it waits: one deadline, and the newest ask is answered', () => {
    expect(given(ask(1), ask(2)).emitted).toHaveLength(1);
    expect(given(ask(1), ask(2), reserved, captured, rendered).facts).toEqual([dispatched(to(2))]);
    expect(given(ask(2), ask(1), reserved, captured, rendered).facts).toEqual([dispatched(to(2))]);
  });

  test('when it is decided: answered at once, as it was decided', () => {
    expect(given(reserved, captured, rendered, ask(1), ask(2)).facts).toEqual([dispatched(to(1)), dispatched()]);
    const reason = 'not ready at the deadline; missing: capacity, payment, label';
    const missing = ['capacity', 'payment', 'label'];
    expect(given(ask(1), deadline, ask(2)).facts).toEqual([missed(reason, missing, to(1)), missed(reason, missing)]);
  });
});

describe('the deadline', () => {
  test('missed, what was missing is said, and the saga is told', () => {
    const reason = 'not ready at the deadline; missing: payment';
    const { facts, dispatch } = given(ask(), reserved, rendered, deadline);
    expect(facts).toEqual([missed(reason, ['payment'], to(1))]);
    expect(dispatch).toMatchObject({ status: 'missed', reason });
  });

  test('a part that comes later changes and says nothing', () => {
    const before = given(ask(), reserved, rendered, deadline);
    expect(given(ask(), reserved, rendered, deadline, captured)).toEqual(before);
  });

  test('after the dispatch it changes and says nothing', () => {
    const gone = [ask(), reserved, captured, rendered];
    expect(given(...gone, deadline)).toEqual(given(...gone));
  });

  test('of a dispatch that nobody asked for is our bug', () => {
    expect(() => given(reserved, deadline)).toThrow('nobody has asked for');
  });
});

describe('called off', () => {
  const reason = 'called off: ordered twice';

  test.each<[string, Event[], string[]]>([
    ['before any other event', [], ['capacity', 'payment', 'label']],
    ['while parts are there that nobody asked to send', [reserved, captured], ['label']],
    ['while it waits', [ask(), reserved], ['payment', 'label']],
  ])('%s: missed, and what comes later finds it so', (_, events, missing) => {
    const { facts, dispatch } = given(...events, callOff());
    expect(facts).toEqual([missed(reason, missing)]);
    expect(dispatch).toMatchObject({ status: 'missed', reason });
    const later = given(...events, callOff(), reserved, captured, rendered, ask(2));
    expect(later.facts).toEqual([missed(reason, missing), missed(reason, missing)]);
    expect(later.dispatch).toEqual(dispatch);
  });

  test('after the deadline: answered, with the reason of the deadline', () => {
    const first = 'not ready at the deadline; missing: payment';
    expect(given(ask(), reserved, rendered, deadline, callOff()).facts).toEqual([
      missed(first, ['payment'], to(1)),
      missed(first, ['payment']),
    ]);
  });

  test('after the parcel has gone out: it stands, and the row says so', () => {
    const gone = [ask(), reserved, captured, rendered];
    const { facts, dispatch } = given(...gone, callOff());
    expect(facts).toEqual([dispatched(to(1)), stands]);
    expect(dispatch).toEqual(given(...gone).dispatch);
  });

  test('again: answered again, the same', () => {
    expect(given(callOff(8), callOff(9)).facts.map(({ type }) => type)).toEqual(['DispatchMissed', 'DispatchMissed']);
    const gone = [ask(), reserved, captured, rendered];
    expect(given(...gone, callOff(8), callOff(9)).facts.slice(1)).toEqual([stands, stands]);
  });
});

test('the race of parts, deadline and call-off has one winner, and the row names it', () => {
  const all: Event[] = [ask(1), ask(2), reserved, captured, rendered, deadline, callOff()];
  fc.assert(
    fc.property(
      // A deadline follows from an ask.
      fc
        .shuffledSubarray(all, { minLength: all.length })
        .filter((order) => order.findIndex(({ type }) => type === 'DispatchRequested') < order.indexOf(deadline)),
      fc.array(fc.constantFrom(...all)),
      (order, again) => {
        const { facts, dispatch } = given(...order, ...again);
        const types = new Set(facts.map(({ type }) => type));
        expect(types.has('ParcelDispatched')).toBe(dispatch.status === 'dispatched');
        expect(types.has('DispatchStands')).toBe(dispatch.status === 'dispatched');
        expect(types.has('DispatchMissed')).toBe(dispatch.status === 'missed');
      },
    ),
  );
});
