/** The conductor: starts once, tells answers to whoever waits, and lets nothing late, forged or too large do harm. */
import { conduct } from '../../../lambdas/shared/conduct';
import { windowSeconds } from '../../../lib/contracts/delivery';
import type { Reply } from '../../../lib/contracts/kit';
import * as trip from '../../support/saga-fixture';
import { awsError, FakeAws, messageOf } from './fake-aws';

let aws: FakeAws;
beforeEach(() => {
  aws = new FakeAws();
});
afterEach(() => aws.restore());
const handler = conduct(trip.bookTrip);

const now = () => new Date(aws.nowMs).toISOString();
const opened = (id: string, data: object = {}) =>
  messageOf(trip.TripOpened, { tripId: 't-1', city: 'Oslo', cents: 5, ...data }, { id, time: now() });

/** The answer to a step whose task waits for it. */
function answer(type: { source: string; name: string }, step: string, data: object = {}, more: Partial<Reply> = {}) {
  const reply = { saga: 'trip/book-trip', execution: 't-1', step, token: 'token-1', askedAt: now(), ...more };
  if (!aws.tasks.has('token-1')) aws.tasks.set('token-1', {});
  return messageOf(type, { tripId: 't-1', ...data }, { id: `${type.name}-1`, time: now(), inReplyTo: reply });
}
const task = () => aws.tasks.get('token-1');

describe('starting', () => {
  test('names the execution by the business key, and hands over what the asks need', async () => {
    expect(await aws.invoke(handler, [opened('e1')])).toEqual([]);
    expect(Object.fromEntries(aws.executions)).toEqual({
      't-1': {
        meta: { id: 'e1', correlation: 't-1', key: 't-1', hop: 0 },
        data: { tripId: 't-1', city: 'Oslo', cents: 5 },
      },
    });
  });

  test('a copy, and another start under the same key, start nothing and are acknowledged', async () => {
    await aws.invoke(handler, [opened('e1')]);
    expect(await aws.invoke(handler, [opened('e1'), opened('e2', { city: 'Rome' })])).toEqual([]);
    expect(aws.executions.get('t-1').data.city).toBe('Oslo');
    expect(aws.deadLetters).toEqual([]);
  });

  test('one that is older than the window is refused: the execution of its name may be forgotten', async () => {
    const message = opened('e1');
    aws.nowMs += (windowSeconds + 60) * 1000;
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(aws.executions.size).toBe(0);
    expect(aws.deadLetters[0]!.attributes.reason).toContain('publish it again as a new event');
  });

  test('one too large for the machine is refused with its size, before it is started', async () => {
    expect(await aws.invoke(handler, [opened('e1', { note: 'x'.repeat(120_000) })])).toEqual([]);
    expect(aws.executions.size).toBe(0);
    expect(aws.deadLetters[0]!.attributes.reason).toMatch(/TripOpened of 120\d\d\d bytes; at most 120000.*claim check/);
  });

  test('is tried again while Step Functions is busy; what lasts longer is redelivered', async () => {
    let busy = 2;
    aws.fault = ({ name }) => {
      if (name === 'StartExecution' && busy-- > 0) throw awsError('ThrottlingException');
      return undefined;
    };
    expect(await aws.invoke(handler, [opened('e1')])).toEqual([]);
    busy = 10_000;
    const second = opened('e2', { tripId: 't-2' });
    expect(await aws.invoke(handler, [second])).toEqual([second.messageId]);
    expect([...aws.executions.keys()]).toEqual(['t-1']);
  });
});

describe('telling', () => {
  test('a yes, with the fields that later steps ask with and no others', async () => {
    const message = answer(trip.BedBooked, 'book-bed', { bedId: 'b-1', wallpaper: 'roses' });
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(task()).toMatchObject({ told: 'success' });
    expect(JSON.parse(task()!.input.output)).toEqual({ step: 'book-bed', type: 'BedBooked', data: { bedId: 'b-1' } });
  });

  test('a no, with its reason; a cancel; a sign of life; a decision', async () => {
    const told = async (...args: Parameters<typeof answer>) => {
      aws.tasks.clear();
      expect(await aws.invoke(handler, [answer(...args)])).toEqual([]);
      return { told: task()!.told, ...task()!.input };
    };
    expect(await told(trip.BedRefused, 'book-bed', { reason: 'full' })).toEqual({
      told: 'failure',
      error: 'Saga.Refused',
      cause: 'full',
    });
    expect(await told(trip.TripCancelled, 'watch', { reason: 'ill' })).toEqual({
      told: 'failure',
      error: 'Saga.Cancelled',
      cause: 'ill',
    });
    expect(await told(trip.BlessingPondered, 'get-blessing')).toEqual({ told: 'heartbeat' });
    const { output } = await told(trip.TripResumed, 'park', { decision: 'skip' });
    expect(JSON.parse(output)).toEqual({ step: 'park', type: 'TripResumed', data: { decision: 'skip' } });
    expect(JSON.parse((await told(trip.KeyUsed, 'undo hand-key')).output).type).toBe('KeyUsed');
  });

  test('an answer for a task that nobody waits for is acknowledged: late, twice, after a cancel', async () => {
    const message = answer(trip.SeatBooked, 'book-seat', { seatId: 's' });
    await aws.invoke(handler, [message]);
    expect(await aws.invoke(handler, [message])).toEqual([]);
    aws.tasks.clear();
    aws.tasks.set('token-other', {});
    expect(await aws.invoke(handler, [message])).toEqual([]);
    expect(aws.deadLetters).toEqual([]);
  });

  test('two answers with one id but two tokens both count: ids are not looked at', async () => {
    aws.tasks.set('token-2', {});
    const [one, two] = [{}, { token: 'token-2' }].map((more) =>
      answer(trip.SeatBooked, 'book-seat', { seatId: 's' }, more),
    );
    await aws.invoke(handler, [one!]);
    await aws.invoke(handler, [two!]);
    expect([...aws.tasks.values()].map(({ told }) => told)).toEqual(['success', 'success']);
  });

  test.each([
    ['no answer of that step', () => answer(trip.SeatBooked, 'book-bed', { seatId: 's' })],
    ['a step that there is not', () => answer(trip.SeatBooked, 'book-horse', { seatId: 's' })],
    ['another execution', () => answer(trip.SeatBooked, 'book-seat', { seatId: 's' }, { execution: 't-2' })],
    ['a token that was made up', () => answer(trip.SeatBooked, 'book-seat', { seatId: 's' }, { token: 'AAAA' })],
  ])('a forged answer goes to the dead letters and tells nobody: %s', async (_, message) => {
    expect(await aws.invoke(handler, [message()])).toEqual([]);
    expect(task()).toEqual({});
    expect(aws.deadLetters).toHaveLength(1);
    expect(JSON.stringify(aws.deadLetters[0]!.attributes)).not.toContain('AAAA');
  });

  test('what answers nobody, or another saga, is acknowledged', async () => {
    const plain = messageOf(trip.SeatBooked, { tripId: 't-1', seatId: 's' }, { id: 'e', time: now() });
    expect(
      await aws.invoke(handler, [plain, answer(trip.SeatBooked, 'book-seat', { seatId: 's' }, { saga: 'x/y' })]),
    ).toEqual([]);
    expect(task()).toEqual({});
    expect(aws.deadLetters).toEqual([]);
  });

  test('an answer too large for the machine fails its step, with its size and what to do', async () => {
    await aws.invoke(handler, [answer(trip.BedBooked, 'book-bed', { bedId: 'b'.repeat(40_000) })]);
    expect(task()).toMatchObject({ told: 'failure', input: { error: 'Saga.AnswerTooLarge' } });
    expect(task()!.input.cause).toMatch(/BedBooked brings 400\d\d bytes.*at most 30000.*claim check/);
  });

  test('one that fails leaves the others of its batch alone', async () => {
    aws.fault = ({ name, input }) => {
      if (name === 'SendTaskSuccess' && input.taskToken === 'token-1') throw awsError('InternalError');
      return undefined;
    };
    const bad = answer(trip.SeatBooked, 'book-seat', { seatId: 's' });
    expect(await aws.invoke(handler, [bad, opened('e1', { tripId: 't-7' })])).toEqual([bad.messageId]);
    expect([...aws.executions.keys()]).toEqual(['t-7']);
  });
});
