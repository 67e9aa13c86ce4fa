/**
 * Keeps lists and quotes from nesting without end: the parser's work grows with the square of the depth, and its
 * stack is finite. Marks of lists and quotes that stand too deep become letters, in a text of the same length that
 * is only parsed; what is read out of it comes from the source.
 */

/** Nobody nests a task list deeper. */
const DEEPEST = 50;
const MARK = /(?:>|(?:[-*+]|\d{1,9}[.)])(?=[ \t]|$))/y;

export interface Shallow {
  readonly text: string;
  /** Offsets of the marks that were taken away, ascending. */
  readonly buried: readonly number[];
}

/** The text with no container deeper than a bound; the text itself where there is none. Linear. */
export function limitDepth(text: string): Shallow {
  const buried: number[] = [];
  /** Columns of the list items that may be open: an upper bound of the depth. */
  const open: number[] = [];
  let checked = 0;
  for (let start = 0; start < text.length; ) {
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++;
    markLine(start, end);
    start = end + 1;
  }
  if (buried.length === 0) return { text, buried };
  let shallow = '';
  let from = 0;
  for (const at of buried) {
    shallow += `${text.slice(from, at)}x`;
    from = at + 1;
  }
  return { text: shallow + text.slice(from), buried };

  function markLine(start: number, end: number): void {
    let quotes = 0;
    for (let at = skipBlanks(start, end); at < end; at = skipBlanks(at, end)) {
      MARK.lastIndex = at;
      const mark = MARK.exec(text)?.[0];
      if (mark === undefined || at + mark.length > end || isRule(at, end)) return;
      if (mark === '>') quotes++;
      else {
        const column = at - start;
        while (open.length > 0 && (open.at(-1) as number) >= column) open.pop();
        if (open.length < DEEPEST) open.push(column);
        else buried.push(at + mark.length - 1);
      }
      if (quotes > DEEPEST) buried.push(at);
      at += mark.length;
    }
  }

  function skipBlanks(from: number, end: number): number {
    let at = from;
    while (at < end && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at++;
    return at;
  }

  /** `- - - -`: a rule across the page. */
  function isRule(at: number, end: number): boolean {
    const symbol = text[at] as string;
    if (!'-*'.includes(symbol) || at < checked) return false;
    let count = 0;
    let i = at;
    while (i < end && (text[i] === symbol || text[i] === ' ' || text[i] === '\t')) {
      if (text[i] === symbol) count++;
      i++;
    }
    // What stands before the first other symbol is no rule either: a line is looked through once.
    checked = i;
    return i >= end && count >= 3;
  }
}
