/**
 * What is worth starting first: priority, longest remaining path, document order; and the critical path and
 * generations that come with it. Pure; over the plan's one graph.
 */
import type { Plan } from './plan.ts';
import type { TaskId } from './task.ts';

export interface Rank {
  /** Best priority among the task and those that wait for it inside its stretch; `Infinity` is none. */
  priority(id: string): number;
  /** Weight of the heaviest chain from the task to the end, itself included. */
  remaining(id: string): number;
  /** Ids of the heaviest chain, in order. */
  readonly criticalPath: readonly TaskId[];
  /** Its weight: no schedule is shorter. */
  readonly criticalWeight: number;
}

/** `weight`: duration of a task in any one unit; 0 for tasks that will not run. */
export function rankOf(plan: Plan, weight: (id: TaskId) => number): Rank {
  const { network, topological } = plan;
  const remaining = new Map<string, number>();
  const next = new Map<string, string | null>();
  const priority = new Map<string, number>();
  const stretch = new Map<string, number>();
  for (const task of plan.tasks) stretch.set(task.id, plan.stretch[task.index] as number);
  for (const node of topological) {
    // A gate stands in the stretch of what leads to it.
    if (!stretch.has(node)) stretch.set(node, stretch.get(network.inNeighbors(node)[0] ?? '') ?? -1);
  }
  for (let i = topological.length - 1; i >= 0; i--) {
    const node = topological[i] as string;
    let best = 0;
    let follower: string | null = null;
    let rank = plan.byId.get(node)?.priority ?? Number.POSITIVE_INFINITY;
    network.forEachOutNeighbor(node, (to) => {
      const length = remaining.get(to) as number;
      if (length > best) {
        best = length;
        follower = to;
      }
      if (stretch.get(to) === stretch.get(node)) rank = Math.min(rank, priority.get(to) as number);
    });
    remaining.set(node, best + (plan.byId.has(node) ? weight(node) : 0));
    next.set(node, follower);
    priority.set(node, rank);
  }
  let head: string | null = null;
  for (const node of topological)
    if (head === null || (remaining.get(node) as number) > (remaining.get(head) as number)) head = node;
  const criticalWeight = head === null ? 0 : (remaining.get(head) as number);
  const criticalPath: TaskId[] = [];
  for (let node = head; node !== null && criticalWeight > 0; node = next.get(node) as string | null) {
    if (plan.byId.has(node) && weight(node) > 0) criticalPath.push(node);
  }
  return {
    priority: (id) => priority.get(id) ?? Number.POSITIVE_INFINITY,
    remaining: (id) => remaining.get(id) ?? 0,
    criticalPath,
    criticalWeight,
  };
}

/** All tasks by depth: the number of tasks on the longest path that leads to each. Gates add no depth. */
export function generationsOf(plan: Plan): TaskId[][] {
  const depth = new Map<string, number>();
  const generations: TaskId[][] = [];
  for (const node of plan.topological) {
    let level = 0;
    plan.network.forEachInNeighbor(node, (from) => {
      level = Math.max(level, (depth.get(from) as number) + (plan.byId.has(from) ? 1 : 0));
    });
    depth.set(node, level);
  }
  for (const task of plan.tasks) {
    const level = depth.get(task.id) as number;
    while (generations.length <= level) generations.push([]);
    (generations[level] as TaskId[]).push(task.id);
  }
  return generations;
}
