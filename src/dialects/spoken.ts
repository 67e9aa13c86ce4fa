/** Headings that begin with a task id (`#### T005: …`): what stands below belongs to that task. */
import { readPaths } from '../core/paths.ts';
import type { Span } from '../core/source.ts';
import type { Script, TaskDraft } from '../core/task.ts';

export interface Spoken {
  readonly id: string;
  text: string;
  readonly scripts: Script[];
  /** Lines that may speak about order. */
  readonly lines: Span[];
}

/** Adds what headings say to the drafts with their ids, in place. */
export function joinSpoken(
  drafts: TaskDraft[],
  all: readonly Spoken[],
  say: (draft: number, line: Span) => void,
): void {
  if (all.length === 0) return;
  const byId = new Map<string, number>();
  drafts.forEach((draft, index) => {
    if (draft.id !== null && !byId.has(draft.id)) byId.set(draft.id, index);
  });
  for (const spoken of all) {
    const index = byId.get(spoken.id);
    if (index === undefined) continue;
    const draft = drafts[index] as TaskDraft;
    const { paths, target } = readPaths('', spoken.text);
    drafts[index] = {
      ...draft,
      body: [draft.body, spoken.text.trim()].filter((part) => part !== '').join('\n\n'),
      scripts: [...draft.scripts, ...spoken.scripts],
      paths: [...new Set([...draft.paths, ...paths])],
      target: draft.target ?? target,
    };
    for (const line of spoken.lines) say(index, line);
  }
}
