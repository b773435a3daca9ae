/** People and the booking saga: a cancel at every moment, an approval in every way, and what an operator resumes. */
import { ApprovalAnswered } from '../../lib/contracts/events/approvals';
import { BookingCancelRequested, BookingResumeRequested } from '../../lib/contracts/events/booking';
import {
  BookingApp,
  confirmed,
  hour,
  type Meddle,
  notBefore,
  slotsAddUp,
  standing,
  undone,
} from '../support/booking-app';
import { publish } from '../support/world';

let app: BookingApp;
beforeEach(() => {
  app = new BookingApp('people');
});
afterEach(() => app.stop());

const cancel = (bookingId: string, reason = 'changed my mind') =>
  publish(app.world, BookingCancelRequested, { bookingId, reason });
const answer = (bookingId: string, granted: boolean, approver = 'ada') =>
  publish(app.world, ApprovalAnswered, { bookingId, approver, granted, ...(granted ? {} : { reason: 'too dear' }) });
const resume = (bookingId: string, decision: 'retry' | 'skip') =>
  publish(app.world, BookingResumeRequested, { bookingId, decision, by: 'ops' });

describe('a cancel', () => {
  /** What is published of a booking that goes through. */
  const moments = [
    'BookingOpened',
    'BookingUnderWay',
    'CapacityRequested',
    'PaymentRequested',
    'LabelRequested',
    'CapacityReserved',
    'PaymentAuthorised',
    'LabelRendered',
    'CaptureRequested',
    'PaymentCaptured',
    'DispatchRequested',
    'ParcelDispatched',
    'ConfirmationRequested',
    'BookingConfirmed',
  ];

  test('at every moment: undone with the merchant’s reason, or confirmed where it came too late, and nothing between', async () => {
    const waiting = new Map<string, string>();
    for (const moment of moments) for (const place of ['a', 'b']) waiting.set(app.book(`${moment}-${place}`), moment);
    const bookings = new Map(waiting);
    for (let step = 0; step < 4_000 && waiting.size > 0; step++) {
      await app.world.pass(2);
      for (const [bookingId, moment] of waiting) {
        if (!app.types(bookingId).includes(moment)) continue;
        cancel(bookingId);
        waiting.delete(bookingId);
      }
    }
    expect(waiting.size).toBe(0);
    await app.rest(2);
    const snapshot = app.snapshot();
    const ends = [...bookings].map(([bookingId, moment]) => {
      const stands = standing(snapshot, bookingId);
      expect([confirmed, undone]).toContainEqual(stands);
      if (stands.booking === 'rejected') expect(snapshot.Booking.get(bookingId).reason).toBe('changed my mind');
      expect(app.execution(bookingId).status).toBe('SUCCEEDED');
      return `${moment} ${stands.booking}`;
    });
    slotsAddUp(snapshot);
    // Before anything is taken it is never too late, and after the end it always is.
    expect(
      ends.filter(
        (end) => /^(BookingOpened|BookingUnderWay|CapacityRequested) /.test(end) && !end.endsWith('rejected'),
      ),
    ).toEqual([]);
    expect(ends.filter((end) => end.startsWith('BookingConfirmed'))).toEqual([
      'BookingConfirmed confirmed',
      'BookingConfirmed confirmed',
    ]);
    const refused = [...bookings.keys()].filter((bookingId) => app.types(bookingId).includes('BookingCancelRefused'));
    expect(refused.every((bookingId) => standing(snapshot, bookingId).booking === 'confirmed')).toBe(true);
  });

  test('twice, and before the saga could listen: undone once, for the first reason', async () => {
    const slowly: Meddle = ({ type, queue }) => {
      if (type === 'BookingUnderWay' && /controlbooking/i.test(queue)) return { do: 'later', laterMs: 10_000 };
      return type === 'LabelRequested' ? { do: 'later', laterMs: 20_000 } : undefined;
    };
    const bookingId = app.book('early', {}, slowly);
    await app.world.pass(1_000);
    cancel(bookingId);
    await app.world.pass(1_000);
    cancel(bookingId, 'and again');
    await app.rest(1);
    expect(app.types(bookingId)).not.toContain('BookingCancelRefused');
    const snapshot = app.snapshot();
    expect(standing(snapshot, bookingId)).toEqual(undone);
    expect(snapshot.Booking.get(bookingId).reason).toBe('changed my mind');
  });

  test('of what is not there, or has ended, is refused with a reason', async () => {
    const bookingId = app.book('over');
    await app.rest(1);
    cancel(bookingId);
    cancel('nobody');
    await app.rest(1);
    const reasons = ['nobody', bookingId].map(
      (id) => app.published(id).find(({ type }) => type === 'BookingCancelRefused')?.data.reason,
    );
    expect(reasons).toEqual(['booking nobody is not known', `booking ${bookingId} is confirmed`]);
    expect(standing(app.snapshot(), bookingId)).toEqual(confirmed);
  });
});

describe('an approval', () => {
  const dear = (name: string) => app.book(name, { priceCents: 150_000 });

  test('granted, refused, double-clicked, contradicted; a cancel withdraws it', async () => {
    const [granted, refused, twice, contradicted, withdrawn, cheap] = [
      'granted',
      'refused',
      'twice',
      'contradicted',
      'withdrawn',
    ]
      .map(dear)
      .concat(app.book('cheap', { priceCents: 100_000 }));
    await app.rest(5);
    for (const bookingId of [granted, refused, twice, contradicted, withdrawn]) {
      expect(app.types(bookingId!)).toContain('ApprovalRequested');
      expect(app.types(bookingId!)).not.toContain('CapacityRequested');
      expect(app.execution(bookingId!).status).toBe('RUNNING');
    }
    answer(granted!, true);
    answer(refused!, false);
    for (let click = 0; click < 2; click++) answer(twice!, true);
    answer(contradicted!, true);
    await app.world.pass(50);
    answer(contradicted!, false, 'bob');
    cancel(withdrawn!);
    await app.rest(2);
    answer(withdrawn!, true);
    await app.rest(2);
    const snapshot = app.snapshot();
    for (const bookingId of [granted, twice, contradicted, cheap])
      expect(standing(snapshot, bookingId!)).toEqual(confirmed);
    for (const bookingId of [refused, withdrawn]) expect(standing(snapshot, bookingId!)).toEqual(undone);
    expect(snapshot.Booking.get(refused!).reason).toBe('too dear');
    expect(app.types(twice!).filter((type) => type === 'ApprovalGranted')).toHaveLength(1);
    expect(app.types(cheap!)).not.toContain('ApprovalRequested');
    expect(app.types(refused!)).not.toContain('CapacityRequested');
    slotsAddUp(snapshot);
  });

  test('nobody answers: a reminder after a day, escalation after two, and waiting runs no function but theirs', async () => {
    const bookingId = dear('silent');
    await app.rest(1);
    const from = app.world.time.now();
    await app.rest(52);
    expect(app.types(bookingId).filter((type) => /Remind|Escalat/.test(type))).toEqual([
      'ApprovalReminderDue',
      'ApprovalReminded',
      'ApprovalReminderDue',
      'ApprovalEscalated',
    ]);
    const invoked = app.world.trace
      .filter(({ kind, at }) => kind === 'invoked' && at > from)
      .map(({ functionName }) => String(functionName))
      .filter((name) => !/sweeper/i.test(name));
    expect(invoked.length).toBeGreaterThanOrEqual(4);
    expect(invoked.length).toBeLessThanOrEqual(8);
    expect(invoked.filter((name) => !/approvebooking|conductbooking/i.test(name))).toEqual([]);
    answer(bookingId, true);
    await app.rest(1);
    expect(standing(app.snapshot(), bookingId)).toEqual(confirmed);
  });
});

describe('parked', () => {
  /** The label comes to dispatch after the deadline: everything is asked, and then undone. */
  const missed: Meddle = (delivery) =>
    delivery.type === 'LabelRendered' && /dispatchparcel/i.test(delivery.queue) ? notBefore(900, delivery) : undefined;
  const broken =
    (...asks: string[]): Meddle =>
    (delivery) => {
      if (!asks.includes(delivery.type)) return missed(delivery);
      return {
        do: 'rewrite-input',
        rewrite: (input) => ({
          ...input,
          MessageBody: input.MessageBody.replace('"reply"', '"reply!"')
            .replace('"data":{', '"data":{"bookingId":7,"was":{')
            .replace(/}}$/, '}}}'),
        }),
      };
    };
  const undos = [
    'DispatchCallOffRequested',
    'LabelVoidRequested',
    'PaymentReversalRequested',
    'CapacityReleaseRequested',
  ];
  const pairs = undos.flatMap((one, index) => undos.slice(index + 1).map((other) => [one, other]));

  test('every undo that fails, alone and in pairs, is parked with its reason, and ends undone when it is resumed', async () => {
    const cases = [...undos.map((one) => [one]), ['RejectionRequested'], ...pairs];
    const bookings = cases.map((asks) => app.book(asks.join('-'), {}, broken(...asks)));
    await app.rest(16);
    for (const bookingId of bookings) {
      const parked = app.published(bookingId).filter(({ type }) => type === 'BookingParked');
      expect(parked).toHaveLength(1);
      expect(parked[0]!.data.reason).toMatch(/no answer in 900 s/);
      expect(app.execution(bookingId).status).toBe('RUNNING');
      expect(app.row('Booking', bookingId).status).toBe('open');
    }
    app.heal();
    for (const bookingId of bookings) resume(bookingId, 'retry');
    await app.rest(6);
    const snapshot = app.snapshot();
    for (const bookingId of bookings) expect(standing(snapshot, bookingId)).toEqual(undone);
    slotsAddUp(snapshot);
  });

  test('a step that a person has done is skipped; a confirmation that fails is parked too', async () => {
    const skipped = app.book('skipped', {}, broken('LabelVoidRequested'));
    const unsaid = app.book('unsaid', {}, (delivery) =>
      delivery.type === 'ConfirmationRequested' ? broken('ConfirmationRequested')(delivery) : undefined,
    );
    await app.rest(16);
    expect(app.published(unsaid).find(({ type }) => type === 'BookingParked')?.data.step).toBe('confirm-booking');
    app.heal();
    resume(skipped, 'skip');
    resume(unsaid, 'retry');
    resume('nobody', 'retry');
    await app.rest(2);
    const snapshot = app.snapshot();
    expect(standing(snapshot, skipped)).toEqual({ ...undone, label: true });
    expect(standing(snapshot, unsaid)).toEqual(confirmed);
  });
});

test('a start that comes again, also when the booking is over, conducts nothing anew', async () => {
  const bookingId = app.book('again', {}, ({ type, queue }) =>
    type === 'BookingOpened' && /conductbooking/i.test(queue) ? { do: 'twice', laterMs: 3 * hour } : undefined,
  );
  await app.rest(6);
  expect(app.types(bookingId).filter((type) => type === 'CapacityRequested')).toHaveLength(1);
  expect(standing(app.snapshot(), bookingId)).toEqual(confirmed);
});
