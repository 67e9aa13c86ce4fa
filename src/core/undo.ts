/**
 * `implement undo`: which commits have to go so that a task is open again, in which order, and what the commits say that
 * take them back. Pure; who makes them is elsewhere.
 */
import { error, fail, ok, type Result } from './diagnostic.ts';
import { blockedBy, type Plan } from './plan.ts';
import { oneLine } from './redact.ts';
import type { TaskId } from './task.ts';
import { dependentsOf, standing, type TrailEntry, undoneBy } from './trail.ts';

export interface UndoWish {
  readonly id: TaskId;
  readonly plan: Plan;
  /** Task file, relative to the project root. */
  readonly file: string;
  /** The later tasks that build on it go as well. */
  readonly cascade: boolean;
  /** Short name of the branch. */
  readonly target: string;
  /** Short name of another branch to which a run committed, or `null`. */
  readonly otherTarget: string | null;
  /** The command as the user says it, without further flags. */
  readonly command: string;
  readonly clean: (text: string) => string;
}

/** A task that was taken back before, with its commit and the one that did it. */
export interface UndoneBefore {
  readonly task: TaskId;
  readonly commit: string;
  readonly by: string;
}

export type Choice = { readonly steps: readonly TrailEntry[] } | { readonly before: UndoneBefore };

/**
 * The commits to take back, newest first; or who did it before. `entries`: of the task file, oldest first.
 * Errors: `git` (there is no commit of the task), `builds-on`.
 */
export function choose(wish: UndoWish, entries: readonly TrailEntry[]): Result<Choice> {
  const { id, plan, clean, file, cascade, target, otherTarget, command } = wish;
  const own = entries.filter((one) => one.task === id && one.kind === 'task');
  const done = standing(entries);
  const first = done.filter((one) => one.task === id);
  if (own.length === 0) {
    const hint =
      otherTarget === null
        ? `A task that was done without --commit or --worktree has no commit: open its box in ${file}, and take back its files by hand.`
        : `A run committed to ${otherTarget}: ${command} --branch ${otherTarget}`;
    return fail(error('git', `There is no commit of ${id} on ${target}.`, null, { hint }));
  }
  const last = own.at(-1) as TrailEntry;
  if (first.length === 0) {
    const by = undoneBy(entries).get(last.commit) as string;
    return ok({ before: { task: id, commit: last.commit, by } });
  }
  const needs = (task: TaskId): ReadonlySet<TaskId> =>
    new Set(plan.byId.has(task) ? blockedBy(plan, task).map((one) => one.id) : []);
  const dependents = dependentsOf(first, done, needs, file);
  if (dependents.length > 0 && !cascade) {
    const lines = dependents.map(({ entry, on, depends, files }) => {
      const paths = some(files.map((path) => oneLine(clean(path))));
      const why = [
        ...(depends ? [`depends on ${on}`] : []),
        ...(files.length > 0 ? [`changed ${paths} after ${on}`] : []),
      ].join(', ');
      return `  ${entry.task} ${oneLine(clean(entry.title))} (${entry.commit.slice(0, 7)}): ${why}`;
    });
    const how = dependents.length === 1 ? 'a later commit builds' : `${dependents.length} later commits build`;
    return fail(
      error('builds-on', `${id} cannot be undone alone, ${how} on it:\n${lines.join('\n')}`, null, {
        hint: `To undo ${dependents.length === 1 ? 'that' : 'those'} first, the newest before the others: ${command} --cascade`,
      }),
    );
  }
  const place = new Map(entries.map((one, i) => [one.commit, i]));
  const steps = [...first, ...dependents.map((one) => one.entry)];
  return ok({ steps: steps.sort((a, b) => (place.get(b.commit) ?? 0) - (place.get(a.commit) ?? 0)) });
}

/** The message of the commit that takes an entry back, as `git revert` writes it, with our trailers. */
export function messageOf({ subject, commit, task }: TrailEntry, run: string, clean: (text: string) => string): string {
  return [
    `Revert "${oneLine(clean(subject))}"`,
    `This reverts commit ${commit}.`,
    `Implement-Undo: ${oneLine(clean(task))}\nImplement-Run: ${run}\n`,
  ].join('\n\n');
}

/** The first of many names. */
export function some(names: readonly string[]): string {
  return names.length > 8 ? `${names.slice(0, 8).join(', ')} and ${names.length - 8} more` : names.join(', ');
}
