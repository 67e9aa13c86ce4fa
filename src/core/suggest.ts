/** "Did you mean": the known name that is nearest to what was typed. */

/** Nearest of `known` to `word` by edit distance, or `null` when none is near. Case does not matter. */
export function nearest(word: string, known: Iterable<string>): string | null {
  const wanted = word.toLowerCase();
  const limit = Math.max(1, Math.floor(wanted.length / 3) + (wanted.length > 3 ? 1 : 0));
  let best: string | null = null;
  let bestDistance = limit + 1;
  for (const name of known) {
    if (Math.abs(name.length - wanted.length) >= bestDistance) continue;
    const distance = editDistance(wanted, name.toLowerCase(), bestDistance);
    if (distance < bestDistance) {
      best = name;
      bestDistance = distance;
    }
  }
  return best;
}

const SYMBOLS = '0123456789abcdABCDT-.';
/** Above this many names, only those that one edit reaches are looked up: a file may hold many unknown ids. */
const SCANNED = 2_000;

/** Like `nearest` for a table of ids, the first of equals in its order; quick however large the table is. */
export function nearestId(id: string, known: ReadonlyMap<string, unknown>): string | null {
  if (known.size <= SCANNED) return nearest(id, known.keys());
  const near = (name: string): boolean => known.has(name);
  for (let i = id.length - 1; i >= 0; i--) {
    for (const symbol of SYMBOLS) {
      const changed = id.slice(0, i) + symbol + id.slice(i + 1);
      if (near(changed)) return changed;
    }
    const shorter = id.slice(0, i) + id.slice(i + 1);
    if (near(shorter)) return shorter;
  }
  for (let i = id.length; i > 0; i--) {
    for (const symbol of SYMBOLS) {
      const longer = id.slice(0, i) + symbol + id.slice(i);
      if (near(longer)) return longer;
    }
  }
  return null;
}

/** Insertions, deletions, replacements and swaps of neighbours; gives up above `limit`. */
function editDistance(a: string, b: string, limit: number): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1];
      let cost = Math.min(
        (last[j] as number) + 1,
        (row[j - 1] as number) + 1,
        (last[j - 1] as number) + (same ? 0 : 1),
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        cost = Math.min(cost, (beforeLast[j - 2] as number) + 1);
      }
      row.push(cost);
    }
    if (Math.min(...row) > limit) return limit + 1;
    beforeLast = last;
    last = row;
  }
  return last[b.length] as number;
}
