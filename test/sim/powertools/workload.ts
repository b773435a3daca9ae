/** What the world does to the charging app. */
import type { SimApp, Workload } from '../../../lib/sim';
import type { Order } from './charge';

const publish = (app: SimApp, detail: Order): void =>
  app.publish({ source: 'shop', detailType: 'OrderPlaced', detail });

const introduce = (app: SimApp, customer: string): Promise<unknown> =>
  app.request('dynamodb', 'PutItem', { TableName: app.output('CustomersTableName'), Item: { id: { S: customer } } });

/** The bank, and whoever knows the customers, are not the shop's: they may be slow. */
const isGateway: Workload['isGateway'] = ({ service, input }, app) =>
  service === 'sqs' || (input as any).TableName === app.output('CustomersTableName');

/** `count` baskets of two customers whom everybody knows, one every `everyMs` or sooner. */
export const baskets = (count: number, everyMs: number): Workload => ({
  name: `${count} baskets of two customers`,
  isGateway,
  async run(app, random) {
    for (const customer of ['ada', 'bob']) await introduce(app, customer);
    for (let number = 1; number <= count; number++) {
      const customer = random.below(2) === 0 ? 'ada' : 'bob';
      publish(app, { customer, basket: `basket-${number}`, cents: 100 + random.below(9_900) });
      await app.pass(random.below(everyMs));
    }
  },
});

export interface Newcomers {
  count: number;
  /** How long after their first order somebody has written down who they are: so long, to twice as long. */
  knownAfterMs: number;
  /** The shop is not sure that it was heard, and publishes an order again after that, or up to five seconds later. */
  againAfterMs?: number;
}

/** Each basket, published within half a minute, is of a customer who is not known yet. */
export const newcomers = ({ count, knownAfterMs, againAfterMs }: Newcomers): Workload => ({
  name: `${count} baskets of customers who are not known yet`,
  isGateway,
  async run(app, random) {
    const acts: { atMs: number; run: () => unknown }[] = [];
    for (let number = 1; number <= count; number++) {
      const order = { customer: `newcomer-${number}`, basket: `basket-${number}`, cents: 100 + random.below(9_900) };
      const atMs = random.below(30_000);
      acts.push({ atMs, run: () => publish(app, order) });
      acts.push({ atMs: atMs + knownAfterMs + random.below(knownAfterMs), run: () => introduce(app, order.customer) });
      if (againAfterMs !== undefined)
        acts.push({ atMs: atMs + againAfterMs + random.below(5_000), run: () => publish(app, order) });
    }
    let clock = 0;
    for (const { atMs, run } of acts.sort((a, b) => a.atMs - b.atMs)) {
      if (atMs > clock) await app.pass(atMs - clock);
      clock = Math.max(clock, atMs);
      await run();
    }
  },
});

/** Baskets, and now and then a sale at the till, which has no customer and no basket. */
export const tills = (count: number): Workload => ({
  name: `${count} orders, some of them at the till`,
  isGateway,
  async run(app, random) {
    await introduce(app, 'ada');
    for (let number = 1; number <= count; number++) {
      const cents = 100 + random.below(9_900);
      if (random.below(3) === 0) publish(app, { sale: `sale-${number}`, cents });
      else publish(app, { customer: 'ada', basket: `basket-${number}`, cents });
      await app.pass(random.below(5_000));
    }
  },
});
