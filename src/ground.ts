import { join, resolve } from 'node:path';
import type { MergeResult } from './core/change.ts';
import { type Diagnostic, error, fail, info, ok, type Result } from './core/diagnostic.ts';
import type { RunOptions, StepId } from './core/event.ts';
import type { History } from './core/history.ts';
import type { Settings } from './core/settings.ts';
import type { Project } from './project.ts';
import { restoreCheckout } from './workspaces/checkout.ts';
import { differences, filesOf } from './workspaces/commit.ts';
import { createGit, GitFault } from './workspaces/git.ts';
import { removeOwnLocks, removePublishingLocks } from './workspaces/locks.ts';
import { shortName } from './workspaces/merge-queue.ts';
import { checkClean, checkoutsOf, openRepository, type Repository } from './workspaces/repository.ts';
import { finishUndo } from './workspaces/undo.ts';

export interface RepositoryRequest {
  readonly options: RunOptions;
  readonly project: Project;
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  /** Absolute path of the state directory, where it is known. */
  readonly stateDir: string;
  readonly settings: Settings;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What an earlier session of the run left, or `null`. */
  readonly history: History | null;
  /** The last session of the file, of this run or another, never came to its end. */
  readonly isCutOff: boolean;
  readonly marks: Readonly<Record<string, string>>;
  sleep(ms: number): Promise<void>;
}

/** A published change whose session was cut off before it was noted. */
export interface Published {
  readonly step: StepId;
  readonly attempt: number;
  readonly result: Extract<MergeResult, { kind: 'merged' }>;
}

export interface Ground {
  readonly repository: Repository;
  /** What turns out to be done already. */
  readonly published: readonly Published[];
  /** Tasks whose committed work somebody has thrown away: it is made again. */
  readonly discarded: readonly StepId[];
}

/**
 * Looks at the repository and puts right what a killed session left in it: a change that was published counts as
 * merged, a checkout that was cut off while it followed is put back. Errors: `git`, `dirty-tree`, `usage`.
 */
export async function prepareGround(request: RepositoryRequest): Promise<Result<Ground>> {
  const { options, project, history, settings } = request;
  if (options.commit && !options.worktree && options.parallel) {
    return fail(
      error(
        'usage',
        'Tasks that run side by side in one tree cannot be told apart, so they cannot be committed one by one.',
        null,
        {
          hint: 'Say --worktree as well: each attempt gets a tree of its own. Or leave --parallel out.',
        },
      ),
    );
  }
  const pinned = history?.target?.ref ?? null;
  const opened = await openRepository({
    git: createGit({ env: request.env, marks: request.marks, sleep: request.sleep }),
    root: project.root,
    tasksFile: request.tasksFile,
    stateDirs: [request.stateDir, join(project.root, '.spec-state'), ...worktreeDirs(settings, project.root)],
    branch: options.branch ?? (pinned === null ? null : shortName(pinned)),
    env: request.env,
  });
  if (!opened.ok) return opened;
  const repository = opened.value;
  const notes = [...opened.warnings];
  if (
    !options.worktree &&
    !checkoutsOf(repository, repository.target).some((one) => one.gitDir === repository.main.gitDir)
  ) {
    return fail(
      error(
        'usage',
        `Without worktrees tasks are committed where they are made, but ${shortName(repository.target)} is not checked out here.`,
        null,
        {
          hint: `Check it out (git switch ${shortName(repository.target)}), or say --worktree.`,
        },
      ),
    );
  }
  try {
    notes.push(...(await finishUndo(repository, request.stateDir)));
    const { published, discarded } = await recover(repository, history, options, notes);
    // Work of an attempt that was cut off lies in the user's tree, where there are no worktrees.
    const goesOn = history !== null && !options.worktree;
    const clean = options.allowDirty || goesOn ? ok(null) : await checkClean(repository, request.isCutOff);
    return clean.ok ? ok({ repository, published, discarded }, notes) : clean;
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return fail(error('git', `Git cannot work with ${project.root}: ${fault.message}.`, null));
  }
}

function worktreeDirs(settings: Settings, root: string): string[] {
  return settings.worktree.dir === null ? [] : [resolve(root, settings.worktree.dir)];
}

/** What became of changes that were about to be published when their session was cut off. */
async function recover(
  repository: Repository,
  history: History | null,
  options: RunOptions,
  notes: Diagnostic[],
): Promise<Pick<Ground, 'published' | 'discarded'>> {
  if (history === null) return { published: [], discarded: [] };
  const { git, main, target, taskFile } = repository;
  const published: Published[] = [];
  const discarded: StepId[] = [];
  const branches = await git.line(main, [
    'for-each-ref',
    '--format=%(refname)',
    `refs/heads/implement/${history.run}/`,
  ]);
  const isThere = new Set(branches.split('\n'));
  removeOwnLocks(repository, history.run);
  for (const [step, { attempt, change, publishing }] of history.unmerged) {
    if (publishing === null) {
      if (!isThere.has(change.ref)) discarded.push(step);
      continue;
    }
    const { commit, onto } = publishing;
    const exists = await git.ask(main, ['cat-file', '-e', `${commit}^{commit}`]);
    if (exists.code !== 0) continue;
    removePublishingLocks(repository, history.startedAt);
    const isIn = await git.ask(main, ['merge-base', '--is-ancestor', commit, target]);
    if (isIn.code === 0) {
      const files = filesOf(await differences(git, main, onto, commit), taskFile);
      published.push({ step, attempt, result: { kind: 'merged', commit, files, ticked: true } });
      continue;
    }
    if (!options.worktree) continue;
    for (const checkout of checkoutsOf(repository, target)) {
      const state = await restoreCheckout(repository, checkout, onto, commit);
      if (state === 'restored') {
        notes.push(
          info(
            'git',
            `${checkout.dir} was cut off while it followed the change of ${step}; put back, and the change is merged again.`,
            null,
          ),
        );
      }
    }
  }
  return { published, discarded };
}
