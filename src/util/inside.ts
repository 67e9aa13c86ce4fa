/** What lies at a path inside a folder, and never what lies outside it. A few questions to the disk. */
import { realpathSync, type Stats, statSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';

/** `outside`: it is a link, or lies behind one, that leads out of the folder. `other`: a pipe, a device, a socket. */
export type Inside =
  | { readonly kind: 'file' | 'folder' | 'other'; readonly path: string; readonly size: number }
  | { readonly kind: 'missing' | 'outside' };

/** @param root absolute. @param path relative to it; one that leads out by its words is `outside`. */
export function lookInside(root: string, path: string): Inside {
  if (!isWithin(root, join(root, path))) return { kind: 'outside' };
  let real: string;
  let found: Stats;
  try {
    real = realpathSync(join(root, path));
    found = statSync(real);
  } catch {
    return { kind: 'missing' };
  }
  if (!isWithin(realpathSync(root), real)) return { kind: 'outside' };
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  return { kind, path: real, size: found.size };
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}
