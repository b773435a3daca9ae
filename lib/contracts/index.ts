/** Everything that exists, as lists: what the stacks, the catalogue and the tests walk over. */
import * as approvalsConsumers from './consumers/approvals';
import * as bookingConsumers from './consumers/booking';
import * as dispatchConsumers from './consumers/dispatch';
import * as labelsConsumers from './consumers/labels';
import * as paymentsConsumers from './consumers/payments';
import * as trackingConsumers from './consumers/tracking';
import * as approvalsEvents from './events/approvals';
import * as bookingEvents from './events/booking';
import * as bookingAsks from './events/booking-asks';
import * as dispatchEvents from './events/dispatch';
import * as labelsEvents from './events/labels';
import * as paymentsEvents from './events/payments';
import * as trackingEvents from './events/tracking';
import { type Consumer, ContractError, type EventType, type RowType } from './kit';
import * as approvalsRows from './rows/approvals';
import * as bookingRows from './rows/booking';
import * as dispatchRows from './rows/dispatch';
import * as labelsRows from './rows/labels';
import * as paymentsRows from './rows/payments';
import * as trackingRows from './rows/tracking';
import type { Saga } from './saga';
import * as bookParcel from './sagas/book-parcel';

/** By context, then by name: compilers order a module's exports each in their own way. */
const ofKind = <T extends { kind: string; name: string }>(kind: T['kind'], modules: object[]): T[] =>
  modules.flatMap((module) =>
    Object.values(module)
      .filter((value): value is T => value?.kind === kind)
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );

export const events: readonly EventType[] = ofKind<EventType>('event', [
  bookingEvents,
  bookingAsks,
  approvalsEvents,
  dispatchEvents,
  paymentsEvents,
  labelsEvents,
  trackingEvents,
]);

export const sagas: readonly Saga[] = ofKind<Saga>('saga', [bookParcel]);

export const consumers: readonly Consumer[] = [
  ...sagas.map(({ conductor }) => conductor),
  ...ofKind<Consumer>('consumer', [
    bookingConsumers,
    approvalsConsumers,
    dispatchConsumers,
    paymentsConsumers,
    labelsConsumers,
    trackingConsumers,
  ]),
];

export const rows: readonly RowType[] = ofKind<RowType>('row', [
  bookingRows,
  approvalsRows,
  dispatchRows,
  paymentsRows,
  labelsRows,
  trackingRows,
]);

for (const list of [events, rows, [...consumers, ...sagas].map(({ id }) => ({ name: id }))]) {
  const names = list.map((item) => item.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice) throw new ContractError(`'${twice}' is declared twice; names are unique in the app`);
}
