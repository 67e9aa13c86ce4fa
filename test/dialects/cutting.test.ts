/** A text that is parsed in parts gives what it gives as a whole. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceFile } from '../../src/core/source.ts';
import type { Parsed } from '../../src/core/task.ts';
import { readTaskList } from '../../src/dialects/task-list.ts';
import { document } from '../support/markdown.ts';

const runs = Number(process.env['RUNS'] ?? 400);

function parts(text: string, partSize: number, ids: 'written' | 'generated'): Parsed | null {
  return readTaskList(sourceFile('a.md', text), { name: 'list', ids, partSize });
}

describe('cutting', () => {
  it('gives the same drafts, places, statements and diagnostics', () => {
    fc.assert(
      fc.property(
        document(),
        fc.integer({ min: 1, max: 200 }),
        fc.constantFrom('written' as const, 'generated' as const),
        (text, size, ids) => {
          expect(parts(text, size, ids)).toEqual(parts(text, Number.POSITIVE_INFINITY, ids));
        },
      ),
      { numRuns: runs },
    );
  });

  it('cuts before headings and bullets, for a text that is not hostile', () => {
    const text = Array.from({ length: 500 }, (_, i) =>
      i % 10 === 0 ? `\n## Phase ${i}\n\n` : `- [ ] T${i} title\n  body\n`,
    ).join('');
    expect(parts(text, 100, 'written')).toEqual(parts(text, Number.POSITIVE_INFINITY, 'written'));
  });
});
