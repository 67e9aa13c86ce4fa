/** Lines that were meant as tasks, but that Markdown does not see as list items: `-[]T001`, `[ ] T001`, in HTML. */
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import { at, type SourceFile, type Span } from '../core/source.ts';
import type { TaskDraft } from '../core/task.ts';
import { TASK_ID } from '../core/words.ts';

const NEAR = new RegExp(
  `^(?<blank>[ \\t>]*)(?:[-*+]|\\d{1,9}[.)])?[ \\t]*\\[[ xX~✅-]?\\][ \\t]*(?:\\*\\*|\\[|~~){0,2}(?<id>${TASK_ID})`,
  'gmu',
);

/** Warnings for near misses outside of `hidden`; an id that some task has needs none. */
export function nearMisses(
  source: SourceFile,
  text: string,
  drafts: readonly TaskDraft[],
  hidden: readonly Span[],
): Diagnostic[] {
  const known = new Set(drafts.map((draft) => draft.id));
  const covers = [...hidden].sort((a, b) => a.start - b.start);
  const found: Diagnostic[] = [];
  let cover = 0;
  for (const match of text.matchAll(NEAR)) {
    const { blank, id } = match.groups as { blank: string; id: string };
    const start = match.index + blank.length;
    while (cover < covers.length && (covers[cover] as Span).end <= start) cover++;
    if (known.has(id) || (covers[cover]?.start ?? text.length) <= start) continue;
    found.push(
      warning(
        'not-a-list-item',
        `${id} looks like a task, but Markdown does not see a list item here.`,
        at(source, start, match.index + match[0].length),
        {
          hint: 'Write "- [ ] ", with a blank behind the dash and behind the box, outside of HTML and not indented like code.',
        },
      ),
    );
  }
  return found;
}
