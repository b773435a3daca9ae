/** T3: the sweeper pays what redelivery could not, and reports claims that nobody takes up. */
import './quiet';
import { consume } from '../../../lambdas/shared/consume';
import { handler as sweep } from '../../../lambdas/shared/sweep';
import { delivery } from '../../../lib/contracts/delivery';
import type { Decide } from '../../../lib/contracts/outcome';
import { awsError, FakeAws, messageOf, recordTable } from './fake-aws';
import { Asked, Counter, charge, count, countUp, Ledger, Reminded } from './fixtures';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());

const decide = jest.fn<ReturnType<Decide<typeof countUp>>, Parameters<Decide<typeof countUp>>>(count);
beforeEach(() => decide.mockReset().mockImplementation(count));
const handler = consume(countUp, { read: ({ data }) => ({ counter: Counter.key(data.counterId) }), decide });

const asked = (id: string, counterId = 'c') =>
  messageOf(Asked, { counterId, limit: 3 }, { id, time: new Date(aws.nowMs).toISOString() });
const record = (id: string) => aws.item(recordTable, `test/count-up#${id}`);
const run = (remainingMs = 240_000) => {
  const endMs = aws.nowMs + remainingMs;
  return aws.settle(() => sweep({}, { getRemainingTimeInMillis: () => endMs - aws.nowMs }));
};
/** Committed, then dead: nobody redelivers it. */
const leaveUnpaid = async (id: string, counterId = 'c') => {
  aws.crashAt(1, 'after');
  await aws.invoke(handler, [asked(id, counterId)]);
};
const old = () => {
  aws.nowMs += (delivery.sweepAfterSeconds + 1) * 1000;
};

test('pays with the ids that the record says, and lets the record expire', async () => {
  await leaveUnpaid('e1');
  old();
  expect(await run()).toEqual({ paid: 1, unpaid: 0, abandoned: 0, complete: true });
  expect(aws.published.map(({ id }) => id)).toEqual([record('e1').owed[0].id]);
  expect(record('e1').unpaid).toBeUndefined();
  expect(record('e1').expiresAt).toBeGreaterThan(aws.nowMs / 1000);
});

test('leaves young records to their own handler', async () => {
  await leaveUnpaid('e1');
  aws.nowMs += (delivery.sweepAfterSeconds - 1) * 1000;
  expect(await run()).toMatchObject({ paid: 0 });
  expect(aws.published).toEqual([]);
});

test('a record that is owing and a late redelivery: the same event twice, one effect', async () => {
  await leaveUnpaid('e1');
  old();
  await run();
  expect(await aws.invoke(handler, [asked('e1')])).toEqual([]);
  expect(aws.published).toHaveLength(1);
  expect(aws.item('counters', 'c').count).toBe(1);
});

test('pays more than a page, of every shard of the index', async () => {
  const ids = Array.from({ length: 200 }, (_, index) => `e${index}`);
  for (const id of ids) await leaveUnpaid(id, id);
  old();
  expect(await run()).toMatchObject({ paid: 200, complete: true });
  expect(new Set(aws.published.map(({ detail }) => detail.meta.cause))).toEqual(new Set(ids));
});

test('what cannot be published stays, and does not keep others waiting', async () => {
  await leaveUnpaid('e1');
  await leaveUnpaid('e2', 'd');
  old();
  aws.fault = ({ name, input }) => {
    if (name === 'PutEvents' && JSON.stringify(input).includes('e1')) throw awsError('AccessDeniedException');
    return undefined;
  };
  expect(await run()).toMatchObject({ paid: 1, unpaid: 1 });
  expect(record('e1').unpaid).toBeDefined();
  expect(record('e2').unpaid).toBeUndefined();
});

test('a schedule that was owed is made, or published when its time has passed', async () => {
  decide.mockImplementation(({ data }) => ({
    emit: [Reminded.later({ counterId: data.counterId }, aws.nowMs + 60_000)],
  }));
  await leaveUnpaid('e1');
  old();
  await run();
  expect(aws.published.map(({ type }) => type)).toEqual(['Reminded']);
  expect(aws.schedules.size).toBe(0);
});

test('ends before its deadline, and says that it is not done', async () => {
  for (let index = 0; index < 21; index++) await leaveUnpaid(`e${index}`, `${index}`);
  old();
  aws.fault = ({ name }) => {
    if (name === 'Scan') aws.nowMs += 240_000;
    return undefined;
  };
  expect(await run()).toMatchObject({ complete: false });
});

test('reports a claim whose owner died and whose event does not come back; it is left as it is', async () => {
  const charging = consume(charge, {
    read: ({ data }) => ({ ledger: Ledger.key(data.counterId) }),
    call: { ask: () => ({ ask: {} }), perform: async () => ({}) },
    decide: () => ({}),
  });
  aws.crashAt(2, 'before');
  await aws.invoke(charging, [asked('e1')]);
  old();
  expect(await run()).toMatchObject({ abandoned: 0 });
  old();
  expect(await run()).toMatchObject({ abandoned: 1, paid: 0 });
  expect(aws.item(recordTable, 'test/charge#e1')).toMatchObject({ status: 'claimed', unpaid: expect.any(String) });
});
