/**
 * The worktrees of a run: made once, used again and again, kept where a task failed in them. Knows how a worktree is
 * brought to a commit whatever was done in it; not what is run there, and not what becomes of it.
 *
 * Git is always told where the repository is: whatever an attempt did to `.git`, nothing here can end up in the user's
 * checkout.
 */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { copyIndex, GitFault, type GitPlace } from './git.ts';
import { headOf, type Repository, SLOT_NOTE, worktreesOf } from './repository.ts';

/** What is remembered about a worktree beside it, in git's own directory for it. */
export interface SlotNote {
  readonly run: string;
  readonly step: string;
  readonly attempt: number;
  /** Commit that was checked out for the attempt. */
  readonly base: string;
  /** The attempt was the last one and failed: what lies here belongs to people now. */
  readonly kept: boolean;
  /** Digest of command and lock files with which `worktree.setup` last succeeded here. */
  readonly setup: string | null;
}

export interface Slot {
  readonly number: number;
  readonly dir: string;
  /** Git's own directory for the worktree. */
  readonly gitDir: string;
}

export interface OpenSlot extends Slot {
  /** The commit that is checked out. */
  readonly base: string;
  /** Index of what is checked out, which no attempt can reach. */
  readonly index: string;
  /** Made just now: nothing but the files of the commit is in it. */
  readonly fresh: boolean;
}

export interface Slots {
  /** Brings a slot to the commit `at` (a ref or an object id), making it if there is none. Throws `GitFault`. */
  open(number: number, at: string): Promise<OpenSlot>;
  /** The slot as it is, or `null`. */
  find(number: number): Slot | null;
  /** All slots that exist, by number. */
  list(): Slot[];
  note(slot: Slot): SlotNote | null;
  remember(slot: Slot, note: SlotNote): void;
  /** Puts back what ties the worktree to the repository, should an attempt have removed or replaced it. */
  mend(slot: Slot): void;
  remove(slot: Slot): Promise<void>;
  /** Forgets worktrees whose directories are gone. */
  prune(): Promise<void>;
}

const INDEX = 'implement-index';
/** Beside what git keeps of a worktree: it was made here, and may be made anew. */
const MARK = 'implement-slot';

/**
 * @param folder absolute path of the directory that holds the slots.
 * @param own nobody else has anything in it, as in the state directory.
 */
export function createSlots(
  { git, main, commonDir }: Pick<Repository, 'git' | 'main' | 'commonDir'>,
  folder: string,
  own = true,
): Slots {
  /** `git worktree add` and `remove` do not like company. */
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work, work);
    turn = result.catch(() => {});
    return result;
  };
  const base = (): string => (existsSync(folder) ? realpathSync(folder) : folder);
  const dirOf = (number: number): string => join(base(), `slot-${number}`);

  function find(number: number): Slot | null {
    const dir = dirOf(number);
    const known = worktreesOf(commonDir).find((one) => one.dir === dir);
    return known === undefined ? null : { number, dir, gitDir: known.admin };
  }

  async function make(number: number, at: string): Promise<OpenSlot> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const dir = dirOf(number);
    await inTurn(async () => {
      const there = find(number);
      if (existsSync(dir) && !isOurs(dir, there)) {
        throw new GitFault(
          ['worktree'],
          null,
          `${dir} is there already, and was not made for attempts: it is left alone`,
        );
      }
      if (there !== null) await discard(there);
      rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
      await git.run(main, ['worktree', 'add', '--force', '--detach', '--no-checkout', '--quiet', dir, at]);
    });
    const slot = find(number);
    if (slot === null) throw new GitFault(['worktree'], null, `git does not know the worktree ${dir}`);
    writeFileSync(join(slot.gitDir, MARK), '');
    // The files come outside of the turn: that takes long, and disturbs nobody.
    await git.run({ dir, gitDir: slot.gitDir }, ['reset', '--hard', '--quiet', '--no-recurse-submodules']);
    return opened(slot, true);
  }

  /** Worktrees that were made here, and whatever lies in a folder of the state directory. */
  function isOurs(dir: string, known: Slot | null): boolean {
    if (known !== null) return existsSync(join(known.gitDir, MARK)) || existsSync(join(known.gitDir, SLOT_NOTE));
    return own || readdirSync(dir).length === 0;
  }

  async function reset(slot: Slot, at: string): Promise<OpenSlot> {
    for (const name of readdirSync(slot.gitDir)) {
      const isState = /\.lock$|^(?:MERGE|CHERRY_PICK|REVERT|REBASE|AUTO_MERGE|BISECT)_|^rebase-|^sequencer$/.test(name);
      if (isState) rmSync(join(slot.gitDir, name), { recursive: true, force: true });
    }
    mend(slot);
    const place: GitPlace = { dir: slot.dir, gitDir: slot.gitDir };
    // From the index that is known to be true, not from the one an attempt may have written.
    if (existsSync(join(slot.gitDir, INDEX))) copyIndex(join(slot.gitDir, INDEX), join(slot.gitDir, 'index'));
    await git.run(place, ['checkout', '--force', '--detach', '--quiet', '--no-recurse-submodules', at]);
    await git.run(place, ['clean', '-ffdq']);
    return opened(slot, false);
  }

  function opened(slot: Slot, fresh: boolean): OpenSlot {
    const index = join(slot.gitDir, INDEX);
    copyIndex(join(slot.gitDir, 'index'), index);
    const head = headOf(slot.gitDir);
    if (head === null || !/^[0-9a-f]{40,64}$/.test(head))
      throw new GitFault(['checkout'], null, `${slot.dir} is not where it should be`);
    return { ...slot, base: head, index, fresh };
  }

  function mend({ dir, gitDir }: Slot): void {
    if (!existsSync(dir)) throw new GitFault(['worktree'], null, `${dir} was removed while it was in use`);
    const link = join(dir, '.git');
    const wanted = `gitdir: ${gitDir}\n`;
    const entry = lstatSync(link, { throwIfNoEntry: false });
    if (entry?.isFile() && readFileSync(link, 'utf8') === wanted) return;
    rmSync(link, { recursive: true, force: true });
    writeFileSync(link, wanted);
  }

  async function discard(slot: Slot): Promise<void> {
    const removed = await git.ask(main, ['worktree', 'remove', '--force', '--force', slot.dir]);
    if (removed.code === 0) return;
    rmSync(slot.dir, { recursive: true, force: true, maxRetries: 3 });
    rmSync(slot.gitDir, { recursive: true, force: true });
  }

  return {
    async open(number, at) {
      const slot = find(number);
      if (slot === null || !existsSync(slot.dir) || !isOurs(slot.dir, slot)) return make(number, at);
      try {
        return await reset(slot, at);
      } catch (fault) {
        // Whatever was done to it: a new one takes its place.
        if (fault instanceof GitFault || (fault as NodeJS.ErrnoException).code !== undefined) return make(number, at);
        throw fault;
      }
    },
    find,
    list() {
      return worktreesOf(commonDir)
        .flatMap(({ dir, admin }) => {
          const number = dir.startsWith(base()) ? /[\\/]slot-(\d+)$/.exec(dir)?.[1] : undefined;
          return number === undefined ? [] : [{ number: Number(number), dir, gitDir: admin }];
        })
        .sort((a, b) => a.number - b.number);
    },
    note({ gitDir }) {
      try {
        return JSON.parse(readFileSync(join(gitDir, SLOT_NOTE), 'utf8')) as SlotNote;
      } catch {
        return null;
      }
    },
    remember({ gitDir }, note) {
      writeFileSync(join(gitDir, SLOT_NOTE), `${JSON.stringify(note)}\n`);
    },
    mend,
    remove: (slot) => inTurn(() => discard(slot)),
    prune: () => inTurn(() => git.run(main, ['worktree', 'prune'])).then(() => {}),
  };
}
