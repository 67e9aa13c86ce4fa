/** Files of a project, and nothing that is not one: no path that leads out of it, no link that does. */
import {
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
} from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';

/** Whether `path` is `folder` or lies in it; both absolute. */
function leadsInto(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith('../') && !way.startsWith('..\\') && !isAbsolute(way);
}

/** Absolute path without links of what `path` (relative to `root`) leads to; `null`: nothing, or something outside. */
export function realInside(root: string, path: string): string | null {
  const full = resolve(root, path);
  if (!leadsInto(root, full)) return null;
  try {
    const real = realpathSync.native(full);
    return leadsInto(realpathSync.native(root), real) ? real : null;
  } catch {
    return null;
  }
}

/** What can be said about a path that a task names. Patterns and addresses are none. */
export function stateOf(root: string, path: string): 'there' | 'missing' | 'outside' | null {
  if (/[*?{}[\]\0]|:\/\//.test(path)) return null;
  const full = resolve(root, path);
  if (!leadsInto(root, full)) return 'outside';
  try {
    if (lstatSync(full, { throwIfNoEntry: false }) === undefined) return 'missing';
  } catch {
    return 'missing';
  }
  return realInside(root, path) === null ? 'outside' : 'there';
}

/** Tells whether a file is still the one that was read; `null`: it is no file. */
export function stampOf(found: BigIntStats): string | null {
  return found.isFile() ? `${found.dev}:${found.ino}:${found.size}:${found.mtimeNs}` : null;
}

/** The end of a file, at most so many bytes, from a whole line on; empty if it cannot be read, or is a link. */
export function endOf(path: string, bytes: number): string {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | (constants.O_NOFOLLOW ?? 0));
  } catch {
    return '';
  }
  try {
    const found = fstatSync(fd);
    if (!found.isFile() || found.size === 0) return '';
    const from = Math.max(0, found.size - bytes);
    const buffer = Buffer.alloc(found.size - from);
    const text = buffer.toString('utf8', 0, readSync(fd, buffer, 0, buffer.length, from));
    return from === 0 ? text : text.slice(text.indexOf('\n') + 1);
  } catch {
    return '';
  } finally {
    closeSync(fd);
  }
}
