/**
 * Everything that can be wrong with a run, found before anything is touched: the plan, the selection, what earlier
 * sessions left, what each task runs. Reads no disk; the digest is the only thing it takes from the platform.
 */
import { createHash } from 'node:crypto';
import { checkWork, commandsIn } from './core/brief.ts';
import { error, fail, ok, type Result, warning } from './core/diagnostic.ts';
import type { RunOptions, StepId } from './core/event.ts';
import { type Selection, select } from './core/filter.ts';
import { type History, isGenerated } from './core/history.ts';
import type { Plan } from './core/plan.ts';
import { type Reconciled, reconcile } from './core/reconcile.ts';
import type { Box, Task, TaskId } from './core/task.ts';
import { groupsOf, type Verification } from './core/verification.ts';
import type { TaskFile } from './project.ts';
import { read } from './read.ts';

export interface Prepared {
  readonly plan: Plan;
  readonly selection: Selection;
  readonly reconciled: Reconciled;
  readonly verify: { readonly task: string | null; readonly phase: string | null; readonly end: string | null };
  readonly commands: string | null;
}

/** Everything that can be wrong is found here, before anything is touched. `known`: the plan of this very text, if it was read. */
export function prepare(
  file: TaskFile,
  options: RunOptions,
  history: History | null,
  resume: boolean,
  given: Partial<RunOptions>,
  redact: (text: string) => string,
  known: Plan | null = null,
): Result<Prepared> {
  const plan = known ?? read(file.name, file.text, { deps: options.deps });
  const errors = plan.diagnostics.filter((one) => one.severity === 'error');
  if (errors.length > 0) return fail(...plan.diagnostics.filter((one) => one.severity !== 'info'));
  const notes = plan.diagnostics.filter((one) => one.severity === 'warning');
  const unfinished = history !== null && history.status !== 'complete';
  const reconciled = reconcile(plan, resume || unfinished ? history : null, resume, redact);
  const failed = new Set([...(history?.failed.keys() ?? [])].filter((step) => plan.byId.has(step)));
  const isOpen = (task: Task): boolean => !reconciled.settled.has(task.id);
  const selection = select(plan, options.filter, options.only, failed, isOpen);
  if (!selection.ok) return selection;
  const toRun = plan.tasks.filter((task) => selection.value.selected.has(task.id) && !reconciled.settled.has(task.id));
  const faults = checkWork(toRun, options);
  if (faults.length > 0) return fail(...faults);
  const commands = options.scripts ? digest(commandsIn(plan)) : null;
  if (resume && history !== null && commands !== null && given.scripts !== true) {
    const { start, end } = history.commands;
    const isChangedMeanwhile = start !== null && (end === null ? commands !== start : end !== start);
    if (isChangedMeanwhile) {
      return fail(
        error('script-not-allowed', `The commands in ${file.name} were changed while the last session ran.`, null, {
          hint: 'An attempt may have written them. Read them, then say: implement --continue --scripts',
        }),
      );
    }
  }
  const front = plan.frontMatter;
  const verify = {
    task: options.verify ?? (options.scripts ? (front.verify ?? null) : null),
    phase: options.verifyPhase ?? (options.scripts ? (front.verifyPhase ?? null) : null),
    end: options.verifyEnd ?? (options.scripts ? (front.verifyEnd ?? null) : null),
  };
  if (!options.scripts && (front.verify ?? front.verifyPhase ?? front.verifyEnd) !== undefined) {
    notes.push(
      warning('script-not-allowed', 'The front matter names verifications; they are not run.', null, {
        hint: 'Say --scripts to allow the commands of the file, or --verify CMD.',
      }),
    );
  }
  return ok({ plan, selection: selection.value, reconciled, verify, commands }, [
    ...notes,
    ...selection.warnings,
    ...reconciled.notes,
  ]);
}

/** SHA-256, hex. */
export function digest(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

export function boxesOf(plan: Plan): Map<TaskId, readonly Box[]> {
  return new Map(plan.tasks.map((task) => [task.id, task.boxes]));
}

/** Boxes of a text that somebody changed, under the ids of this run: generated ids go by title and occurrence. */
export function relocate(
  plan: Plan,
  name: string,
  text: string,
  deps: RunOptions['deps'],
): Map<TaskId, readonly Box[]> | null {
  const now = read(name, text, { deps });
  if (now.tasks.length === 0) return null;
  const boxes = new Map<TaskId, readonly Box[]>();
  const byTitle = new Map<string, Task[]>();
  for (const task of now.tasks) {
    if (!isGenerated(task.id)) boxes.set(task.id, task.boxes);
    else byTitle.set(task.title, [...(byTitle.get(task.title) ?? []), task]);
  }
  for (const task of plan.tasks) {
    const found = isGenerated(task.id) ? byTitle.get(task.title)?.shift() : undefined;
    if (found !== undefined) boxes.set(task.id, found.boxes);
  }
  return boxes;
}

/** Verifications that an earlier session did not get through: failed, cut off, or never reached behind what was done last. */
export function owedBy(
  plan: Plan,
  verifications: readonly Verification[],
  history: History,
  reconciled: Reconciled,
): StepId[] {
  const groups = groupsOf(plan);
  return verifications.flatMap(({ id, kind }, i) => {
    const tasks = kind === 'end' ? plan.tasks : (groups[i]?.tasks ?? []);
    const passed = history.verified.has(id) ? (history.order.get(id) ?? 0) : -1;
    const isOwed = tasks.some(
      (task) => reconciled.settled.get(task.id) === 'done' && (reconciled.order.get(task.id) ?? 0) > passed,
    );
    return isOwed ? [id] : [];
  });
}
