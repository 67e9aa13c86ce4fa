/**
 * Where the commands look that need no plan: repository, state directory, worktrees, task file of the last run. Changes
 * nothing.
 */
import { existsSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { CommandIo } from './commands/command.ts';
import { type Diagnostic, ok, type Result } from './core/diagnostic.ts';
import type { Settings } from './core/settings.ts';
import type { SourceFile } from './core/source.ts';
import type { Engine } from './engine.ts';
import { findStateDir, type StateDir } from './journal/state-dir.ts';
import { lastFileOf, stateOptions } from './past.ts';
import { findTaskFile, projectRoot, type TaskFile } from './project.ts';
import { systemClock } from './util/clock.ts';
import { createGit, type Git } from './workspaces/git.ts';
import { type Located, locate } from './workspaces/locate.ts';

export interface UpkeepAround {
  /** Absolute, `-C` applied. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly io: CommandIo;
  readonly settings: Settings;
  /** Absolute path of the state directory that was named or configured; `null`: the usual place. */
  readonly stateDir: string | null;
  /** Target branch that was named or configured; `null`: the one that is checked out. */
  readonly branch: string | null;
  /** Something runs that signals should end. */
  onEngine(engine: Pick<Engine, 'interrupt'>): void;
  refuse(diagnostics: readonly Diagnostic[], source: SourceFile | null): number;
}

export interface Found {
  readonly root: string;
  readonly located: Located | null;
  readonly state: StateDir | null;
  /** Where the worktrees lie, absolute. */
  readonly folder: string;
}

/** Looks round a project root. Errors: `git`, those of the state directory. */
export async function find({ env, settings, stateDir }: UpkeepAround, root: string): Promise<Result<Found>> {
  const located = await locate(gitIn(env), root);
  if (!located.ok) return located;
  const state = await findStateDir(root, stateOptions(stateDir));
  if (!state.ok) return state;
  const dir = state.value?.dir ?? stateDir ?? join(root, '.implement');
  const folder = resolve(root, settings.worktree.dir ?? join(dir, 'worktrees'));
  return ok({ root, located: located.value, state: state.value, folder });
}

export function gitIn(env: UpkeepAround['env']): Git {
  return createGit({ env, marks: {}, sleep: (ms) => new Promise((done) => void systemClock.after(ms, done)) });
}

/** Root of the project in which a directory lies. */
export const rootAt = (cwd: string): string => projectRoot(join(realpathSync(cwd), 'tasks.md'));

/** The file that was named, else that of the last run, else the one that every command finds. */
export async function taskFileFor(
  named: string | null,
  { cwd, env, stateDir }: UpkeepAround,
): Promise<Result<TaskFile>> {
  if (named !== null) return findTaskFile(named, cwd, env);
  const root = rootAt(cwd);
  const last = await lastFileOf(root, stateDir);
  return findTaskFile(last === null || !existsSync(join(root, last)) ? null : join(root, last), cwd, env);
}
