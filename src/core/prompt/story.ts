/** What the task file says about a story: the goal and the test that stand below the heading of its phase. Pure. */
import type { Plan } from '../plan.ts';
import { lineOf } from '../source.ts';
import type { Phase, StoryId, Task } from '../task.ts';
import { sectionsOf } from './sections.ts';

export interface StoryText {
  readonly story: StoryId;
  readonly heading: string;
  /** As written, without the words before the colon; `null`: the file does not say it. */
  readonly goal: string | null;
  readonly test: string | null;
}

/** The stories that a task serves: its own, else those of its phase. */
export function storiesOf(task: Task, plan: Plan): readonly StoryId[] {
  return task.stories.length > 0 ? task.stories : (plan.phases[task.phase]?.stories ?? []);
}

/** Reads all stories of a plan, by id. The first phase that is about a story tells of it. */
export function storyTexts(plan: Plan): ReadonlyMap<StoryId, StoryText> {
  const stories = new Map<StoryId, StoryText>();
  const phases = plan.phases.filter((phase) => phase.stories.length > 0 && phase.heading !== null);
  if (phases.length === 0) return stories;
  const { source } = plan;
  const below = new Map(sectionsOf(source.text).map((one) => [one.line, source.text.slice(one.start, one.end)]));
  for (const phase of phases) {
    const { text, at } = phase.heading as NonNullable<Phase['heading']>;
    const lines = (below.get(lineOf(source, at.span.start)) ?? '').split(/\r?\n/);
    for (const story of phase.stories) {
      if (stories.has(story)) continue;
      stories.set(story, {
        story,
        heading: text,
        goal: saidIn(lines, 'Goal'),
        test: saidIn(lines, 'Independent Test'),
      });
    }
  }
  return stories;
}

/** What stands behind `**Goal**:`, up to the next empty line, list item or bold beginning. */
function saidIn(lines: readonly string[], name: string): string | null {
  const begin = new RegExp(`^\\s*(?:\\*\\*)?${name}(?:\\*\\*)?\\s*:(?:\\*\\*)?`, 'i');
  const first = lines.findIndex((line) => begin.test(line));
  if (first < 0) return null;
  const said = [(lines[first] as string).replace(begin, '').trim()];
  for (const line of lines.slice(first + 1)) {
    if (line.trim() === '' || /^\s*(?:\*\*|[-*+] |#|\d+[.)] |-{3,})/.test(line)) break;
    said.push(line.trim());
  }
  const text = said.filter((line) => line !== '').join('\n');
  return text === '' ? null : text;
}
