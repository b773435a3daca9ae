import fc from 'fast-check';
import { ApprovalAnswered, ApprovalReminderDue } from '../../../lib/contracts/events/approvals';
import { ApprovalRequested, ApprovalWithdrawalRequested } from '../../../lib/contracts/events/booking-asks';
import { approve } from '../../../lib/domain/approvals/approve-booking';
import { asked, eventOf, replyTo, sampleNow } from '../../support/samples';

const bookingId = 'bk-1';
const hour = 3_600_000;
/** The first ask's own time: `asked` dates it a second after the samples. */
const askedAtMs = sampleNow + 1_000;

const ask = (attempt = 1) => asked(ApprovalRequested, {}, attempt);
const withdraw = (attempt = 9) => asked(ApprovalWithdrawalRequested, { reason: 'cancelled' }, attempt);
const due = (nth: number, id = `due-${nth}`) => eventOf(ApprovalReminderDue, { bookingId, nth }, { id });
const yes = eventOf(ApprovalAnswered, { bookingId, approver: 'ada', granted: true }, { id: 'yes' });
const no = eventOf(ApprovalAnswered, { bookingId, approver: 'ben', granted: false, reason: 'too dear' }, { id: 'no' });

type Event = Parameters<typeof approve>[0];

function given(...events: Event[]) {
  let row: any;
  const emitted: any[] = [];
  for (const event of events) {
    const outcome = approve(event, { approval: structuredClone(row) }, { now: sampleNow });
    row = outcome.write?.approval ?? row;
    emitted.push(...(outcome.emit ?? []));
  }
  return { row, emitted, facts: emitted.filter(({ at }) => at === undefined) };
}

const granted = (answers?: object) => ({ type: 'ApprovalGranted', data: { bookingId, approver: 'ada' }, ...answers });
const refused = (answers?: object) => ({
  type: 'ApprovalRefused',
  data: { bookingId, approver: 'ben', reason: 'too dear' },
  ...answers,
});
const withdrawn = { type: 'ApprovalWithdrawn', data: { bookingId } };
const to = (attempt: number) => ({ answers: replyTo(attempt) });

describe('given nobody was asked', () => {
  test('an ask waits, and a reminder is due in 24 h', () => {
    const { row, emitted } = given(ask());
    expect(row).toEqual({ bookingId, status: 'waiting', askedAtMs, reply: replyTo(1) });
    expect(emitted).toEqual([{ type: 'ApprovalReminderDue', data: { bookingId, nth: 1 }, at: askedAtMs + 24 * hour }]);
  });

  test('an answer is not kept', () => {
    expect(given(yes)).toMatchObject({ row: undefined, emitted: [] });
    expect(given(yes, ask()).facts).toEqual([]);
  });

  test('a withdrawal leaves a tombstone: an ask that comes later is refused, and nobody is reminded', () => {
    const { row, emitted } = given(withdraw(), ask());
    expect(row).toEqual({ bookingId, status: 'withdrawn' });
    expect(emitted).toEqual([
      withdrawn,
      { type: 'ApprovalRefused', data: { bookingId, reason: 'the booking was called off before' } },
    ]);
  });

  test('a reminder is our bug', () => expect(() => given(due(1))).toThrow('nobody was asked'));
});

describe('given a person was asked', () => {
  test('yes is told to the saga', () => {
    const { row, facts } = given(ask(), yes);
    expect(row).toMatchObject({ status: 'granted', approver: 'ada' });
    expect(facts).toEqual([granted(to(1))]);
  });

  test('no is told to the saga, with the reason', () => {
    expect(given(ask(), no)).toMatchObject({ row: { status: 'refused', approver: 'ben' }, facts: [refused(to(1))] });
  });

  test('a no without a reason names who said it', () => {
    const plain = eventOf(ApprovalAnswered, { bookingId, approver: 'ben', granted: false });
    expect(given(ask(), plain).facts).toMatchObject([{ data: { reason: 'ben refused' } }]);
  });

  test.each([
    ['the same again', [yes, { ...yes, meta: { ...yes.meta, id: 'click-2' } }]],
    ['another answer', [yes, no]],
    ['another person', [yes, eventOf(ApprovalAnswered, { bookingId, approver: 'eve', granted: true })]],
  ] as const)('the second click (%s) changes and says nothing', (_, clicks) => {
    expect(given(ask(), ...clicks)).toEqual(given(ask(), clicks[0]));
  });

  test('asked again while it waits: nobody is reminded twice, and the newest ask is answered', () => {
    expect(given(ask(1), ask(2)).emitted).toHaveLength(1);
    expect(given(ask(1), ask(2), yes).facts).toEqual([granted(to(2))]);
    expect(given(ask(2), ask(1), yes).facts).toEqual([granted(to(2))]);
  });

  test('asked again when it is decided: answered at once, as it was decided', () => {
    expect(given(ask(1), yes, ask(2)).facts).toEqual([granted(to(1)), granted()]);
    expect(given(ask(1), no, ask(2)).facts).toEqual([refused(to(1)), refused()]);
  });

  test('withdrawn: answered, and a late answer changes and says nothing', () => {
    const { row, facts } = given(ask(), withdraw(), yes);
    expect(row).toMatchObject({ status: 'withdrawn' });
    expect(facts).toEqual([withdrawn]);
  });

  test.each([
    ['granted', yes],
    ['refused', no],
  ] as const)('withdrawn after it was %s: answered, and the decision stands in the row', (status, answer) => {
    const { row, facts } = given(ask(), answer, withdraw());
    expect(row).toMatchObject({ status });
    expect(facts.at(-1)).toEqual(withdrawn);
  });

  test('withdrawn again: answered again', () => {
    expect(given(ask(), withdraw(8), withdraw(9)).facts).toEqual([withdrawn, withdrawn]);
  });
});

describe('reminders', () => {
  const next = (nth: number) => ({
    type: 'ApprovalReminderDue',
    data: { bookingId, nth },
    at: askedAtMs + nth * 24 * hour,
  });

  test('after 24 h a reminder, after 48 h and each 24 h from then on an escalation; each tells the saga', () => {
    const { emitted } = given(ask(), due(1), due(2), due(3));
    expect(emitted).toEqual([
      next(1),
      { type: 'ApprovalReminded', data: { bookingId, nth: 1 }, ...to(1) },
      next(2),
      { type: 'ApprovalEscalated', data: { bookingId, nth: 2 }, ...to(1) },
      next(3),
      { type: 'ApprovalEscalated', data: { bookingId, nth: 3 }, ...to(1) },
      next(4),
    ]);
  });

  test('the newest ask is told', () => {
    expect(given(ask(1), ask(2), due(1)).facts).toMatchObject([{ type: 'ApprovalReminded', ...to(2) }]);
  });

  test('the same reminder under another id goes out once', () => {
    expect(given(ask(), due(1), due(1, 'again'))).toEqual(given(ask(), due(1)));
  });

  test.each([
    ['granted', yes],
    ['refused', no],
    ['withdrawn', withdraw()],
  ] as const)('none goes out, and none is due, when it is %s', (_, end) => {
    expect(given(ask(), end, due(1))).toEqual(given(ask(), end));
  });

  test('after the last one that can be told none is due: its event would follow from too many others', () => {
    const all = Array.from({ length: 13 }, (_, index) => due(index + 1));
    const { emitted } = given(ask(), ...all);
    expect(emitted.at(-1)).toMatchObject({ type: 'ApprovalEscalated', data: { nth: 13 } });
  });
});

test('in every order: decided once, one way, and a withdrawal is answered', () => {
  const all: Event[] = [ask(1), ask(2), yes, no, withdraw()];
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: all.length }), (order) => {
      const { row, facts } = given(...order);
      expect(['granted', 'refused', 'withdrawn']).toContain(row.status);
      const verdicts = new Set(facts.map(({ type }) => type).filter((type) => type !== 'ApprovalWithdrawn'));
      expect(verdicts.size).toBeLessThanOrEqual(1);
      expect(facts.filter(({ type }) => type === 'ApprovalWithdrawn')).toHaveLength(1);
    }),
  );
});
