/**
 * The user's checkout of the target: how it follows a new head, and how one that was cut off in the middle is brought
 * back. Files and index first, the branch last: whoever looks sees the head at published commits only.
 */
import { createReadStream, lstatSync, readdirSync, readFileSync, readlinkSync, rmSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { differences, type TreeEntry } from './commit.ts';
import { type Git, type GitPlace, records, shown } from './git.ts';
import { inTheWay } from './in-the-way.ts';
import type { Repository } from './repository.ts';

/** A new head of the target as it comes to a checkout. */
export interface Publication {
  /** The head before, as an object id. */
  readonly onto: string;
  /** The commit that becomes the head. */
  readonly commit: string;
  /** Its tree, with the task file as it is in `onto`. */
  readonly tree: string;
  /** The task file's entry in `commit`, or `null` where it is not tracked or not changed. */
  readonly ticked: { readonly mode: string; readonly before: string; readonly blob: string } | null;
  /** How `tree` differs from `onto`. */
  readonly entries: readonly TreeEntry[];
}

type Checkout = Required<Pick<GitPlace, 'dir' | 'gitDir'>>;

/** How a checkout of the target comes to a new head, as far as its index and its files go. */
export interface Follower {
  /** `held`: names of files that stand in the way; nothing was changed. */
  follow(checkout: Checkout, publication: Publication): Promise<{ readonly held: readonly string[] }>;
  /** Takes that back, for the case that the branch was moved by somebody else in that moment. */
  back(checkout: Checkout, publication: Publication): Promise<void>;
}

/** Checkouts whose files are still those of the former head. */
export function createFollower(repository: Pick<Repository, 'git' | 'main' | 'taskFile'>): Follower {
  return {
    follow: (checkout, publication) => follow(repository, checkout, publication),
    back: (checkout, publication) => unfollow(repository, checkout, publication),
  };
}

/** The tree in which the attempt itself worked: the files are there, and only the index has to learn of them. */
export function createIndexFollower({ git, taskFile }: Pick<Repository, 'git' | 'taskFile'>): Follower {
  const toIndex = async (checkout: Checkout, from: string, to: string): Promise<void> => {
    const index = new Map<string, string>();
    const entries = await differences(git, checkout, from, to);
    for (const [path, entry] of await indexEntries(git, checkout, entries)) index.set(path, entry);
    const lines = entries
      .filter((one) => (index.get(one.path) ?? null) === entryOf(one.before))
      .map(({ path, after }) => indexLine(path, after));
    if (lines.length === 0) return;
    await git.run(checkout, ['update-index', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'));
    await git.ask(checkout, ['update-index', '-q', '--refresh']);
  };
  return {
    async follow(checkout, { onto, tree, ticked }) {
      await toIndex(checkout, onto, tree);
      if (ticked !== null) await tickIndex(git, checkout, taskFile, ticked);
      return { held: [] };
    },
    async back(checkout, { onto, tree, ticked }) {
      if (ticked !== null)
        await tickIndex(git, checkout, taskFile, { ...ticked, before: ticked.blob, blob: ticked.before });
      await toIndex(checkout, tree, onto);
    },
  };
}

type Following = Pick<Repository, 'git' | 'main' | 'taskFile'>;

/** Follows as far as the index and the files go. `held`: names of files that stand in the way; nothing was changed. */
async function follow(
  { git, main, taskFile }: Following,
  checkout: Checkout,
  { onto, commit, tree, ticked, entries }: Publication,
): Promise<{ readonly held: readonly string[] }> {
  const strangers = await inTheWay(git, checkout, entries);
  if (strangers.length > 0) return { held: strangers };
  // The user's own copy of the task file is ticked by a patch; another one follows like any file, unless it was changed.
  if (checkout.gitDir !== main.gitDir && (await moveFiles(git, checkout, onto, commit)) === null) return { held: [] };
  const moved = await moveFiles(git, checkout, onto, tree);
  if (moved !== null) return { held: moved };
  if (ticked !== null) await tickIndex(git, checkout, taskFile, ticked);
  return { held: [] };
}

/** As `git merge --ff-only` moves files: others may be dirty, these may not. Gives what stands in the way, else `null`. */
async function moveFiles(git: Git, checkout: GitPlace, from: string, to: string): Promise<string[] | null> {
  const args = ['read-tree', '-m', '-u', from, to];
  const first = await git.ask(checkout, args);
  if (first.code === 0) return null;
  // A file that was touched but not changed looks dirty until the index has been refreshed.
  await git.ask(checkout, ['update-index', '-q', '--refresh']);
  const second = await git.ask(checkout, args);
  if (second.code === 0) return null;
  const names = [...second.stderr.matchAll(/(?:Entry|file) '(.+?)' (?:not uptodate|would be overwritten)/g)].map(
    (one) => one[1] as string,
  );
  return names.length > 0 ? names : [second.stderr.trim().split('\n')[0] ?? 'unknown'];
}

/** The same tick in the index: where the user has staged something else there, that stays as it is. */
async function tickIndex(
  git: Git,
  checkout: GitPlace,
  taskFile: string,
  { mode, before, blob }: NonNullable<Publication['ticked']>,
): Promise<void> {
  const staged = records(
    await git.run(checkout, ['ls-files', '-s', '-z', '--', `:(top,literal)${shown(taskFile)}`]),
  )[0];
  const [, current] = staged?.split(/[ \t]/) ?? [];
  if (current !== before) return;
  await git.run(
    checkout,
    ['update-index', '-z', '--index-info'],
    Buffer.from(`${mode} ${blob} 0\t${taskFile}\0`, 'latin1'),
  );
}

/** Takes back what `follow` did, for the case that the branch was moved by somebody else in that moment. */
async function unfollow(
  { git, main, taskFile }: Following,
  checkout: Checkout,
  { onto, commit, tree, ticked }: Publication,
): Promise<void> {
  if (checkout.gitDir !== main.gitDir && (await moveFiles(git, checkout, commit, onto)) === null) return;
  if (ticked !== null)
    await tickIndex(git, checkout, taskFile, { ...ticked, before: ticked.blob, blob: ticked.before });
  await moveFiles(git, checkout, tree, onto);
}

/**
 * A checkout whose process was killed while it followed `commit`: files and index of the change are as they were, or as
 * they were to be, or half written. If nothing else is in them, they are put back to `onto`, so that the merge can be
 * done again. Gives `untouched`, `restored`, or `foreign`: somebody has worked on these files meanwhile.
 */
export async function restoreCheckout(
  { git, main, taskFile }: Following,
  checkout: Checkout,
  onto: string,
  commit: string,
): Promise<'untouched' | 'restored' | 'foreign'> {
  const isOther = checkout.gitDir !== main.gitDir;
  const all = await differences(git, checkout, onto, commit);
  const entries = all.filter((one) => isOther || one.path !== taskFile);
  rmSync(join(checkout.gitDir, 'index.lock'), { force: true });
  const index = await indexEntries(git, checkout, all);
  // The change of another task may be published first, and its tick would find the index with this one.
  const tick = isOther ? undefined : all.find((one) => one.path === taskFile);
  if (tick !== undefined && index.get(taskFile) === entryOf(tick.after)) {
    const line = Buffer.from(indexLine(taskFile, tick.before), 'latin1');
    await git.run(checkout, ['update-index', '-z', '--index-info'], line);
  }
  const isOurs = entries.every((one) => {
    const now = index.get(one.path) ?? null;
    return now === entryOf(one.before) || now === entryOf(one.after);
  });
  const created = new Set(entries.filter((one) => isNothing(one.before.mode)).map((one) => one.path));
  const states = await Promise.all(entries.map((one) => fileState(git, checkout, one, created)));
  if (!isOurs || states.includes('foreign')) return 'foreign';
  const isIndexMoved = entries.some((one) => (index.get(one.path) ?? null) !== entryOf(one.before));
  if (!isIndexMoved && states.every((state) => state === 'before')) return 'untouched';
  const lines = entries.map(({ before, path }) => indexLine(path, before));
  await git.run(checkout, ['update-index', '-z', '--index-info'], Buffer.from(lines.join(''), 'latin1'));
  for (const path of created) {
    const raw = rawPath(checkout, path);
    if (lookAt(raw)?.isDirectory() !== true) rmSync(raw as unknown as string, { force: true });
  }
  const existing = entries.filter((one) => !isNothing(one.before.mode)).map((one) => `${one.path}\0`);
  if (existing.length > 0) {
    await git.run(
      checkout,
      ['checkout-index', '--force', '-u', '-z', '--stdin'],
      Buffer.from(existing.join(''), 'latin1'),
    );
  }
  return 'restored';
}

/** For `update-index --index-info`; an entry without a mode takes the path out. */
export function indexLine(path: string, { mode, blob }: TreeEntry['before']): string {
  return isNothing(mode) ? `0 ${blob}\t${path}\0` : `${mode} ${blob} 0\t${path}\0`;
}

const bytesOf = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const isNothing = (mode: string): boolean => /^0+$/.test(mode);
const entryOf = ({ mode, blob }: TreeEntry['before']): string | null => (isNothing(mode) ? null : `${mode} ${blob}`);

async function indexEntries(git: Git, checkout: GitPlace, entries: readonly TreeEntry[]): Promise<Map<string, string>> {
  const wanted = new Set(entries.map((one) => one.path));
  const found = new Map<string, string>();
  for (const record of records(await git.run(checkout, ['ls-files', '-s', '-z']))) {
    const tab = record.indexOf('\t');
    const path = record.slice(tab + 1);
    const [mode, blob] = record.slice(0, tab).split(' ');
    if (wanted.has(path)) found.set(path, `${mode} ${blob}`);
  }
  return found;
}

const rawPath = (checkout: Checkout, path: string): Buffer => Buffer.from(join(bytesOf(checkout.dir), path), 'latin1');

/** `null`: nothing is there, perhaps because a file stands where a folder would have to be. */
function lookAt(raw: Buffer): Stats | null {
  try {
    return lstatSync(raw);
  } catch (fault) {
    const { code } = fault as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    throw fault;
  }
}

function modeOf(stat: Stats): string {
  if (stat.isSymbolicLink()) return '120000';
  return (stat.mode & 0o100) === 0 ? '100644' : '100755';
}

/** Whether all files below a folder are among `paths`. */
function holdsOnly(raw: Buffer, path: string, paths: ReadonlySet<string>): boolean {
  return readdirSync(raw, { withFileTypes: true, encoding: 'buffer' }).every((entry) => {
    const name = (entry.name as unknown as Buffer).toString('latin1');
    const below = Buffer.concat([raw, Buffer.from(`/${name}`, 'latin1')]);
    return entry.isDirectory() ? holdsOnly(below, `${path}/${name}`, paths) : paths.has(`${path}/${name}`);
  });
}

/** Whether a file of the change is as before, as after, on its way from one to the other, or something else. */
async function fileState(
  git: Git,
  checkout: Required<Pick<GitPlace, 'dir' | 'gitDir'>>,
  { path, before, after }: TreeEntry,
  created: ReadonlySet<string>,
): Promise<'before' | 'after' | 'between' | 'foreign'> {
  const raw = rawPath(checkout, path);
  const stat = lookAt(raw);
  // Git removes the old file before it writes the new one.
  if (stat === null) return isNothing(before.mode) ? 'before' : isNothing(after.mode) ? 'after' : 'between';
  if (stat.isDirectory()) {
    if (isNothing(before.mode)) return 'before';
    return isNothing(after.mode) && holdsOnly(raw, path, created) ? 'after' : 'foreign';
  }
  const blob = stat.isSymbolicLink()
    ? await git.line(checkout, ['hash-object', '--stdin', '--no-filters'], readlinkSync(raw, 'buffer'))
    : await hashOf(git, checkout, path, raw);
  // Content and mode change one after the other.
  const mode = before.mode === after.mode ? before.mode : modeOf(stat);
  if (mode !== before.mode && mode !== after.mode) return 'foreign';
  if (blob === before.blob) return mode === before.mode ? 'before' : 'between';
  if (blob === after.blob) return mode === after.mode ? 'after' : 'between';
  if (isNothing(after.mode)) return 'foreign';
  const whole = await git.run(checkout, ['cat-file', 'blob', after.blob]);
  return stat.size < whole.length && (await startsLike(raw, whole)) ? 'between' : 'foreign';
}

async function hashOf(git: Git, checkout: GitPlace, path: string, raw: Buffer): Promise<string> {
  const utf8 = shown(path);
  const filtered = Buffer.from(utf8, 'utf8').toString('latin1') === path ? [`--path=${utf8}`] : ['--no-filters'];
  return git.line(checkout, ['hash-object', '--stdin', ...filtered], readFileSync(raw));
}

async function startsLike(file: Buffer, whole: Buffer): Promise<boolean> {
  let at = 0;
  for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
    if (!chunk.equals(whole.subarray(at, at + chunk.length))) return false;
    at += chunk.length;
  }
  return true;
}
