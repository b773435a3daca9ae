/** A saga as the catalogue shows it: the picture's ways, and the tables. */

import { sagaDefinition } from '../../lib/constructs/saga-definition';
import { duration, sagaPicture, sagaSection } from '../../lib/contracts/catalog-saga';
import { reserveTable } from '../constructs/saga-fixture';

const lines = sagaPicture(reserveTable).map((line) => line.trim());
/** Arrows between boxes, in the picture's order. */
const ways = lines.filter((line) => /-->|-\.->/.test(line));
const section = sagaSection(reserveTable);
const cells = (first: string): string[] =>
  section
    .find((line) => line.startsWith(`| ${first}`))!
    .split(' | ')
    .map((cell) => cell.replace(/^\| | \|$/g, ''));

describe('the picture', () => {
  test('goes forward step by step, side by side where they are, past a step that is not always asked', () => {
    expect(ways.filter((way) => /^(start|step_\w+|phase_2) -->/.test(way))).toEqual([
      'start -->|"guests above 12"| step_ask_host',
      'start -->|else| phase_2',
      'step_ask_host --> phase_2',
      'phase_2 --> step_charge_card',
      'step_charge_card --> step_seat_guests',
      'step_seat_guests --> last_thank_guests',
    ]);
    const at = lines.indexOf('subgraph phase_2["side by side"]');
    expect(lines.slice(at + 1, at + 4)).toEqual(['step_plan_menu["plan-menu"]', 'step_hold_card["hold-card"]', 'end']);
    expect(lines).toContain('step_seat_guests["seat-guests, the pivot"]:::pivot');
  });

  test('goes back in reverse from the step that failed; from one that another undoes, with that one', () => {
    expect(ways.filter((way) => way.includes('"no, or no answer"'))).toEqual([
      'step_ask_host -.->|"no, or no answer"| undo_ask_host',
      'phase_2 -.->|"no, or no answer"| undo_hold_card',
      'step_charge_card -.->|"no, or no answer"| undo_hold_card',
      'step_seat_guests -.->|"no, or no answer"| undo_seat_guests',
    ]);
    expect(ways.filter((way) => way.startsWith('undo_'))).toEqual([
      'undo_seat_guests --> undo_hold_card',
      'undo_seat_guests -->|"SeatingStands: too late"| last_thank_guests',
      'undo_hold_card --> undo_plan_menu',
      'undo_plan_menu --> undo_ask_host',
      'undo_ask_host --> last_excuse_house',
    ]);
  });

  test('shows where it can be called off, where it is parked, and both ends', () => {
    expect(lines).toContain('cancel(["CancelDemanded"]) -.-> undo_seat_guests');
    expect(lines).toContain('parked{{"TableParked: waits for ResumeDemanded"}}');
    expect(ways.filter((way) => way.endsWith('parked')).map((way) => way.split(' ')[0])).toEqual([
      'back',
      'last_thank_guests',
      'last_excuse_house',
    ]);
    expect(lines).toContain('last_thank_guests["thank-guests"] --> done');
    expect(lines).toContain('last_excuse_house["excuse-house"] --> rejected');
  });

  test('goes back as the state machine does', () => {
    const { conduct, ...states } = sagaDefinition(reserveTable).States as Record<string, any>;
    const boxOf = (state: string): string => state.replaceAll(/\W/g, '_');
    const reached = (state: string): string =>
      boxOf(states[state].Type === 'Choice' ? states[state].Choices[0].Next : state);
    const caught = (error: string): string =>
      reached(conduct.Catch.find(({ ErrorEquals }: any) => ErrorEquals.includes(error)).Next);
    const starts = ways.filter((way) => way.includes('"no, or no answer"')).map((way) => way.split(' ').at(-1));
    expect(starts).toEqual([1, 2, 3, 4].map((phase) => caught(`Saga.UndoFrom${phase}`)));
    expect(caught('States.ALL')).toBe('undo_seat_guests');
    const order = Object.keys(states).filter((state) => /^undo /.test(state) && states[state].Type === 'Task');
    expect(order.map(boxOf)).toEqual(['undo_seat_guests', 'undo_hold_card', 'undo_plan_menu', 'undo_ask_host']);
    expect(states['undo hold-card'].Next).toBe('undo plan-menu');
    expect(states['undo plan-menu'].Next).toBe('may undo ask-host');
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
    expect(cells('1. ask-host')).toEqual([
      '1. ask-host (only where `guests` is above 12)',
      '[HostAsked](#hostasked)',
      '[HostAgreed](#hostagreed)',
      '[HostDeclined](#hostdeclined)',
      '7 days; a sign of life every 30 h: [HostReminded](#hostreminded)',
      '2',
    ]);
    expect(cells('2. plan-menu')).toEqual([
      '2. plan-menu (side by side)',
      '[MenuAsked](#menuasked)',
      '[MenuPlanned](#menuplanned)',
      'never',
      '15 min',
      '3',
    ]);
    expect(cells('3. charge-card')[0]).toBe('3. charge-card (undone with hold-card)');
  });

  test('list the undos in the order in which they are asked, then the last steps', () => {
    const at = section.findIndex((line) => line.startsWith('| undo |'));
    expect(section.slice(at + 2, at + 6).map((line) => line.split(' | ')[0])).toEqual([
      '| seat-guests',
      '| hold-card, with it charge-card',
      '| plan-menu',
      '| ask-host',
    ]);
    expect(cells('seat-guests')[2]).toBe(
      '[SeatingMissed](#seatingmissed); too late, goes forward: [SeatingStands](#seatingstands)',
    );
    expect(cells('thank-guests, after the pivot')).toEqual([
      'thank-guests, after the pivot',
      '[ThanksAsked](#thanksasked)',
      '[TableReserved](#tablereserved)',
      '15 min',
      '5, then parked',
    ]);
    expect(cells('excuse-house, after everything is undone')[1]).toBe('[ExcuseAsked](#excuseasked)');
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
