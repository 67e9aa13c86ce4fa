/**
 * Which resources a step uses: a task by its label, its phase or a file that it names, a verification because the
 * resource says so. Knows the rules and the plan; how a glob is matched is handed in, and who waits is for `ready.ts`.
 */
import { type Diagnostic, info, warning } from './diagnostic.ts';
import { phaseNumberIn } from './filter.ts';
import type { Plan } from './plan.ts';
import type { Resource } from './settings.ts';
import { nearest } from './suggest.ts';
import type { Phase, Task, TaskId } from './task.ts';

/** Compiles a glob to a test of paths relative to the project root, `/` as separator. */
export type Glob = (pattern: string) => (path: string) => boolean;

export interface Use {
  readonly resource: string;
  /** The rules by which the task uses it, as a sentence about the task: `it has the label DB`. */
  readonly because: string;
}

export interface Uses {
  /** How many may use each resource at the same time, from 1. */
  readonly slots: ReadonlyMap<string, number>;
  /** What the work of a task uses, each resource once; tasks that use nothing are not in it. */
  readonly tasks: ReadonlyMap<TaskId, readonly Use[]>;
  /** What each verification uses, while it runs. */
  readonly verifications: readonly string[];
  /** `resource-rule`: rules that look misspelt (warning), resources that nothing uses (info). */
  readonly diagnostics: readonly Diagnostic[];
}

export const NO_USES: Uses = { slots: new Map(), tasks: new Map(), verifications: [], diagnostics: [] };

/** Lays the rules of all resources over the plan. Linear in tasks times rules. */
export function usesOf(plan: Plan, resources: readonly Resource[], glob: Glob): Uses {
  if (resources.length === 0) return NO_USES;
  const tasks = new Map<TaskId, Use[]>();
  const diagnostics: Diagnostic[] = [];
  for (const resource of resources) {
    const reasonsOf = reader(plan, resource, glob);
    let used = resource.verify;
    for (const task of plan.tasks) {
      const reasons = reasonsOf(task);
      if (reasons.length === 0) continue;
      used = true;
      const use = { resource: resource.name, because: reasons.join('; ') };
      const known = tasks.get(task.id);
      if (known === undefined) tasks.set(task.id, [use]);
      else known.push(use);
    }
    diagnostics.push(...misspelt(plan, resource, resources));
    if (!used) {
      diagnostics.push(
        info('resource-rule', `No task of ${plan.source.name} uses the resource ${resource.name}.`, null),
      );
    }
  }
  return {
    slots: new Map(resources.map(({ name, slots }) => [name, Math.max(1, slots)])),
    tasks,
    verifications: resources.filter((one) => one.verify).map((one) => one.name),
    diagnostics,
  };
}

/** Why a task uses the resource: one reason per kind of rule, none if it does not. */
function reader(plan: Plan, resource: Resource, glob: Glob): (task: Task) => string[] {
  const labels = new Set(resource.labels.map(plain));
  const phases = resource.phases.map(phaseTest);
  const paths = resource.paths
    .map((pattern) => ({ pattern, glob: pattern.replace(/^(?:\.\/)+/, '').replace(/\/$/, '/**') }))
    .filter((one) => one.glob !== '')
    .map((one) => ({ pattern: one.pattern, test: glob(one.glob) }));
  return (task) => {
    const reasons: string[] = [];
    const label = labels.size === 0 ? undefined : task.labels.find((one) => labels.has(plain(one)));
    if (label !== undefined) reasons.push(`it has the label ${label}`);
    const phase = plan.phases[task.phase];
    if (phase !== undefined && phases.some((test) => test(phase))) reasons.push(`it stands in ${phase.name}`);
    for (const { pattern, test } of paths) {
      const path = task.paths.find(test);
      if (path === undefined) continue;
      reasons.push(path === pattern ? `it names ${path}` : `it names ${path}, which matches ${pattern}`);
      break;
    }
    return reasons;
  };
}

/** `Phase 4` is that number, everything else the whole heading. */
function phaseTest(rule: string): (phase: Phase) => boolean {
  const number = phaseNumberIn(rule);
  if (number !== null) return (phase) => phase.number === number;
  return (phase) => headingsOf(phase).includes(plain(rule));
}

function headingsOf(phase: Phase): string[] {
  return phase.heading === null ? [] : [plain(phase.name), plain(phase.heading.text)];
}

function plain(text: string): string {
  return text.trim().replace(/\s+/g, ' ').toLowerCase();
}

/** Of words with fewer characters most are near to some other. */
const SHORTEST = 4;

/**
 * Rules without a task whose words are nearly those of one. A rule that is far from everything is no fault: one
 * configuration serves many task files. Nor is what another rule names already.
 */
function misspelt(plan: Plan, resource: Resource, resources: readonly Resource[]): Diagnostic[] {
  const found: Diagnostic[] = [];
  const look = (kind: string, rules: readonly string[], named: readonly string[], known: readonly string[]): void => {
    const taken = new Set(named.map(plain));
    const free = [...new Set(known)].filter((one) => !taken.has(plain(one)));
    const all = new Set(known.map(plain));
    for (const rule of rules) {
      if (all.has(plain(rule)) || rule.trim().length < SHORTEST) continue;
      const near = nearest(rule.trim(), free);
      if (near === null) continue;
      found.push(
        warning('resource-rule', `The resource ${resource.name} names the ${kind} ${rule}, which no task has.`, null, {
          hint: `Did you mean ${near}?`,
        }),
      );
    }
  };
  const labels = plan.tasks.flatMap((task) => task.labels);
  look(
    'label',
    resource.labels,
    resources.flatMap((one) => one.labels),
    labels,
  );
  const headings = plan.phases.flatMap((phase) => (phase.heading === null ? [] : [phase.name]));
  const byName = resource.phases.filter((rule) => phaseNumberIn(rule) === null);
  look(
    'phase',
    byName,
    resources.flatMap((one) => one.phases),
    headings,
  );
  return found;
}
