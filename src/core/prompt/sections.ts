/**
 * A Markdown document as sections: what stands below each heading, up to the next one of any depth. Knows headings and
 * fences; nothing of what is said in them.
 */

export interface Section {
  /** Text of the heading, or `null` for what stands above the first one. */
  readonly heading: string | null;
  /** Headings that enclose it, the outermost first. */
  readonly above: readonly string[];
  /** Offsets into the text, the heading included, white space at the end not. */
  readonly start: number;
  readonly end: number;
  /** First and last line, from 1. */
  readonly line: number;
  readonly lastLine: number;
}

const LONGEST_HEADING = 300;

/** Sections in the order of the document; a heading with nothing below it is none, but counts for those inside it. */
export function sectionsOf(text: string): Section[] {
  const sections: Section[] = [];
  const chain: { readonly depth: number; readonly text: string }[] = [];
  let open = { heading: null as string | null, above: [] as string[], start: 0, body: 0, line: 1 };
  let fence: string | null = null;
  const close = (to: number): void => {
    const own = text.slice(open.start, to);
    if (text.slice(open.body, to).trim() === '') return;
    const { heading, above, start, line } = open;
    const end = start + own.trimEnd().length;
    sections.push({ heading, above, start, end, line, lastLine: line + linesIn(text, start, end) });
  };
  let number = 0;
  for (let start = 0; start <= text.length; ) {
    number += 1;
    const found = text.indexOf('\n', start);
    const end = found < 0 ? text.length : found;
    const line = text.slice(start, Math.min(end, start + LONGEST_HEADING));
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    const hashes = fence === null ? /^ {0,3}(#{1,6})(?=[ \t\r]|$)/.exec(line) : null;
    if (mark !== undefined) {
      if (fence === null) fence = mark;
      else if (mark.startsWith(fence)) fence = null;
    } else if (hashes !== null) {
      close(start);
      const depth = (hashes[1] as string).length;
      const heading = withoutHashes(line.slice(hashes[0].length).trim());
      while ((chain.at(-1)?.depth ?? 0) >= depth) chain.pop();
      open = { heading, above: chain.map((one) => one.text), start, body: end, line: number };
      chain.push({ depth, text: heading });
    }
    start = end + 1;
  }
  close(text.length);
  return sections;
}

/** A text without headings, such as a contract in YAML: one section. */
export function wholeOf(text: string): Section[] {
  const end = text.trimEnd().length;
  if (end === 0) return [];
  return [{ heading: null, above: [], start: 0, end, line: 1, lastLine: 1 + linesIn(text, 0, end) }];
}

/** Number of line ends in `[start, end)`. */
export function linesIn(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}

function withoutHashes(heading: string): string {
  let end = heading.length;
  while (end > 0 && heading[end - 1] === '#') end -= 1;
  return heading.slice(0, end).trim();
}
