/**
 * Reading order: document order, except that a task that explicitly waits for a later one is read right behind it.
 * Knows explicit edges only; linear in tasks and edges.
 */
import type { Network } from './network.ts';

export interface ReadingOrder {
  /** Task indexes in reading order. */
  readonly order: readonly number[];
  /** Tasks that were moved, each with the task behind which it is read. */
  readonly moved: readonly { readonly task: number; readonly behind: number }[];
  /** Nodes that no order can hold: they lie on a cycle of explicit edges, or behind one. */
  readonly stuck: readonly string[];
}

/** `base` lists task indexes; `ids` gives the node of each index. */
export function readingOrder(network: Network, base: readonly number[], ids: readonly string[]): ReadingOrder {
  const position = new Map(base.map((task, i) => [ids[task] as string, i]));
  const waits = new Map<string, number>();
  network.forEachNode((id) => void waits.set(id, network.inDegree(id)));
  const order: number[] = [];
  const moved: { task: number; behind: number }[] = [];
  const emitted = new Set<string>();
  let scan = 0;
  // A gate that has lost all that stood before it, with a cycle that was broken, holds nothing up.
  network.forEachNode((id, data) => {
    if (data.task >= 0 || waits.get(id) !== 0) return;
    emitted.add(id);
    network.forEachOutNeighbor(id, (to) => void waits.set(to, (waits.get(to) as number) - 1));
  });

  const emit = (start: number): void => {
    const stack: { task: number; behind: number | null }[] = [{ task: start, behind: null }];
    while (stack.length > 0) {
      const { task, behind } = stack.pop() as (typeof stack)[number];
      const node = ids[task] as string;
      if (emitted.has(node)) continue;
      emitted.add(node);
      if (behind !== null) moved.push({ task, behind });
      order.push(task);
      const released: number[] = [];
      const release = (from: string): void => {
        network.forEachOutNeighbor(from, (to, data) => {
          const left = (waits.get(to) as number) - 1;
          waits.set(to, left);
          if (left > 0) return;
          if (data.task < 0) {
            emitted.add(to);
            release(to);
          } else if ((position.get(to) as number) < scan) released.push(data.task);
        });
      };
      release(node);
      released.sort((a, b) => (position.get(ids[b] as string) as number) - (position.get(ids[a] as string) as number));
      for (const one of released) stack.push({ task: one, behind: task });
    }
  };
  for (; scan < base.length; scan++) {
    const task = base[scan] as number;
    const node = ids[task] as string;
    if (!emitted.has(node) && waits.get(node) === 0) emit(task);
  }
  const stuck = [...waits.keys()].filter((id) => !emitted.has(id));
  return { order, moved, stuck };
}

/** One cycle among `stuck` nodes, as a closed walk of node ids (first = last). */
export function findCycle(network: Network, stuck: readonly string[]): string[] {
  const inside = new Set(stuck);
  const seen = new Map<string, number>();
  const walk: string[] = [];
  // Every stuck node has a stuck predecessor, so walking backwards must come round.
  let node = stuck[0] as string;
  while (!seen.has(node)) {
    seen.set(node, walk.length);
    walk.push(node);
    node = network.findInNeighbor(node, (other) => inside.has(other)) as string;
  }
  return [...walk.slice(seen.get(node)), node].reverse();
}
