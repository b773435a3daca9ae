/** A function that dies when the outside was asked and before the answer is written down. */
import { refundPayment } from '../../lib/contracts/consumers/payments';
import { type Effects, effectsOf, publishedOf } from '../support/effects';
import { atFirst, both, FaultyApp, sdk } from '../support/faults';
import { flows } from '../support/flows';
import { deadLettersOf, itemsOf } from '../support/world';

const outside = flows.filter(({ consumer }) => consumer.outside);
/** The call that tells the outside: the sandbox gateway's books, or the store. */
const executes = ({ outside }: { outside?: { gateway: string } }) =>
  outside?.gateway === 'label store' ? sdk('s3', 'PutObject') : sdk('dynamodb', 'PutItem');

const retrying = outside.filter(({ consumer }) => consumer.outside?.ifOwnerDied === 'retry');
test.each(retrying.map((row) => [row.consumer.id, row] as const))(
  '%s: the claim is taken over, the same request asked under the same key, and the effect is there once',
  async (_, { consumer, flow }) => {
    const app = new FaultyApp();
    const undisturbed = await app.begin(flow);
    await app.end();
    const expected: Effects = effectsOf(app.world, undisturbed);
    for (const decision of ['crash-before', 'crash-after'] as const) {
      const run = await app.begin(flow, { consumer, strike: atFirst(1, executes(consumer), { do: decision }) });
      await app.end();
      expect(app.struck).toBe(1);
      expect(effectsOf(app.world, run)).toEqual(expected);
    }
    expect(deadLettersOf(app.world)).toEqual([]);
    await app.stop();
  },
);

test('refund-payment leaves it to a person: parked, with what to look up; nothing is asked twice', async () => {
  const { flow } = outside.find(({ consumer }) => consumer.id === refundPayment.id)!;
  const app = new FaultyApp();
  const run = await app.begin(flow, {
    consumer: refundPayment,
    strike: atFirst(1, executes(refundPayment), { do: 'crash-after' }),
  });
  await app.end();
  expect(app.struck).toBe(1);
  const letters = deadLettersOf(app.world);
  expect(letters).toMatchObject([{ queue: 'PaymentsRefundPayment' }]);
  expect(letters[0]!.reason).toMatch(
    /^parked: the payment gateway was asked at .* and its answer is unknown; .*redrive/,
  );
  const [account] = itemsOf(app.world, 'GatewayTableName').values();
  expect(account.account.payments).toMatchObject([{ status: 'refunded' }]);
  expect(itemsOf(app.world, 'PaymentTableName').get(run.key)).toMatchObject({ status: 'captured' });
  expect(publishedOf(app.world, run).map(({ type }) => type)).not.toContain('PaymentRefunded');
  expect(effectsOf(app.world, run).records).toContain('payments/refund-payment PaymentReversalRequested parked');
  await app.stop();
});

test('what is given up at the deadline is not asked for when the environment is thawed for somebody else (C1)', async () => {
  const { flow } = outside.find(({ consumer }) => consumer.id === refundPayment.id)!;
  const app = new FaultyApp();
  // Tries are lost until the deadline: it finds the SDK waiting for the answer to its second of three.
  const [read, write] = [sdk('dynamodb', 'GetItem'), sdk('dynamodb', 'PutItem')];
  const strike = both(
    atFirst(1, read, { do: 'lose' }),
    atFirst(1, read, { do: 'later', laterMs: 2_900 }),
    atFirst(2, write, { do: 'lose' }),
  );
  const abandoned = await app.begin(flow, { consumer: refundPayment, strike });
  await app.end();
  expect(app.struck).toBe(4);
  expect(deadLettersOf(app.world)[0]!.reason).toMatch(/^parked: /);
  const thawing = await app.begin(flow);
  await app.end();
  const statuses = (run: { key: string }): string[] =>
    itemsOf(app.world, 'GatewayTableName')
      .get(run.key)
      .account.payments.map(({ status }: { status: string }) => status);
  expect(statuses(thawing)).toEqual(['refunded']);
  // A person was told that nobody would go on with it.
  expect(statuses(abandoned)).toEqual(['captured']);
  const asked = app.world.trace.filter(
    ({ kind, functionName }: any) => kind === 'invoked' && /efund/.test(functionName),
  );
  expect(asked.some(({ cold }: any) => cold === false)).toBe(true);
  await app.stop();
});
