/** What somebody may have meant by a name that there is not. */
import { distance } from 'fastest-levenshtein';

/** ' Did you mean A or B?', or `otherwise` where nothing is near: up to a third of the letters differ, or they are part of it. */
export function suggested(name: string, names: readonly string[], otherwise: string): string {
  const wanted = name.toLowerCase();
  const near = names
    .map((one) => ({ one, apart: distance(wanted, one.toLowerCase()) }))
    .sort((a, b) => a.apart - b.apart);
  const nearest = near.filter(({ apart }) => apart <= wanted.length / 3 && apart <= near[0]!.apart + 1);
  const parts = names.filter((one) => wanted && one.toLowerCase().includes(wanted));
  const meant = (nearest.length > 0 ? nearest.map(({ one }) => one) : parts).slice(0, 5);
  return meant.length > 0 ? ` Did you mean ${meant.join(' or ')}?` : ` ${otherwise}`;
}
