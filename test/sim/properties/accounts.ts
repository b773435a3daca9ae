/** What was told has happened: to consumers, which have something to show for it; and by them, where it is about money. */
import { consumers } from '../../../lib/contracts';
import type { IdempotencyRecord } from '../../../lib/contracts/record';
import type { Property } from '../../../lib/sim';
import { historyOf, parsed } from '../history';

const accountedFor: Property = {
  name: 'told-is-accounted-for',
  // A saga's conductor tells the saga, and keeps no record.
  says: 'Of every event, each of its consumers has a record, or a dead letter holds it.',
  check(view) {
    const records = new Set(
      view.items<IdempotencyRecord>('RecordTableName').map(({ consumer, eventId }) => `${consumer} ${eventId}`),
    );
    const letters = new Set(view.deadLetters().map(({ body }) => parsed(body)?.detail?.meta?.id));
    const told = new Map(historyOf(view).publications.map((event) => [event.id, event]));
    return [...told.values()].flatMap(({ id, type, source }) =>
      letters.has(id)
        ? []
        : consumers
            .filter(
              ({ on, conducts }) => !conducts && on.some((event) => event.name === type && event.source === source),
            )
            .filter((consumer) => !records.has(`${consumer.id} ${id}`))
            .map(
              (consumer) => `${consumer.id} was told ${type} '${id}', and has no record of it; no dead letter holds it`,
            ),
    );
  },
};

const declinedIsTrue: Property = {
  name: 'declined-means-no-money-moved',
  says: 'Where a payment is said to be declined, the gateway has not taken the price.',
  check(view) {
    const history = historyOf(view);
    const gateway = view.output('GatewayTableName');
    return history.publications
      .filter(({ type, replayed }) => type === 'PaymentDeclined' && !replayed)
      .flatMap(({ at, id, data }) => {
        const books = history.writes.filter(
          (write) => write.table === gateway && write.id === data.bookingId && write.at <= at,
        );
        const payments: { status: string }[] = books.at(-1)?.after.account.payments ?? [];
        return payments.some(({ status }) => status === 'captured')
          ? [`PaymentDeclined '${id}' of booking '${data.bookingId}' (${data.reason}); the gateway had taken the price`]
          : [];
      });
  },
};

const ordersKeepTheirKey: Property = {
  name: 'orders-keep-their-key',
  says: 'An order that is asked for again has the key that it had: by another one the gateway may carry it out twice (C3).',
  check: (view) =>
    view.items('GatewayTableName').flatMap(({ id, account }) => {
      const keyOf = new Map<string, string>();
      return Object.entries<{ content: string }>(account.orders).flatMap(([key, { content }]) => {
        const before = keyOf.get(content);
        keyOf.set(content, before ?? key);
        return before === undefined
          ? []
          : [`the gateway was given one order for '${id}' under '${before}' and '${key}'`];
      });
    }),
};

export const accountProperties: readonly Property[] = [accountedFor, declinedIsTrue, ordersKeepTheirKey];
