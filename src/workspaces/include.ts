/**
 * Ignored files that a worktree needs all the same (`.env`): found in the user's checkout, copied into slots. Knows
 * patterns as git reads them; never copies what git would take into a commit.
 */
import { constants, existsSync, type Stats } from 'node:fs';
import { copyFile, lstat, mkdir, readlink, realpath, rm, symlink, utimes } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { records } from './git.ts';
import type { Repository } from './repository.ts';

/** Patterns of its own, in the syntax of `.gitignore`. */
const INCLUDE_FILE = '.worktreeinclude';

/** Ignored files of the user's checkout that match `patterns` or `.worktreeinclude`; relative, one character per byte. */
export async function includedFiles(
  { git, main, stateDirs }: Pick<Repository, 'git' | 'main' | 'stateDirs'>,
  patterns: readonly string[],
): Promise<string[]> {
  const file = join(main.dir, INCLUDE_FILE);
  const chosen = [
    ...(existsSync(file) ? [`--exclude-from=${file}`] : []),
    ...patterns.map((pattern) => `--exclude=${pattern}`),
  ];
  if (chosen.length === 0) return [];
  const list = async (which: readonly string[]): Promise<string[]> =>
    records(await git.run(main, ['ls-files', '-z', '--others', '--ignored', ...which]));
  const [wanted, ignored] = await Promise.all([list(chosen), list(['--exclude-standard'])]);
  const isIgnored = new Set(ignored);
  return wanted.filter((path) => isIgnored.has(path) && !stateDirs.some((dir) => path.startsWith(`${dir}/`)));
}

/** Copies what is missing in `to` or differs there. Modes and links are kept; a file that is gone meanwhile is passed over. */
export async function copyInto(files: readonly string[], from: string, to: string): Promise<void> {
  const bytes = (base: string, path: string): Buffer =>
    Buffer.concat([Buffer.from(`${base}/`, 'utf8'), Buffer.from(path, 'latin1')]);
  for (const path of files) {
    const source = bytes(from, path);
    const target = bytes(to, path);
    const [here, there] = await Promise.all([stat(source), stat(target)]);
    if (here === null || (there !== null && isSame(here, there))) continue;
    await mkdir(bytes(to, dirname(path)), { recursive: true }).catch(() => {});
    // A link in the way must not lead the copy out of the worktree.
    const folder = await realpath(bytes(to, dirname(path)), 'utf8').catch(() => null);
    if (folder === null || (folder !== to && !folder.startsWith(`${to}${sep}`))) continue;
    await rm(target, { recursive: true, force: true });
    if (here.isSymbolicLink()) await symlink(await readlink(source), target);
    else if (here.isFile()) {
      await copyFile(source, target, constants.COPYFILE_FICLONE);
      await utimes(target, here.atime, here.mtime);
    }
  }
}

const stat = (path: Buffer): Promise<Stats | null> => lstat(path).catch(() => null);

function isSame(a: Stats, b: Stats): boolean {
  return a.isFile() && b.isFile() && a.size === b.size && a.mode === b.mode && Math.abs(a.mtimeMs - b.mtimeMs) < 2;
}
