/**
 * The repository of a project as a run needs it: where it is, which branch is the target, who commits, what is not
 * committed. Everything that can be wrong with it is found here, before anything runs. Changes nothing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type Diagnostic, error, fail, ok, type Result, warning } from '../core/diagnostic.ts';
import { type Git, GitFault, type GitPlace } from './git.ts';
import { type Dirty, dirtyPaths } from './status.ts';

export interface Repository {
  readonly git: Git;
  /** The user's checkout, in which the project lies: the work tree and its git directory, absolute. */
  readonly main: Required<Pick<GitPlace, 'dir' | 'gitDir'>>;
  /** The directory that all work trees share. */
  readonly commonDir: string;
  /** Full name of the target branch: `refs/heads/main`. */
  readonly target: string;
  /** Head of the target now. */
  readonly base: string;
  /** There is no such branch yet. */
  readonly isNew: boolean;
  /** Task file, relative to the top, `/` as separator, one character per byte. */
  readonly taskFile: string;
  /** Relative to the top; never part of a change. */
  readonly stateDirs: readonly string[];
  readonly hooksPath: string | null;
}

export interface RepositoryInput {
  readonly git: Git;
  /** Absolute path of the project root. */
  readonly root: string;
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  /** Absolute paths of directories that hold the state of runs. */
  readonly stateDirs: readonly string[];
  /** `--branch`. */
  readonly branch: string | null;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const OLDEST = [2, 38] as const;

/** Looks at the repository. Errors: `git` (it cannot be used, with the reason). */
export async function openRepository(input: RepositoryInput): Promise<Result<Repository>> {
  try {
    return await look(input);
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return fail(error('git', `Git cannot work with ${input.root}: ${fault.message}.`, null));
  }
}

async function look(input: RepositoryInput): Promise<Result<Repository>> {
  const { git, root } = input;
  const version = await git.ask({ dir: root }, ['--version']).catch(() => null);
  if (version === null)
    return fail(error('git', 'Git is not installed.', null, { hint: 'Install git 2.38 or newer.' }));
  const said = version.stdout.toString('utf8').trim();
  const [major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(said)?.slice(1) ?? []).map(Number);
  if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1])) {
    return fail(
      error('git', `This is ${said}, and changes are merged with "git merge-tree --write-tree".`, null, {
        hint: 'Install git 2.38 or newer, or run without --worktree and --commit.',
      }),
    );
  }
  const where = await git.ask({ dir: root }, [
    'rev-parse',
    '--path-format=absolute',
    '--is-bare-repository',
    '--git-dir',
    '--git-common-dir',
    '--show-toplevel',
  ]);
  if (where.code !== 0) return fail(unusable(root, where.stderr));
  const [bare, gitDir, commonDir, top] = where.stdout.toString('utf8').trimEnd().split('\n');
  if (bare !== 'false' || gitDir === undefined || commonDir === undefined || top === undefined) {
    return fail(error('git', `${root} has no work tree.`, null, { hint: 'Run it in a checkout of the repository.' }));
  }
  const main = { dir: top, gitDir };
  const who = await identity(input, main);
  if (!who.ok) return who;
  const target = await targetOf(input, main);
  if (!target.ok) return target;
  const inside = (path: string): string =>
    Buffer.from(relative(top, path).split(sep).join('/'), 'utf8').toString('latin1');
  const stateDirs = input.stateDirs
    .map(inside)
    .filter((path) => path !== '' && path !== '..' && !path.startsWith('../'));
  const taskFile = inside(input.tasksFile);
  const repository: Repository = {
    git,
    main,
    commonDir,
    ...target.value,
    taskFile,
    stateDirs,
    hooksPath: who.value.hooksPath,
  };
  return ok(repository, who.warnings);
}

/** Refuses uncommitted changes, with the list of them. `isUnfinished`: a run before this one was cut off. */
export async function checkClean(repository: Repository, isUnfinished: boolean): Promise<Result<null>> {
  const dirty = await dirtyPaths(repository);
  return dirty.length > 0 ? fail(isDirty(dirty, isUnfinished)) : ok(null);
}

/** Why git cannot be used in `root`, from what it said. */
export function unusable(root: string, said: string): Diagnostic {
  if (/dubious ownership/.test(said)) {
    return error('git', `Git does not trust ${root}: it belongs to another user.`, null, {
      hint: `If it is yours: git config --global --add safe.directory ${root}`,
    });
  }
  if (/must be run in a work tree/.test(said)) {
    return error('git', `${root} has no work tree.`, null, { hint: 'Run it in a checkout of the repository.' });
  }
  return error('git', `${root} is no git repository.`, null, {
    hint: 'Make it one (git init, then a first commit), or run without --worktree and --commit.',
  });
}

/** Whether git knows who commits. Errors: `git`. */
export async function identity(
  { git, env }: Pick<RepositoryInput, 'git' | 'env'>,
  main: GitPlace,
): Promise<Result<{ readonly hooksPath: string | null }>> {
  const asked = await git.ask(main, [
    'config',
    '-z',
    '--get-regexp',
    '^((user|author|committer)\\.(name|email)|commit\\.gpgsign)$',
  ]);
  const config = new Map(
    asked.stdout
      .toString('utf8')
      .split('\0')
      .map((line) => [line.slice(0, line.indexOf('\n')), line.slice(line.indexOf('\n') + 1)]),
  );
  for (const what of ['name', 'email'] as const) {
    for (const role of ['author', 'committer'] as const) {
      const variable = `GIT_${role}_${what}`.toUpperCase();
      const own = env[variable] ?? config.get(`${role}.${what}`) ?? config.get(`user.${what}`);
      const mailed = what === 'email' ? env['EMAIL'] : undefined;
      if ((own ?? mailed ?? '').trim() !== '') continue;
      return fail(
        error('git', `Git does not know who commits: user.${what} is not set.`, null, {
          hint: `Say it: git config user.${what} "${what === 'name' ? 'Your Name' : 'you@example.com'}"`,
        }),
      );
    }
  }
  const isSigned = ['true', 'yes', 'on', '1'].includes((config.get('commit.gpgsign') ?? '').toLowerCase());
  const notes = isSigned
    ? [
        warning(
          'git',
          'commit.gpgSign is set, but the commits of a run are not signed: nobody could answer a prompt.',
          null,
          {
            hint: 'Sign them afterwards: git rebase --exec "git commit --amend --no-edit -S" <first commit>^',
          },
        ),
      ]
    : [];
  const hooks = await git.ask({ ...main, asConfigured: true }, ['config', '--type=path', '--get', 'core.hooksPath']);
  const hooksPath = hooks.code === 0 ? hooks.stdout.toString('utf8').trim() : null;
  return ok({ hooksPath }, notes);
}

async function targetOf(
  { git, branch }: RepositoryInput,
  main: GitPlace,
): Promise<Result<Pick<Repository, 'target' | 'base' | 'isNew'>>> {
  const [head, current, taken] = await Promise.all([
    git.ask(main, ['rev-parse', '-q', '--verify', 'HEAD^{commit}']),
    git.ask(main, ['symbolic-ref', '-q', 'HEAD']),
    git.ask(main, ['rev-parse', '-q', '--verify', 'refs/heads/implement']),
  ]);
  const base = head.stdout.toString('utf8').trim();
  if (head.code !== 0) {
    return fail(
      error('git', 'The repository has no commit yet, so there is nothing to branch from.', null, {
        hint: 'Make one: git commit --allow-empty -m "Start"',
      }),
    );
  }
  if (taken.code === 0 || branch === 'implement') {
    return fail(
      error(
        'git',
        'Work is kept on branches below "implement/", and a branch "implement" leaves no room for them.',
        null,
        {
          hint:
            taken.code === 0 ? 'Give it another name: git branch -m implement NAME' : 'Name another one: --branch NAME',
        },
      ),
    );
  }
  if (branch === null) {
    if (current.code === 0) return ok({ target: current.stdout.toString('utf8').trim(), base, isNew: false });
    return fail(
      error('git', 'No branch is checked out (HEAD is detached), so there is none to commit to.', null, {
        hint: 'Check one out, or name it: --branch NAME',
      }),
    );
  }
  const target = `refs/heads/${branch}`;
  const name = await git.ask(main, ['check-ref-format', '--branch', branch]);
  if (name.code !== 0 || branch.startsWith('-') || name.stdout.toString('utf8').trim() !== branch) {
    return fail(error('git', `"${branch}" cannot be the name of a branch.`, null));
  }
  const there = await git.ask(main, ['rev-parse', '-q', '--verify', `${target}^{commit}`]);
  if (there.code === 0) return ok({ target, base: there.stdout.toString('utf8').trim(), isNew: false });
  return ok({ target, base, isNew: true });
}

function isDirty(dirty: readonly Dirty[], isUnfinished: boolean): Diagnostic {
  const some = dirty.slice(0, 20).map((one) => `  ${one.code} ${one.shown}`);
  const rest = dirty.length > some.length ? [`  … and ${dirty.length - some.length} more`] : [];
  return error('dirty-tree', `There are uncommitted changes:\n${[...some, ...rest].join('\n')}`, null, {
    hint: `${isUnfinished ? 'If the last run was cut off, they may be its own: implement --continue. Else commit' : 'Commit'} or stash them, or say --allow-dirty: they stay where they are, and tasks do not see them.`,
  });
}

/** Marks git's directory for a worktree of a run; see `slots.ts`. */
export const SLOT_NOTE = 'implement.json';

/**
 * Work trees of the repository in which `ref` is checked out: the user's first. Those of a run are none, whatever an
 * attempt has checked out there. Reads files only.
 */
export function checkoutsOf(
  { main, commonDir }: Repository,
  ref: string,
): Required<Pick<GitPlace, 'dir' | 'gitDir'>>[] {
  const found = worktreesOf(commonDir)
    .filter(({ admin }) => !existsSync(join(admin, SLOT_NOTE)))
    .map(({ dir, admin }) => ({ dir, gitDir: admin }));
  const first = commonDir.endsWith(`${sep}.git`) ? [{ dir: commonDir.slice(0, -5), gitDir: commonDir }] : [];
  const all = [main, ...[...first, ...found].filter((one) => one.gitDir !== main.gitDir)];
  return all.filter(({ gitDir }) => headOf(gitDir) === `ref: ${ref}`);
}

/** What stands in the `HEAD` of a git directory: `ref: refs/heads/main`, or an object id. */
export function headOf(gitDir: string): string | null {
  try {
    return readFileSync(join(gitDir, 'HEAD'), 'utf8').trim();
  } catch {
    return null;
  }
}

/** The linked work trees that git knows of, with the directory in which git keeps what belongs to each. */
export function worktreesOf(commonDir: string): { readonly dir: string; readonly admin: string }[] {
  const base = join(commonDir, 'worktrees');
  if (!existsSync(base)) return [];
  return readdirSync(base).flatMap((name) => {
    try {
      const file = readFileSync(join(base, name, 'gitdir'), 'utf8').trim();
      return [{ dir: file.replace(/[\\/]\.git$/, ''), admin: join(base, name) }];
    } catch {
      return [];
    }
  });
}
