/**
 * The repository of a project for whoever only looks at it: no identity, no branch and no commit is asked for. Knows
 * where git is; changes nothing.
 */
import { error, fail, ok, type Result } from '../core/diagnostic.ts';
import { nearest } from '../core/suggest.ts';
import { type Git, GitFault } from './git.ts';
import { type Repository, unusable } from './repository.ts';

/** A repository as commands that look need it. */
export interface Located extends Pick<Repository, 'git' | 'main' | 'commonDir'> {
  /** Branch that is checked out, by its full name; `null`: HEAD is detached. */
  readonly branch: string | null;
  /** Object id of HEAD; `null`: there is no commit yet. */
  readonly head: string | null;
}

/** @param root absolute. `null`: no git, or no repository. Errors: `git` (there is one, but it cannot be used). */
export async function locate(git: Git, root: string): Promise<Result<Located | null>> {
  try {
    const where = await git
      .ask({ dir: root }, ['rev-parse', '--path-format=absolute', '--git-dir', '--git-common-dir', '--show-toplevel'])
      .catch(() => null);
    if (where === null) return ok(null);
    if (where.code !== 0)
      return /not a git repository/.test(where.stderr) ? ok(null) : fail(unusable(root, where.stderr));
    const [gitDir = '', commonDir = '', dir = ''] = where.stdout.toString('utf8').trimEnd().split('\n');
    const main = { dir, gitDir };
    const [head, branch] = await Promise.all([
      git.ask(main, ['rev-parse', '-q', '--verify', 'HEAD^{commit}']),
      git.ask(main, ['symbolic-ref', '-q', 'HEAD']),
    ]);
    const answer = ({ code, stdout }: typeof head): string | null =>
      code === 0 ? stdout.toString('utf8').trim() : null;
    return ok({ git, main, commonDir, branch: answer(branch), head: answer(head) });
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return fail(error('git', `Git cannot work with ${root}: ${fault.message}.`, null));
  }
}

/** Full name of a branch that the user named. Errors: `git`, with the nearest name. */
export async function branchNamed({ git, main }: Pick<Located, 'git' | 'main'>, name: string): Promise<Result<string>> {
  const listed = await git.run(main, ['for-each-ref', '--format=%(refname)', 'refs/heads/']);
  const names = listed
    .toString('utf8')
    .split('\n')
    .filter((one) => one !== '')
    .map((one) => one.slice('refs/heads/'.length));
  if (names.includes(name)) return ok(`refs/heads/${name}`);
  const near = nearest(name, names);
  const hint = near === null ? null : `Did you mean ${near}?`;
  return fail(error('git', `There is no branch ${name}.`, null, { hint }));
}
