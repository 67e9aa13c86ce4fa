/** Plain checklists without ids: every box is a task, in document order, with a generated id. */
import { type Diagnostic, info } from '../core/diagnostic.ts';
import type { SourceFile } from '../core/source.ts';
import type { TaskDraft } from '../core/task.ts';
import type { Dialect } from './dialect.ts';
import { readTaskList } from './task-list.ts';

export const checklist: Dialect = {
  name: 'checklist',
  matches: () => true,
  parse(source) {
    const parsed = readTaskList(source, { name: 'checklist', ids: 'generated' });
    const note = parsed === null ? null : noteOf(source, parsed.drafts);
    return parsed === null || note === null ? parsed : { ...parsed, diagnostics: [note, ...parsed.diagnostics] };
  },
};

/** How the file is read, said at its first task; `null` where there is none. */
function noteOf(source: SourceFile, drafts: readonly TaskDraft[]): Diagnostic | null {
  const [first] = drafts;
  if (first === undefined) return null;
  const numbered = drafts.filter((draft) => /^\d+(?:\.\d+)*[.)]?\s/.test(draft.title)).length;
  const kind =
    numbered * 2 >= drafts.length
      ? 'A numbered list (Kiro, OpenSpec and others) is read as a plain checklist'
      : 'No task of this file has an id';
  const message = `${kind}: every box of ${source.name} is a task, with a generated id, in document order.`;
  const hint = 'Give tasks ids (T001, T002, …) to use markers, dependencies and stories.';
  return info('read-as-checklist', message, first.at, { hint });
}
