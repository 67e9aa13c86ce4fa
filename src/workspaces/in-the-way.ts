/**
 * Files of the user that git would overwrite without a word because they are ignored. Knows what stands in a checkout;
 * what else is uncommitted there, git refuses by itself.
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { TreeEntry } from './commit.ts';
import { type Git, type GitPlace, records, shown } from './git.ts';

/** Names of what stands in `checkout` where `entries` would create something, and is not what they remove. */
export async function inTheWay(git: Git, checkout: GitPlace, entries: readonly TreeEntry[]): Promise<string[]> {
  const removed = new Set(entries.filter((one) => one.how === 'deleted').map((one) => one.path));
  // Where upper and lower case are the same, the old name of a file stands where the new one will be.
  const lower = new Set([...removed].map((path) => path.toLowerCase()));
  const found = new Set<string>();
  for (const { path, how } of entries) {
    if (how !== 'created' || lower.has(path.toLowerCase())) continue;
    const parts = path.split('/');
    for (let depth = 1; depth <= parts.length; depth++) {
      const part = parts.slice(0, depth).join('/');
      const stat = lstatSync(bytes(checkout.dir, part), { throwIfNoEntry: false });
      if (stat === undefined) break;
      if (!stat.isDirectory()) {
        if (!removed.has(part)) found.add(part);
        break;
      }
      if (depth < parts.length) continue;
      const literal = `:(top,literal)${shown(part)}`;
      for (const one of records(await git.run(checkout, ['ls-files', '-z', '--others', '--', literal]))) found.add(one);
    }
  }
  return [...found].map(shown);
}

function bytes(dir: string, path: string): Buffer {
  return Buffer.from(join(Buffer.from(dir, 'utf8').toString('latin1'), path), 'latin1');
}
