/** Lines that were meant as tasks, but that Markdown does not see as list items: `-[]T001`, `[ ] T001`, in HTML. */
import { type Diagnostic, warning } from '../core/diagnostic.ts';
import { at, type Location, type SourceFile, type Span } from '../core/source.ts';
import type { TaskDraft } from '../core/task.ts';
import { TASK_ID } from '../core/words.ts';

const NEAR = new RegExp(
  `^(?<blank>[ \\t>]*)(?:[-*+]|\\d{1,9}[.)])?[ \\t]*\\[[ xX~✅-]?\\][ \\t]*(?:\\*\\*|\\[|~~){0,2}(?<id>${TASK_ID})`,
  'gmu',
);

/** More than this are said in one message: somebody's tool wrote the whole file so. */
const SHOWN = 10;
const HINT =
  'Write "- [ ] ", with a blank behind the dash and behind the box, outside of HTML and not indented like code.';

/** Warnings for near misses outside of `hidden`; an id that some task has needs none. */
export function nearMisses(
  source: SourceFile,
  text: string,
  drafts: readonly TaskDraft[],
  hidden: readonly Span[],
): Diagnostic[] {
  const known = new Set(drafts.map((draft) => draft.id));
  const covers = [...hidden].sort((a, b) => a.start - b.start);
  const found: { id: string; at: Location }[] = [];
  let cover = 0;
  for (const match of text.matchAll(NEAR)) {
    const { blank, id } = match.groups as { blank: string; id: string };
    const start = match.index + blank.length;
    while (cover < covers.length && (covers[cover] as Span).end <= start) cover++;
    if (known.has(id) || (covers[cover]?.start ?? text.length) <= start) continue;
    found.push({ id, at: at(source, start, match.index + match[0].length) });
  }
  const [first] = found;
  if (first !== undefined && found.length > SHOWN) {
    const message = `${first.id} and ${found.length - 1} further lines look like tasks, but Markdown does not see list items there: they are not run.`;
    const related = found.slice(1, 4).map((one) => ({ message: `${one.id} is here`, at: one.at }));
    return [warning('not-a-list-item', message, first.at, { related, hint: HINT })];
  }
  return found.map((one) =>
    warning('not-a-list-item', `${one.id} looks like a task, but Markdown does not see a list item here.`, one.at, {
      hint: HINT,
    }),
  );
}
