/** A saga that changes while executions of it run: what earlier versions ask is still allowed, heard and understood. */
import { sagaDefinition } from '../../lib/constructs/saga-definition';
import {
  answersOf,
  asksOf,
  finalStep,
  type Saga,
  type SagaOptions,
  type Step,
  saga,
  step,
} from '../../lib/contracts/saga';
import {
  ApologyMade,
  ApologyRequested,
  bookTrip,
  FarewellRequested,
  FarewellSaid,
  KeyHanded,
  SeatBooked,
  SeatRequested,
  SeatReturned,
} from '../support/saga-fixture';

const [blessing, [bed, seat], key] = bookTrip.steps as unknown as [Step, [Step, Step], Step];
/** Nobody sits any more: the key is handed over for the bed alone, by an event of its own. */
const keyForBed = step({ ...key, ask: FarewellRequested, answers: [FarewellSaid] });

function without(formerly: SagaOptions['formerly']): Saga {
  return saga({ ...bookTrip, conductor: 'conduct-trip', steps: [blessing, bed, keyForBed], afterwards: [], formerly });
}
const names = (events: readonly { name: string }[]): string[] => events.map(({ name }) => name);

test('a step that is taken away is neither asked nor answered any more', () => {
  const later = without(undefined);
  expect(names(asksOf(later))).not.toContain('SeatRequested');
  expect(answersOf(later).has('book-seat')).toBe(false);
  expect(names(later.conductor.on)).not.toContain('SeatBooked');
  expect(later.wanted).toEqual([]);
});

test('as a former one it may be asked, its answers and those of its undo are heard, with what the old version asks on with', () => {
  const later = without([seat, key]);
  expect(names(asksOf(later))).toEqual(
    expect.arrayContaining(['SeatRequested', 'SeatReturnRequested', 'KeyRequested']),
  );
  expect(answersOf(later).get('book-seat')?.yes).toEqual([SeatBooked]);
  expect(answersOf(later).get('undo book-seat')?.yes).toEqual([SeatReturned]);
  expect(later.conductor.on).toEqual(expect.arrayContaining([SeatBooked, SeatReturned, KeyHanded]));
  expect(later.wanted).toEqual(['bedId', 'seatId']);
});

test('the new version does not ask it', () => {
  const definition = JSON.stringify(sagaDefinition(without([seat, key])));
  expect(definition).not.toContain('SeatRequested');
  expect(definition).not.toContain('KeyRequested');
});

test('a step that is there in an old and a new form is answered by either', () => {
  expect(answersOf(without([key])).get('hand-key')?.yes).toEqual([FarewellSaid, KeyHanded]);
});

test('a last step may be a former one', () => {
  const old = finalStep({ name: 'send-flowers', ask: ApologyRequested, answers: [ApologyMade] });
  expect(answersOf(without([old])).get('send-flowers')).toEqual({ yes: [ApologyMade], no: [], alive: [] });
});

test('a former step asks for its own context only, as every step', () => {
  const foreign = { ...seat, ask: SeatBooked };
  expect(() => without([foreign])).toThrow(
    "the former step book-seat asks by SeatBooked of source 'hotel'; it speaks for 'trip' only",
  );
  expect(SeatRequested.source).toBe('trip');
});
