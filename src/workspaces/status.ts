/** What is not committed in the user's checkout. Knows how git says it; judges nothing. */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { records, shown } from './git.ts';
import type { Repository } from './repository.ts';

export interface Dirty {
  /** Relative to the top, one character per byte; an untracked directory ends in `/`. */
  readonly path: string;
  /** As people read it. */
  readonly shown: string;
  /** Two letters, as `git status --short` has them. */
  readonly code: string;
  /** Changes when the file does. */
  readonly signature: string;
}

type Look = Pick<Repository, 'git' | 'main' | 'taskFile' | 'stateDirs'>;

/** Uncommitted changes and untracked files, without the task file and the state of runs. */
export async function dirtyPaths(repository: Look): Promise<Dirty[]> {
  return (await statusOf(repository)).filter((one) => one.path !== repository.taskFile);
}

/** The same, with the task file. */
export async function statusOf({ git, main, stateDirs }: Look): Promise<Dirty[]> {
  const output = await git.run(main, [
    'status',
    '--porcelain=v1',
    '-z',
    '--no-renames',
    '--untracked-files=all',
    '--ignore-submodules=dirty',
  ]);
  return records(output).flatMap((record) => {
    const code = record.slice(0, 2);
    const path = record.slice(3);
    const bare = path.replace(/\/$/, '');
    if (stateDirs.some((dir) => bare === dir || bare.startsWith(`${dir}/`))) return [];
    return [{ path, shown: shown(path), code, signature: `${code} ${signatureOf(main.dir, path)}` }];
  });
}

function signatureOf(top: string, path: string): string {
  try {
    const stat = lstatSync(Buffer.from(join(Buffer.from(top).toString('latin1'), path), 'latin1'), { bigint: true });
    return path.endsWith('/') ? 'directory' : `${stat.size} ${stat.mtimeNs} ${stat.mode}`;
  } catch {
    return 'gone';
  }
}
