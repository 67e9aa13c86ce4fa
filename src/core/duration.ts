/** Durations as people read and write them. */

/** `850 ms`, `12 s`, `2m 3s`, `1h 4m`. */
export function duration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1).replace(/\.0$/, '')} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)}m ${seconds % 60}s`;
  return `${Math.floor(seconds / 3600)}h ${Math.floor((seconds % 3600) / 60)}m`;
}

/** `00:27`, `1:02:03`. */
export function clockTime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const two = (n: number): string => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `30s`, `10m`, `1h30m`, `500ms`, or a bare number of seconds; `null` for anything else or 0. */
export function parseDuration(text: string): number | null {
  const plain = text.trim().toLowerCase();
  if (/^\d+(?:\.\d+)?$/.test(plain)) return positive(Number(plain) * 1000);
  if (!/^(?:\d+(?:\.\d+)?\s*(?:ms|min|s|m|h|d)\s*)+$/.test(plain)) return null;
  let sum = 0;
  for (const [, amount, unit] of plain.matchAll(/(\d+(?:\.\d+)?)\s*(ms|min|s|m|h|d)/g))
    sum += Number(amount) * (UNITS[unit as string] as number);
  return positive(sum);
}

function positive(ms: number): number | null {
  return Number.isFinite(ms) && Math.round(ms) > 0 ? Math.round(ms) : null;
}

/** `1 task`, `3 tasks`; `many` where adding an s is not enough. */
export function counted(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}
