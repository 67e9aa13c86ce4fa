/** `implement history`: which commits hold which task, who took them back, and which attempts failed before. */
import { filesLine } from '../core/change.ts';
import { counted } from '../core/duration.ts';
import { oneLine } from '../core/redact.ts';
import { type TrailEntry, undoneBy } from '../core/trail.ts';
import { type CommandIo, OK, printable } from './command.ts';

/** An attempt that made no commit on the branch. */
export interface LostAttempt {
  readonly task: string;
  readonly run: string;
  readonly attempt: number;
  /** ISO 8601. */
  readonly date: string;
  readonly reason: string;
  readonly message: string;
  /** Path of its log as the user would write it, or `null`. */
  readonly log: string | null;
  /** Branch that holds its work, or `null`. */
  readonly branch: string | null;
  /** Its worktree is kept: as the user would write it, or `null`. */
  readonly worktree: string | null;
}

export interface HistoryView {
  /** Short name of the branch; `null`: HEAD is detached. */
  readonly branch: string | null;
  /** There is no repository, or no commit in it. */
  readonly isEmpty: boolean;
  /** Of the branch, oldest first, without task files. */
  readonly entries: readonly TrailEntry[];
  /** Only this task; `null`: all. */
  readonly id: string | null;
  /** Failed attempts of that task, oldest first. */
  readonly failed: readonly LostAttempt[];
  readonly json: boolean;
  readonly verbose: boolean;
}

/** Files that are named per commit; `--verbose` names all. */
const FILES = 6;

export function historyCommand(view: HistoryView, io: CommandIo): number {
  const undone = undoneBy(view.entries);
  const entries = view.entries.filter((one) => view.id === null || one.task === view.id);
  if (view.json) {
    io.output.out(asJson(view, entries, undone, io));
    return OK;
  }
  const { out } = io.output;
  const where = view.branch === null ? 'HEAD' : io.clean(view.branch);
  const whose = view.id === null ? '' : ` of ${word(view.id, io)}`;
  if (view.isEmpty) out('There is no git repository with commits here, so no task has one.');
  else if (entries.length === 0) {
    const why = view.id === null ? ' Runs with --worktree or --commit make one for each done task.' : '';
    out(`${where} has no commit${view.id === null ? ' of a task' : whose}.${why}`);
  } else {
    const tasks = new Set(entries.map((one) => one.task)).size;
    out(
      view.id === null
        ? `${io.paint.bold(where)}: ${counted(entries.length, 'commit')} of ${counted(tasks, 'task')}`
        : `${io.paint.bold(where)}: ${counted(entries.length, 'commit')}${whose}`,
    );
  }
  let run: string | null | undefined;
  for (const entry of entries) {
    if (entry.run !== run) {
      run = entry.run;
      out(run === null ? 'By hand' : `${entry.kind === 'undo' ? 'Undo' : 'Run'} ${word(run, io)}`);
    }
    printEntry(view, entry, undone, io);
  }
  if (view.failed.length > 0) out('Failed attempts:');
  for (const one of view.failed) {
    const sign = io.paint.error('✗');
    out(`  ${sign} ${time(one.date)} attempt ${one.attempt} of run ${word(one.run, io)}: ${word(one.message, io)}`);
    for (const [name, value] of Object.entries({ log: one.log, branch: one.branch, worktree: one.worktree }))
      if (value !== null) out(`      ${name}: ${word(value, io)}`);
  }
  return OK;
}

function printEntry(view: HistoryView, entry: TrailEntry, undone: ReadonlyMap<string, string>, io: CommandIo): void {
  const { out } = io.output;
  const short = (oid: string): string => oid.slice(0, 7);
  const by = undone.get(entry.commit);
  const again = (entry.attempt ?? 1) > 1 ? ` (attempt ${entry.attempt})` : '';
  const what = `${word(entry.task, io)} ${entry.kind === 'task' ? '' : 'undone: '}${word(entry.title, io)}${again}`;
  const notes = [
    ...(entry.reverts === null ? [] : [`takes back ${short(entry.reverts)}`]),
    ...(by === undefined ? [] : [`taken back by ${short(by)}`]),
  ];
  const note = notes.length === 0 ? '' : ` ${io.paint.dim(`[${notes.join(', ')}]`)}`;
  out(`  ${io.paint.warning(short(entry.commit))} ${time(entry.date)} ${what}${note}`);
  const files = entry.files.map((file) => ({ ...file, path: word(file.path, io) }));
  if (files.length > 0) out(`          ${filesLine(files, view.verbose ? files.length : FILES)}`);
}

function asJson(
  view: HistoryView,
  entries: readonly TrailEntry[],
  undone: ReadonlyMap<string, string>,
  io: CommandIo,
): string {
  return printable({
    schemaVersion: 1,
    branch: view.branch,
    task: view.id,
    commits: entries.map((one) => ({
      commit: one.commit,
      date: one.date,
      kind: one.kind,
      task: one.task,
      title: word(one.title, io),
      run: one.run,
      attempt: one.attempt,
      stories: one.stories,
      takesBack: one.reverts,
      takenBackBy: undone.get(one.commit) ?? null,
      files: one.files,
    })),
    failed: view.failed,
  });
}

/** `2026-01-31 23:59`, as the clock of whoever committed showed it. */
function time(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

function word(text: string, io: CommandIo): string {
  return oneLine(io.clean(text));
}
