/**
 * From what stands in a tree to a commit: what belongs to it, the hooks of the repository, the commit itself. Knows
 * git's plumbing; not whose work it is, and not where the commit goes.
 */
import { accessSync, constants, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { FileChange } from '../core/change.ts';
import type { Outcome } from '../core/event.ts';
import { type Git, GitFault, type GitPlace, records, shown } from './git.ts';
import type { Repository } from './repository.ts';

/** Runs a command of the repository in the place of an attempt, its output into the attempt's log. Never rejects. */
export type RunHook = (args: readonly string[], env: Readonly<Record<string, string>>) => Promise<Outcome>;

/** A difference between two trees. */
export interface TreeEntry {
  /** Relative to the top, one character per byte. */
  readonly path: string;
  readonly how: FileChange['how'];
  readonly before: { readonly mode: string; readonly blob: string };
  readonly after: { readonly mode: string; readonly blob: string };
}

/** Takes everything in the tree into the index of `place`, but for the task file and the state of runs. */
export async function stageAll(
  repository: Pick<Repository, 'git' | 'taskFile' | 'stateDirs'>,
  place: GitPlace,
): Promise<void> {
  const { git, taskFile, stateDirs } = repository;
  const aside = [taskFile, ...stateDirs].filter((path) => !path.startsWith('../'));
  const paths = ['.', ...aside.map((path) => `:(exclude,top,literal)${path}`)];
  const args = ['add', '--all', '--sparse', '--pathspec-from-file=-', '--pathspec-file-nul'];
  const added = await git.ask(place, args, Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1'));
  // Git adds everything, but takes it for a mistake to leave out what is ignored anyway.
  const isDone = /^The following paths are ignored/.test(added.stderr) && !/^(?:error|fatal):/m.test(added.stderr);
  if (added.code !== 0 && !isDone) throw new GitFault(args, added.code, added.stderr.trim());
}

/** How two trees (or commits) differ; renames are a file less and a file more. */
export async function differences(git: Git, place: GitPlace, before: string, after: string): Promise<TreeEntry[]> {
  const fields = records(await git.run(place, ['diff-tree', '-r', '-z', '--no-renames', '--raw', before, after]));
  const entries: TreeEntry[] = [];
  for (let i = 0; i + 1 < fields.length; i += 2) {
    const [modeBefore = '', modeAfter = '', blobBefore = '', blobAfter = '', letter = ''] = (fields[i] as string)
      .slice(1)
      .split(' ');
    entries.push({
      path: fields[i + 1] as string,
      how: letter.startsWith('A') ? 'created' : letter.startsWith('D') ? 'deleted' : 'modified',
      before: { mode: modeBefore, blob: blobBefore },
      after: { mode: modeAfter, blob: blobAfter },
    });
  }
  return entries;
}

/** A tree in which the file at `path` (one character per byte) is another one; its folders are there already. */
export async function withFile(
  git: Git,
  place: GitPlace,
  tree: string,
  path: string,
  file: { readonly mode: string; readonly blob: string },
): Promise<string> {
  const slash = path.indexOf('/');
  const name = slash < 0 ? path : path.slice(0, slash);
  const listed = records(await git.run(place, ['ls-tree', '-z', tree]));
  const nameOf = (record: string): string => record.slice(record.indexOf('\t') + 1);
  const old = listed.find((record) => nameOf(record) === name);
  const below = old?.split(/[ \t]/)[2] ?? '';
  const entry =
    slash < 0
      ? `${file.mode} blob ${file.blob}\t${name}`
      : `040000 tree ${await withFile(git, place, below, path.slice(slash + 1), file)}\t${name}`;
  const changed = [...listed.filter((record) => record !== old), entry].map((record) => `${record}\0`).join('');
  return git.line(place, ['mktree', '-z', '--missing'], Buffer.from(changed, 'latin1'));
}

/** Files of a change as events and reports have them. */
export function filesOf(entries: readonly TreeEntry[], taskFile: string): FileChange[] {
  return entries.filter((one) => one.path !== taskFile).map(({ path, how }) => ({ path: shown(path), how }));
}

/** A git repository inside the tree would become a link to a commit that nobody else has. */
export function foreignRepositories(entries: readonly TreeEntry[]): string[] {
  return entries.filter((one) => one.after.mode === '160000' && one.how === 'created').map((one) => shown(one.path));
}

/** The hooks that run on a task's commit, in their order. */
const BEFORE = ['pre-commit'] as const;
const ON_MESSAGE = ['prepare-commit-msg', 'commit-msg'] as const;

/** The hooks of `names` that the repository has in this work tree. */
function hooksIn(
  repository: Pick<Repository, 'commonDir' | 'hooksPath'>,
  dir: string,
  names: readonly string[],
): string[] {
  const { commonDir, hooksPath } = repository;
  const folder =
    hooksPath === null || hooksPath === ''
      ? join(commonDir, 'hooks')
      : isAbsolute(hooksPath)
        ? hooksPath
        : join(dir, hooksPath);
  return names.filter((name) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * Runs the hooks that look at what is to be committed. They may change the index. `null`: none failed.
 */
export async function runPreCommit(
  repository: Pick<Repository, 'commonDir' | 'hooksPath'>,
  place: GitPlace,
  run: RunHook,
): Promise<Outcome | null> {
  for (const hook of hooksIn(repository, place.dir, BEFORE)) {
    const outcome = await run(hookCommand(repository, hook), hookEnv(place));
    if (outcome.kind === 'failure') return outcome;
  }
  return null;
}

/** Lets the hooks see and change a message. Gives the message, or the failure of one. */
export async function runMessageHooks(
  repository: Pick<Repository, 'commonDir' | 'hooksPath'>,
  place: GitPlace,
  message: string,
  run: RunHook,
): Promise<string | Outcome> {
  const hooks = hooksIn(repository, place.dir, ON_MESSAGE);
  if (hooks.length === 0) return message;
  const folder = mkdtempSync(join(tmpdir(), 'implement-message-'));
  try {
    const file = join(folder, 'COMMIT_EDITMSG');
    writeFileSync(file, message);
    for (const hook of hooks) {
      const args = hook === 'commit-msg' ? [file] : [file, 'message'];
      const outcome = await run([...hookCommand(repository, hook), '--', ...args], hookEnv(place));
      if (outcome.kind === 'failure') return outcome;
    }
    const changed = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => line.trimEnd())
      .join('\n')
      .trim();
    return `${changed}\n`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function hookCommand({ hooksPath }: Pick<Repository, 'hooksPath'>, hook: string): string[] {
  return ['git', ...(hooksPath === null ? [] : ['-c', `core.hooksPath=${hooksPath}`]), 'hook', 'run', hook];
}

/** As `git commit` sets them for its hooks. */
function hookEnv(place: GitPlace): Record<string, string> {
  return {
    GIT_EDITOR: ':',
    ...(place.gitDir === undefined ? {} : { GIT_DIR: place.gitDir, GIT_WORK_TREE: place.dir }),
    ...(place.index === undefined ? {} : { GIT_INDEX_FILE: place.index }),
  };
}
