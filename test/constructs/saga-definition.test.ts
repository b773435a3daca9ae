/** The machine that a saga's declaration becomes, run step by step: rules S1 and S2, refusals, time-outs, cancel, parking. */
import { bookTrip } from '../support/saga-fixture';
import { SagaRun } from '../support/saga-run';

const begin = (data: object = {}) => new SagaRun(bookTrip, { city: 'Oslo', cents: 500, ...data });
/** Beds and seats are booked; the key is asked for. */
function asFarAsKey(data: object = {}): SagaRun {
  const run = begin(data);
  run.yes('book-bed', 'BedBooked', { bedId: 'b-1' });
  run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
  return run;
}

test('side by side, then one after the other; each is asked with what is known by then, and says whom to answer', () => {
  const run = asFarAsKey();
  expect(run.types.slice(0, 3).sort()).toEqual(['BedRequested', 'SeatRequested', 'TripUnderWay']);
  expect(run.types.slice(3)).toEqual(['KeyRequested']);
  const { data, meta } = run.last('hand-key');
  expect(data).toEqual({ tripId: 't-1', bedId: 'b-1', seatId: 's-1' });
  expect(meta).toMatchObject({ cause: 'start-1', correlation: 'co', key: 't-1', hop: 2 });
  expect(meta.reply).toMatchObject({ saga: 'trip/book-trip', execution: 't-1', step: 'hand-key', askedAt: meta.time });
  run.yes('hand-key', 'KeyHanded');
  run.yes('say-farewell', 'FarewellSaid');
  expect(run.end).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'done' } });
});

test('an optional field that the start has is passed on, one that it has not is left out', () => {
  expect(begin({ note: 'quiet' }).last('book-bed').data).toEqual({ tripId: 't-1', city: 'Oslo', note: 'quiet' });
  expect(begin().last('book-bed').data).toEqual({ tripId: 't-1', city: 'Oslo' });
});

describe('a step that is asked only above a limit', () => {
  test('is asked above it, and the rest waits', () => {
    const run = begin({ cents: 1_001 });
    expect(run.types.sort()).toEqual(['BlessingRequested', 'TripUnderWay']);
    run.yes('get-blessing', 'BlessingGiven');
    expect(run.types).toContain('BedRequested');
  });

  test('is not asked at it, and not undone either', () => {
    const run = asFarAsKey({ cents: 1_000 });
    run.no('watch', 'changed my mind', 'Saga.Cancelled');
    run.yes('undo hand-key', 'KeyReturned');
    run.yes('undo book-seat', 'SeatReturned');
    run.yes('undo book-bed', 'BedReturned');
    run.yes('apologise', 'ApologyMade');
    expect(run.types.filter((type) => type.startsWith('Blessing'))).toEqual([]);
    expect(run.end.output).toEqual({ outcome: 'undone', reason: 'changed my mind' });
  });

  test('waits for as long as signs of life come, and fails without them', () => {
    const run = begin({ cents: 5_000 });
    run.pass(3_500);
    expect(run.alive('get-blessing')).toBeUndefined();
    run.pass(3_500);
    expect(run.types).not.toContain('BlessingDropRequested');
    run.pass(200);
    expect(run.last('undo get-blessing').data).toEqual({ tripId: 't-1', reason: 'get-blessing: no answer in 7200 s' });
  });
});

describe('S1: an ask that is made again', () => {
  test('has the same id and another token; the old token is dead', () => {
    const run = begin();
    const first = run.last('book-bed');
    run.pass(70);
    const second = run.last('book-bed');
    expect(second.id).toBe(first.id);
    expect(second.reply.token).not.toBe(first.reply.token);
    expect(run.yes('book-bed', 'BedBooked', { bedId: 'b' }, first.reply.token)).toBe('TaskTimedOut');
    expect(run.yes('book-bed', 'BedBooked', { bedId: 'b' })).toBeUndefined();
  });

  test('has an id of its own where the answer comes later: its consumer must learn the new token', () => {
    const [one, other] = [begin({ cents: 5_000 }), new SagaRun(bookTrip, { city: 'Oslo', cents: 5_000 }, 't-2')];
    expect(one.last('get-blessing').id).not.toBe(other.last('get-blessing').id);
    expect(begin().last('watch').id).not.toBe(begin().last('book-bed').id);
  });

  test('twice answered: the second changes nothing', () => {
    const run = begin();
    expect(run.yes('book-bed', 'BedBooked', { bedId: 'b-1' })).toBeUndefined();
    expect(run.yes('book-bed', 'BedBooked', { bedId: 'b-2' })).toBe('TaskTimedOut');
    run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
    expect(run.last('hand-key').data.bedId).toBe('b-1');
  });

  test('the answer of another step fails the attempt, and it is asked again', () => {
    const run = begin();
    const output = JSON.stringify({ step: 'book-seat', type: 'SeatBooked', data: { seatId: 's-9' } });
    run.tell('SendTaskSuccess', { taskToken: run.last('book-bed').reply.token, output });
    run.pass(5);
    expect(run.asked.filter(({ step }) => step === 'book-bed')).toHaveLength(2);
    run.yes('book-bed', 'BedBooked', { bedId: 'b-1' });
    run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
    expect(run.last('hand-key').data).toEqual({ tripId: 't-1', bedId: 'b-1', seatId: 's-1' });
  });
});

describe('S2: every step that may have been asked is undone, in reverse order', () => {
  test('a refusal: its neighbour is undone although it has not answered, what comes later was never asked', () => {
    const run = begin();
    run.no('book-bed', 'no bed in Oslo');
    expect(run.types.slice(3)).toEqual(['SeatReturnRequested']);
    run.yes('undo book-seat', 'SeatReturned');
    expect(run.last('undo book-bed').data).toEqual({ tripId: 't-1', city: 'Oslo', reason: 'no bed in Oslo' });
    run.yes('undo book-bed', 'BedReturned');
    expect(run.last('apologise').data).toEqual({ tripId: 't-1', reason: 'no bed in Oslo' });
    run.yes('apologise', 'ApologyMade');
    expect(run.end).toMatchObject({ status: 'SUCCEEDED', output: { outcome: 'undone', reason: 'no bed in Oslo' } });
    expect(run.types).not.toContain('KeyReturnRequested');
  });

  test('no answer at all: asked as often as declared, then undone, with the step in the reason', () => {
    const run = begin();
    run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
    run.pass(130);
    expect(run.asked.filter(({ type }) => type === 'BedRequested')).toHaveLength(2);
    expect(run.last('undo book-seat').data.reason).toBe('book-bed: no answer in 60 s');
  });

  test('the pivot fails: everything is undone, itself first', () => {
    const run = begin({ cents: 5_000 });
    run.yes('get-blessing', 'BlessingGiven');
    run.yes('book-bed', 'BedBooked', { bedId: 'b-1' });
    run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
    run.no('hand-key', 'lost');
    const undone = ['hand-key', 'book-seat', 'book-bed', 'get-blessing'].map((step) => {
      const { type } = run.last(`undo ${step}`);
      run.yes(`undo ${step}`, step === 'hand-key' ? 'KeyReturned' : 'Done');
      return type;
    });
    expect(undone).toEqual([
      'KeyReturnRequested',
      'SeatReturnRequested',
      'BedReturnRequested',
      'BlessingDropRequested',
    ]);
    expect(run.last('apologise').data.reason).toBe('lost');
  });

  test('the undo of the pivot comes too late: the saga goes forward', () => {
    const run = asFarAsKey();
    run.no('watch', 'changed my mind', 'Saga.Cancelled');
    run.yes('undo hand-key', 'KeyUsed');
    run.yes('say-farewell', 'FarewellSaid');
    expect(run.end.output).toEqual({ outcome: 'done' });
    expect(run.types).not.toContain('SeatReturnRequested');
  });
});

describe('a cancel', () => {
  test.each(['at once', 'while one of two has answered', 'at the pivot'])(
    '%s: nobody is asked any more, and all is undone',
    (when) => {
      const run = begin();
      if (when !== 'at once') run.yes('book-bed', 'BedBooked', { bedId: 'b-1' });
      if (when === 'at the pivot') run.yes('book-seat', 'SeatBooked', { seatId: 's-1' });
      run.no('watch', 'changed my mind', 'Saga.Cancelled');
      for (const step of ['hand-key', 'book-seat', 'book-bed']) run.yes(`undo ${step}`, 'Done');
      run.yes('apologise', 'ApologyMade');
      expect(run.end.output).toEqual({ outcome: 'undone', reason: 'changed my mind' });
    },
  );

  test('after the pivot was answered nobody waits for it', () => {
    const run = asFarAsKey();
    run.yes('hand-key', 'KeyHanded');
    expect(run.no('watch', 'too late', 'Saga.Cancelled')).toBe('TaskTimedOut');
    run.yes('say-farewell', 'FarewellSaid');
    expect(run.end.output).toEqual({ outcome: 'done' });
  });
});

describe('parking', () => {
  /** The undo of the seat is never answered. */
  function parked(): SagaRun {
    const run = begin();
    run.no('book-bed', 'no bed');
    run.pass(1_900);
    return run;
  }

  test('an undo that fails too often waits for a person, and is tried again when they say so', () => {
    const run = parked();
    expect(run.asked.filter(({ type }) => type === 'SeatReturnRequested')).toHaveLength(2);
    expect(run.last('park').data).toEqual({
      tripId: 't-1',
      step: 'undo book-seat',
      reason: 'undo book-seat: no answer in 900 s',
    });
    expect(run.end.status).toBe('RUNNING');
    run.yes('park', 'TripResumed', { decision: 'retry' });
    run.yes('undo book-seat', 'SeatReturned');
    run.yes('undo book-bed', 'BedReturned');
    run.yes('apologise', 'ApologyMade');
    expect(run.end.output).toEqual({ outcome: 'undone', reason: 'no bed' });
  });

  test('is skipped when a person has done it', () => {
    const run = parked();
    run.yes('park', 'TripResumed', { decision: 'skip' });
    expect(run.types.at(-1)).toBe('BedReturnRequested');
  });
});
