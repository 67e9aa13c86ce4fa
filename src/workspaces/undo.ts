/**
 * Takes commits of tasks back: each by a commit of its own, made on the head of the target without touching a file,
 * then published as the merge queue publishes. Knows commits and trees; which commits have to go is decided elsewhere.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileChange } from '../core/change.ts';
import { type Diagnostic, info } from '../core/diagnostic.ts';
import { createFollower, type Publication, restoreCheckout } from './checkout.ts';
import { differences, filesOf, withFile } from './commit.ts';
import { GitFault, records, shown } from './git.ts';
import { checkoutsOf, type Repository } from './repository.ts';
import { dirtyPaths } from './status.ts';

/** A commit that is to be taken back. */
export interface Reversal {
  readonly task: string;
  /** Object id. */
  readonly commit: string;
  /** Message of the commit that takes it back. */
  readonly message: string;
}

export interface Reversed extends Reversal {
  /** The commit that takes it back. */
  readonly by: string;
  /** What that changes, the task file left out. */
  readonly files: readonly FileChange[];
  /** Its box was opened in the commit. */
  readonly opened: boolean;
}

export type Reversals =
  | {
      readonly kind: 'made';
      readonly reversed: readonly Reversed[];
      readonly publication: Publication;
      /** Paths that change in all, the task file left out; one character per byte. */
      readonly paths: readonly string[];
    }
  /** Later changes contradict it. */
  | { readonly kind: 'conflict'; readonly reversal: Reversal; readonly paths: readonly string[] }
  /** It cannot be compared with what was before it. */
  | { readonly kind: 'rootless'; readonly reversal: Reversal };

interface File {
  readonly mode: string;
  readonly blob: string;
}

/**
 * Makes the commits, the first of `reversals` on the head of the target, each other one on the one before. No branch
 * and no file is touched. Throws `GitFault`.
 * @param openText the text of the task file with the boxes of a task opened; `null`: there is none to open.
 */
export async function makeReversals(
  repository: Repository,
  reversals: readonly Reversal[],
  openText: (text: Buffer, task: string) => Buffer | null,
): Promise<Reversals> {
  const { git, main, base, taskFile } = repository;
  const reversed: Reversed[] = [];
  let head = base;
  for (const reversal of reversals) {
    const tree = await treeWithout(repository, reversal, head);
    if (typeof tree !== 'string') return tree;
    const file = await fileAt(repository, head);
    const text = file === null ? null : openText(await git.run(main, ['cat-file', 'blob', file.blob]), reversal.task);
    const sealed =
      file === null || text === null
        ? tree
        : await withFile(git, main, tree, taskFile, {
            mode: file.mode,
            blob: await git.line(main, ['hash-object', '-w', '--stdin', '--no-filters'], text),
          });
    const by = await git.line(main, ['commit-tree', sealed, '-p', head, '-F', '-'], reversal.message);
    const files = filesOf(await differences(git, main, head, by), taskFile);
    reversed.push({ ...reversal, by, files, opened: text !== null });
    head = by;
  }
  const [before, after] = await Promise.all([fileAt(repository, base), fileAt(repository, head)]);
  const isOpened = before !== null && after !== null && before.blob !== after.blob;
  const tree = isOpened ? await withFile(git, main, `${head}^{tree}`, taskFile, before) : `${head}^{tree}`;
  const changed = (await differences(git, main, base, head)).filter((one) => one.path !== taskFile);
  return {
    kind: 'made',
    reversed,
    paths: changed.map((one) => one.path),
    publication: {
      entries: changed,
      onto: base,
      commit: head,
      tree: await git.line(main, ['rev-parse', '--verify', tree]),
      ticked: isOpened ? { mode: after.mode, before: before.blob, blob: after.blob } : null,
    },
  };
}

/** The tree of `head` with the change of the commit taken out of it, the task file as it is in `head`. */
async function treeWithout(
  repository: Repository,
  reversal: Reversal,
  head: string,
): Promise<string | Exclude<Reversals, { kind: 'made' }>> {
  const { git, main, taskFile } = repository;
  const { commit } = reversal;
  const parents = (await git.line(main, ['rev-parse', `${commit}^@`])).split('\n').filter((one) => one !== '');
  const [parent] = parents;
  if (parent === undefined || parents.length > 1) return { kind: 'rootless', reversal };
  const [ticked, open] = await Promise.all([fileAt(repository, commit), fileAt(repository, parent)]);
  // Boxes of one list stand on neighbouring lines: as a change of text each would contradict the next.
  const isApart = ticked !== null && open !== null && ticked.blob !== open.blob;
  const before = isApart ? await withFile(git, main, `${parent}^{tree}`, taskFile, ticked) : `${parent}^{tree}`;
  const helper = await git.line(main, ['commit-tree', before, '-p', commit, '-m', 'implement: before']);
  const merged = await git.ask(main, [
    'merge-tree',
    '--write-tree',
    '-z',
    '--name-only',
    '--no-messages',
    head,
    helper,
  ]);
  const [tree, ...paths] = records(merged.stdout);
  if (merged.code === 0 && tree !== undefined) return tree;
  if (merged.code !== 1 || tree === undefined) throw new GitFault(['merge-tree'], merged.code, merged.stderr.trim());
  return { kind: 'conflict', reversal, paths: [...new Set(paths.filter((path) => path !== '').map(shown))] };
}

async function fileAt({ git, main, taskFile }: Repository, commit: string): Promise<File | null> {
  if (taskFile.startsWith('../')) return null;
  const listed = await git.run(main, ['ls-tree', '-z', commit, '--', `:(top,literal)${shown(taskFile)}`]);
  const [mode, type, blob] = records(listed)[0]?.split(/[ \t]/) ?? [];
  return mode?.startsWith('100') === true && type === 'blob' && blob !== undefined ? { mode, blob } : null;
}

/** Names of uncommitted files of the user that the commits would change. */
export async function inTheWay(repository: Repository, paths: readonly string[]): Promise<string[]> {
  const { main, target } = repository;
  if (!checkoutsOf(repository, target).some((one) => one.gitDir === main.gitDir)) return [];
  const touched = new Set(paths);
  const isTouched = (path: string): boolean =>
    touched.has(path) || (path.endsWith('/') && paths.some((one) => one.startsWith(path)));
  return (await dirtyPaths(repository)).filter((one) => isTouched(one.path)).map((one) => one.shown);
}

/** Says in the state directory what is about to be published, so that a kill in the middle can be put right. */
const INTENT = 'undo.json';

interface Intent {
  readonly target: string;
  readonly onto: string;
  readonly commit: string;
}

/**
 * Moves the target and every checkout of it to the commits: all of them or none. `held`: files that stand in the way;
 * `moved`: somebody else moved the target in that moment. In both cases nothing was changed. Throws `GitFault`.
 * @param boxes opens and closes those in the user's copy of the task file.
 */
export async function publishReversals(
  repository: Repository,
  publication: Publication,
  stateDir: string,
  boxes: { open(): Promise<void>; close(): Promise<void> },
): Promise<{ readonly kind: 'published' | 'moved' } | { readonly kind: 'held'; readonly names: readonly string[] }> {
  const { git, main, target } = repository;
  const { commit, onto } = publication;
  const follower = createFollower(repository);
  const followed: ReturnType<typeof checkoutsOf> = [];
  const intent: Intent = { target, onto, commit };
  const path = join(stateDir, INTENT);
  const back = async (): Promise<void> => {
    for (const one of followed) await follower.back(one, publication);
  };
  writeFileSync(path, `${JSON.stringify(intent)}\n`, { mode: 0o600 });
  try {
    for (const checkout of checkoutsOf(repository, target)) {
      const { held } = await follower.follow(checkout, publication);
      if (held.length > 0) {
        await back();
        return { kind: 'held', names: held };
      }
      followed.push(checkout);
    }
    await boxes.open();
    const moved = await git.ask(main, ['update-ref', '-m', 'implement: undo', target, commit, onto]);
    if (moved.code === 0) return { kind: 'published' };
    await boxes.close();
    await back();
    if ((await git.line(main, ['rev-parse', '--verify', `${target}^{commit}`])) !== onto) return { kind: 'moved' };
    throw new GitFault(['update-ref'], moved.code, moved.stderr.trim());
  } finally {
    rmSync(path, { force: true });
  }
}

/**
 * An undo that was killed while checkouts followed it: they are put back, as if it had not begun. Tells which
 * were. Throws `GitFault`.
 * @param stateDir absolute path of the state directory.
 */
export async function finishUndo(repository: Repository, stateDir: string): Promise<Diagnostic[]> {
  const path = join(stateDir, INTENT);
  const left = existsSync(path) ? intentIn(readFileSync(path, 'utf8')) : null;
  const { git, main, target } = repository;
  if (left === null || left.target !== target) return [];
  const { onto, commit } = left;
  const exists = await git.ask(main, ['cat-file', '-e', `${commit}^{commit}`]);
  const isIn = await git.ask(main, ['merge-base', '--is-ancestor', commit, target]);
  const restored: Diagnostic[] = [];
  if (exists.code === 0 && isIn.code !== 0) {
    for (const checkout of checkoutsOf(repository, target))
      if ((await restoreCheckout(repository, checkout, onto, commit)) === 'restored')
        restored.push(info('git', `${checkout.dir} was cut off in the middle of an undo; put back as it was.`, null));
  }
  rmSync(path, { force: true });
  return restored;
}

function intentIn(text: string): Intent | null {
  try {
    const { target, onto, commit } = JSON.parse(text) as Partial<Intent>;
    const isId = (value: unknown): value is string => typeof value === 'string' && /^[0-9a-f]{40,64}$/.test(value);
    return isId(onto) && isId(commit) && typeof target === 'string' ? { target, onto, commit } : null;
  } catch {
    return null;
  }
}
