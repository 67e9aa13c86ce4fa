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
 * Adds the verification steps to the graph: each waits for the tasks of its group, and what waits for one of them
 * from outside waits for the verification as well.
 */
export function addVerifications(plan: Plan, want: { readonly phase: boolean; readonly end: boolean }): Verification[] {
  const { network } = plan;
  const added: Verification[] = [];
  const groups = want.phase ? groupsOf(plan) : [];
  for (const group of groups) {
    const id = `verify:phase:${group.short}${added.some((one) => one.id === `verify:phase:${group.short}`) ? `#${added.length + 1}` : ''}`;
    const inside = new Set(group.tasks.map((task) => task.id));
    const because = (group.tasks[0] as Task).at;
    const label = `verification of ${group.short}`;
    const data = { kind: 'verification', because, reason: `${label} comes behind its tasks` } as const;
    const targets = new Set<string>();
    const gates = new Set<string>();
    for (const task of group.tasks) {
      network.forEachOutboundEdge(task.id, (_edge, edge, _from, to) => {
        if (!BLOCKS[edge.kind]) return;
        if (plan.byId.has(to)) {
          if (!inside.has(to)) targets.add(to);
        } else gates.add(to);
      });
    }
    for (const gate of gates) {
      const behind = network.outNeighbors(gate);
      if (behind.some((to) => inside.has(to))) for (const to of behind) targets.add(to);
      else targets.add(gate);
    }
    network.addNode(id, { task: -1, label });
    for (const task of group.tasks) join(network, task.id, id, data);
    for (const to of targets)
      if (!inside.has(to)) join(network, id, to, { ...data, reason: `${label} must pass first` });
    added.push({ id, label, kind: 'phase' });
  }
  if (want.end) {
    const id = 'verify:end';
    const first = plan.tasks[0];
    if (first !== undefined) {
      const data = {
        kind: 'verification',
        because: first.at,
        reason: 'the last verification comes behind everything',
      } as const;
      network.addNode(id, { task: -1, label: 'verification of the whole' });
      for (const task of plan.tasks) join(network, task.id, id, data);
      for (const one of added) join(network, one.id, id, data);
      added.push({ id, label: 'verification of the whole', kind: 'end' });
    }
  }
  return added;
}
