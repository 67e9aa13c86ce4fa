/**
 * Looks ahead: would what running attempts have written so far still merge with the head as it is now? Warns once per
 * attempt and set of files. Costs at most a tenth of the time; changes nothing that anybody else sees.
 */
import { type Diagnostic, info } from '../core/diagnostic.ts';
import type { Clock } from '../util/clock.ts';
import { stageAll } from './commit.ts';
import { copyIndex, records, shown } from './git.ts';
import type { Repository } from './repository.ts';
import type { InFlight } from './worktree.ts';

interface ForecastInput {
  readonly repository: Repository;
  readonly inFlight: ReadonlyMap<number, InFlight>;
  readonly clock: Clock;
  readonly clean: (text: string) => string;
  tell(diagnostic: Diagnostic): void;
}

export interface Forecast {
  /** The head has moved to `commit`. */
  published(commit: string): void;
  close(): void;
}

/** How often it looks again while attempts go on, in ms. */
const INTERVAL = 5000;

export function createForecast({ repository, inFlight, clock, clean, tell }: ForecastInput): Forecast {
  const { git } = repository;
  const told = new Set<string>();
  let free = 0;
  let head: string | null = null;
  let cancel = (): void => {};
  let isBusy = false;

  async function look(flight: InFlight, onto: string): Promise<void> {
    const { slot, step } = flight;
    if (slot.base === onto) return;
    const index = `${slot.index}-forecast`;
    copyIndex(slot.index, index);
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
      onto,
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

  async function lookAtAll(): Promise<void> {
    if (isBusy || head === null || clock.now() < free || inFlight.size === 0) return;
    isBusy = true;
    const began = clock.now();
    for (const flight of [...inFlight.values()]) await look(flight, head).catch(() => {});
    free = clock.now() + 10 * (clock.now() - began);
    isBusy = false;
  }

  const again = (): void => {
    cancel = clock.after(INTERVAL, () => {
      void lookAtAll();
      again();
    });
  };
  again();
  return {
    published(commit) {
      head = commit;
      void lookAtAll();
    },
    close: () => cancel(),
  };
}
