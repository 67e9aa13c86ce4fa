/**
 * Where a Markdown text may be cut so that the parts, parsed one by one, have the blocks of the whole. Knows the
 * block structure of CommonMark as far as that takes (fences, HTML blocks, list items); knows nothing of tasks.
 *
 * A cut stands before an ATX heading or a bullet in column 0. Such a line always begins a block, unless a fence
 * or an HTML block of the top level is open. Blocks inside a list item or a quote end at such a line by
 * themselves. Where it cannot be told whether an opener belongs to the top level, or what it opens, the text is
 * not cut any more until the doubt is over, or at all.
 */

interface Open {
  /** Ends the block on its own line when this matches; `null`: a blank line does. */
  readonly end: RegExp | null;
  /** It may belong to a list item, which a line with less than this indent would end. */
  readonly indent: number;
  /** Certain to be what it looks like, and certain to be of the top level. */
  readonly sure: boolean;
}

/** A number behind the bullet could be a list of its own, which the parser treats otherwise behind a paragraph. */
const CUTTABLE = /^(?:#{1,6}(?:[ \t]|$)|[-*+][ \t]+[[`\p{L}])/u;
const ITEM = /^(?:\d{1,9}[.)]|[-*+])(?:[ \t]|$)/;

/** CommonMark 4.6: start conditions 1 to 7 of HTML blocks, and what ends each. */
const RAW_TAG = /^<(?:script|pre|style|textarea)(?:[\s>]|$)/i;
const RAW_END = /<\/(?:script|pre|style|textarea)>/i;
const BLOCK_TAG =
  /^<\/?(?:address|article|aside|base|basefont|blockquote|body|caption|center|col|colgroup|dd|details|dialog|dir|div|dl|dt|fieldset|figcaption|figure|footer|form|frame|frameset|h[1-6]|head|header|hr|html|iframe|legend|li|link|main|menu|menuitem|nav|noframes|ol|optgroup|option|p|param|search|section|summary|table|tbody|td|tfoot|th|thead|title|tr|track|ul)(?:[\s>]|\/>|$)/i;

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
    const first = firstInk(text, start, end);
    const blank = first === end;
    const indent = columns(text, start, first);
    const line = text.slice(first, end);
    if (open !== null) {
      const mayEnd = !blank && indent < open.indent;
      const mayOpen = !open.sure && indent <= 3 && (opener(line, 0, false)?.end ?? null) !== null;
      if (mayEnd || (!blank && mayOpen)) return cuts;
      if (open.end === null ? blank : open.end.test(text.slice(start, end))) open = null;
    } else if (!blank) {
      if (indent === 0) {
        if (afterBlank) inList = false;
        if (start - last >= size && CUTTABLE.test(line.slice(0, 40))) {
          cuts.push(start);
          last = start;
        }
      }
      if (indent <= 3) {
        if (ITEM.test(line.slice(0, 16))) inList = true;
        else open = opener(line, indent > 0 && inList ? indent : 0, !inList);
      }
    }
    afterBlank = blank;
    start = end + (text.charCodeAt(end) === 13 && text.charCodeAt(end + 1) === 10 ? 2 : 1);
  }
  return cuts;
}

function firstInk(text: string, start: number, end: number): number {
  let i = start;
  while (i < end && (text.charCodeAt(i) === 32 || text.charCodeAt(i) === 9)) i++;
  return i;
}

function columns(text: string, start: number, first: number): number {
  let column = 0;
  for (let i = start; i < first; i++) column = text.charCodeAt(i) === 9 ? column + 4 - (column % 4) : column + 1;
  return column;
}

function opener(line: string, indent: number, sure: boolean): Open | null {
  const first = line[0];
  if (first === '`' || first === '~') {
    const fence = /^(`{3,})[^`]*$|^(~{3,})/.exec(line);
    if (fence === null) return null;
    const mark = (fence[1] ?? fence[2]) as string;
    return { end: new RegExp(`^ {0,3}${mark[0]}{${Math.min(mark.length, 1000)},}[ \\t]*$`), indent, sure };
  }
  if (first !== '<') return null;
  const html = (end: RegExp): Open | null => (end.test(line) ? null : { end, indent, sure });
  if (RAW_TAG.test(line)) return html(RAW_END);
  if (line.startsWith('<!--')) return html(/-->/);
  if (line.startsWith('<?')) return html(/\?>/);
  if (line.startsWith('<![CDATA[')) return html(/\]\]>/);
  if (/^<![A-Za-z]/.test(line)) return html(/>/);
  if (BLOCK_TAG.test(line)) return { end: null, indent, sure };
  // Condition 7 needs a whole tag and no paragraph before; a line that only looks like it leaves a doubt.
  return /^<\/?[A-Za-z]/.test(line) ? { end: null, indent, sure: false } : null;
}
