/**
 * Locks that git processes of a run left when they were killed. Knows where git puts them; that nothing of the run
 * lives any more, the caller knows.
 */
import { existsSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkoutsOf, type Repository } from './repository.ts';

/** Those on the branches of the run's own attempts. */
export function removeOwnLocks({ commonDir }: Pick<Repository, 'commonDir'>, run: string): void {
  const folder = join(commonDir, 'refs', 'heads', 'implement', run);
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.lock')) rmSync(join(folder, name), { force: true });
}

/** Those of a publication that was cut off. Older ones than `since` (ms since the epoch) belong to somebody else. */
export function removePublishingLocks(repository: Repository, since: number): void {
  const { commonDir, main, target } = repository;
  const own = [main, ...checkoutsOf(repository, target)].flatMap(({ gitDir }) =>
    ['HEAD.lock', 'index.lock'].map((name) => join(gitDir, name)),
  );
  for (const path of [join(commonDir, `${target}.lock`), join(commonDir, 'packed-refs.lock'), ...own]) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat !== undefined && stat.mtimeMs >= since) rmSync(path, { force: true });
  }
}
