/** Who hands work over to a task: the tasks that it waits for directly, or through gates. Pure. */
import type { Plan } from '../plan.ts';
import type { EdgeKind, TaskId } from '../task.ts';

/** Of what stands before a gate, only so many are known, the last ones of the file. */
const BEFORE_GATE = 32;

const RANK: Readonly<Record<EdgeKind, number>> = {
  explicit: 0,
  conflict: 1,
  sequence: 2,
  hint: 3,
  barrier: 4,
  verification: 5,
};

/** Gives, for a task, those before it: the closest kinds of edge first, then the later ones of the file. */
export function handingOver(plan: Plan): (id: TaskId) => readonly TaskId[] {
  const { network, byId } = plan;
  const gates = new Map<string, readonly TaskId[]>();
  const later = (a: TaskId, b: TaskId): number => (byId.get(b)?.index ?? 0) - (byId.get(a)?.index ?? 0);

  const beforeGate = (gate: string): readonly TaskId[] => {
    const known = gates.get(gate);
    if (known !== undefined) return known;
    const found = new Set<TaskId>();
    network.forEachInNeighbor(gate, (from) => {
      for (const id of byId.has(from) ? [from] : (gates.get(from) ?? [])) found.add(id);
    });
    const last = [...found].sort(later).slice(0, BEFORE_GATE);
    gates.set(gate, last);
    return last;
  };
  // Each gate behind those before it, so that no chain of gates is too long for the stack.
  for (const node of plan.topological) if (!byId.has(node)) beforeGate(node);

  return (task) => {
    const ranks = new Map<TaskId, number>();
    network.forEachInboundEdge(task, (_edge, data, from) => {
      for (const id of byId.has(from) ? [from] : beforeGate(from))
        ranks.set(id, Math.min(ranks.get(id) ?? Number.POSITIVE_INFINITY, RANK[data.kind]));
    });
    return [...ranks.keys()].sort((a, b) => (ranks.get(a) as number) - (ranks.get(b) as number) || later(a, b));
  };
}
