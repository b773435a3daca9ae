/** What the booking saga promises beyond how it ends (rules S1 and S2), seen in what it asked. Written by hand, not from the saga. */
import type { FinalView, Property } from '../../../lib/sim';
import { historyOf, type Publication, recordWritesOf } from '../history';

/** Each ask and what undoes it; undone from the last to the first. */
const undoOf: readonly (readonly [ask: string, undo: string])[] = [
  ['ApprovalRequested', 'ApprovalWithdrawalRequested'],
  ['CapacityRequested', 'CapacityReleaseRequested'],
  ['PaymentRequested', 'PaymentReversalRequested'],
  ['LabelRequested', 'LabelVoidRequested'],
  ['CaptureRequested', 'PaymentReversalRequested'],
  ['DispatchRequested', 'DispatchCallOffRequested'],
];
const reverse = [
  'DispatchCallOffRequested',
  'LabelVoidRequested',
  'PaymentReversalRequested',
  'CapacityReleaseRequested',
  'ApprovalWithdrawalRequested',
];
/** Asked once for each attempt: the answer comes from another event, later. */
const answeredLater = /^(ApprovalRequested|DispatchRequested|BookingUnderWay|BookingParked)$/;

/** What the saga itself has asked, by booking, in order; a replay asks nothing. */
function asksOf(view: FinalView): Map<string, Publication[]> {
  const asks = new Map<string, Publication[]>();
  for (const one of historyOf(view).publications) {
    if (!one.meta.reply || one.replayed) continue;
    const { bookingId } = one.data;
    const known = asks.get(bookingId);
    if (known) known.push(one);
    else asks.set(bookingId, [one]);
  }
  return asks;
}

const everyAskIsUndone: Property = {
  name: 'every-ask-is-undone',
  says: 'Of a booking that is rejected, every step that was ever asked has been asked to be undone (S2).',
  check(view) {
    const asks = asksOf(view);
    return view
      .items('BookingTableName')
      .filter(({ status }: any) => status === 'rejected')
      .flatMap(({ bookingId }: any) => {
        const types = new Set((asks.get(bookingId) ?? []).map(({ type }) => type));
        return undoOf
          .filter(([ask, undo]) => types.has(ask) && !types.has(undo))
          .map(([ask, undo]) => `booking '${bookingId}' is rejected; it asked ${ask}, and never ${undo}`);
      });
  },
};

const undoneInReverse: Property = {
  name: 'undone-in-reverse',
  says: 'What was asked last is undone first.',
  check: (view) =>
    [...asksOf(view)].flatMap(([bookingId, asks]) => {
      const undone = [...new Set(asks.map(({ type }) => type).filter((type) => reverse.includes(type)))];
      const expected = reverse.filter((type) => undone.includes(type));
      return undone.join() === expected.join() ? [] : [`booking '${bookingId}' was undone by ${undone.join(', ')}`];
    }),
};

const askedUnderOneId: Property = {
  name: 'asked-under-one-id',
  says: 'An ask has one id, however often it is made (S1).',
  check: (view) =>
    [...asksOf(view)].flatMap(([bookingId, asks]) => {
      const ids = new Map<string, Set<string>>();
      for (const { type, id } of asks) {
        if (!answeredLater.test(type)) ids.set(type, (ids.get(type) ?? new Set()).add(id));
      }
      return [...ids]
        .filter(([, all]) => all.size > 1)
        .map(([type, all]) => `booking '${bookingId}' asked ${type} under ${all.size} ids: '${[...all].join("', '")}'`);
    }),
};

const everyAskIsAnswered: Property = {
  name: 'every-ask-is-answered',
  says: 'Whoever asks is answered, to the token of that very ask, as long as the asked one could handle it (S1).',
  check(view) {
    const history = historyOf(view);
    const answered = new Set(history.publications.flatMap(({ meta }) => meta.inReplyTo?.token ?? []));
    const handled = new Set(
      recordWritesOf(history)
        .filter(({ after }) => after.status === 'handled')
        .map(({ after }) => after.eventId),
    );
    const lost = view.deadLetters().map(({ body }) => body);
    return [...asksOf(view)].flatMap(([bookingId, asks]) =>
      asks
        .filter(({ type, id, meta, replayed }) => {
          if (replayed || answeredLater.test(type) || !handled.has(id) || answered.has(meta.reply.token)) return false;
          return !lost.some((body) => body.includes(meta.reply.token));
        })
        .map(
          ({ type, at }) =>
            `booking '${bookingId}' asked ${type} at ${new Date(at).toISOString()}, and nobody answered that`,
        ),
    );
  },
};

export const sagaProperties: readonly Property[] = [
  everyAskIsUndone,
  undoneInReverse,
  askedUnderOneId,
  everyAskIsAnswered,
];
