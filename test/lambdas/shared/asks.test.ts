/** PROTOCOL, rules S1 and S4, on the side of who is asked: an answer goes to whoever waits now, a claim says what it intends. */
import { consume } from '../../../lambdas/shared/consume';
import type { Reply } from '../../../lib/contracts/kit';
import { awsError, FakeAws, messageOf, recordTable } from './fake-aws';
import { Asked, Counted, Counter, chargeWanted, count, countWanted, Ledger, Reminded, Wanted } from './fixtures';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());

const decide = jest.fn();
beforeEach(() => decide.mockReset().mockImplementation(count as any));
const read = (event: { data: { counterId: string } }) => ({ counter: Counter.key(event.data.counterId) });
const handler = consume(countWanted, { read, decide });

const reply = (token = 'token-1', more: Partial<Reply> = {}): Reply => ({
  saga: 'trip/book-trip',
  execution: 'c',
  step: 'count',
  token,
  askedAt: '2026-11-24T07:59:59.000Z',
  ...more,
});
const wanted = (id: string, meta: object = { reply: reply() }) =>
  messageOf(Wanted, { counterId: 'c', limit: 3 }, { id, time: new Date(aws.nowMs).toISOString(), ...meta });
const answers = () => aws.published.map(({ type, detail }) => [type, detail.meta.inReplyTo?.token]);

describe('S1: who is answered', () => {
  test('what is emitted for an ask says which ask it answers; a later event does not', async () => {
    const later = aws.nowMs + 60_000;
    decide.mockReturnValue({
      emit: [Counted.of({ counterId: 'c', count: 1 }), Reminded.later({ counterId: 'c' }, later)],
    });
    expect(await aws.invoke(handler, [wanted('e1')])).toEqual([]);
    expect(aws.published[0]!.detail.meta.inReplyTo).toEqual(reply());
    expect(aws.published[0]!.detail.meta.reply).toBeUndefined();
    expect([...aws.schedules.values()].map(({ Target }) => JSON.parse(Target.Input).meta.inReplyTo)).toEqual([
      undefined,
    ]);
  });

  test('an event from outside answers nobody, whatever its meta says', async () => {
    const message = messageOf(
      Asked,
      { counterId: 'c', limit: 3 },
      { id: 'e1', time: '2026-11-24T07:59:00Z', reply: reply() },
    );
    await aws.invoke(handler, [message]);
    expect(answers()).toEqual([['Counted', undefined]]);
  });

  test('an answer that comes later goes to the ask that the decision names', async () => {
    const kept = reply('token-kept', { step: 'other' });
    decide.mockReturnValue({ emit: [Counted.of({ counterId: 'c', count: 1 }, kept)] });
    await aws.invoke(handler, [wanted('e1')]);
    expect(aws.published[0]!.detail.meta.inReplyTo).toEqual(kept);
  });

  test('the same ask with another token: not decided again, the recorded answer goes to the new token', async () => {
    await aws.invoke(handler, [wanted('e1')]);
    aws.put('counters', { id: 'c', version: 9, count: 3 });
    decide.mockClear();
    expect(await aws.invoke(handler, [wanted('e1', { reply: reply('token-2') })])).toEqual([]);
    expect(decide).not.toHaveBeenCalled();
    expect(answers()).toEqual([
      ['Counted', 'token-1'],
      ['Counted', 'token-2'],
    ]);
    expect(aws.published[1]!.detail.data).toEqual({ counterId: 'c', count: 1 });
    expect(new Set(aws.published.map(({ id }) => id)).size).toBe(2);
    expect(aws.item('counters', 'c').count).toBe(3);
  });

  test('told again and again it is the same event each time', async () => {
    await aws.invoke(handler, [wanted('e1')]);
    for (let time = 0; time < 2; time++) await aws.invoke(handler, [wanted('e1', { reply: reply('token-2') })]);
    expect(new Set(aws.published.map(({ id }) => id)).size).toBe(2);
  });

  test('a copy with the same token is answered already', async () => {
    await aws.invoke(handler, [wanted('e1')]);
    await aws.invoke(handler, [wanted('e1')]);
    expect(answers()).toEqual([['Counted', 'token-1']]);
  });

  test('what is still owed is paid, and the new token answered too', async () => {
    aws.crashAt(1, 'after');
    await aws.invoke(handler, [wanted('e1')]);
    expect(await aws.invoke(handler, [wanted('e1', { reply: reply('token-2') })])).toEqual([]);
    expect(answers()).toEqual([
      ['Counted', 'token-1'],
      ['Counted', 'token-2'],
    ]);
    expect(aws.item(recordTable, 'test/count-wanted#e1').unpaid).toBeUndefined();
  });

  test('two attempts in one batch: one decision, both are answered', async () => {
    expect(await aws.invoke(handler, [wanted('e1'), wanted('e1', { reply: reply('token-2') })])).toEqual([]);
    expect(decide).toHaveBeenCalledTimes(1);
    expect(answers()).toEqual([
      ['Counted', 'token-1'],
      ['Counted', 'token-2'],
    ]);
  });

  test('an answer that could not be published again keeps its message', async () => {
    await aws.invoke(handler, [wanted('e1')]);
    aws.fault = ({ name }) => {
      if (name === 'PutEvents') throw awsError('AccessDeniedException');
      return undefined;
    };
    const again = wanted('e1', { reply: reply('token-2') });
    expect(await aws.invoke(handler, [again])).toEqual([again.messageId]);
    aws.fault = () => undefined;
    expect(await aws.invoke(handler, [again])).toEqual([]);
    expect(answers().at(-1)).toEqual(['Counted', 'token-2']);
  });
});

describe('S4: a claim writes what it intends', () => {
  const perform = jest.fn();
  const ask = jest.fn();
  const settle = jest.fn();
  const charging = consume(chargeWanted, {
    read: ({ data }) => ({ ledger: Ledger.key(data.counterId) }),
    call: { ask, perform },
    decide: settle,
  });
  beforeEach(() => {
    ask.mockReset().mockReturnValue({ ask: { cents: 1 }, write: { ledger: { status: 'cancelled' } } });
    perform.mockReset().mockResolvedValue({ chargeId: 'ch-1' });
    settle.mockReset().mockReturnValue({
      write: { ledger: { status: 'charged', chargeId: 'ch-1' } },
      emit: [Counted.of({ counterId: 'c', count: 1 })],
    });
  });

  test('in one transaction with the claim: it is there when the caller dies before the call', async () => {
    aws.crashAt(1, 'after');
    expect(await aws.invoke(charging, [wanted('e1')])).toBeUndefined();
    expect(perform).not.toHaveBeenCalled();
    expect(aws.item(recordTable, 'test/charge-wanted#e1')).toMatchObject({ status: 'claimed' });
    expect(aws.item('ledgers', 'c')).toMatchObject({ status: 'cancelled', version: 1 });
  });

  test('the result is decided on the row as the claim left it', async () => {
    expect(await aws.invoke(charging, [wanted('e1')])).toEqual([]);
    expect(settle.mock.lastCall![1]).toEqual({ ledger: { status: 'cancelled' } });
    expect(aws.item('ledgers', 'c')).toMatchObject({ status: 'charged', version: 2 });
  });

  test('a row that changed before the claim: asked again on what is there, nothing is called on the old one', async () => {
    let once = true;
    aws.fault = ({ name }) => {
      if (name === 'TransactWriteItems' && once) {
        once = false;
        aws.put('ledgers', { id: 'c', version: 7, status: 'charged' });
      }
      return undefined;
    };
    expect(await aws.invoke(charging, [wanted('e1')])).toEqual([]);
    expect(ask.mock.calls.map(([, state]) => state.ledger?.status)).toEqual([undefined, 'charged']);
    expect(perform).toHaveBeenCalledTimes(1);
  });
});
