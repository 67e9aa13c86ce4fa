/** Plain checklists without ids: every box is a task, in document order, with a generated id. */
import type { Dialect } from './dialect.ts';
import { numberedNote, readTaskList } from './task-list.ts';

export const checklist: Dialect = {
  name: 'checklist',
  matches: () => true,
  parse(source) {
    const parsed = readTaskList(source, { name: 'checklist', ids: 'generated' });
    const note = parsed === null ? null : numberedNote(source, parsed.drafts);
    return parsed === null || note === null ? parsed : { ...parsed, diagnostics: [note, ...parsed.diagnostics] };
  },
};
