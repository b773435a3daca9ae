/** Declarations that only these tests know: a counter with a limit, and a charge at a gateway. */
import * as z from 'zod/mini';
import { consumer, row, source } from '../../../lib/contracts/kit';
import type { Outcome } from '../../../lib/contracts/outcome';

const test = source('test');
const counterId = z.string();

export const Asked = test.event('Asked', {
  says: 'One more is wanted.',
  key: 'counterId',
  external: true,
  data: z.object({ counterId, limit: z.int() }),
  example: { counterId: 'c', limit: 3 },
});
export const Counted = test.event('Counted', {
  says: 'One more was counted.',
  key: 'counterId',
  data: z.object({ counterId, count: z.int() }),
  example: { counterId: 'c', count: 1 },
});
export const Refused = test.event('Refused', {
  says: 'The limit was reached.',
  key: 'counterId',
  data: z.object({ counterId, text: z.optional(z.string()) }),
  example: { counterId: 'c' },
});
export const Reminded = test.event('Reminded', {
  says: 'Time has passed.',
  key: 'counterId',
  data: z.object({ counterId }),
  example: { counterId: 'c' },
});

/** An ask: what a saga's machine publishes. */
export const Wanted = test.event('Wanted', {
  says: 'A saga wants one more to be counted.',
  key: 'counterId',
  data: z.object({ counterId, limit: z.int() }),
  example: { counterId: 'c', limit: 3 },
});

export const Counter = row('Counter', { owner: 'test', says: 'How many.', data: z.object({ count: z.int() }) });
export const Ledger = row('Ledger', {
  owner: 'test',
  says: 'What was charged.',
  data: z.object({ status: z.enum(['charged', 'cancelled', 'charged-late']), chargeId: z.optional(z.string()) }),
});

const common = {
  owner: 'test',
  does: 'Counts.',
  timeoutSeconds: 10,
  ifDeadLettered: 'Nothing was counted. Fix the cause, redrive.',
} as const;

export const countUp = consumer({
  ...common,
  name: 'count-up',
  on: [Asked],
  emits: [Counted, Refused],
  schedules: [Reminded],
  state: { counter: Counter },
});

export const countInOrder = consumer({
  ...common,
  name: 'count-in-order',
  on: [Asked],
  emits: [Counted, Refused],
  state: { counter: Counter },
  ordered: true,
});

export const countWanted = consumer({
  ...common,
  name: 'count-wanted',
  on: [Wanted, Asked],
  emits: [Counted, Refused],
  schedules: [Reminded],
  state: { counter: Counter },
});

export const chargeWanted = consumer({
  ...common,
  name: 'charge-wanted',
  on: [Wanted],
  emits: [Counted, Refused],
  state: { ledger: Ledger },
  outside: { gateway: 'till', flightSeconds: 30, ifOwnerDied: 'retry', gatewayRemembersSeconds: 3_600 },
});

const outside = { gateway: 'till', flightSeconds: 30 } as const;

export const charge = consumer({
  ...common,
  name: 'charge',
  on: [Asked],
  emits: [Counted, Refused],
  state: { ledger: Ledger },
  outside: { ...outside, ifOwnerDied: 'retry', gatewayRemembersSeconds: 3_600 },
});

export const chargeOnce = consumer({
  ...common,
  name: 'charge-once',
  on: [Asked],
  emits: [Counted, Refused],
  state: { ledger: Ledger },
  outside: { ...outside, ifOwnerDied: 'park', gatewayRemembersSeconds: 3_600 },
});

/** Counts up to the event's limit, then refuses: both are outcomes. */
export function count(
  event: { data: { counterId: string; limit: number } },
  state: { counter: { count: number } | undefined },
): Outcome<typeof countUp> & Outcome<typeof countInOrder> {
  const { counterId, limit } = event.data;
  const before = state.counter?.count ?? 0;
  if (before >= limit) return { emit: [Refused.of({ counterId })] };
  return { write: { counter: { count: before + 1 } }, emit: [Counted.of({ counterId, count: before + 1 })] };
}
