/** A saga as the catalogue shows it: the picture's ways, and the tables. */

import { sagaDefinition } from '../../lib/constructs/saga-definition';
import { duration, sagaPicture, sagaSection } from '../../lib/contracts/catalog-saga';
import { saga, step } from '../../lib/contracts/saga';
import { BlessingGiven, bookTrip, TripUnderWay } from '../support/saga-fixture';

const [blessing, sideBySide, key] = bookTrip.steps;
/** The trip, with a payment that the return of the seat undoes as well. */
const paidTrip = saga({
  ...bookTrip,
  conductor: 'conduct-trip',
  steps: [
    blessing!,
    sideBySide!,
    step({ name: 'pay-seat', ask: TripUnderWay, answers: [BlessingGiven], undo: { with: 'book-seat' } }),
    key!,
  ],
});

const lines = sagaPicture(paidTrip).map((line) => line.trim());
/** Arrows between boxes, in the picture's order. */
const ways = lines.filter((line) => /-->|-\.->/.test(line));
const section = sagaSection(paidTrip);
const cells = (first: string): string[] =>
  section
    .find((line) => line.startsWith(`| ${first}`))!
    .split(' | ')
    .map((cell) => cell.replace(/^\| | \|$/g, ''));

describe('the picture', () => {
  test('goes forward step by step, side by side where they are, past a step that is not always asked', () => {
    expect(ways.filter((way) => /^(start|step_\w+|phase_2) -->/.test(way))).toEqual([
      'start -->|"cents above 1000"| step_get_blessing',
      'start -->|else| phase_2',
      'step_get_blessing --> phase_2',
      'phase_2 --> step_pay_seat',
      'step_pay_seat --> step_hand_key',
      'step_hand_key --> last_say_farewell',
    ]);
    const at = lines.indexOf('subgraph phase_2["side by side"]');
    expect(lines.slice(at + 1, at + 4)).toEqual(['step_book_bed["book-bed"]', 'step_book_seat["book-seat"]', 'end']);
    expect(lines).toContain('step_hand_key["hand-key, the pivot"]:::pivot');
  });

  test('goes back in reverse from the step that failed; from one that another undoes, with that one', () => {
    expect(ways.filter((way) => way.includes('"no, or no answer"'))).toEqual([
      'step_get_blessing -.->|"no, or no answer"| undo_get_blessing',
      'phase_2 -.->|"no, or no answer"| undo_book_seat',
      'step_pay_seat -.->|"no, or no answer"| undo_book_seat',
      'step_hand_key -.->|"no, or no answer"| undo_hand_key',
    ]);
    expect(ways.filter((way) => way.startsWith('undo_'))).toEqual([
      'undo_hand_key --> undo_book_seat',
      'undo_hand_key -->|"KeyUsed: too late"| last_say_farewell',
      'undo_book_seat --> undo_book_bed',
      'undo_book_bed --> undo_get_blessing',
      'undo_get_blessing --> last_apologise',
    ]);
  });

  test('shows where it can be called off, where it is parked, and both ends', () => {
    expect(lines).toContain('cancel(["TripCancelRequested"]) -.-> undo_hand_key');
    expect(lines).toContain('parked{{"TripParked: waits for TripResumeRequested"}}');
    expect(ways.filter((way) => way.endsWith('parked')).map((way) => way.split(' ')[0])).toEqual([
      'back',
      'last_say_farewell',
      'last_apologise',
    ]);
    expect(lines).toContain('last_say_farewell["say-farewell"] --> done');
    expect(lines).toContain('last_apologise["apologise"] --> rejected');
  });

  test('goes back as the state machine does', () => {
    const { conduct, ...states } = sagaDefinition(paidTrip).States as Record<string, any>;
    const boxOf = (state: string): string => state.replaceAll(/\W/g, '_');
    const reached = (state: string): string =>
      boxOf(states[state].Type === 'Choice' ? states[state].Choices[0].Next : state);
    const caught = (error: string): string =>
      reached(conduct.Catch.find(({ ErrorEquals }: any) => ErrorEquals.includes(error)).Next);
    const starts = ways.filter((way) => way.includes('"no, or no answer"')).map((way) => way.split(' ').at(-1));
    expect(starts).toEqual([1, 2, 3, 4].map((phase) => caught(`Saga.UndoFrom${phase}`)));
    expect(caught('States.ALL')).toBe('undo_hand_key');
    const order = Object.keys(states).filter((state) => /^undo /.test(state) && states[state].Type === 'Task');
    expect(order.map(boxOf)).toEqual(['undo_hand_key', 'undo_book_seat', 'undo_book_bed', 'undo_get_blessing']);
    expect(states['undo book-seat'].Next).toBe('undo book-bed');
    expect(states['undo book-bed'].Next).toBe('may undo get-blessing');
  });

  test('names no box twice and draws no arrow from or to one that is not there', () => {
    const boxes = lines.flatMap((line) => /^(?:subgraph )?(\w+)(?=[[({])/.exec(line)?.[1] ?? []);
    expect(new Set(boxes).size).toBe(boxes.length);
    const ends = ways.flatMap((way) => [/^\w+/.exec(way)![0], /\w+$/.exec(way)![0]]);
    expect(ends.filter((end) => !boxes.includes(end))).toEqual([]);
  });
});

describe('the tables', () => {
  test('say what a step asks, what answers it, and how patient it is', () => {
    expect(cells('1. get-blessing')).toEqual([
      '1. get-blessing (only where `cents` is above 1000)',
      '[BlessingRequested](#blessingrequested)',
      '[BlessingGiven](#blessinggiven)',
      '[BlessingRefused](#blessingrefused)',
      '2 h; a sign of life every 1 h: [BlessingPondered](#blessingpondered)',
      '1',
    ]);
    expect(cells('2. book-bed')).toEqual([
      '2. book-bed (side by side)',
      '[BedRequested](#bedrequested)',
      '[BedBooked](#bedbooked)',
      '[BedRefused](#bedrefused)',
      '1 min',
      '2',
    ]);
    expect(cells('3. pay-seat')[0]).toBe('3. pay-seat (undone with book-seat)');
  });

  test('list the undos in the order in which they are asked, then the last steps', () => {
    const at = section.findIndex((line) => line.startsWith('| undo |'));
    expect(section.slice(at + 2, at + 6).map((line) => line.split(' | ')[0])).toEqual([
      '| hand-key',
      '| book-seat, with it pay-seat',
      '| book-bed',
      '| get-blessing',
    ]);
    expect(cells('hand-key')[2]).toBe('[KeyReturned](#keyreturned); too late, goes forward: [KeyUsed](#keyused)');
    expect(cells('say-farewell, after the pivot')).toEqual([
      'say-farewell, after the pivot',
      '[FarewellRequested](#farewellrequested)',
      '[FarewellSaid](#farewellsaid)',
      '15 min',
      '5, then parked',
    ]);
    expect(cells('apologise, after everything is undone')[1]).toBe('[ApologyRequested](#apologyrequested)');
  });

  test('tell times in the largest unit that fits', () => {
    expect([1, 90, 900, 7_200, 86_400, 108_000, 604_800].map(duration)).toEqual([
      '1 s',
      '90 s',
      '15 min',
      '2 h',
      '1 day',
      '30 h',
      '7 days',
    ]);
  });
});
