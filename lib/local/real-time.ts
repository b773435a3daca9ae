/** The real clock and real timers. With virtual-time.ts the only places that know how time passes. */
import type { Scheduler } from './ports';

/** setTimeout takes at most 2^31-1 ms (about 24.8 days); longer waits are slept in stretches. */
const longestTimeout = 2_147_000_000;

export const realTime: Scheduler = {
  now: () => Date.now(),
  at(timeMs, work) {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const wait = timeMs - Date.now();
      timer = wait > longestTimeout ? setTimeout(arm, longestTimeout) : setTimeout(work, Math.max(0, wait));
    };
    arm();
    return { cancel: () => clearTimeout(timer) };
  },
};
