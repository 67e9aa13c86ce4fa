/** The boxes of the user's file, as the engine asks for them: what goes wrong with one is told once and stops nothing. */
import type { Diagnostic } from './core/diagnostic.ts';
import { warning } from './core/diagnostic.ts';
import type { Plan } from './core/plan.ts';
import type { TaskId } from './core/task.ts';
import type { Boxes } from './engine.ts';
import { boxesOf, relocate } from './prepare.ts';
import type { TaskFile } from './project.ts';
import { createTicker } from './taskfile/ticker.ts';

export function createBoxes(
  file: TaskFile,
  plan: Plan,
  deps: 'all' | 'explicit',
  tell: (diagnostic: Diagnostic) => void,
): Boxes {
  const ticker = createTicker({
    path: file.path,
    text: file.text,
    boxes: boxesOf(plan),
    locate: (text) => relocate(plan, file.name, text, deps),
  });
  return {
    async tick(task: TaskId) {
      const result = await ticker.tick(task);
      if (!result.ok) for (const one of result.diagnostics) tell(one);
      else if (result.value === 'gone') {
        tell(
          warning(
            'unknown-task',
            `${task} is no longer in ${file.name}: it is done, but there is no box to tick.`,
            null,
          ),
        );
      }
      return result.ok && result.value !== 'gone';
    },
    async restore(task: TaskId) {
      const result = await ticker.restore(task);
      if (!result.ok) for (const one of result.diagnostics) tell(one);
      return result.ok && result.value === 'restored';
    },
  };
}
