/** What reverse() makes of a hold that was asked for and not heard of: whatever became of it, nothing stays held. */
import { orderKeys } from '../../../lambdas/payments/gateway';
import { reverse } from '../../../lambdas/payments/reverse';
import { memoryBooks, memoryGateway } from '../../support/choreography';

const order = { bookingId: 'bk-1', priceCents: 1490, paymentToken: 'tok_visa' };

function shop() {
  const books = memoryBooks();
  const gateway = memoryGateway(books);
  const statuses = () => books.accounts.get('bk-1')?.account.payments.map(({ status }) => status) ?? [];
  const hold = (paymentToken = order.paymentToken) =>
    gateway.authorise({ ...order, paymentToken }, orderKeys.authorise('bk-1'));
  return { gateway, statuses, hold };
}

describe.each([
  ['asked for again', true],
  ['looked up', false],
])('a hold that is %s', (_, askAgain) => {
  test('is lifted where it stands', async () => {
    const { gateway, statuses, hold } = shop();
    const held = await hold();
    if (held.status !== 'authorised') throw new Error('tok_visa is not held');
    expect(await reverse(gateway, { order, askAgain })).toEqual({
      status: 'voided',
      authorisationId: held.authorisationId,
    });
    expect(statuses()).toEqual(['voided']);
  });

  test('is given back where it was taken', async () => {
    const { gateway, statuses, hold } = shop();
    const held = await hold();
    if (held.status !== 'authorised') throw new Error('tok_visa is not held');
    const { authorisationId } = held;
    await gateway.capture({ authorisationId, priceCents: 1490 }, orderKeys.capture(authorisationId));
    expect(await reverse(gateway, { order, askAgain })).toMatchObject({ status: 'refunded', authorisationId });
    expect(statuses()).toEqual(['refunded']);
  });

  test('is none where it was refused', async () => {
    const { gateway, statuses, hold } = shop();
    await hold('tok_declined');
    const declined = { order: { ...order, paymentToken: 'tok_declined' }, askAgain };
    expect(await reverse(gateway, declined)).toEqual({ status: 'nothing' });
    expect(statuses()).toEqual([]);
  });

  test('twice is reversed once, with the same answer', async () => {
    const { gateway, statuses, hold } = shop();
    await hold();
    const first = await reverse(gateway, { order, askAgain });
    expect(await reverse(gateway, { order, askAgain })).toEqual(first);
    expect(statuses()).toEqual(['voided']);
  });
});

test('a call that lands after the undo has asked again brings nothing new: the key is the same', async () => {
  const { gateway, statuses, hold } = shop();
  expect(await reverse(gateway, { order, askAgain: true })).toMatchObject({ status: 'voided' });
  await hold();
  expect(statuses()).toEqual(['voided']);
});

test('an answer that is lost is not taken for a no', async () => {
  const { gateway, statuses } = shop();
  const lost = { order: { ...order, paymentToken: 'tok_timeout' }, askAgain: true };
  await expect(reverse(gateway, lost)).rejects.toThrow('ask again under the same key');
  expect(await reverse(gateway, lost)).toMatchObject({ status: 'voided' });
  expect(statuses()).toEqual(['voided']);
});
