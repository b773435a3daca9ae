/** Who calls a booking off is told the truth about it, also where the booking ends in the same moment (T2). */
import type { FinalView, Property } from '../../../lib/sim';
import { historyOf, type Write } from '../history';
import { leftToPeople } from './business';

/** What was decided about cancels, each with the booking's status in that moment. */
function decisions(view: FinalView): { write: Write; status: string | undefined }[] {
  const bookings = view.output('BookingTableName');
  const statuses = new Map<string, string>();
  return historyOf(view).writes.flatMap((write) => {
    const { table, after } = write;
    if (table === bookings) statuses.set(after.bookingId, after.status);
    const decides = after.type === 'BookingCancelRequested' && after.status === 'handled';
    return decides && write.transaction !== undefined ? [{ write, status: statuses.get(after.key) }] : [];
  });
}

const refuses = ({ after }: Write): boolean =>
  (after.owed ?? []).some(({ type }: { type: string }) => type === 'BookingCancelRefused');

const decidedOnWhatIs: Property = {
  name: 'cancels-are-decided-on-what-is',
  says: 'A cancel is taken only while the booking is open, and refused only when it is not (T2).',
  check: (view) =>
    decisions(view)
      .filter(({ write, status }) => refuses(write) === (status === 'open'))
      .map(
        ({ write, status = 'unknown' }) =>
          `the cancel '${write.after.eventId}' was ${refuses(write) ? 'refused' : 'taken'} at ${new Date(write.at).toISOString()}, when booking '${write.after.key}' was ${status}`,
      ),
};

const cancelsAreAnswered: Property = {
  name: 'cancels-are-answered',
  says: 'Whoever calls off a booking that is confirmed all the same is told that it is too late.',
  check(view) {
    const people = leftToPeople(view);
    const refused = new Set(
      historyOf(view)
        .publications.filter(({ type }) => type === 'BookingCancelRefused')
        .map(({ data }) => data.bookingId),
    );
    const called = new Set(decisions(view).map(({ write }) => write.after.key));
    return view
      .items('BookingTableName')
      .filter(({ bookingId, status }) => status === 'confirmed' && called.has(bookingId) && !refused.has(bookingId))
      .filter(({ bookingId }) => !people.has(bookingId))
      .map(({ bookingId }) => `booking '${bookingId}' was called off, is confirmed, and nobody was told why`);
  },
};

export const cancelProperties: readonly Property[] = [decidedOnWhatIs, cancelsAreAnswered];
