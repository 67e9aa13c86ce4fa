/**
 * Conflict edges: tasks that change the same file and that nothing else orders. Knows targets and the finished rest
 * of the graph.
 */
import { join, type Network } from './network.ts';
import type { Task } from './task.ts';

/** Steps that all searches of a plan may take together, per task; a conflict that is not proved needless is kept. */
const STEPS_PER_TASK = 20;
const SPARE_STEPS = 10_000;

/** Joins neighbours with the same target in reading order: the later waits for the earlier to end. */
export function addConflicts(
  network: Network,
  tasks: readonly Task[],
  order: readonly number[],
  stretch: readonly number[],
): void {
  const places = placesOf(network, tasks, order);
  const last = new Map<string, Task>();
  let steps = STEPS_PER_TASK * tasks.length + SPARE_STEPS;
  for (const index of order) {
    const task = tasks[index] as Task;
    if (task.target === null) continue;
    const before = last.get(task.target);
    last.set(task.target, task);
    if (before === undefined || stretch[before.index] !== stretch[index] || isOrdered(before.id, task.id)) continue;
    join(network, before.id, task.id, {
      kind: 'conflict',
      because: task.at,
      reason: `both change ${task.target}, and ${before.id} stands first`,
    });
  }

  /** Walks forward, never past the goal in reading order. */
  function isOrdered(from: string, to: string): boolean {
    const goal = places.get(to) as number;
    const seen = new Set([from]);
    const stack = [from];
    while (stack.length > 0 && steps > 0) {
      if (network.hasDirectedEdge(stack.at(-1), to)) return true;
      network.forEachOutNeighbor(stack.pop() as string, (next) => {
        steps--;
        if (seen.has(next) || (places.get(next) as number) >= goal) return;
        seen.add(next);
        stack.push(next);
      });
    }
    return false;
  }
}

/** Position in reading order per node; a gate stands just before the first task behind it. */
function placesOf(network: Network, tasks: readonly Task[], order: readonly number[]): Map<string, number> {
  const places = new Map(order.map((index, i) => [(tasks[index] as Task).id, i]));
  const stack: string[] = [];
  network.forEachNode((id, data) => {
    if (data.task < 0) stack.push(id);
  });
  while (stack.length > 0) {
    const gate = stack.at(-1) as string;
    let first = Number.POSITIVE_INFINITY;
    let isOpen = false;
    if (!places.has(gate)) {
      network.forEachOutNeighbor(gate, (next) => {
        const place = places.get(next);
        if (place !== undefined) first = Math.min(first, place);
        else {
          isOpen = true;
          stack.push(next);
        }
      });
      if (isOpen) continue;
      places.set(gate, first - 0.5);
    }
    stack.pop();
  }
  return places;
}
