/** What is committed and never published by its own consumer is published by the sweeper, once. */
import { openBooking } from '../../lib/contracts/consumers/booking';
import { effectsOf, publishedOf, recordOf } from '../support/effects';
import { FaultyApp, sdk } from '../support/faults';
import { flows } from '../support/flows';
import { deadLettersOf, itemsOf } from '../support/world';

const { flow } = flows.find(({ consumer }) => consumer.id === openBooking.id)!;

test('a function that always dies before it publishes: its message ends in the dead letters, and the sweeper pays', async () => {
  const app = new FaultyApp();
  const { world } = app;
  const undisturbed = await app.begin(flow);
  await app.end();
  const putEvents = sdk('events', 'PutEvents');
  const run = await app.begin(flow, {
    consumer: openBooking,
    strike: (crossing) => (putEvents(crossing) ? { do: 'crash-before' } : undefined),
  });
  await world.pass(200_000);
  const [requested] = publishedOf(world, run);
  expect(publishedOf(world, run)).toHaveLength(1);
  expect(recordOf(world, openBooking.id, requested!.id)).toMatchObject({
    status: 'handled',
    unpaid: expect.any(String),
    owed: [{ type: 'BookingOpened' }],
  });

  await world.pass(600_000);
  await world.settle();
  // Five receives, each ended by a crash; the last may come when the sweeper has paid, and then needs no PutEvents.
  expect(app.struck).toBeGreaterThanOrEqual(5);
  expect(effectsOf(world, run)).toEqual(effectsOf(world, undisturbed));
  expect(publishedOf(world, run).filter(({ type }) => type === 'BookingOpened')).toHaveLength(1);
  expect(itemsOf(world, 'BookingTableName').get(run.key)).toMatchObject({ status: 'confirmed' });
  const swept = world.trace.filter(
    ({ kind, message }) => kind === 'log' && /paid by the sweeper/.test(String(message)),
  );
  expect(swept).toHaveLength(1);

  const [letter, ...others] = deadLettersOf(world).filter(({ body }) => body.includes(run.key));
  expect(others).toEqual([]);
  expect(letter).toMatchObject({ queue: 'BookingOpenBooking' });
  // Redriven by a person who does not know that it was paid.
  world.now('sqs', 'SendMessage', { QueueUrl: app.queueUrl(openBooking), MessageBody: letter!.body });
  await app.end();
  expect(effectsOf(world, run)).toEqual(effectsOf(world, undisturbed));
  await app.stop();
});
