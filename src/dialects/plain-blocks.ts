/**
 * The blocks of a Markdown text that holds nothing but what nearly all task files hold: headings, paragraphs, lists of
 * one line after another, fences, rules, whole comments. The same nodes as the Markdown parser gives, a hundred times
 * cheaper; in doubt none at all, and the parser is asked. Knows CommonMark as far as that takes; nothing of tasks.
 */
import type { RootContent } from 'mdast';

interface Block {
  readonly type: string;
  readonly position: { readonly start: { readonly offset: number }; readonly end: { offset: number } };
  readonly children?: Block[];
  readonly depth?: number;
  readonly lang?: string | null;
  readonly meta?: string | null;
  readonly value?: string;
}

/** A list that may still go on, and its last item. */
interface Open {
  readonly list: Block;
  item: Block;
  /** `-`, `*`, `+`, `.` or `)`: another one begins another list. */
  readonly mark: string;
  /** Column of the marker. */
  readonly indent: number;
  /** Column of what stands in the item. */
  content: number;
}

const HEADING = /^(#{1,6}) +\S/;
const ITEM = /^(?:[-*+]|(\d{1,9})([.)])) (?=\S)/;
const FENCE = /^(`{3,})(?: *([A-Za-z0-9_+-]+)(?: +([A-Za-z0-9_ +.-]*[A-Za-z0-9_+.-]))?)?$/;
const RULE = /^-{3,}$/;
const QUOTE = '> ';
/** The parser lets the text of an item begin behind its checkbox. */
const BOX = /^\[[ xX]\](?: |$)/;
/** What a paragraph may begin with, such that nothing but a paragraph begins: no bullet, fence, definition, tag. */
const TEXT =
  /^(?:[\p{L}\p{No}\p{So}"'“”‘’(（【「|@$%^,.;:!?/→—–…{}☐✓✔]|\*{1,2}[^\s*]|_{1,2}[^\s_]|~~[^\s~]|`(?!``)|\d(?!\d{0,8}[.)](?:\s|$))|\[[^[\]\\]{0,80}\](?!:))/u;
/** Blanks other than spaces, and other line ends. */
const ODD = /[\0\r\t\v\f]/;

/** The top-level blocks of `text`, or `null` where only a parser can tell. Linear in the text. */
export function plainBlocks(text: string): RootContent[] | null {
  if (ODD.test(text)) return null;
  const blocks: Block[] = [];
  const lists: Open[] = [];
  let paragraph: Block | null = null;
  let start = 0;

  const lineEnd = (from: number): number => {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length : end;
  };
  /** Puts a block into the innermost open item; everything that holds it reaches at least as far. */
  const add = (block: Block): void => {
    ((lists.at(-1)?.item.children ?? blocks) as Block[]).push(block);
    reach(block.position.end.offset);
  };
  const reach = (end: number): void => {
    for (const { list, item } of lists) {
      list.position.end.offset = end;
      item.position.end.offset = end;
    }
  };

  while (start < text.length) {
    const end = lineEnd(start);
    let first = start;
    while (first < end && text.charCodeAt(first) === 32) first++;
    if (first === end) {
      paragraph = null;
      start = end + 1;
      continue;
    }
    let last = end;
    while (text.charCodeAt(last - 1) === 32) last--;
    const indent = first - start;
    const line = text.slice(first, last);
    let depth = lists.length;
    while (depth > 0 && indent < (lists[depth - 1] as Open).content) depth--;
    const inside = indent - (depth === 0 ? 0 : (lists[depth - 1] as Open).content);
    const item = ITEM.exec(line);

    if (item !== null) {
      if (inside > 3) return null;
      const outer = lists[depth];
      const mark = item[2] ?? (line[0] as string);
      // Only a list that begins with 1 may end a paragraph.
      if (paragraph !== null && outer === undefined && item[1] !== undefined && item[1] !== '1') return null;
      if (outer !== undefined && outer.indent !== indent) return null;
      if (paragraph !== null && outer !== undefined && outer.mark !== mark) return null;
      const content = indent + item[0].length;
      const said = line.slice(item[0].length);
      if (!TEXT.test(said)) return null;
      const isBox = BOX.test(said);
      if (isBox && said.length < 5) return null;
      const node: Block = { type: 'listItem', position: place(first, end), children: [] };
      lists.length = depth;
      if (outer !== undefined && outer.mark === mark) {
        (outer.list.children as Block[]).push(node);
        lists.push({ ...outer, item: node, content });
      } else {
        const list: Block = { type: 'list', position: place(first, end), children: [node] };
        add(list);
        lists.push({ list, item: node, mark, indent, content });
      }
      paragraph = { type: 'paragraph', position: place(first + item[0].length + (isBox ? 4 : 0), end) };
      add(paragraph);
    } else if (paragraph !== null && TEXT.test(line)) {
      // A line that stands further left than its item may go on with it all the same.
      if (depth < lists.length) return null;
      paragraph.position.end.offset = end;
      reach(end);
    } else if (line.startsWith('```')) {
      if (inside > 0) return null;
      const fence = FENCE.exec(line);
      if (fence === null) return null;
      lists.length = depth;
      const [, marks, lang, meta] = fence as unknown as [string, string, string?, string?];
      const value: string[] = [];
      const close = new RegExp(`^\`{${marks.length},}$`);
      let from = end + 1;
      for (; ; from = lineEnd(from) + 1) {
        if (from >= text.length) return null;
        const inner = text.slice(from, lineEnd(from));
        const ink = inner.length - inner.trimStart().length;
        if (ink < inner.length && ink < indent) return null;
        if (ink - indent <= 3 && close.test(inner.trim())) break;
        value.push(inner.slice(indent));
      }
      const to = lineEnd(from);
      let over = to;
      while (text.charCodeAt(over - 1) === 32) over--;
      if (over < to) return null;
      add({
        type: 'code',
        lang: lang ?? null,
        meta: meta ?? null,
        value: value.join('\n'),
        position: place(first, to),
      });
      paragraph = null;
      start = to + 1;
      continue;
    } else if (indent > 0) {
      // A paragraph of its own in an item.
      if (paragraph !== null || depth === 0 || inside > 0 || !TEXT.test(line)) return null;
      lists.length = depth;
      paragraph = { type: 'paragraph', position: place(first, end) };
      add(paragraph);
    } else {
      const heading = HEADING.exec(line);
      const isComment = line.startsWith('<!--');
      if (isComment && paragraph !== null) return null;
      lists.length = 0;
      if (heading !== null) {
        add({ type: 'heading', depth: (heading[1] as string).length, position: place(first, end) });
        paragraph = null;
      } else if (RULE.test(line)) {
        if (paragraph !== null) return null;
        add({ type: 'thematicBreak', position: place(first, end) });
      } else if (line.startsWith(QUOTE)) {
        if (paragraph !== null || !TEXT.test(line.slice(QUOTE.length))) return null;
        const inner: Block = { type: 'paragraph', position: place(first + QUOTE.length, end) };
        const quote: Block = { type: 'blockquote', position: place(first, end), children: [inner] };
        start = end + 1;
        for (; text.startsWith(QUOTE, start); start = lineEnd(start) + 1) {
          const to = lineEnd(start);
          if (!TEXT.test(text.slice(start + QUOTE.length, to))) return null;
          inner.position.end.offset = to;
          quote.position.end.offset = to;
        }
        // Without a blank line the next one could belong to the quote.
        if (text.slice(start, lineEnd(start)).trim() !== '') return null;
        add(quote);
        continue;
      } else if (isComment) {
        const close = text.indexOf('-->', first + 4);
        if (close < 0 || line.startsWith('<!-->') || line.startsWith('<!--->')) return null;
        const to = lineEnd(close);
        add({ type: 'html', value: text.slice(first, to), position: place(first, to) });
        start = to + 1;
        continue;
      } else if (TEXT.test(line)) {
        paragraph = { type: 'paragraph', position: place(first, end) };
        add(paragraph);
      } else return null;
    }
    start = end + 1;
  }
  return blocks as unknown as RootContent[];
}

function place(start: number, end: number): Block['position'] {
  return { start: { offset: start }, end: { offset: end } };
}
