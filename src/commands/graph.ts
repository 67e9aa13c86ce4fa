/** `implement graph`: the plan as a picture, or as JSON. */

import { pictures } from '../builtins.ts';
import type { Plan } from '../core/plan.ts';
import { rankOf } from '../core/rank.ts';
import type { TaskStatus } from '../core/session.ts';
import type { PictureInput } from '../pictures/picture.ts';

/** The picture as text. `states` lays what the last run says over what the boxes say. */
export async function drawGraph(
  plan: Plan,
  format: keyof typeof pictures,
  states: ReadonlyMap<string, TaskStatus>,
): Promise<string> {
  const draw = await pictures[format]();
  return draw(pictureOf(plan, states));
}

/** The graph as data: nodes with their state, and edges. */
export function graphJson(plan: Plan, states: ReadonlyMap<string, TaskStatus>): string {
  const input = pictureOf(plan, states);
  return JSON.stringify(
    {
      schemaVersion: 1,
      file: plan.source.name,
      tasks: input.tasks.map(({ id, title, line, state, stories, priority, parallel, phase, group }) => ({
        id,
        title,
        line,
        state,
        stories,
        priority,
        parallel,
        phase: plan.phases[phase]?.heading?.text ?? null,
        group,
      })),
      gates: plan.gates,
      edges: plan.edges.map(({ from, to, kind, reason }) => ({ from, to, kind, reason })),
      criticalPath: input.criticalPath,
    },
    null,
    2,
  );
}

function pictureOf(plan: Plan, states: ReadonlyMap<string, TaskStatus>): PictureInput {
  return {
    title: plan.source.name,
    phases: plan.phases,
    tasks: plan.tasks.map((task) => ({
      ...task,
      state: task.status === 'open' ? (states.get(task.id) ?? 'pending') : task.status,
    })),
    gates: plan.gates,
    edges: plan.edges,
    criticalPath: rankOf(plan, (id) => (plan.byId.get(id)?.status === 'open' ? 1 : 0)).criticalPath,
  };
}
