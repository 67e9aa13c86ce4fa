/**
 * A paragraph to the lines that its author wrote as such: a line that goes on with the sentence before it belongs
 * to it. Knows where lines begin and end; knows nothing of what they say.
 */
import type { Span } from '../core/source.ts';
import { TASK_ID } from '../core/words.ts';

/** A line that begins something: bold, a table row, a tree, a reference, a label. */
const BEGINS = new RegExp(
  `^(?:\\*\\*|__|\\||[├└│┌┐┘┬┴┼─→•✅❌⚠]|\\[?${TASK_ID}|US-?\\d|user\\s+stor|phase\\s*\\d|[*_]{0,2}[\\p{L}][\\p{L}\\p{N} '’()_*\`-]{0,40}[:：])`,
  'iu',
);
/** A line that waits for the next one. */
const GOES_ON =
  /(?:[,+&/、，;:：(（[]|→|->|\b(?:and|or|on|upon|after|before|then|by|for|the|of|to|with|from|until|must|can|should|be|is|are|blocks?|requires?|needs?|follows?|in|via|y|e|und|et|de|del|que))\s*$/iu;

/** Spans of the logical lines in `[start, end)`, without what stands before them (`> `, blanks) and behind them. */
export function logicalLines(text: string, start: number, end: number): Span[] {
  const lines: { start: number; end: number }[] = [];
  let depth = 0;
  for (const line of physicalLines(text, start, end)) {
    const piece = text.slice(line.start, line.end);
    const last = lines.at(-1);
    const isNew =
      last === undefined ||
      (depth <= 0 && BEGINS.test(piece.slice(0, 200)) && !GOES_ON.test(text.slice(last.start, last.end).slice(-40)));
    if (isNew) {
      lines.push({ ...line });
      depth = 0;
    } else last.end = line.end;
    depth += balance(piece);
  }
  return lines;
}

/** Spans of the lines in `[start, end)` that hold anything, without quote marks and blanks round them. */
export function physicalLines(text: string, start: number, end: number): Span[] {
  const lines: Span[] = [];
  for (let from = start; from < end; ) {
    const to = endOfLine(text, from, end);
    let first = from;
    while (first < to && /[\s>]/.test(text[first] as string)) first++;
    let last = to;
    while (last > first && /\s/.test(text[last - 1] as string)) last--;
    if (last > first) lines.push({ start: first, end: last });
    from = to + (text.startsWith('\r\n', to) ? 2 : 1);
  }
  return lines;
}

/** Offset of the line end at or behind `from`, at most `limit`. */
export function endOfLine(text: string, from: number, limit: number): number {
  let i = from;
  while (i < limit && text.charCodeAt(i) !== 10 && text.charCodeAt(i) !== 13) i++;
  return i;
}

function balance(piece: string): number {
  let depth = 0;
  for (let i = 0; i < piece.length; i++) {
    const symbol = piece[i] as string;
    if ('([（【'.includes(symbol)) depth++;
    else if (')]）】'.includes(symbol)) depth--;
  }
  return depth;
}
