/**
 * Text to Markdown blocks, by mdast-util-from-markdown: block structure only. Inline constructs are switched off
 * (they are quadratic on long lines, and markers are read from the source anyway). What is plain enough is read
 * without the parser, to the same nodes. Knows nothing of tasks.
 */
import type { RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item';
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item';
import { cutsOf } from './cut.ts';
import { plainBlocks } from './plain-blocks.ts';

/** Text above this length is parsed in parts: memory stays bounded, time linear. In UTF-16 code units. */
const PART_SIZE = 4_096;

const BLOCKS_ONLY = {
  disable: {
    null: [
      'attention',
      'autolink',
      'characterEscape',
      'characterReference',
      'codeText',
      'hardBreakEscape',
      'htmlText',
      'labelEnd',
      'labelStartImage',
      'labelStartLink',
    ],
  },
};

/** The top-level blocks as the parser sees them, of whatever text. */
export function parsedBlocks(text: string): RootContent[] {
  const tree = fromMarkdown(text, {
    extensions: [gfmTaskListItem(), BLOCKS_ONLY],
    mdastExtensions: [gfmTaskListItemFromMarkdown()],
  });
  return tree.children;
}

/**
 * Hands each top-level block of `text` behind offset `begin` to `visit`, in order, with the offset that has to be
 * added to the block's positions, and the offset where the next block begins: an unclosed fence in a list may claim
 * some characters of that.
 */
export function eachBlock(
  text: string,
  begin: number,
  visit: (block: RootContent, base: number, limit: number) => void,
  partSize = PART_SIZE,
): void {
  const body = begin === 0 ? text : text.slice(begin);
  let from = 0;
  for (const cut of [...(body.length > partSize ? cutsOf(body, partSize) : []), body.length]) {
    const part = body.slice(from, cut);
    const blocks = plainBlocks(part) ?? parsedBlocks(part);
    blocks.forEach((block, i) => {
      const next = blocks[i + 1]?.position?.start.offset ?? cut - from;
      visit(block, begin + from, begin + from + next);
    });
    from = cut;
  }
}
