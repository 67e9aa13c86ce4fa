/**
 * What lies in the worktrees of a project: which of them exist, whose they are, and whether work is in them that is
 * nowhere else. Looks only.
 */
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { GitFault, records, shown } from './git.ts';
import type { Located } from './locate.ts';
import { headOf } from './repository.ts';
import type { Slot, SlotNote, Slots } from './slots.ts';

export interface Surveyed {
  readonly slot: Slot;
  readonly note: SlotNote | null;
  /** The directory is there. */
  readonly exists: boolean;
  /** Files that differ from the commit that was checked out, those that git ignores left out. */
  readonly changes: readonly string[];
  /** Head of commits that were made in it and are in no branch; `null`: none. */
  readonly ownCommits: string | null;
  /** Somebody said `git worktree lock`; why, in their words. */
  readonly locked: string | null;
  /** Why it cannot be looked at, or `null`. */
  readonly fault: string | null;
}

/** The slots in `folder`, by number. */
export async function surveySlots(located: Located, slots: Slots, folder: string): Promise<Surveyed[]> {
  const own = slots.list().filter((slot) => isIn(slot.dir, folder));
  return Promise.all(own.map((slot) => survey(located, slots, slot)));
}

function isIn(dir: string, folder: string): boolean {
  return dirname(dir) === folder;
}

async function survey({ git, main }: Located, slots: Slots, slot: Slot): Promise<Surveyed> {
  const note = slots.note(slot);
  const exists = lstatSync(slot.dir, { throwIfNoEntry: false })?.isDirectory() === true;
  const base = { slot, note, exists, locked: lockOf(slot) };
  if (!exists) return { ...base, changes: [], ownCommits: null, fault: null };
  try {
    // The index that no attempt can reach tells what was checked out, whatever an attempt did to the other.
    const index = join(slot.gitDir, 'implement-index');
    const place = { dir: slot.dir, gitDir: slot.gitDir, ...(existsSync(index) ? { index } : {}) };
    const listed = records(
      await git.run(place, ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=all']),
    );
    const head = headOf(slot.gitDir);
    const isMoved = head !== null && /^[0-9a-f]{40,64}$/.test(head) && note !== null && head !== note.base;
    const holders = isMoved ? await git.line(main, ['for-each-ref', '--count=1', `--contains=${head}`]) : 'a branch';
    return {
      ...base,
      changes: listed.map((record) => shown(record.slice(3))),
      ownCommits: holders === '' ? head : null,
      fault: null,
    };
  } catch (fault) {
    if (!(fault instanceof GitFault)) throw fault;
    return { ...base, changes: [], ownCommits: null, fault: fault.message };
  }
}

/** Git itself locks a worktree while it makes it. */
function lockOf({ gitDir }: Slot): string | null {
  const path = join(gitDir, 'locked');
  if (!existsSync(path)) return null;
  const why = readFileSync(path, 'utf8').trim();
  return why === 'initializing' ? null : why;
}

/** Directories in `folder` that look like slots and that git does not know, absolute. */
export function strayDirectories(folder: string, known: readonly Slot[]): string[] {
  if (!existsSync(folder)) return [];
  const dirs = new Set(known.map((one) => one.dir));
  return readdirSync(folder)
    .filter((name) => /^slot-\d+$/.test(name))
    .map((name) => join(folder, name))
    .filter((dir) => !dirs.has(dir))
    .sort((a, b) => Number(basename(a).slice(5)) - Number(basename(b).slice(5)));
}
