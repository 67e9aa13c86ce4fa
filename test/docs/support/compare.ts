/**
 * Whether an output is what a page shows. Times, run ids and digests differ from run to run, and so does the order in
 * which parallel tasks end; everything else has to be the same.
 */

/** Stands in a page for any number of lines. */
const ELISION = '…';

const CHANGES: readonly (readonly [RegExp, string])[] = [
  [/\b\d{8}-\d{6}-[0-9a-z]{4}\b/g, '<run>'],
  [/\b[0-9a-f]{64}\b/g, '<digest>'],
  [/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, '<time>'],
  [/\b(?:\d+h \d+m|\d+m \d+s|\d+(?:\.\d+)? (?:ms|s))(?![\w])/g, '<duration>'],
  [/\b\d{4}-\d\d-\d\d \d\d:\d\d\b/g, '<time>'],
  [/\b[0-9a-f]{7}\b/g, '<commit>'],
  [/\b\d\d:\d\d\b/g, '<clock>'],
  [/\b\d+%/g, '<share>'],
  [/\b\d+\.\d of (\d+) slots/g, '<n> of $1 slots'],
  [/^((?:- )?(?:Longest|Shortest) Task: <duration>) \(.*\)$/g, '$1'],
  [/("(?:elapsedMs|makespanMs|serialMs|durationMs|time|pid)": ?|^elapsed-ms: )\d+/g, '$1<n>'],
];

/** In parallel runs also the count before an ending and the slot. */
const PARALLEL: readonly (readonly [RegExp, string])[] = [
  [/^\[\d+\//g, '[<n>/'],
  [/· slot \d+/g, '· slot <n>'],
];

export function normalised(lines: readonly string[], unordered: boolean): string[] {
  const changes = unordered ? [...CHANGES, ...PARALLEL] : CHANGES;
  return lines.map((line) => changes.reduce((text, [pattern, word]) => text.replace(pattern, word), line.trimEnd()));
}

/** Whether an output comes in an order of its own: that of a run with several slots. */
export function isUnordered(output: readonly string[]): boolean {
  return output.some((line) =>
    /^Running \d+ tasks?, up to \d+ side by side|· slot \d+|^- Parallel Efficiency:/.test(line),
  );
}

/** What the page should show: the output, cut like the lines that it shows now. */
export function cutLike(shown: readonly string[], output: readonly string[]): string[] {
  const at = shown.indexOf(ELISION);
  if (at < 0) return [...output];
  const tail = shown.length - at - 1;
  return [...output.slice(0, at), ELISION, ...(tail === 0 ? [] : output.slice(-tail))];
}

export function isSame(shown: readonly string[], output: readonly string[], unordered: boolean): boolean {
  const wanted = normalised(shown, unordered);
  if (unordered) {
    const there = new Map<string, number>();
    for (const line of normalised(output, true)) there.set(line, (there.get(line) ?? 0) + 1);
    const lines = wanted.filter((line) => line !== ELISION);
    const missing = lines.filter((line) => {
      const left = there.get(line) ?? 0;
      there.set(line, left - 1);
      return left <= 0;
    });
    return missing.length === 0 && (wanted.includes(ELISION) || lines.length === output.length);
  }
  return wanted.join('\n') === normalised(cutLike(shown, output), false).join('\n');
}
