/** What is read without the Markdown parser is what the parser would have read. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import type { Node, RootContent } from 'mdast';
import { describe, expect, it } from 'vitest';
import { parsedBlocks } from '../../src/dialects/markdown.ts';
import { plainBlocks } from '../../src/dialects/plain-blocks.ts';
import { document } from '../support/markdown.ts';

const runs = Number(process.env['RUNS'] ?? 2000);

/** What readers use of a node. */
function shape(node: Node): unknown {
  const { type, position, depth, lang, meta, value, children } = node as Node & Record<string, unknown>;
  const place = [position?.start.offset, position?.end.offset];
  if (type === 'heading') return { type, place, depth };
  if (type === 'code') return { type, place, lang: lang ?? null, meta: meta ?? null, value };
  if (type === 'list' || type === 'listItem' || type === 'blockquote') {
    return { type, place, children: (children as Node[]).map(shape) };
  }
  return { type, place };
}

function expectSame(text: string): void {
  const plain = plainBlocks(text);
  if (plain !== null) expect(plain.map(shape)).toEqual(parsedBlocks(text).map(shape));
}

const said = fc.constantFrom(
  'T001 [P] [US1] Create the model in src/a.ts',
  '**T002** text',
  'plain text',
  '`code` first',
  '[US1] story',
  '[link](url) text',
  '*emphasis* and more',
  '_emphasis_ and more',
  '~~struck~~',
  '12 apples',
  '1.5 times',
  '|a|b|',
  '→ T003',
  '日本語',
  '(depends on T001)',
  'a  ',
  'a\\',
);
const start = fc.constantFrom(
  '',
  '- ',
  '- [ ] ',
  '- [x] ',
  '- [-] ',
  '* ',
  '1. ',
  '2. ',
  '1) ',
  '10. ',
  '> ',
  '## ',
  '### ',
);
const indent = fc.constantFrom('', '', '', '', '  ', '   ', '    ', '      ', '     ');
const block = fc.constantFrom(
  '',
  '',
  '',
  '---',
  '```',
  '```sh run',
  '```',
  '<!-- note -->',
  '<!-- open',
  'end -->',
  '- ',
  '>',
  '***',
  '===',
  '- [ ]',
  '- [x] ',
);
const line = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(indent, start, said).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: fc.tuple(indent, block).map((parts) => parts.join('')) },
);
const tidy = fc.array(line, { maxLength: 14 }).map((lines) => lines.join('\n'));
/** One change of a tidy text: most hostile texts are nearly tidy. */
const nudged = fc
  .tuple(tidy, fc.nat(), fc.constantFrom('', ' ', '\n', '-', '#', '`', '>', '[', ']', ':', '*', '1', '.', '\t', '<'))
  .map(([text, at, piece]) => {
    const place = at % (text.length + 1);
    return text.slice(0, place) + piece + text.slice(place + (at % 3 === 0 ? 1 : 0));
  });

describe('plain blocks', () => {
  it.each([
    ['tidy', tidy],
    ['nearly tidy', nudged],
    ['hostile', document(14)],
  ])('of a %s text are those of the parser', (_name, texts) => {
    fc.assert(fc.property(texts, expectSame), { numRuns: runs });
  });

  it('of the fixtures are those of the parser', () => {
    const folder = fileURLToPath(new URL('../../fixtures', import.meta.url));
    for (const name of readdirSync(folder).filter((file) => file.endsWith('.md'))) {
      for (const part of readFileSync(join(folder, name), 'utf8').split(/^(?=#)/m)) expectSame(part);
    }
  });

  it('are there for what task files are made of', () => {
    const text = [
      '# Tasks: A Feature',
      '',
      '**Input**: Design documents',
      '',
      '## Phase 1: Setup (Priority: P1)',
      '',
      '- [ ] T001 [P] Create the model in `src/a.ts`',
      '  with a second line',
      '  - Depends on: T000',
      '',
      '  A paragraph of its own.',
      '',
      '  ```sh run',
      '  echo done',
      '',
      '  ```',
      '- [x] T002 [US1] Next',
      '',
      '---',
      '',
      '1. First',
      '2. Second',
      '',
      '> **Note**: quoted',
      '> further',
      '',
      '<!-- a comment',
      'of two lines -->',
      '',
      '```text',
      'T001 → T002',
      '```',
    ].join('\n');
    const types = (plainBlocks(text) as RootContent[]).map((node) => node.type);
    expect(types).toEqual([
      'heading',
      'paragraph',
      'heading',
      'list',
      'thematicBreak',
      'list',
      'blockquote',
      'html',
      'code',
    ]);
    expectSame(text);
  });
});
