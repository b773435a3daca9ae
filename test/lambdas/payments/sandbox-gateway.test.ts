import fc from 'fast-check';
import { orderKeys } from '../../../lambdas/payments/gateway';
import { reverse } from '../../../lambdas/payments/reverse';
import { SandboxGateway, slowMs } from '../../../lambdas/payments/sandbox-gateway';
import { memoryBooks, memoryGateway } from '../../support/choreography';

const wish = (paymentToken: string) => ({ bookingId: 'bk-1', priceCents: 1490, paymentToken });

/** A booking's money, as far as `upTo`. */
async function paid(paymentToken = 'tok_visa') {
  const books = memoryBooks();
  const gateway = memoryGateway(books);
  const answer = await gateway.authorise(wish(paymentToken), 'hold');
  if (answer.status !== 'authorised') throw new Error(answer.reason);
  const { authorisationId } = answer;
  const capture = (key = 'take') => gateway.capture({ authorisationId, priceCents: 1490 }, key);
  return { books, gateway, authorisationId, capture };
}

test('hold, take, give back: the books say so', async () => {
  const { gateway, capture } = await paid();
  const taken = await capture();
  if (taken.status !== 'captured') throw new Error(taken.reason);
  const { refundId } = await gateway.refund({ captureId: taken.captureId, priceCents: 1490 }, 'back');
  expect(await gateway.lookup('bk-1')).toEqual([
    expect.objectContaining({ status: 'refunded', priceCents: 1490, captureId: taken.captureId, refundId }),
  ]);
});

test('the same key gets the same answer and moves nothing; another key is another hold', async () => {
  const { gateway, authorisationId } = await paid();
  expect(await gateway.authorise(wish('tok_visa'), 'hold')).toEqual({ status: 'authorised', authorisationId });
  expect(await gateway.lookup('bk-1')).toHaveLength(1);
  await gateway.authorise(wish('tok_visa'), 'another');
  expect(await gateway.lookup('bk-1')).toHaveLength(2);
});

test('the same key is answered as before although the account has changed since', async () => {
  const { gateway, authorisationId, capture } = await paid();
  const first = await capture();
  await gateway.refund({ captureId: 'captureId' in first ? first.captureId : '', priceCents: 1490 }, 'back');
  expect(await capture()).toEqual(first);
  expect(await gateway.authorise(wish('tok_visa'), 'hold')).toEqual({ status: 'authorised', authorisationId });
});

test('a key that comes with another order is refused, with proof that nothing happened', async () => {
  const { gateway } = await paid();
  const again = gateway.authorise({ ...wish('tok_visa'), priceCents: 9 }, 'hold');
  await expect(again).rejects.toMatchObject({ name: 'GatewayRefusedError', executed: 'no' });
});

test('a price that is not the one that is held is refused', async () => {
  const { gateway, authorisationId } = await paid();
  const tooMuch = gateway.capture({ authorisationId, priceCents: 1491 }, 'take');
  await expect(tooMuch).rejects.toThrow('capture of 1491 cents; it must be 1490');
});

test.each([
  ['tok_declined', 'insufficient funds'],
  ['tok_nobody', 'no such means of payment: tok_nobody'],
])('%s: the hold is refused', async (token, reason) => {
  const gateway = memoryGateway(memoryBooks());
  const answer = await gateway.authorise(wish(token), 'hold');
  expect(answer).toMatchObject({ status: 'declined', reason: expect.stringContaining(reason) });
  expect(await gateway.lookup('bk-1')).toEqual([]);
});

test('tok_capture_declined: the hold is given, and taking it is refused', async () => {
  const { gateway, capture } = await paid('tok_capture_declined');
  expect(await capture()).toMatchObject({ status: 'declined' });
  expect(await gateway.lookup('bk-1')).toMatchObject([{ status: 'held' }]);
});

test('tok_timeout: the first ask times out and holds nothing; the second goes well', async () => {
  const gateway = memoryGateway(memoryBooks());
  const first = gateway.authorise(wish('tok_timeout'), 'hold');
  await expect(first).rejects.toMatchObject({ name: 'GatewayUnknownError' });
  await expect(first).rejects.not.toHaveProperty('executed');
  expect(await gateway.lookup('bk-1')).toEqual([]);
  expect(await gateway.authorise(wish('tok_timeout'), 'hold')).toMatchObject({ status: 'authorised' });
  expect(await gateway.lookup('bk-1')).toHaveLength(1);
});

test('tok_fail_after_charge: the price is taken, the answer lost; asked again, the answer comes', async () => {
  const { gateway, capture } = await paid('tok_fail_after_charge');
  await expect(capture()).rejects.toMatchObject({ name: 'GatewayUnknownError' });
  const [payment] = await gateway.lookup('bk-1');
  expect(payment).toMatchObject({ status: 'captured' });
  expect(await capture()).toEqual({ status: 'captured', captureId: payment!.captureId });
});

test('tok_slow: the hold is answered late', async () => {
  const slept: number[] = [];
  const gateway = new SandboxGateway(memoryBooks(), async (ms) => {
    slept.push(ms);
  });
  await gateway.authorise(wish('tok_slow'), 'hold');
  expect(slept).toEqual([slowMs]);
});

describe('reverse', () => {
  test('lifts a hold', async () => {
    const { gateway, authorisationId } = await paid();
    expect(await reverse(gateway, { authorisationId, priceCents: 1490 })).toEqual({
      status: 'voided',
      authorisationId,
    });
  });

  test('gives back what turns out to be taken', async () => {
    const { gateway, authorisationId, capture } = await paid();
    await capture();
    expect(await reverse(gateway, { authorisationId, priceCents: 1490 })).toMatchObject({ status: 'refunded' });
    expect(await gateway.lookup('bk-1')).toMatchObject([{ status: 'refunded' }]);
  });

  test('a hold that is lifted cannot be taken any more', async () => {
    const { gateway, authorisationId, capture } = await paid();
    await reverse(gateway, { authorisationId, priceCents: 1490 });
    expect(await capture()).toEqual({ status: 'declined', reason: 'the hold is voided' });
  });
});

test('orders at the same moment: each is carried out once, and money is either kept, lifted or given back', async () => {
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 3 }), async (scheduler, copies) => {
      const books = memoryBooks();
      const gateway = new SandboxGateway(
        { read: scheduler.scheduleFunction(books.read), write: scheduler.scheduleFunction(books.write) },
        async () => {},
      );
      const ask = () => gateway.authorise(wish('tok_visa'), orderKeys.authorise('bk-1'));
      const [first, ...others] = await scheduler.waitFor(Promise.all(Array.from({ length: copies }, ask)));
      if (first?.status !== 'authorised') throw new Error('declined');
      for (const other of others) expect(other).toEqual(first);
      const { authorisationId } = first;
      const orders = Array.from({ length: copies }, () => [
        gateway.capture({ authorisationId, priceCents: 1490 }, orderKeys.capture(authorisationId)),
        reverse(gateway, { authorisationId, priceCents: 1490 }),
      ]).flat();
      const [captured, reversed] = await scheduler.waitFor(Promise.all(orders));
      const [payment, ...more] = await memoryGateway(books).lookup('bk-1');
      expect(more).toEqual([]);
      const expected = captured!.status === 'captured' ? ['refunded', 'refunded'] : ['voided', 'voided'];
      expect([reversed!.status, payment!.status]).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});
