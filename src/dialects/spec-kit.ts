/** spec-kit's tasks.md, old and new templates: `- [ ] T012 [P] [US1] Title in path`. */
import { ANY_ID_LINE } from './boxes.ts';
import type { Dialect } from './dialect.ts';
import { readTaskList } from './task-list.ts';

export const specKit: Dialect = {
  name: 'spec-kit',
  matches: (source) => ANY_ID_LINE.test(source.text),
  parse: (source) => readTaskList(source, { name: 'spec-kit', ids: 'written' }),
};
