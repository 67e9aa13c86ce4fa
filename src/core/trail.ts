/**
 * The audit trail: what the commits of a branch say about tasks, and what follows from it. Pure; how commits are read,
 * and how one is taken back, is elsewhere.
 */
import type { FileChange } from './change.ts';
import { error, fail, ok, type Result } from './diagnostic.ts';
import { isGenerated } from './history.ts';
import { nearest } from './suggest.ts';
import type { TaskId } from './task.ts';

/** A commit that belongs to a task. */
export interface TrailEntry {
  /** Object id, hex. */
  readonly commit: string;
  readonly parents: readonly string[];
  /** Committer date with its offset, ISO 8601. */
  readonly date: string;
  /** `task`: holds its work; `undo`: takes it back by `implement undo`; `revert`: takes it back by other means. */
  readonly kind: 'task' | 'undo' | 'revert';
  readonly task: TaskId;
  /** First line of its message. Like the title as it stands there: control codes are still in it. */
  readonly subject: string;
  /** Title of the task, from the message of its commit. */
  readonly title: string;
  readonly run: string | null;
  readonly attempt: number | null;
  readonly stories: readonly string[];
  /** Object id of the commit that it takes back, or `null`. */
  readonly reverts: string | null;
  readonly files: readonly FileChange[];
}

/** What the message of a commit says, before other commits are looked at. */
export interface TrailMessage {
  readonly subject: string;
  readonly body: string;
  /** Values of the trailers. */
  readonly tasks: readonly string[];
  readonly undone: readonly string[];
}

/** The commit that a message says it takes back, as `git revert` writes it. */
export function revertedBy(body: string): string | null {
  return /^This reverts commit ([0-9a-f]{40,64})\b/m.exec(body)?.[1] ?? null;
}

/** Title of a task from the message of its commit, of either style. */
export function titleOf(id: TaskId, { subject, body }: Pick<TrailMessage, 'subject' | 'body'>): string {
  const long = subject.endsWith('…') || /…\s\([^()]*\)$/.test(subject) ? body.split('\n\n')[0]?.trim() : undefined;
  if (long !== undefined && long !== '' && !/^[\w-]+: /.test(long)) return long;
  const plain = subject.startsWith(`${id}: `) ? subject.slice(id.length + 2) : subject;
  const end = ` (${id})`;
  return plain.endsWith(end) ? plain.slice(0, -end.length).replace(/^[a-z]+(?:\([^)]*\))?: /, '') : plain;
}

/** For each commit that was taken back, the one that did it. `entries`: oldest first. */
export function undoneBy(entries: readonly TrailEntry[]): ReadonlyMap<string, string> {
  const undone = new Map<string, string>();
  for (let i = entries.length - 1; i >= 0; i--) {
    const { commit, reverts } = entries[i] as TrailEntry;
    // What takes something back may have been taken back itself.
    if (reverts !== null && !undone.has(commit) && !undone.has(reverts)) undone.set(reverts, commit);
  }
  return undone;
}

/** Commits with work that was not taken back, oldest first. */
export function standing(entries: readonly TrailEntry[]): TrailEntry[] {
  const undone = undoneBy(entries);
  return entries.filter((one) => one.kind === 'task' && !undone.has(one.commit));
}

/** What is known of the runs whose commits are looked at. */
export interface TrailContext {
  /** Task file, relative to the project root. */
  readonly file: string;
  /** Task file of a run, as far as its journal is still there. */
  fileOf(run: string): string | null;
  /** Titles of the tasks of the file, to find tasks without ids again. */
  readonly titles: ReadonlyMap<TaskId, string>;
}

/**
 * The entries of one task file: another feature of the project has a T001 as well. Its run tells, else the task file
 * in the commit. Tasks without an id come under the id that they have in the file now.
 */
export function entriesOfFile(entries: readonly TrailEntry[], context: TrailContext): TrailEntry[] {
  const ids = new Map<string, TaskId>();
  for (const [id, title] of context.titles) {
    if (!isGenerated(id)) continue;
    const key = comparable(title);
    ids.set(key, ids.has(key) ? '' : id);
  }
  return entries
    .filter((one) => isOf(one, context))
    .map((one) => {
      const now = isGenerated(one.task) ? ids.get(comparable(one.title)) : undefined;
      return now === undefined || now === '' ? one : { ...one, task: now };
    });
}

function isOf({ run, files }: TrailEntry, { file, fileOf }: TrailContext): boolean {
  const known = run === null ? null : fileOf(run);
  if (known !== null) return known === file;
  if (files.some((one) => one.path === file)) return true;
  const name = file.slice(file.lastIndexOf('/') + 1);
  return !files.some((one) => one.path === name || one.path.endsWith(`/${name}`));
}

function comparable(title: string): string {
  return title.replace(/\s+/g, ' ').trim().toLowerCase();
}

/** A later commit that builds on work that is to be taken back. */
export interface Dependent {
  readonly entry: TrailEntry;
  /** The task on which it builds. */
  readonly on: TaskId;
  /** It depends on that task in the plan. */
  readonly depends: boolean;
  /** Files that both changed. */
  readonly files: readonly string[];
}

/**
 * Everything among `done` (oldest first) that builds on `first`, near and far, newest first: what has to go before it.
 * @param needs ids of all tasks that depend on a task in the plan.
 * @param taskFile left out where files are compared: every task ticks it.
 */
export function dependentsOf(
  first: readonly TrailEntry[],
  done: readonly TrailEntry[],
  needs: (id: TaskId) => ReadonlySet<TaskId>,
  taskFile: string,
): Dependent[] {
  const place = new Map(done.map((one, i) => [one.commit, i]));
  const found = new Map<string, Dependent>();
  const isOwn = new Set(first.map((one) => one.commit));
  const open = [...first];
  for (let base = open.pop(); base !== undefined; base = open.pop()) {
    const behind = needs(base.task);
    const paths = new Set(base.files.map((one) => one.path).filter((path) => path !== taskFile));
    for (const entry of done.slice((place.get(base.commit) ?? 0) + 1)) {
      if (isOwn.has(entry.commit) || found.has(entry.commit)) continue;
      const files = entry.files.map((one) => one.path).filter((path) => paths.has(path));
      const isBehind = behind.has(entry.task);
      if (!isBehind && files.length === 0) continue;
      found.set(entry.commit, { entry, on: base.task, depends: isBehind, files });
      open.push(entry);
    }
  }
  return [...found.values()].sort((a, b) => (place.get(b.entry.commit) ?? 0) - (place.get(a.entry.commit) ?? 0));
}

/** The id that is meant by a word, whatever its case. Errors: `unknown-id`, with the nearest. */
export function idAmong(word: string, known: ReadonlySet<TaskId>): Result<TaskId> {
  if (known.has(word)) return ok(word);
  for (const id of known) if (id.toLowerCase() === word.toLowerCase()) return ok(id);
  const near = nearest(word, known);
  const hint = near === null ? 'implement plan lists the tasks.' : `Did you mean ${near}?`;
  return fail(error('unknown-id', `There is no task ${word}, and no commit of one.`, null, { hint }));
}
