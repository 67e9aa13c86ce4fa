/**
 * What a history still means for the file as it is now: what is settled, which boxes have to be ticked or opened again.
 * Pure.
 */
import { type Diagnostic, info } from './diagnostic.ts';
import type { KnownTask, StepId } from './event.ts';
import { type History, isGenerated, matcher, type UnmergedChange } from './history.ts';
import type { Plan } from './plan.ts';
import type { Task, TaskId } from './task.ts';

export interface Reconciled {
  /** Done before this session, with the reason why it counts. */
  readonly settled: ReadonlyMap<TaskId, 'done' | 'skipped'>;
  /** Done in the journal, but its box is open and was never ticked by us: to be ticked, not run. */
  readonly tick: readonly Task[];
  /** Done in the journal and ticked in the file, though the journal does not know of the tick: it has to learn it. */
  readonly found: readonly Task[];
  /** Ticked by an attempt that never ended: to be opened again and run. */
  readonly restore: readonly Task[];
  /** Changes that only wait to be merged, under the ids of the file as it is now. */
  readonly unmerged: ReadonlyMap<TaskId, UnmergedChange>;
  /** Done once, then opened again by somebody: they run again, and the journal has to forget that they were done. */
  readonly undone: readonly Task[];
  readonly failed: ReadonlySet<TaskId>;
  /** Number of the last attempt under this id; also of another task that had the same generated id once. */
  readonly attempts: ReadonlyMap<StepId, number>;
  /** Tasks whose generated id is another one than in the last session: what lies under it is not theirs. */
  readonly moved: ReadonlySet<TaskId>;
  readonly durations: ReadonlyMap<TaskId, number>;
  /** As in the history: which was done last. */
  readonly order: ReadonlyMap<TaskId, number>;
  readonly notes: readonly Diagnostic[];
}

/**
 * Lays a history over the file as it is now. `resume: false` is a new run after an unfinished one: only the boxes
 * count, but what was in flight at a crash is still not done, and what was done is still ticked. `redact` is what
 * was laid over titles before they were kept.
 */
export function reconcile(
  plan: Plan,
  history: History | null,
  resume: boolean,
  redact: (text: string) => string = (text) => text,
): Reconciled {
  const settled = new Map<TaskId, 'done' | 'skipped'>();
  const tick: Task[] = [];
  const found: Task[] = [];
  const restore: Task[] = [];
  const undone: Task[] = [];
  const unmerged = new Map<TaskId, UnmergedChange>();
  const notes: Diagnostic[] = [];
  const failed = new Set<TaskId>();
  const attempts = new Map<StepId, number>();
  const moved = new Set<TaskId>();
  const durations = new Map<TaskId, number>();
  const order = new Map<TaskId, number>();
  const old = history === null ? new Map<TaskId, TaskId>() : matchTasks(plan, history, redact);
  for (const task of plan.tasks) {
    const was = history === null ? undefined : old.get(task.id);
    if (resume && history !== null) {
      attempts.set(task.id, history.attempts.get(task.id) ?? 0);
      if (was !== task.id) moved.add(task.id);
    }
    if (was === undefined || history === null) {
      if (task.status !== 'open') settled.set(task.id, 'skipped');
      continue;
    }
    const known = history.known.get(was) as KnownTask;
    if (resume && !known.generated && known.title !== redact(task.title)) {
      const consequence = history.done.has(was)
        ? 'It is done and is not run again; open its box to run it anew'
        : 'It runs with its new text';
      notes.push(
        info('task-changed', `The text of ${task.id} has changed since the last session. ${consequence}.`, task.at),
      );
    }
    if (history.failed.has(was)) failed.add(task.id);
    const waiting = history.unmerged.get(was);
    if (resume && waiting !== undefined && task.status !== 'skipped') unmerged.set(task.id, waiting);
    const duration = history.durations.get(was);
    if (duration !== undefined) durations.set(task.id, duration);
    const place = history.order.get(was);
    if (place !== undefined) order.set(task.id, place);
    if (task.status === 'skipped') settled.set(task.id, 'skipped');
    else if (history.done.has(was)) {
      const how = resume ? 'done' : 'skipped';
      if (task.status === 'done') {
        settled.set(task.id, how);
        if (!history.ticked.has(was)) found.push(task);
      } else if (history.ticked.has(was)) {
        undone.push(task);
        notes.push(
          info('task-changed', `Somebody has opened the box of ${task.id}, which was done; it runs again.`, task.at),
        );
      } else {
        tick.push(task);
        settled.set(task.id, how);
      }
    } else if (task.status === 'done') {
      if (history.inFlight.has(was) || waiting?.publishing != null) {
        restore.push(task);
        notes.push(
          info(
            'task-changed',
            `The box of ${task.id} was ticked while it ran, but ${history.inFlight.has(was) ? 'the run was cut off before it ended' : 'its change is not merged yet'}: it is opened again.`,
            task.at,
          ),
        );
      } else settled.set(task.id, 'skipped');
    }
  }
  if (resume && history !== null) {
    for (const [step, attempt] of history.attempts) if (step.startsWith('verify:')) attempts.set(step, attempt);
    const matched = new Set(old.values());
    const missing = [...history.known.keys()].filter((id) => !matched.has(id));
    if (missing.length > 0) {
      notes.push(
        info(
          'task-changed',
          `${missing.length === 1 ? `${missing[0]} is` : `${missing.length} tasks are`} no longer in the file.`,
          null,
        ),
      );
    }
  }
  return { settled, tick, found, restore, unmerged, undone, failed, attempts, moved, durations, order, notes };
}

/** Ids of the plan to ids of the history: by id, and for generated ids by title and occurrence. */
function matchTasks(plan: Plan, history: History, redact: (text: string) => string): Map<TaskId, TaskId> {
  const match = matcher(history.known);
  const matched = new Map<TaskId, TaskId>();
  for (const task of plan.tasks) {
    const was = match({ id: task.id, title: redact(task.title), generated: isGenerated(task.id) });
    if (was !== null) matched.set(task.id, was);
  }
  return matched;
}
