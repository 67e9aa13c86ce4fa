/** Time that passes only when nothing else can happen. Knows timers; knows nothing of who sets them. */
import type { Clock } from '../../src/util/clock.ts';

/** 2026-01-01T12:00:00Z. */
export const NOON = Date.UTC(2026, 0, 1, 12);

interface Timer {
  readonly due: number;
  readonly wake: () => void;
}

export interface VirtualClock extends Clock {
  /** Lets time pass until `goal` settles. Rejects when it never would: no timer is left, and nothing moves. */
  drive<T>(goal: Promise<T>): Promise<T>;
}

/** All timers of one moment strike together, in the order in which they were set. */
export function createVirtualClock(start: number = NOON): VirtualClock {
  let time = start;
  const timers = new Set<Timer>();
  const clock: VirtualClock = {
    now: () => time,
    after(ms, wake) {
      const timer = { due: time + Math.max(0, ms), wake };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async drive(goal) {
      let settled = false;
      const mark = (): void => {
        settled = true;
      };
      goal.then(mark, mark);
      for (;;) {
        // A turn of the event loop: every microtask has run behind it.
        await new Promise((resolve) => setImmediate(resolve));
        if (settled) return goal;
        let next = Number.POSITIVE_INFINITY;
        for (const timer of timers) next = Math.min(next, timer.due);
        if (next === Number.POSITIVE_INFINITY) throw new Error('nothing moves any more, and it has not ended');
        time = next;
        for (const timer of [...timers]) {
          if (timer.due !== next || !timers.delete(timer)) continue;
          timer.wake();
        }
      }
    },
  };
  return clock;
}
