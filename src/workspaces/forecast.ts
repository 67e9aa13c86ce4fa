/**
 * Looks ahead: would what running attempts have written so far still merge with the head as it is now? Warns once per
 * attempt and set of files. Costs at most a tenth of the time; changes nothing that anybody else sees.
 */
import { copyFileSync } from 'node:fs';
import { type Diagnostic, info } from '../core/diagnostic.ts';
import { stageAll } from './commit.ts';
import { records, shown } from './git.ts';
import type { Repository } from './repository.ts';
import type { InFlight } from './worktree.ts';

interface ForecastInput {
  readonly repository: Repository;
  readonly inFlight: ReadonlyMap<number, InFlight>;
  readonly now: () => number;
  readonly clean: (text: string) => string;
  tell(diagnostic: Diagnostic): void;
}

/** Call it when the head has moved to `commit`. */
export function createForecast({ repository, inFlight, now, clean, tell }: ForecastInput): (head: string) => void {
  const { git } = repository;
  const told = new Set<string>();
  let free = 0;
  let isBusy = false;

  async function look(flight: InFlight, head: string): Promise<void> {
    const { slot, step } = flight;
    if (slot.base === head) return;
    const index = `${slot.index}-forecast`;
    copyFileSync(slot.index, index);
    const place = { dir: slot.dir, gitDir: slot.gitDir, index };
    await stageAll(repository, place);
    const tree = await git.line(place, ['write-tree']);
    const commit = await git.line(place, ['commit-tree', tree, '-p', slot.base, '-m', 'implement: forecast']);
    const merged = await git.ask(place, [
      'merge-tree',
      '--write-tree',
      '-z',
      '--name-only',
      '--no-messages',
      head,
      commit,
    ]);
    if (merged.code !== 1 || inFlight.get(slot.number) !== flight) return;
    const names = [...new Set(records(merged.stdout).slice(1))].filter((path) => path !== '').map(shown);
    const key = `${slot.number} ${slot.base} ${step} ${names.join('\0')}`;
    if (told.has(key)) return;
    told.add(key);
    tell(
      info(
        'forecast',
        clean(
          `${step} is changing ${names.join(', ')} in a way that contradicts what was merged meanwhile; if that stays so, it is made again.`,
        ),
        null,
      ),
    );
  }

  return (head) => {
    if (isBusy || now() < free || inFlight.size === 0) return;
    isBusy = true;
    const began = now();
    void (async () => {
      for (const flight of [...inFlight.values()]) await look(flight, head).catch(() => {});
      free = now() + 10 * (now() - began);
      isBusy = false;
    })();
  };
}
