/**
 * `implement undo`: which commits have to go so that a task is open again, and taking them back under the lock of the
 * project. Puts the rooms together; what git does is in `workspaces/undo.ts`.
 */
import { randomInt } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { FileChange } from './core/change.ts';
import { type Diagnostic, error, fail, ok, type Result, warning } from './core/diagnostic.ts';
import type { Plan } from './core/plan.ts';
import { oneLine } from './core/redact.ts';
import type { Settings } from './core/settings.ts';
import type { TaskId } from './core/task.ts';
import { entriesOfFile, idAmong } from './core/trail.ts';
import { choose, messageOf, some, type UndoneBefore } from './core/undo.ts';
import { acquireLock } from './journal/lock.ts';
import { newRunId } from './journal/run-id.ts';
import { findStateDir, openStateDir, type StateDir } from './journal/state-dir.ts';
import { type PastRun, pastRuns, stateOptions } from './past.ts';
import { boxesOf, relocate } from './prepare.ts';
import { projectOf, type TaskFile } from './project.ts';
import { endOrphans } from './runners/process.ts';
import { createBlobTicker } from './taskfile/blob-ticker.ts';
import { createTicker } from './taskfile/ticker.ts';
import type { Clock } from './util/clock.ts';
import { createGit, GitFault } from './workspaces/git.ts';
import { shortName } from './workspaces/merge-queue.ts';
import { openRepository } from './workspaces/repository.ts';
import { readTrail } from './workspaces/trail.ts';
import { finishUndo, inTheWay, makeReversals, publishReversals, type Reversed } from './workspaces/undo.ts';

export interface UndoRequest {
  readonly file: TaskFile;
  /** Of that file, with the kinds of edges that its runs used. */
  readonly plan: Plan;
  readonly deps: 'all' | 'explicit';
  readonly id: string;
  /** The command as the user says it, without further flags. */
  readonly command: string;
  readonly cascade: boolean;
  readonly dryRun: boolean;
  /** `--branch`. */
  readonly branch: string | null;
  /** `--state-dir`, absolute. */
  readonly stateDir: string | null;
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly clean: (text: string) => string;
}

export interface UndoneTask {
  readonly task: TaskId;
  readonly title: string;
  /** The commit that was taken back, and the one that does it. */
  readonly commit: string;
  readonly by: string;
  readonly files: readonly FileChange[];
  /** Its box was opened: in the commit, or in the user's copy of the task file. */
  readonly opened: boolean;
}

export interface UndoReport {
  /** `already`: somebody did it before, and nothing was done now. */
  readonly kind: 'undone' | 'planned' | 'already';
  /** Short name of the branch. */
  readonly target: string;
  readonly tasks: readonly UndoneTask[];
  /** For `already`: the commit that took the task back. */
  readonly before: UndoneBefore | null;
}

const ENDED_GRACE_MS = 5000;

/**
 * Takes back what a task committed. Errors (nothing was changed): `unknown-id`, `git`, `builds-on` (later tasks build
 * on it), `undo-conflict`, `dirty-tree`, `target-moved`, `locked` and those of the state directory.
 */
export async function undo(request: UndoRequest): Promise<Result<UndoReport>> {
  const { root } = projectOf(request.file);
  const options = stateOptions(request.stateDir);
  const found = await findStateDir(root, options);
  if (!found.ok) return found;
  if (found.value === null) {
    // What is wrong with the request is found before a state directory is made.
    const trial = await safely(request, () => perform(request, null, []));
    if (!trial.ok || request.dryRun || trial.value.kind === 'already') return trial;
  }
  const opened = await openStateDir(root, options);
  if (!opened.ok) return opened;
  const state = opened.value;
  const now = request.clock.now();
  const lock = await acquireLock(state.dir, { run: newRunId(now, random), since: now });
  if (!lock.ok) return lock;
  try {
    const { takenFrom } = lock.value;
    if (takenFrom !== null) await endOrphans(takenFrom.run, [], ENDED_GRACE_MS, request.clock);
    const runs = await pastRuns(state);
    return await safely(request, () => perform(request, state, runs));
  } finally {
    await lock.value.release();
  }
}

const random = (): number => randomInt(0, 2 ** 32) / 2 ** 32;

async function safely<T>({ clean }: UndoRequest, work: () => Promise<Result<T>>): Promise<Result<T>> {
  try {
    return await work();
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return fail(error('git', `Git could not do it, and nothing was changed: ${clean(fault.message)}.`, null));
  }
}

/** @param state `null`: only to see what would be done. */
async function perform(
  request: UndoRequest,
  state: StateDir | null,
  runs: readonly PastRun[],
): Promise<Result<UndoReport>> {
  const { file, plan, clean, clock } = request;
  const project = projectOf(file);
  const stateDir = state?.dir ?? resolve(project.root, request.stateDir ?? '.implement');
  const worktrees = request.settings.worktree.dir;
  const opened = await openRepository({
    git: createGit({
      env: request.env,
      marks: {},
      sleep: (ms) => new Promise((done) => void clock.after(ms, done)),
    }),
    root: project.root,
    tasksFile: file.path,
    stateDirs: [
      stateDir,
      join(project.root, '.spec-state'),
      ...(worktrees === null ? [] : [resolve(project.root, worktrees)]),
    ],
    branch: request.branch,
    env: request.env,
  });
  if (!opened.ok) return opened;
  const repository = opened.value;
  const notes: Diagnostic[] = [...opened.warnings, ...(state === null ? [] : await finishUndo(repository, state.dir))];
  const target = shortName(repository.target);
  const all = await readTrail(repository.git, repository.main, repository.base);
  const fileOf = (run: string): string | null => runs.find((one) => one.run === run)?.file ?? null;
  const titles = new Map(plan.tasks.map((task) => [task.id, task.title]));
  const entries = entriesOfFile(all, { file: project.file, fileOf, titles });
  const id = idAmong(request.id, new Set([...plan.byId.keys(), ...entries.map((one) => one.task)]));
  if (!id.ok) return id;
  const others = runs.flatMap((one) => (one.target === null ? [] : [shortName(one.target)]));
  const chosen = choose(
    {
      id: id.value,
      plan,
      file: project.file,
      cascade: request.cascade,
      target,
      otherTarget: others.findLast((one) => one !== target) ?? null,
      command: request.command,
      clean,
    },
    entries,
  );
  if (!chosen.ok) return chosen;
  const choice = chosen.value;
  if ('before' in choice) return ok({ kind: 'already', target, tasks: [], before: choice.before }, notes);
  const run = newRunId(clock.now(), random);
  const titleOf = new Map(choice.steps.map((one) => [one.commit, oneLine(clean(one.title))]));
  const boxes = createBlobTicker((text) => relocate(plan, plan.source.name, text, request.deps));
  const made = await makeReversals(
    repository,
    choice.steps.map((one) => ({ task: one.task, commit: one.commit, message: messageOf(one, run, clean) })),
    (text, task) => boxes.untick(text, task),
  );
  if (made.kind !== 'made') {
    const { task, commit } = made.reversal;
    const short = commit.slice(0, 10);
    if (made.kind === 'rootless') {
      const why = 'has no single parent here, so nobody can tell what it changed';
      const hint = 'In a shallow clone: git fetch --unshallow';
      return fail(error('git', `Commit ${short} of ${task} ${why}.`, null, { hint }));
    }
    const paths = made.paths.map((path) => oneLine(clean(path)));
    return fail(
      error(
        'undo-conflict',
        `${task} cannot be taken back: what came later changed the same lines of ${some(paths)}.`,
        null,
        {
          hint: `Nothing was changed. By hand: git revert ${short}, resolve, commit; then open its box in ${file.name}.`,
        },
      ),
    );
  }
  const dirty = (await inTheWay(repository, made.paths)).map((path) => oneLine(clean(path)));
  if (dirty.length > 0) return fail(standsInTheWay(dirty));
  const report = (kind: UndoReport['kind'], inCopy: ReadonlySet<TaskId>): UndoReport => ({
    kind,
    target,
    before: null,
    tasks: made.reversed.map((one: Reversed) => ({
      task: one.task,
      title: titleOf.get(one.commit) ?? '',
      commit: one.commit,
      by: one.by,
      files: one.files,
      opened: one.opened || inCopy.has(one.task),
    })),
  });
  if (state === null || request.dryRun) return ok(report('planned', new Set()), notes);
  const copy = copyOf(request);
  const published = await publishReversals(repository, made.publication, state.dir, {
    async open() {
      for (const { task } of made.reversed) notes.push(...(await copy.open(task)));
    },
    close: () => copy.close(),
  });
  if (published.kind === 'held') return fail(standsInTheWay(published.names.map((path) => oneLine(clean(path)))));
  if (published.kind === 'moved') {
    return fail(
      error('target-moved', `Somebody moved ${target} in that moment; nothing was changed.`, null, {
        hint: 'Say it again.',
      }),
    );
  }
  return ok(report('undone', copy.opened), notes);
}

/** The boxes in the user's copy of the task file. */
function copyOf({ file, plan, deps }: UndoRequest) {
  const ticker = createTicker({
    path: file.path,
    text: file.text,
    boxes: boxesOf(plan),
    locate: (text) => relocate(plan, file.name, text, deps),
  });
  const opened = new Set<TaskId>();
  return {
    opened,
    async open(task: TaskId): Promise<Diagnostic[]> {
      const result = await ticker.restore(task);
      if (!result.ok) return result.diagnostics.map((one) => ({ ...one, severity: 'warning' as const, hint: null }));
      if (result.value === 'restored') opened.add(task);
      if (result.value !== 'gone') return [];
      return [warning('unknown-task', `${task} is no longer in ${file.name}: there is no box to open.`, null)];
    },
    async close(): Promise<void> {
      for (const task of opened) await ticker.tick(task);
      opened.clear();
    },
  };
}

function standsInTheWay(names: readonly string[]): Diagnostic {
  return error('dirty-tree', `Uncommitted changes stand in the way: ${some(names)}.`, null, {
    hint: 'Nothing was changed. Commit or stash them, then say it again.',
  });
}
