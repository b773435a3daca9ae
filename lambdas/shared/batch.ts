/**
 * The order in which a batch is worked on.
 *
 * 1. Messages that touch the same record or row go one after the other, in the order they came: equal ids find each
 *    other's record (T6), and contenders within a batch do not conflict. Others go side by side.
 * 2. In a FIFO queue everything goes one after the other, and nothing is begun after the first failure: what is
 *    acknowledged behind a failed message would overtake it. Source: Lambda guide, 'Reporting batch item failures'.
 */

/** Splits into lanes: any two items that share a key, directly or through others, are in the same one. */
export function lanesOf<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): T[][] {
  const laneOfKey = new Map<string, T[]>();
  for (const item of items) {
    const keys = keysOf(item);
    const joined = [...new Set(keys.map((key) => laneOfKey.get(key)).filter((lane) => lane !== undefined))];
    const lane = [...joined.flat(), item];
    for (const [key, old] of laneOfKey) if (joined.includes(old)) laneOfKey.set(key, lane);
    for (const key of keys) laneOfKey.set(key, lane);
  }
  const order = new Map(items.map((item, index) => [item, index]));
  return [...new Set(laneOfKey.values())].map((lane) => lane.sort((a, b) => order.get(a)! - order.get(b)!));
}

/** Works on every item; answers those that failed. `work` says false for a failure and does not throw. */
export async function inLanes<T>(lanes: readonly T[][], work: (item: T) => Promise<boolean>): Promise<T[]> {
  const failed: T[] = [];
  const one = async (lane: T[]): Promise<void> => {
    for (const item of lane) if (!(await work(item))) failed.push(item);
  };
  await Promise.all(lanes.map(one));
  return failed;
}

/** One after the other; answers the first that failed and all that come after it. */
export async function inOrder<T>(items: readonly T[], work: (item: T) => Promise<boolean>): Promise<T[]> {
  for (const [index, item] of items.entries()) {
    if (!(await work(item))) return items.slice(index);
  }
  return [];
}
