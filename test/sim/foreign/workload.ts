/** Somebody's workload and properties for the shop, as docs/simulate.md shows them. */
import type { Property, Workload } from '../../../lib/sim';

export const workload: Workload = {
  name: 'ten orders of two customers',
  async run(app, random) {
    for (let order = 1; order <= 10; order++) {
      const customer = `customer-${1 + random.below(2)}`;
      app.publish({ source: 'shop', detailType: 'OrderPlaced', detail: { order: `order-${order}`, customer } });
      await app.pass(random.below(5_000));
    }
  },
  afterwards: (app) => {
    if (app.messages('DeadLettersUrl').length > 0) app.redrive('DeadLettersUrl');
  },
};

export const properties: Property[] = [
  {
    name: 'each-order-counts-once',
    says: 'A customer has as many orders as were placed.',
    check(view) {
      const counted = new Map(view.items('CustomersTable').map(({ id, orders }) => [id, orders ?? 0]));
      // By order: an event that is published twice is one order all the same.
      const placed = new Map(view.sent.map(({ detail }: any) => [detail.order, detail.customer]));
      return ['customer-1', 'customer-2'].flatMap((customer) => {
        const expected = [...placed.values()].filter((one) => one === customer).length;
        const found = counted.get(customer) ?? 0;
        return found === expected ? [] : [`'${customer}' placed ${expected} order(s), and ${found} were counted`];
      });
    },
  },
];

export const timing = { disturbMinutes: 10, calmMinutes: 2 };
