/**
 * Hint edges: two stories that a sentence joins loosely. The later one, in reading order, waits for the earlier to
 * end; blocks nothing. Knows nothing of why a sentence was not understood.
 */
import type { Loose } from './claims.ts';
import { type EdgeData, join, joinAll, type Network } from './network.ts';
import type { StoryId, Task } from './task.ts';

/** Tasks of a story in one stretch, in reading order. */
type Stretches = Map<number, number[]>;

export function addHints(
  network: Network,
  tasks: readonly Task[],
  order: readonly number[],
  stretch: readonly number[],
  loose: readonly Loose[],
): void {
  if (loose.length === 0) return;
  const position = new Map(order.map((task, i) => [task, i]));
  const byStory = new Map<StoryId, Stretches>();
  for (const index of order) {
    for (const story of (tasks[index] as Task).stories) {
      const stretches = byStory.get(story) ?? new Map<number, number[]>();
      byStory.set(story, stretches);
      const here = stretch[index] as number;
      const list = stretches.get(here);
      if (list === undefined) stretches.set(here, [index]);
      else list.push(index);
    }
  }
  const placed = (task: number): number => position.get(task) as number;
  const idOf = (task: number): string => (tasks[task] as Task).id;
  const seen = new Set<string>();
  /** One gate for the end and one for the start of a story in a stretch, for many sentences may join it. */
  const shared = new Map<string, string>();
  let gates = 0;

  for (const { one, other, words, because } of loose) {
    for (const a of one) {
      for (const b of other) {
        const key = a < b ? `${a} ${b}` : `${b} ${a}`;
        if (a === b || seen.has(key)) continue;
        seen.add(key);
        const reason = `"${words}" joins ${a} and ${b}, but does not say clearly how`;
        addPair(a, b, { kind: 'hint', because, reason });
      }
    }
  }

  function addPair(a: StoryId, b: StoryId, data: EdgeData): void {
    for (const [here, tasksOfA] of byStory.get(a) ?? []) {
      const tasksOfB = byStory.get(b)?.get(here);
      if (tasksOfB === undefined) continue;
      const own = withoutShared(tasksOfA, tasksOfB);
      const others = withoutShared(tasksOfB, tasksOfA);
      if (own.length === 0 || others.length === 0) continue;
      const isEarlier = placed(own[0] as number) < placed(others[0] as number);
      const [early, late] = isEarlier ? [own, others] : [others, own];
      const isWhole = own.length === tasksOfA.length && others.length === tasksOfB.length;
      if (isWhole && placed(early.at(-1) as number) < placed(late[0] as number)) {
        const [first, second] = isEarlier ? [a, b] : [b, a];
        join(network, gateOf(first, here, early, 'end', data), gateOf(second, here, late, 'start', data), data);
      } else weave(early, late, `${a}, ${b}`, data);
    }
  }

  function gateOf(
    story: StoryId,
    here: number,
    members: readonly number[],
    way: 'end' | 'start',
    data: EdgeData,
  ): string {
    if (members.length === 1) return idOf(members[0] as number);
    const key = `${way}:${story}@${here}`;
    const known = shared.get(key);
    if (known !== undefined) return known;
    const id = `hint:${++gates}`;
    network.addNode(id, { task: -1, label: `${way} of ${story}` });
    for (const member of members) {
      if (way === 'end') join(network, idOf(member), id, data);
      else join(network, id, idOf(member), data);
    }
    shared.set(key, id);
    return id;
  }

  /** Stories that are read by turns: each task of the later one waits for those of the earlier that stand before it. */
  function weave(early: readonly number[], late: readonly number[], label: string, data: EdgeData): void {
    let gate: string | null = null;
    let i = 0;
    for (let j = 0; j < late.length; ) {
      const before: string[] = gate === null ? [] : [gate];
      for (; i < early.length && placed(early[i] as number) < placed(late[j] as number); i++)
        before.push(idOf(early[i] as number));
      const until = i < early.length ? placed(early[i] as number) : Number.POSITIVE_INFINITY;
      const behind: string[] = [];
      for (; j < late.length && placed(late[j] as number) < until; j++) behind.push(idOf(late[j] as number));
      if (before.length === 0) continue;
      if (i >= early.length) {
        joinAll(network, before, behind, { id: `hint:${++gates}`, label }, data);
        return;
      }
      const next = `hint:${++gates}`;
      network.addNode(next, { task: -1, label });
      for (const from of before) join(network, from, next, data);
      for (const to of behind) join(network, next, to, data);
      gate = next;
    }
  }
}

function withoutShared(list: readonly number[], other: readonly number[]): number[] {
  const both = new Set(other);
  return list.filter((task) => !both.has(task));
}
