/**
 * The groups that progress, summary and verification speak of, and the verification steps of a run: one behind
 * each group, one behind everything. Adds them to the plan's graph, so that failure reaches as far as it should.
 */
import { join } from './network.ts';
import type { Plan } from './plan.ts';
import { BLOCKS, type Task } from './task.ts';

/** A phase of the file; in a file without phase headings, a story. */
export interface Group {
  /** `Phase 2: Foundational`, `US1`. */
  readonly name: string;
  /** Short form for messages: `Phase 2`, `US1`. */
  readonly short: string;
  /** In document order. */
  readonly tasks: readonly Task[];
}

/** Groups in document order; every task is in exactly one. */
export function groupsOf(plan: Plan): Group[] {
  const byStory =
    plan.phases.every((phase) => phase.heading === null) && plan.tasks.some((task) => task.stories.length > 0);
  const groups = new Map<string, { name: string; short: string; tasks: Task[] }>();
  for (const task of plan.tasks) {
    const phase = plan.phases[task.phase] as (typeof plan.phases)[number];
    const story = task.stories[0];
    const key = byStory ? (story ?? '') : String(task.phase);
    let group = groups.get(key);
    if (group === undefined) {
      const name = byStory ? (story ?? 'Tasks without a story') : phase.name;
      const short = byStory || phase.number === null ? name : `Phase ${phase.number}`;
      group = { name, short, tasks: [] };
      groups.set(key, group);
    }
    group.tasks.push(task);
  }
  return [...groups.values()];
}

export interface Verification {
  /** Step id: `verify:phase:…` or `verify:end`. */
  readonly id: string;
  /** `verification of Phase 2`. */
  readonly label: string;
  readonly kind: 'phase' | 'end';
}

/**
 * Adds the verification steps to the graph: each waits for the tasks of its group, and what waits for one of them and
 * is read behind all of them waits for the verification as well. A task that is read before the group's last one does
 * not: the group may wait for it in turn.
 */
export function addVerifications(plan: Plan, want: { readonly phase: boolean; readonly end: boolean }): Verification[] {
  const { network } = plan;
  const added: Verification[] = [];
  const taken = new Set<string>();
  const position = positionsOf(plan);
  for (const group of want.phase ? groupsOf(plan) : []) {
    const name = `verify:phase:${group.short}`;
    const id = taken.has(name) ? `${name}#${added.length + 1}` : name;
    taken.add(id);
    const label = `verification of ${group.short}`;
    const because = (group.tasks[0] as Task).at;
    const data = { kind: 'verification', because, reason: `${label} comes behind its tasks` } as const;
    const behind = behindOf(plan, group, position);
    network.addNode(id, { task: -1, label });
    for (const task of group.tasks) join(network, task.id, id, data);
    for (const to of behind) join(network, id, to, { ...data, reason: `${label} must pass first` });
    added.push({ id, label, kind: 'phase' });
  }
  const first = plan.tasks[0];
  if (!want.end || first === undefined) return added;
  const end: Verification = { id: 'verify:end', label: 'verification of the whole', kind: 'end' };
  const reason = 'the last verification comes behind everything';
  const data = { kind: 'verification', because: first.at, reason } as const;
  network.addNode(end.id, { task: -1, label: end.label });
  for (const before of [...plan.tasks, ...added]) join(network, before.id, end.id, data);
  return [...added, end];
}

/** Place of every node in reading order; a gate stands before the first node behind it. */
function positionsOf(plan: Plan): Map<string, number> {
  const position = new Map<string, number>();
  plan.order.forEach((index, i) => void position.set((plan.tasks[index] as Task).id, i));
  for (let i = plan.topological.length - 1; i >= 0; i--) {
    const node = plan.topological[i] as string;
    if (position.has(node)) continue;
    let first = Number.POSITIVE_INFINITY;
    plan.network.forEachOutNeighbor(node, (to) => {
      first = Math.min(first, position.get(to) ?? Number.POSITIVE_INFINITY);
    });
    position.set(node, first);
  }
  return position;
}

/** The first nodes behind the group, in reading order, on all ways that lead from it to what needs it. */
function behindOf(plan: Plan, group: Group, position: ReadonlyMap<string, number>): Set<string> {
  const last = group.tasks.reduce((most, task) => Math.max(most, position.get(task.id) as number), 0);
  const behind = new Set<string>();
  const stack = group.tasks.map((task): string => task.id);
  const seen = new Set(stack);
  for (let from = stack.pop(); from !== undefined; from = stack.pop()) {
    plan.network.forEachOutboundEdge(from, (_edge, { kind }, _from, to) => {
      if (!BLOCKS[kind] || kind === 'verification' || seen.has(to)) return;
      seen.add(to);
      if ((position.get(to) as number) > last) behind.add(to);
      else stack.push(to);
    });
  }
  return behind;
}
