/** What is owed is paid by the app itself, and soon: not only when people come and redrive (T3). */
import type { Property } from '../../../lib/sim';
import { historyOf, recordWritesOf } from '../history';

const minute = 60_000;
/** The sweeper pays what is older than five minutes, and comes every five; one for its work, one for clocks that differ. */
const longest = 12 * minute;

const paidInTime: Property = {
  name: 'owed-is-published-in-time',
  says: 'What a committed record owes is published within twelve minutes, where nothing hinders it; nobody needs to redrive (T3).',
  check(view) {
    const history = historyOf(view);
    const first = new Map<string, number>();
    const note = (key: string, at: number): void => void first.set(key, Math.min(first.get(key) ?? at, at));
    for (const { id, meta, type, at } of history.publications) {
      note(id, at);
      // An answer goes to whoever asked last, under an id of its own (S1).
      if (meta.inReplyTo) note(`${meta.cause} ${type}`, at);
    }
    return recordWritesOf(history)
      .filter(({ transaction, after }) => transaction !== undefined && after.status === 'handled')
      .flatMap(({ at, after }) =>
        (after.owed ?? []).flatMap(({ id, type, dueAtMs = 0 }) => {
          const until = Math.max(at, view.healedMs, dueAtMs) + longest;
          const never = Number.POSITIVE_INFINITY;
          const told = Math.min(first.get(id) ?? never, first.get(`${after.eventId} ${type}`) ?? never);
          const publishedAt = Math.min(told, view.now());
          if (publishedAt <= until) return [];
          const [committed, last, then] = [at, until, publishedAt].map((ms) => new Date(ms).toISOString());
          return [
            `${after.consumer} at ${after.type} '${after.eventId}' of '${after.key}' owed ${type} since ${committed}; until ${last} it was to be published, and it was not before ${then}`,
          ];
        }),
      );
  },
};

export const debtProperties: readonly Property[] = [paidInTime];
