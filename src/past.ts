/** What earlier runs left in the state directory: the journal of the last one, else the checkpoint that people read. */
import { readdir, readFile } from 'node:fs/promises';
import { ok, type Result } from './core/diagnostic.ts';
import type { RunEvent } from './core/event.ts';
import { foldHistory, type History, historyOf } from './core/history.ts';
import type { Session } from './core/session.ts';
import { readJournal } from './journal/event-log.ts';
import { isRunId } from './journal/run-id.ts';
import { parseSession } from './journal/session-file.ts';
import { findStateDir, latestRun, type StateDir, type StateOptions } from './journal/state-dir.ts';
import { type Project, projectOf, type TaskFile } from './project.ts';
import { trackedFiles } from './workspaces/git.ts';

export interface Past {
  readonly history: History;
  /** Where the journal goes on; `null` where only the checkpoint is left. */
  readonly validBytes: number | null;
}

/** What the last run of the file left: its journal, else the checkpoint that people read. */
export async function pastOf(state: StateDir, file: string): Promise<Result<Past | null>> {
  const latest = await latestRun(state, file);
  if (!latest.ok) return latest;
  if (latest.value !== null) {
    const journal = await readJournal(state.journalPath(latest.value.run));
    if (!journal.ok) return journal;
    const history = foldHistory(journal.value.events);
    if (history !== null) return ok({ history, validBytes: journal.value.validBytes }, journal.warnings);
  }
  const session = await checkpointOf(state, file);
  if (!session.ok || session.value === null) return session.ok ? ok(null) : session;
  return ok({ history: historyOf(session.value), validBytes: null }, session.warnings);
}

/** Name of the run that `--continue` would go on with, or `null`. Reads no more of a journal than its first line. */
export async function runToContinue(state: StateDir, file: string): Promise<Result<string | null>> {
  const latest = await latestRun(state, file);
  if (!latest.ok) return latest;
  if (latest.value !== null) return ok(latest.value.run);
  const session = await checkpointOf(state, file);
  return session.ok ? ok(session.value?.run ?? null) : session;
}

async function checkpointOf(state: StateDir, file: string): Promise<Result<Session | null>> {
  const text = await readFile(state.sessionPath, 'utf8').catch(() => null);
  if (text === null) return ok(null);
  const session = await parseSession(text, state.sessionPath);
  return session.ok && session.value.file !== file ? ok(null) : session;
}

export interface LookedBack {
  readonly project: Project;
  /** `null`: nothing was run here yet. */
  readonly state: StateDir | null;
  readonly history: History | null;
}

/** The last run of a file, for commands that only look. */
export async function lookBack(file: TaskFile, stateDir: string | null): Promise<Result<LookedBack>> {
  const project = projectOf(file);
  const found = await findStateDir(project.root, stateOptions(stateDir));
  if (!found.ok) return found;
  if (found.value === null) return ok({ project, state: null, history: null });
  const past = await pastOf(found.value, project.file);
  return past.ok ? ok({ project, state: found.value, history: past.value?.history ?? null }) : past;
}

/** The task file of the newest run below a project root, relative to it; `null` if there was none or it cannot be trusted. */
export async function lastFileOf(root: string, stateDir: string | null): Promise<string | null> {
  const found = await findStateDir(root, stateOptions(stateDir));
  if (!found.ok || found.value === null) return null;
  const latest = await latestRun(found.value);
  if (latest.ok && latest.value !== null) return latest.value.started.file;
  const text = await readFile(found.value.sessionPath, 'utf8').catch(() => null);
  const session = text === null ? null : await parseSession(text, found.value.sessionPath);
  return session?.ok === true ? session.value.file : null;
}

/** A run as its journal tells of it. */
export interface PastRun {
  readonly run: string;
  /** Task file, relative to the project root, `/` as separator. */
  readonly file: string;
  /** Full name of the branch to which it committed last; `null`: to none. */
  readonly target: string | null;
  readonly events: readonly RunEvent[];
}

/** All runs of the project whose journals can be read, oldest first. */
export async function pastRuns(state: StateDir): Promise<PastRun[]> {
  const names = (await readdir(state.runsDir).catch(() => [])).filter(isRunId).sort();
  const runs: PastRun[] = [];
  for (const run of names) {
    const journal = await readJournal(state.journalPath(run)).catch(() => null);
    const history = journal?.ok === true ? foldHistory(journal.value.events) : null;
    if (journal?.ok !== true || history === null) continue;
    runs.push({ run, file: history.file, target: history.target?.ref ?? null, events: journal.value.events });
  }
  return runs;
}

/** `stateDir` as given by `--state-dir`. */
export function stateOptions(stateDir: string | null): StateOptions {
  return { tracked: trackedFiles, ...(stateDir === null ? {} : { stateDir }) };
}
