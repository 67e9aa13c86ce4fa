/**
 * The plan: tasks, the graph between them and the questions that are asked of it. Pure data with an index for each
 * frequent question; knows nothing of runs.
 */
import { topologicalSort } from 'graphology-dag';
import { assemble } from './assemble.ts';
import { type Diagnostic, error, info } from './diagnostic.ts';
import { wire } from './edges.ts';
import { edgesOf, gatesOf, type Network } from './network.ts';
import type { SourceFile } from './source.ts';
import {
  BLOCKS,
  type Edge,
  type FrontMatter,
  type Gate,
  type Parsed,
  type Phase,
  type Task,
  type TaskId,
} from './task.ts';

export interface Plan {
  readonly source: SourceFile;
  readonly dialect: string;
  /** In document order; `task.index` is the position here. */
  readonly tasks: readonly Task[];
  readonly byId: ReadonlyMap<TaskId, Task>;
  readonly phases: readonly Phase[];
  readonly gates: readonly Gate[];
  readonly edges: readonly Edge[];
  /** Tasks and gates; edges as in `edges`. Readers walk it, nobody changes it. */
  readonly network: Network;
  /** All nodes, tasks and gates, each behind everything that it waits for. */
  readonly topological: readonly string[];
  /** Task indexes in reading order. */
  readonly order: readonly number[];
  /** Lanes per task index. */
  readonly lanes: readonly (readonly string[])[];
  /** Stretch between two cuts per task index. */
  readonly stretch: readonly number[];
  readonly checklists: number;
  readonly checklistsDone: number;
  readonly frontMatter: FrontMatter;
  /** Everything that was noticed, in the order of the file; errors mean that nothing may run. */
  readonly diagnostics: readonly Diagnostic[];
}

export interface PlanOptions {
  /** `explicit` leaves the sequence edges out. */
  readonly deps: 'all' | 'explicit';
}

/** Builds the plan of a file that was read. Errors do not stop it: what can be read is there, `diagnostics` tells. */
export function buildPlan(parsed: Parsed, options: PlanOptions): Plan {
  const assembled = assemble(parsed);
  const wiring = wire(assembled, parsed, options.deps === 'all');
  const { tasks, phases } = assembled;
  const diagnostics = [...parsed.diagnostics, ...assembled.diagnostics, ...wiring.diagnostics];
  if (tasks.length === 0 && !diagnostics.some((one) => one.severity === 'error')) {
    diagnostics.push(
      error('no-tasks', `There is no task in ${parsed.source.name}.`, null, {
        hint:
          parsed.checklists > 0
            ? `${parsed.checklists} checkboxes were seen, but none begins with a task id such as T001.`
            : 'A task is a list item with a checkbox: "- [ ] T001 Create the user model in src/models/user.ts".',
      }),
    );
  }
  const edges = edgesOf(wiring.network);
  if (options.deps === 'all') diagnostics.push(...suggestExplicit(tasks, edges));
  diagnostics.sort((a, b) => (a.at?.span.start ?? -1) - (b.at?.span.start ?? -1));
  return {
    source: parsed.source,
    dialect: parsed.dialect,
    tasks,
    byId: new Map(tasks.map((task) => [task.id, task])),
    phases,
    gates: gatesOf(wiring.network),
    edges,
    network: wiring.network,
    topological: topologicalSort(wiring.network),
    order: wiring.order,
    lanes: wiring.lanes,
    stretch: wiring.stretch,
    checklists: parsed.checklists,
    checklistsDone: parsed.checklistsDone,
    frontMatter: parsed.frontMatter,
    diagnostics,
  };
}

const MANY = 0.6;

function suggestExplicit(tasks: readonly Task[], edges: readonly Edge[]): Diagnostic[] {
  const waiting = new Set<string>();
  for (const edge of edges) if (edge.kind === 'explicit' && !edge.to.includes(':')) waiting.add(edge.to);
  if (tasks.length === 0 || waiting.size < MANY * tasks.length) return [];
  const share = Math.round((100 * waiting.size) / tasks.length);
  return [
    info('suggest-explicit', `${share} % of the tasks say themselves what they wait for.`, null, {
      hint: '--deps=explicit leaves out the order that is only inferred from the list, and lets more run side by side.',
    }),
  ];
}

/** Tasks that cannot run when `id` fails, in document order. Through gates, over blocking edges only. */
export function blockedBy(plan: Plan, id: string): Task[] {
  const found = new Set<string>();
  const stack = [id];
  while (stack.length > 0) {
    plan.network.forEachOutboundEdge(stack.pop() as string, (_edge, data, _from, to) => {
      if (BLOCKS[data.kind] && !found.has(to)) {
        found.add(to);
        stack.push(to);
      }
    });
  }
  return tasksOf(plan, found);
}

/** Tasks that stand before (`in`) or behind (`out`) `id` over edges of any kind, in document order. */
export function related(plan: Plan, id: string, way: 'in' | 'out'): Task[] {
  const found = new Set<string>();
  const stack = [id];
  while (stack.length > 0) {
    const node = stack.pop() as string;
    const visit = (next: string): void => {
      if (found.has(next)) return;
      found.add(next);
      stack.push(next);
    };
    if (way === 'in') plan.network.forEachInNeighbor(node, visit);
    else plan.network.forEachOutNeighbor(node, visit);
  }
  return tasksOf(plan, found);
}

function tasksOf(plan: Plan, ids: ReadonlySet<string>): Task[] {
  const tasks: Task[] = [];
  for (const id of ids) {
    const task = plan.byId.get(id);
    if (task !== undefined) tasks.push(task);
  }
  return tasks.sort((a, b) => a.index - b.index);
}

/** The same plan with `redact` laid over every text of the file that commands show; places and structure stay. */
export function withoutSecrets(plan: Plan, redact: (text: string) => string): Plan {
  const tasks = plan.tasks.map((task) => ({
    ...task,
    title: redact(task.title),
    body: redact(task.body),
    paths: task.paths.map(redact),
    labels: task.labels.map(redact),
  }));
  return {
    ...plan,
    tasks,
    byId: new Map(tasks.map((task) => [task.id, task])),
    phases: plan.phases.map((phase) => ({ ...phase, name: redact(phase.name) })),
    gates: plan.gates.map((gate) => ({ ...gate, label: redact(gate.label) })),
    edges: plan.edges.map((edge) => ({ ...edge, reason: redact(edge.reason) })),
    diagnostics: plan.diagnostics.map((one) => ({
      ...one,
      message: redact(one.message),
      hint: one.hint === null ? null : redact(one.hint),
    })),
  };
}
