/** One bundled handler at a time: the local Lambda invocation. */
import { functionOf } from '../../lib/cli/invoke';
import { openBooking } from '../../lib/contracts/consumers/booking';
import { renderLabel } from '../../lib/contracts/consumers/labels';
import { BookingOpened, BookingRequested } from '../../lib/contracts/events/booking';
import { LabelRequested } from '../../lib/contracts/events/booking-asks';
import { handlerWorld, invoke } from '../support/invoke';
import { asked, bookingWish, eventOf } from '../support/samples';
import { itemsOf } from '../support/world';

const startMs = Date.parse('2030-11-25T09:00:01Z');
const wish = (bookingId: string) => eventOf(BookingRequested, bookingWish({ bookingId }));

test('open-booking: one transaction, one event, and nothing for the other message of the batch but its reason', async () => {
  const world = handlerWorld({ startMs });
  const invoked = await invoke(world, openBooking, wish('bk-1'), 'no json');
  expect(invoked.answer).toEqual({ batchItemFailures: [] });
  expect(invoked.published.map(({ type }) => type)).toEqual(['BookingOpened']);
  expect(invoked.published[0]!.detail).toMatchObject({
    meta: { cause: 'BookingRequested-bk-1', correlation: 'bk-1', key: 'bk-1', hop: 1 },
    data: { bookingId: 'bk-1', parcelId: 'pc-bk-1' },
  });
  expect(invoked.writes.map(({ operation }) => operation)).toEqual(['TransactWriteItems', 'UpdateItem']);
  expect(invoked.deadLetters).toEqual([{ reason: expect.stringMatching(/^the message is not JSON/), body: 'no json' }]);

  // Nobody took up what was published.
  expect([...itemsOf(world, 'LaneDayTableName')]).toEqual([]);

  const again = await invoke(world, openBooking, wish('bk-1'));
  expect(again).toMatchObject({ answer: { batchItemFailures: [] }, writes: [], published: [] });
});

test('render-label: its worker thread draws, the label is stored, and the event carries the claim check', async () => {
  const world = handlerWorld({ startMs });
  const invoked = await invoke(world, renderLabel, asked(LabelRequested, { bookingId: 'bk-7', parcelId: 'pc-bk-7' }));
  expect(invoked.functionError).toBeUndefined();
  expect(invoked.answer).toEqual({ batchItemFailures: [] });
  expect(invoked.writes.map(({ service, operation }) => `${service} ${operation}`)).toEqual([
    'dynamodb TransactWriteItems',
    's3 PutObject',
    'dynamodb TransactWriteItems',
    'dynamodb UpdateItem',
  ]);
  const [event] = invoked.published as any[];
  expect(event).toMatchObject({
    type: 'LabelRendered',
    detail: { meta: { inReplyTo: { token: 'token-1' } }, data: { parcelId: 'pc-bk-7' } },
  });
  const { key, bytes } = event.detail.data.label;
  const { Body } = world.now('s3', 'GetObject', { Bucket: world.output('LabelsBucketName'), Key: key });
  const svg = Buffer.from(Body, typeof Body === 'string' ? 'base64' : undefined).toString();
  expect(Buffer.byteLength(svg)).toBe(bytes);
  expect(svg).toMatch(/^<svg/);
});

test('an event that the consumer does not listen to is a mistake of the test', () => {
  const world = handlerWorld({ startMs });
  expect(() => invoke(world, openBooking, eventOf(BookingOpened, BookingOpened.example))).toThrow(
    'booking/open-booking does not listen to BookingOpened',
  );
});

test('invoked by hand with something else than the messages of a queue, it says what it takes', async () => {
  const world = handlerWorld({ startMs });
  const { FunctionError, Payload } = await world.request('lambda', 'Invoke', {
    FunctionName: functionOf(world, openBooking),
    Payload: Buffer.from('{"bookingId":"bk-1"}').toString('base64'),
  });
  expect(FunctionError).toBe('Unhandled');
  expect(JSON.parse(Buffer.from(Payload, 'base64').toString())).toMatchObject({
    errorType: 'TypeError',
    errorMessage: expect.stringMatching(
      /^booking\/open-booking takes the messages of a queue.*it was given \{"bookingId":"bk-1"\}/,
    ),
  });
});
