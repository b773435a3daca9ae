/** A saga of its own: a table for a party. Two steps side by side, one that asks a person, the pivot, and what undoes them. */
import * as z from 'zod/mini';
import { type EventType, source } from '../../lib/contracts/kit';
import { finalStep, saga, step } from '../../lib/contracts/saga';

const text = z.string();
const shape = { tableId: text, guests: z.int(), card: text, note: text, reason: text, step: text, decision: text };

/** Example values by field; an event has the fields that it names, and the table's id. */
function event(from: string, name: string, ...fields: (keyof typeof shape)[]): EventType {
  const all = ['tableId' as const, ...fields];
  return source(from).event(name, {
    says: `${name} has become true.`,
    key: 'tableId',
    data: z.object(Object.fromEntries(all.map((field) => [field, shape[field]]))) as z.ZodMiniType<any>,
    example: Object.fromEntries(all.map((field) => [field, field === 'guests' ? 4 : 'x'])),
    external: name.endsWith('Demanded'),
  });
}

const inn = (name: string, ...fields: (keyof typeof shape)[]) => event('inn', name, ...fields);

export const TableWished = inn('TableWished', 'guests', 'card');

export const reserveTable = saga({
  owner: 'inn',
  name: 'reserve-table',
  does: 'Reserves a table with menu and band, or nothing.',
  on: TableWished,
  steps: [
    step({
      name: 'ask-host',
      when: { field: 'guests', above: 12 },
      ask: inn('HostAsked', 'guests'),
      answers: [event('host', 'HostAgreed')],
      refusals: [event('host', 'HostDeclined', 'reason')],
      answeredLater: true,
      timeoutSeconds: 7 * 86_400,
      retries: 1,
      heartbeat: { seconds: 108_000, by: [event('host', 'HostReminded')] },
      undo: { ask: inn('HostExcused', 'reason'), answers: [event('host', 'HostInformed')] },
    }),
    [
      step({
        name: 'plan-menu',
        ask: inn('MenuAsked', 'guests'),
        answers: [event('kitchen', 'MenuPlanned', 'note')],
        undo: { ask: inn('MenuCancelled', 'reason'), answers: [event('kitchen', 'MenuDropped')] },
      }),
      step({
        name: 'hold-card',
        ask: inn('CardAsked', 'card'),
        answers: [event('till', 'CardHeld')],
        refusals: [event('till', 'CardRefused', 'reason')],
        undo: { ask: inn('CardReleaseAsked', 'card', 'reason'), answers: [event('till', 'CardReleased')] },
      }),
    ],
    step({
      name: 'charge-card',
      ask: inn('ChargeAsked', 'card'),
      answers: [event('till', 'CardCharged')],
      undo: { with: 'hold-card' },
    }),
    step({
      name: 'seat-guests',
      ask: inn('SeatingAsked', 'guests', 'note'),
      answers: [event('hall', 'GuestsSeated')],
      refusals: [event('hall', 'SeatingMissed', 'reason')],
      answeredLater: true,
      undo: {
        ask: inn('SeatingCalledOff', 'reason'),
        answers: [event('hall', 'SeatingMissed', 'reason')],
        tooLate: [event('hall', 'SeatingStands', 'reason')],
      },
    }),
  ],
  afterwards: [finalStep({ name: 'thank-guests', ask: inn('ThanksAsked'), answers: [inn('TableReserved')] })],
  undone: [finalStep({ name: 'excuse-house', ask: inn('ExcuseAsked', 'reason'), answers: [inn('TableRefused')] })],
  cancel: {
    request: inn('CancelDemanded', 'reason'),
    underWay: inn('TableUnderWay'),
    cancelled: inn('TableCancelled', 'reason'),
  },
  park: {
    request: inn('ResumeDemanded', 'decision'),
    parked: inn('TableParked', 'step', 'reason'),
    resumed: inn('TableResumed', 'decision'),
  },
  conductor: 'conduct-table',
  ifDeadLettered: 'A table does not go on. Fix the cause, redrive.',
});
