/** From an execution's history to what it asked and was answered; the histories are those of the local Step Functions. */
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import { asksIn } from '../../lib/cli/sagas/read';
import { bookTrip } from '../support/saga-fixture';
import { SagaRun } from '../support/saga-run';

const begin = () => new SagaRun(bookTrip, { city: 'Oslo', cents: 500 });
function seen(run: SagaRun): string[] {
  // The API counts seconds since 1970; the SDK makes dates of them.
  const events = run.history.map(
    (event) => ({ ...event, timestamp: new Date(event.timestamp * 1000) }) as HistoryEvent,
  );
  return asksIn(events, run.end.status === 'RUNNING').map(
    ({ step, type, outcome, answer, reason }) =>
      `${step}: ${type} ${outcome}${answer ? ` ${answer}` : ''}${reason ? ` (${reason})` : ''}`,
  );
}

test('what waits, what was answered', () => {
  const run = begin();
  run.yes('book-bed', 'BedBooked', { bedId: 'b-1' });
  expect(seen(run).sort()).toEqual([
    'book-bed: BedRequested answered BedBooked',
    'book-seat: SeatRequested waiting',
    'watch: TripUnderWay waiting',
  ]);
});

test('a refusal, what it ended, and the undo that waits', () => {
  const run = begin();
  run.no('book-bed', 'no bed in Oslo');
  expect(seen(run).sort()).toEqual([
    'book-bed: BedRequested refused (no bed in Oslo)',
    'book-seat: SeatRequested ended',
    'undo book-seat: SeatReturnRequested waiting',
    'watch: TripUnderWay ended',
  ]);
});

test('every attempt, a cancel, and a parked step', () => {
  const run = begin();
  run.no('watch', 'ill', 'Saga.Cancelled');
  run.yes('undo hand-key', 'KeyReturned');
  run.pass(1_900);
  expect(seen(run).slice(-4)).toEqual([
    'undo hand-key: KeyReturnRequested answered KeyReturned',
    'undo book-seat: SeatReturnRequested timed-out (States.Timeout)',
    'undo book-seat: SeatReturnRequested timed-out (States.Timeout)',
    'park: TripParked waiting',
  ]);
});
