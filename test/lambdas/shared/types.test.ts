/** What the declaration makes a compile error. The type check reads this file; at run time it only has to load. */
import { consume, type Handling, type OutsideHandling } from '../../../lambdas/shared/consume';
import type { Decide, EventFor, Outcome, StateOf } from '../../../lib/contracts/outcome';
import { Asked, Counted, Counter, charge, countInOrder, countUp, Ledger, Refused, Reminded } from './fixtures';

type CountUp = typeof countUp;
const read: Handling<CountUp>['read'] = ({ data }) => ({ counter: Counter.key(data.counterId) });

const outcomes: Record<string, Outcome<CountUp>> = {
  everything: {
    write: { counter: { count: 1 } },
    emit: [Counted.of({ counterId: 'c', count: 1 }), Reminded.later({ counterId: 'c' }, 1)],
    note: 'counted',
  },
  deleted: { write: { counter: 'delete' } },
  nothing: {},
};

const refusals: Record<string, Outcome<CountUp>> = {
  // @ts-expect-error an event that is not declared under emits
  undeclared: { emit: [Asked.of({ counterId: 'c', limit: 1 })] },
  // @ts-expect-error a misspelt event
  misspelt: { emit: [{ type: 'Countd', data: { counterId: 'c', count: 1 } }] },
  // @ts-expect-error declared under schedules, emitted at once
  atOnce: { emit: [Reminded.of({ counterId: 'c' })] },
  // @ts-expect-error declared under emits, emitted later
  later: { emit: [Refused.later({ counterId: 'c' }, 1)] },
  // @ts-expect-error wrong data
  wrongData: { emit: [Counted.of({ counterId: 'c', count: 'one' })] },
  // @ts-expect-error a row that is not declared under state
  undeclaredRow: { write: { ledger: { status: 'charged' } } },
  // @ts-expect-error a field of the wrong type
  wrongRow: { write: { counter: { count: 'one' } } },
  // @ts-expect-error a misspelt part
  misspeltPart: { emits: [] },
};

// @ts-expect-error the row of another name
const wrongKey: Handling<CountUp>['read'] = ({ data }) => ({ counter: Ledger.key(data.counterId) });
// @ts-expect-error a field that the event has not
const wrongField: Handling<CountUp>['read'] = ({ data }) => ({ counter: Counter.key(data.nope) });

// The event is narrowed by its type, and a row may be missing.
const seen = (event: EventFor<CountUp>, state: StateOf<CountUp>): number => {
  if (event.type === 'Asked') return event.data.limit + (state.counter?.count ?? 0);
  // @ts-expect-error a row may be missing
  return state.counter.count;
};

const decide: Decide<CountUp> = () => ({});
const handlers = [
  consume(countUp, { read, decide }),
  // Inline decisions know their types from the declaration; only literals of a row's enum need `as const` there.
  consume(countInOrder, {
    read: (event) => ({ counter: Counter.key(event.data.counterId) }),
    decide: (event, { counter }, { now }) => ({
      write: { counter: { count: (counter?.count ?? 0) + 1 } },
      emit: [Refused.of({ counterId: event.data.counterId, text: String(now) })],
    }),
  }),
  // @ts-expect-error inline too: an event that this consumer does not emit
  consume(countInOrder, { read, decide: () => ({ emit: [Reminded.later({ counterId: 'c' }, 1)] }) }),
  consume(charge, {
    read: ({ data }) => ({ ledger: Ledger.key(data.counterId) }),
    call: {
      ask: ({ data }) => ({ ask: { cents: data.limit } }),
      perform: async (request: { cents: number }, { key }) => ({ id: `${key}-${request.cents}` }),
    },
    decide: (_event, _state, answer) => ({ write: { ledger: { status: 'charged' as const, chargeId: answer.id } } }),
  }),
];

const wrongAnswer: OutsideHandling<typeof charge, { cents: number }, { id: string }> = {
  read: ({ data }) => ({ ledger: Ledger.key(data.counterId) }),
  // @ts-expect-error asks something else than what perform takes
  call: { ask: () => ({ ask: { euros: 1 } }), perform: async () => ({ id: 'x' }) },
  // @ts-expect-error the answer has no such field
  decide: (_event, _state, answer) => ({ write: { ledger: { status: 'charged', chargeId: answer.nope } } }),
};

test('the declarations of this file are checked by the compiler', () => {
  expect(handlers).toHaveLength(4);
  expect(Object.keys(outcomes).length + Object.keys(refusals).length).toBe(11);
  expect([wrongKey, wrongField, seen, wrongAnswer]).not.toContain(undefined);
});
