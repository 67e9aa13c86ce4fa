/**
 * A worktree per attempt: made ready before it, turned into a commit after it. Knows the order of these things; what
 * joins the target, and when, is the merge queue's business.
 */
import { createHash } from 'node:crypto';
import { existsSync, lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Assignment } from '../core/assignment.ts';
import type { Change } from '../core/change.ts';
import { type Diagnostic, info } from '../core/diagnostic.ts';
import type { Outcome } from '../core/event.ts';
import { failed } from '../core/outcome.ts';
import type { WorktreeSettings } from '../core/settings.ts';
import type { AttemptIo } from '../runners/runner.ts';
import { indexLine } from './checkout.ts';
import {
  differences,
  filesOf,
  foreignRepositories,
  type RunHook,
  runMessageHooks,
  runPreCommit,
  stageAll,
} from './commit.ts';
import { GitFault, type GitPlace, records, shown } from './git.ts';
import { copyInto, includedFiles } from './include.ts';
import { headOf, type Repository } from './repository.ts';
import type { OpenSlot, Slot, Slots } from './slots.ts';
import type { Place, Workspace } from './workspace.ts';

export interface Shell {
  /** A command of the user's configuration, through `sh -c`, in the attempt's log under `heading`. Never rejects. */
  setup(command: string, assignment: Assignment, io: AttemptIo): Promise<Outcome>;
  /** A program with its arguments; its own failure counts as one of the verification. Never rejects. */
  hook(args: readonly string[], assignment: Assignment, io: AttemptIo): Promise<Outcome>;
}

interface WorktreeInput {
  readonly repository: Repository;
  readonly slots: Slots;
  readonly settings: WorktreeSettings;
  readonly shell: Shell;
  /** Absolute path of the task file. */
  readonly tasksFile: string;
  readonly clean: (text: string) => string;
  tell(diagnostic: Diagnostic): void;
  /** The trees of attempts that run now, for the forecast. */
  readonly inFlight: Map<number, InFlight>;
  /** Keeps what an attempt wrote into the task file, which is never merged. */
  setAside(assignment: Assignment, text: Buffer): string;
}

export interface InFlight {
  readonly slot: OpenSlot;
  readonly step: string;
  /** What tells whether its copy of the task file was changed; `null`: it has none. */
  readonly taskFile: string | null;
}

/** Lock files whose change asks for another setup. */
const LOCK_FILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
  'Cargo.lock',
  'Gemfile.lock',
  'Pipfile.lock',
  'poetry.lock',
  'uv.lock',
  'pdm.lock',
  'requirements*.txt',
  'composer.lock',
  'go.sum',
  'mix.lock',
  'pubspec.lock',
  'Podfile.lock',
  'packages.lock.json',
  'gradle.lockfile',
  'flake.lock',
];

export function createWorktrees(input: WorktreeInput): Workspace & { placeOf(slot: Slot): Place } {
  const { repository, slots, settings, shell, inFlight, clean } = input;
  const { git } = repository;
  let included: Promise<string[]> | null = null;

  function placeOf(slot: Slot): Place {
    const { base, count } = settings.ports;
    const room = Math.max(1, Math.floor((65_536 - base) / count));
    const own = ownTaskFile(slot);
    return {
      dir: slot.dir,
      env: {
        IMPLEMENT_SLOT: String(slot.number),
        IMPLEMENT_PORT_BASE: String(base + ((slot.number - 1) % room) * count),
        COMPOSE_PROJECT_NAME: `${projectName(repository.main.dir)}-slot-${slot.number}`,
        IMPLEMENT_TASKS_FILE: existsSync(own) ? own : input.tasksFile,
        // An attempt that lost its own repository finds none, instead of the user's.
        GIT_CEILING_DIRECTORIES: realpathSync(join(slot.dir, '..')),
      },
    };
  }

  async function lockDigest(place: GitPlace, command: string): Promise<string> {
    const globs = LOCK_FILES.map((name) => `:(glob)**/${name}`);
    const listed = await git.run(place, ['ls-files', '-s', '-z', '--', ...globs]);
    return createHash('sha256').update(command).update('\0').update(listed).digest('hex');
  }

  async function setUp(slot: OpenSlot, assignment: Assignment, io: AttemptIo): Promise<Outcome | null> {
    included ??= includedFiles(repository, settings.copy);
    await copyInto(await included, repository.main.dir, slot.dir);
    const before = slots.note(slot);
    const note = {
      run: assignment.run,
      step: assignment.step,
      attempt: assignment.attempt,
      base: slot.base,
      kept: false,
    };
    const command = settings.setup;
    const digest = command === null ? null : await lockDigest({ dir: slot.dir, gitDir: slot.gitDir }, command);
    const isDue = command !== null && (slot.fresh || before?.setup !== digest);
    slots.remember(slot, { ...note, setup: isDue ? null : digest });
    if (!isDue) return null;
    const outcome = await shell.setup(command, { ...assignment, timeoutMs: settings.setupTimeoutMs }, io);
    if (outcome.kind === 'failure') {
      const { reason, message } = outcome.failure;
      const isOwn = reason === 'cancelled';
      return isOwn
        ? outcome
        : { kind: 'failure', failure: { ...outcome.failure, reason: 'setup', message: `worktree.setup: ${message}` } };
    }
    slots.remember(slot, { ...note, setup: digest });
    return null;
  }

  async function take({ commit, verify }: Assignment, slot: OpenSlot): Promise<Outcome | null> {
    slots.mend(slot);
    const unfinished = await unmerged(slot);
    if (unfinished.length > 0) {
      return failed('workspace', `it left a merge unfinished in its worktree: ${list(unfinished)}`);
    }
    const head = headOf(slot.gitDir);
    if (head !== slot.base) {
      const own = { dir: slot.dir, gitDir: slot.gitDir };
      const goesOn = await git.ask(own, ['merge-base', '--is-ancestor', slot.base, 'HEAD']);
      if (goesOn.code !== 0) {
        return failed('workspace', 'its worktree was moved to a commit without the work that it began with');
      }
    }
    const place = { dir: slot.dir, gitDir: slot.gitDir, index: slot.index };
    const tree = await stagedTree(place, slot.base);
    // While it is verified, somebody may collect what nothing refers to. A ref of this worktree alone, gone with it.
    if (verify !== null && commit !== null) {
      const kept = await git.line(place, ['commit-tree', tree, '-p', slot.base, '-F', '-'], commit.message);
      await git.run(place, ['update-ref', 'refs/worktree/implement', kept]);
    }
    return null;
  }

  async function stagedTree(place: GitPlace, base: string): Promise<string> {
    try {
      await stageAll(repository, place);
      return await git.line(place, ['write-tree']);
    } catch (fault) {
      if (!(fault instanceof GitFault)) throw fault;
      // An attempt beside this one may have collected what was only staged: all of it again.
      await git.run(place, ['read-tree', '--reset', base]);
      await stageAll(repository, place);
      return git.line(place, ['write-tree']);
    }
  }

  async function changeOf(
    assignment: Assignment,
    { slot, taskFile }: InFlight,
    hook: RunHook,
  ): Promise<Change | Outcome> {
    const { commit } = assignment;
    if (commit === null) throw new Error(`${assignment.id} is not to be committed`);
    slots.mend(slot);
    const place = { dir: slot.dir, gitDir: slot.gitDir, index: slot.index };
    const hooked = await runPreCommit(repository, place, hook);
    if (hooked !== null) return hooked;
    let tree = await git.line(place, ['write-tree']);
    const found = await differences(git, place, slot.base, tree);
    // A hook may have taken the task file in: it stays as it was.
    const aside = found
      .filter((one) => one.path === repository.taskFile)
      .map(({ path, before }) => indexLine(path, before));
    if (aside.length > 0) {
      await git.run(place, ['update-index', '-z', '--index-info'], Buffer.from(aside.join(''), 'latin1'));
      tree = await git.line(place, ['write-tree']);
    }
    const entries = found.filter((one) => one.path !== repository.taskFile);
    const foreign = foreignRepositories(entries);
    if (foreign.length > 0 && !entries.some((one) => one.path === '.gitmodules')) {
      return failed('workspace', `${list(foreign)} is a git repository of its own, which no commit can hold`);
    }
    const message = await runMessageHooks(repository, place, commit.message, hook);
    if (typeof message !== 'string') return message;
    const oid = await git.line(place, ['commit-tree', tree, '-p', slot.base, '-F', '-'], message);
    await git.run(place, ['update-ref', '-m', 'implement: attempt', commit.ref, oid]);
    if (taskFile !== null && taskFile !== signatureOf(ownTaskFile(slot))) setAside(assignment, slot);
    return { commit: oid, base: slot.base, ref: commit.ref, message, files: filesOf(entries, repository.taskFile) };
  }

  /** Conflicts that a merge of the attempt's own left in its index. */
  async function unmerged(slot: Slot): Promise<string[]> {
    const isMerging = ['MERGE_HEAD', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'rebase-merge', 'rebase-apply'].some((name) =>
      existsSync(join(slot.gitDir, name)),
    );
    if (!isMerging) return [];
    const listed = await git.ask({ dir: slot.dir, gitDir: slot.gitDir }, [
      'diff',
      '--name-only',
      '-z',
      '--diff-filter=U',
    ]);
    return [...new Set(records(listed.stdout).map(shown))];
  }

  /** What the attempt wrote into the task file stays out of the commit, but is not thrown away. */
  function setAside(assignment: Assignment, slot: OpenSlot): void {
    const path = ownTaskFile(slot);
    const kept = existsSync(path) ? ` It is kept in ${input.setAside(assignment, readFileSync(path))}.` : '';
    input.tell(
      info(
        'set-aside',
        `${assignment.step} changed ${shown(repository.taskFile)} in its worktree; that is not merged.${kept}`,
        null,
      ),
    );
  }

  function ownTaskFile(slot: Slot): string {
    return join(slot.dir, shown(repository.taskFile));
  }

  async function answer<T>(work: () => Promise<T>): Promise<T | Outcome> {
    try {
      return await work();
    } catch (fault) {
      if (fault instanceof GitFault)
        return failed('workspace', clean(fault.message), { exitCode: fault.code, tail: clean(fault.said) });
      const { code, message } = fault as NodeJS.ErrnoException;
      if (code !== undefined) return failed('workspace', clean(message));
      throw fault;
    }
  }

  return {
    placeOf,
    async open(assignment, io) {
      const made = await answer(async () => {
        const slot = await slots.open(assignment.slot, repository.target);
        const place = placeOf(slot);
        const problem = await setUp(
          slot,
          { ...assignment, dir: place.dir, env: { ...assignment.env, ...place.env } },
          io,
        );
        if (problem === null)
          inFlight.set(assignment.slot, { slot, step: assignment.step, taskFile: signatureOf(ownTaskFile(slot)) });
        return problem ?? place;
      });
      return 'kind' in made ? { kind: 'failure', outcome: made } : { kind: 'ready', place: made };
    },
    async take(assignment) {
      const flight = inFlight.get(assignment.slot);
      if (flight === undefined) return failed('workspace', 'its worktree is not there any more');
      return answer(() => take(assignment, flight.slot));
    },
    async commit(assignment, io, verified) {
      const flight = inFlight.get(assignment.slot);
      if (flight === undefined) return failed('workspace', 'its worktree is not there any more');
      const hook: RunHook = (args, env) => shell.hook(args, { ...assignment, env: { ...assignment.env, ...env } }, io);
      const made = await answer(() => changeOf(assignment, flight, hook));
      if ('kind' in made) return made;
      return { kind: 'success', verified, change: made };
    },
    close(assignment) {
      inFlight.delete(assignment.slot);
    },
  };
}

/** A name that docker compose takes. */
function projectName(dir: string): string {
  return (
    basename(dir)
      .toLowerCase()
      .replace(/[^a-z0-9_-]+/g, '-')
      .replace(/^[^a-z0-9]+/, '') || 'project'
  );
}

function signatureOf(path: string): string | null {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.size} ${stat.mtimeMs} ${stat.ino}`;
}

function list(names: readonly string[]): string {
  return names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ');
}
