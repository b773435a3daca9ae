/** What the world does to this repository's app, and may expect of it, where its own workload has nothing like it. */
import { BookingRequested } from '../../../lib/contracts/events/booking';
import type { Property, Workload } from '../../../lib/sim';

/** Two wishes of a publisher who gives no ids. */
export const withoutIds: Workload = {
  name: 'two bookings without ids',
  async run(app, random) {
    for (const bookingId of ['bk-1', 'bk-2']) {
      const { source, name: detailType, example } = BookingRequested;
      const meta = { time: new Date(app.now()).toISOString() };
      app.publish({ source, detailType, detail: { meta, data: { ...example, bookingId } } });
      await app.pass(random.below(5_000));
    }
  },
};

export const bothAreKept: Property = {
  name: 'both-are-kept',
  says: 'An event without an id is handled as no other: it lies in the dead letters, whole, with its reason.',
  check(view) {
    const letters = view.deadLetters().filter(({ attributes }) => /meta\.id/.test(attributes.reason ?? ''));
    return view.sent
      .map(({ detail }) => (detail as any).data.bookingId)
      .filter((bookingId) => !letters.some(({ body }) => body.includes(`"${bookingId}"`)))
      .map((bookingId) => `the request for '${bookingId}' is gone`);
  },
};

export const nobodyFails: Property = {
  name: 'nobody-fails',
  says: 'Copies of an event, in one batch or not, are no failure of anybody.',
  check: ({ trace }) =>
    (trace as readonly any[])
      .filter(({ kind }) => kind === 'batch-failed')
      .map(({ functionName, records }) => `${functionName} reported ${records.length} message(s) as failed`),
};
