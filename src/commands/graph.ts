/** `implement graph`: the plan as a picture, or as JSON. */

import { pictures } from '../builtins.ts';
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import type { History } from '../core/history.ts';
import { blockedBy, type Plan } from '../core/plan.ts';
import { rankOf } from '../core/rank.ts';
import type { TaskStatus } from '../core/session.ts';
import { nearest } from '../core/suggest.ts';
import type { PictureInput } from '../pictures/picture.ts';

export type GraphFormat = keyof typeof pictures | 'json';

/** The format that a name means. Errors: `usage`, with the nearest name. */
export function formatOf(name: string): Result<GraphFormat> {
  const known = [...Object.keys(pictures), 'json'];
  if (known.includes(name)) return ok(name as GraphFormat);
  const near = nearest(name, known);
  const hint = `There are: ${known.join(', ')}.${near === null ? '' : ` Did you mean ${near}?`}`;
  return fail(error('usage', `There is no graph format ${name}.`, null, { hint }));
}

/** What the last run says about each task; `done` and `skipped` in the file go before it. */
export function statesOf(plan: Plan, history: History | null): Map<string, TaskStatus> {
  const states = new Map<string, TaskStatus>();
  if (history === null) return states;
  const failed = [...history.failed.keys()].filter((id) => plan.byId.get(id)?.status === 'open');
  for (const id of failed) for (const task of blockedBy(plan, id)) states.set(task.id, 'blocked');
  for (const id of failed) states.set(id, 'failed');
  for (const id of history.done) states.set(id, 'done');
  return states;
}

/** The graph as text in the format. `states` is what the last run says; boxes of the file go before it. */
export async function drawGraph(
  plan: Plan,
  format: GraphFormat,
  states: ReadonlyMap<string, TaskStatus>,
): Promise<string> {
  if (format === 'json') return graphJson(plan, states);
  const draw = await pictures[format]();
  return draw(pictureOf(plan, states));
}

/** The graph as data: nodes with their state, and edges. */
function graphJson(plan: Plan, states: ReadonlyMap<string, TaskStatus>): string {
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
