/** Names of runs, whose order is the order in time. Knows no clock and no folder. */

const RUN_ID = /^\d{8}-\d{6}-[0-9a-z]{4}$/;

/** Places of the last part, per millisecond. */
const PER_MS = 1679;

/**
 * `20260131-235959-0k3f`: UTC date and time, then base 36 digits that grow with the millisecond and are random within
 * it, so that of two runs of one second the later one sorts last. `random` gives numbers in [0, 1).
 */
export function newRunId(nowMs: number, random: () => number): string {
  const [date = '', time = ''] = new Date(nowMs).toISOString().split('T');
  const within = ((((nowMs % 1000) + 1000) % 1000) | 0) * PER_MS + Math.floor(random() * PER_MS);
  return `${date.replaceAll('-', '')}-${time.slice(0, 8).replaceAll(':', '')}-${within.toString(36).padStart(4, '0')}`;
}

/** Whether `text` is the name of a run, and so also safe as the name of a folder. */
export function isRunId(text: string): boolean {
  return RUN_ID.test(text);
}
