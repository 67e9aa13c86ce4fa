/**
 * Where a Markdown text may be cut so that the parts, parsed one by one, have the blocks of the whole. Knows the
 * block structure of CommonMark as far as that takes (fences, HTML blocks, list items); knows nothing of tasks.
 *
 * A cut stands before an ATX heading or a bullet in column 0. Such a line always begins a block, unless a fence
 * or an HTML block of the top level is open. Blocks inside a list item or a quote end at such a line by
 * themselves. Where it cannot be told whether an opener belongs to the top level (indented by 1 to 3 columns
 * behind a list item), the text is not cut any more until the doubt is over.
 */

/** CommonMark 4.6: start conditions 1 to 7 of HTML blocks, and what ends each; `null` is a blank line. */
const RAW_TAG = /^<(?:script|pre|style|textarea)(?:[\s>]|$)/i;
const RAW_END = /<\/(?:script|pre|style|textarea)>/i;

interface Open {
  /** Ends the block on its own line when this matches; `null`: a blank line does. */
  readonly end: RegExp | null;
  /** It may belong to a list item, which a line with less than this indent would end. */
  readonly indent: number;
}

const CUTTABLE = /^(?:#{1,6}(?:[ \t]|$)|[-*+][ \t]+[^\s*_-])/;

/**
 * Offsets at which `text` may be cut, ascending, each at least `size` code units behind the one before. Linear.
 */
export function cutsOf(text: string, size: number): number[] {
  const cuts: number[] = [];
  let last = 0;
  let open: Open | null = null;
  let inList = false;
  let afterBlank = true;
  let start = 0;
  while (start < text.length) {
    let end = start;
    while (end < text.length && text.charCodeAt(end) !== 10 && text.charCodeAt(end) !== 13) end++;
    const indent = indentOf(text, start, end);
    const blank = start + indent >= end;
    if (open !== null) {
      const inDoubt = !blank && (indent < open.indent || (open.end === null && isOpener(text, start, indent, end)));
      if (inDoubt) return cuts;
      if (open.end === null ? blank : open.end.test(text.slice(start, end))) open = null;
    } else if (!blank) {
      if (indent === 0) {
        if (afterBlank) inList = false;
        if (start - last >= size && CUTTABLE.test(text.slice(start, Math.min(end, start + 40)))) {
          cuts.push(start);
          last = start;
        }
      }
      if (indent <= 3) {
        if (ITEM.test(text.slice(start + indent, Math.min(end, start + indent + 16)))) inList = true;
        else open = opener(text.slice(start + indent, end), indent > 0 && inList ? indent : 0);
      }
    }
    afterBlank = blank;
    start = end + (text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? 2 : 1);
  }
  return cuts;
}

const ITEM = /^(?:\d{1,9}[.)]|[-*+])(?:[ \t]|$)/;

function isOpener(text: string, start: number, indent: number, end: number): boolean {
  return indent <= 3 && (opener(text.slice(start + indent, end), 0)?.end ?? null) !== null;
}

function indentOf(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) {
    if (text.charCodeAt(i) === 9) return Math.max(4, i - start + 1);
    i++;
  }
  return i - start;
}

function opener(line: string, indent: number): Open | null {
  const first = line[0];
  if (first === '`' || first === '~') {
    const fence = /^(`{3,})[^`]*$|^(~{3,})/.exec(line);
    if (fence === null) return null;
    const mark = (fence[1] ?? fence[2]) as string;
    return { end: new RegExp(`^ {0,3}${mark[0]}{${mark.length},}[ \\t]*$`), indent };
  }
  if (first !== '<') return null;
  const html = (end: RegExp): Open | null => (end.test(line) ? null : { end, indent });
  if (RAW_TAG.test(line)) return html(RAW_END);
  if (line.startsWith('<!--')) return html(/-->/);
  if (line.startsWith('<?')) return html(/\?>/);
  if (line.startsWith('<![CDATA[')) return html(/\]\]>/);
  if (/^<![A-Za-z]/.test(line)) return html(/>/);
  // Conditions 6 and 7; a line that only looks like them costs a cut and nothing else.
  return /^<\/?[A-Za-z]/.test(line) ? { end: null, indent } : null;
}
